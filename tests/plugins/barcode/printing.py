"""Pages with codes on them, for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image

from sheetfed.api.model import Mark, Page
from sheetfed_barcode.patches import PATCHES
from sheetfed_barcode.sheets import EDGE, bars
from sheetfed_barcode.step import Barcodes, Patches


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A code, where its top left corner is, and how many pixels a module has."""

    text: str | bytes
    format: str = "QRCode"
    place: tuple[int, int] = (60, 60)
    scale: int = 3
    turn: int = 0
    options: tuple[tuple[str, Any], ...] = ()


def symbol(printed: Printed) -> Image.Image:
    """Return a picture of a code with its quiet zone."""
    kind = getattr(zxingcpp.BarcodeFormat, printed.format)
    made = zxingcpp.create_barcode(printed.text, kind, **dict(printed.options))
    picture = Image.fromarray(np.asarray(made.to_image(scale=printed.scale)))
    return picture.rotate(printed.turn, expand=True)


def sheet(*codes: Printed, size: tuple[int, int] = (700, 900)) -> Image.Image:
    """Return a sheet with codes."""
    paper = Image.new("L", size, 255)
    for code in codes:
        paper.paste(symbol(code), code.place)
    return paper


def page(picture: Image.Image, form: str = "PNG", dpi: float = 200.0, **saved: Any) -> Page:
    """Return a sheet as a page."""
    data = io.BytesIO()
    picture.save(data, form, **saved)
    return Page(
        data=data.getvalue(),
        media_type=f"image/{form.lower()}",
        width=picture.width,
        height=picture.height,
        dpi=(dpi, dpi),
    )


def marks(one: Page, **settings: Any) -> Sequence[Mark]:
    """Return what the step makes of a page."""
    (seen,) = Barcodes(settings).apply(one)
    return seen.marks


def read(one: Page, **settings: Any) -> list[tuple[str, str]]:
    """Return format and text of each code on a page."""
    return [(str(mark.details["format"]), mark.value) for mark in marks(one, **settings)]


def patch_sheet(name: str, *, dpi: int = 100, where: str = "top") -> Image.Image:
    """Return an A4 sheet with a patch along one edge."""
    paper = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255)
    for start, width in bars(PATCHES[name]):
        top, bottom = (round((EDGE + at) * dpi) for at in (start, start + width))
        paper.paste(0, (round(2 * dpi), top, round(6 * dpi), bottom))
    turns = {"top": 0, "left": 90, "bottom": 180, "right": 270}
    return paper.rotate(turns[where], expand=True)


def patches(one: Page) -> list[str]:
    """Return the patch codes of a page."""
    (seen,) = Patches({}).apply(one)
    return [mark.value for mark in seen.marks]
