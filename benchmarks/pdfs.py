"""PDF files to measure with: letters, drawings and scans."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image, ImageDraw

DPI = 300
A4 = (2480, 3508)
KINDS = 3
"""Kinds of pages in turn: letters, drawings, scans."""


def scan(*, seed: int) -> bytes:
    """Return a page as a scanner makes it, grainy, as JPEG."""
    grain = np.random.default_rng(seed).integers(200, 255, (A4[1] // 4, A4[0] // 4, 3), np.uint8)
    picture = Image.fromarray(grain).resize(A4)
    draw = ImageDraw.Draw(picture)
    for top in range(200, A4[1] - 200, 60):
        draw.rectangle((200, top, 200 + (top * 7919) % 2000, top + 22), fill=(30, 30, 40))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=75, dpi=(DPI, DPI))
    return stream.getvalue()


def mixed(path: Path, pages: int) -> None:
    """Write a file of letters, drawings and scans in turn."""
    pdf = pikepdf.new()
    name = pikepdf.Name
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
    )
    scans = [scan(seed=seed) for seed in range(4)]
    for number in range(pages):
        pdf.add_blank_page(page_size=(595.2, 841.92))
        page = pdf.pages[-1].obj
        if number % KINDS == 2:
            picture = pikepdf.Stream(pdf, scans[number % 4])
            picture.update({"/Type": name.XObject, "/Subtype": name.Image, "/Width": A4[0],
                            "/Height": A4[1], "/ColorSpace": name.DeviceRGB,
                            "/BitsPerComponent": 8, "/Filter": name.DCTDecode})  # fmt: skip
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
            page.Contents = pikepdf.Stream(pdf, b"q 595.2 0 0 841.92 0 0 cm /P Do Q")
            continue
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        line = "(Page %d, line %d: what is scanned is not lost, what is lost was not kept) Tj T*"
        lines = " ".join(line % (number, n) for n in range(50))
        drawn = "".join(f"{n / 99:.2f} 0.4 0.6 rg {n * 5} {n * 7} 40 30 re f " for n in range(99))
        text = f"{drawn if number % KINDS else ''}0 g BT /F 12 Tf 14 TL 50 790 Td {lines} ET"
        page.Contents = pikepdf.Stream(pdf, text.encode())
    pdf.save(path)


def letters(path: Path, pages: int) -> None:
    """Write a file of many pages of letters."""
    pdf = pikepdf.new()
    name = pikepdf.Name
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
    )
    for number in range(pages):
        pdf.add_blank_page(page_size=(595.2, 841.92))
        page = pdf.pages[-1].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        lines = " ".join(f"(Page {number}, line {n} of many) Tj T*" for n in range(50))
        page.Contents = pikepdf.Stream(pdf, f"BT /F 12 Tf 14 TL 50 790 Td {lines} ET".encode())
    pdf.save(path)
