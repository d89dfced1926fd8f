"""Draws pages that a test can recognise after a scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 2480, 3508  # A4 at 300 dpi


def code_of(number: int) -> str:
    """Return what the bar code of a sheet's front says."""
    return f"RIG-PAGE-{number:04d}"


def draw_front(number: int) -> Image.Image:
    """Draw text, a bar code and a gradient."""
    page = Image.new("RGB", (WIDTH, HEIGHT), (252, 252, 250))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=40)
    for line in range(30):
        text = f"{line + 1:02d}  Sheet {number}: the quick brown fox jumps over the lazy dog."
        draw.text((200, 900 + 60 * line), text, font=font, fill=(20, 20, 20))
    code = zxingcpp.create_barcode(code_of(number), zxingcpp.BarcodeFormat.Code128)
    bars = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=1)))
    page.paste(bars.convert("RGB").resize((1000, 200), Image.Resampling.NEAREST), (200, 450))
    colours = np.zeros((400, 2000, 3), np.uint8)
    colours[..., 0] = np.linspace(0, 255, 2000)
    colours[..., 1] = np.linspace(255, 0, 400)[:, None]
    colours[..., 2] = 120
    page.paste(Image.fromarray(colours), (240, 2900))
    return page


def draw_back(number: int) -> Image.Image:
    """Draw the nearly empty back of a sheet."""
    page = Image.new("RGB", (WIDTH, HEIGHT), (252, 252, 250))
    font = ImageFont.load_default(size=40)
    ImageDraw.Draw(page).text((900, 1700), f"back of {number}", font=font, fill=(150, 150, 150))
    return page


def fill_tray(folder: Path, *, sheets: int) -> None:
    """Save fronts and backs as page01.ppm, page02.ppm and so on."""
    folder.mkdir(parents=True)
    for number in range(1, sheets + 1):
        draw_front(number).save(folder / f"page{2 * number - 1:02d}.ppm")
        draw_back(number).save(folder / f"page{2 * number:02d}.ppm")
