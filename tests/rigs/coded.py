"""Office pages with codes on them, and what the codes say.

Text, tables, lines and grain as on office paper, one to eight codes of every format that can be
written, askew by up to five degrees, some turned, with noise, blur, or black and white.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sheetfed_barcode.formats import Format, by_name

Grey = NDArray[np.uint8]

INCHES = (8.27, 11.69)
FINE = 300
TEXTS: Mapping[str, Callable[[random.Random], str]] = {
    "Code 39": lambda rng: f"INV-{rng.randrange(10**6):06}",
    "Code 93": lambda rng: f"C93 {rng.randrange(10**6):06}",
    "Code 128": lambda rng: f"Doc {rng.randrange(10**8):08}",
    "Codabar": lambda rng: f"A{rng.randrange(10**8):08}B",
    "ITF": lambda rng: f"{rng.randrange(10**10):010}",
    "EAN-13": lambda rng: _checked(f"4{rng.randrange(10**11):011}"),
    "EAN-8": lambda rng: _checked(f"9{rng.randrange(10**6):06}"),
    "UPC-A": lambda rng: _checked(f"7{rng.randrange(10**10):010}"),
    "PDF417": lambda rng: f"PDF417 {rng.randrange(10**12):012}",
    "QR Code": lambda rng: f"https://example.org/{rng.randrange(10**9)}",
    "Data Matrix": lambda rng: f"DM {rng.randrange(10**8):08}",
    "Aztec": lambda rng: f"Ticket {rng.randrange(10**8):08}",
}
WORDS = [
    "the",
    "invoice",
    "of",
    "last",
    "month",
    "was",
    "paid",
    "by",
    "transfer",
    "and",
    "the",
    "goods",
    "left",
    "our",
    "store",
    "in",
    "order",
]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A page at 300 dpi, and what its codes say."""

    grey: Grey
    texts: tuple[str, ...]


def _checked(digits: str) -> str:
    """Return digits with the check digit that EAN and UPC have."""
    weighted = sum(int(d) * (3, 1)[at % 2] for at, d in enumerate(reversed(digits)))
    return f"{digits}{-weighted % 10}"


def sheet(rng: random.Random, codes: int) -> Sheet:
    """Draw one page."""
    size = (round(INCHES[0] * FINE), round(INCHES[1] * FINE))
    page = Image.new("L", size, rng.randint(235, 255))
    _write(page, rng)
    texts = _place(page, rng, codes)
    page = page.rotate(rng.uniform(-5, 5), Image.Resampling.BICUBIC, fillcolor=250)
    if rng.random() < 0.3:
        page = page.rotate(rng.choice((90, 180, 270)), expand=True)
    return Sheet(grey=_seen(page, rng), texts=texts)


def _write(page: Image.Image, rng: random.Random) -> None:
    pen = ImageDraw.Draw(page)
    top = 150
    while top < page.height - 200:
        height = rng.choice((28, 34, 40, 56))
        font = ImageFont.load_default(size=height)
        if rng.random() < 0.12:  # a table: lines as near and as black as bars
            for at in range(rng.randint(3, 14)):
                pen.line((200 + at * 150, top, 200 + at * 150, top + 200), fill=40, width=3)
            for at in range(5):
                pen.line((200, top + at * 50, 200 + 150 * 13, top + at * 50), fill=40, width=3)
            top += 240
            continue
        line = " ".join(rng.choices(WORDS, k=rng.randint(4, 14)))
        pen.text((200, top), f"{line} {rng.randrange(10**6)}", font=font, fill=rng.randint(0, 60))
        top += round(height * rng.uniform(1.2, 2.4))


def _place(page: Image.Image, rng: random.Random, codes: int) -> tuple[str, ...]:
    texts = []
    cells = [(column, row) for column in range(2) for row in range(4)]
    rng.shuffle(cells)
    for column, row in cells[:codes]:
        name = rng.choice([*TEXTS])
        text = TEXTS[name](rng)
        picture = _symbol(by_name(name), text, rng)
        left = 150 + column * 1150 + rng.randint(0, max(1, 1050 - picture.width))
        top = 250 + row * 800 + rng.randint(0, max(1, 700 - picture.height))
        page.paste(picture, (left, top))
        texts.append(text)
    return tuple(texts)


def _symbol(known: Format, text: str, rng: random.Random) -> Image.Image:
    """Return a code with its quiet zone, its modules 0.25 to 0.68 mm wide."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, known.zxing))
    modules = Image.fromarray(np.asarray(made.to_image(scale=1)))
    widest = max(3, min(8, 1000 // modules.width))
    scale = rng.randint(3, widest)
    size = (modules.width * scale, modules.height * scale)
    return modules.resize(size, Image.Resampling.NEAREST)


def _seen(page: Image.Image, rng: random.Random) -> Grey:
    """Return the page as a scanner sees it."""
    way = rng.choice(("clean", "noise", "blur", "black and white"))
    if way == "blur":
        page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 1.8)))
    pixels = np.asarray(page).astype(np.float32)
    grain = np.random.default_rng(rng.randrange(2**32))
    pixels += grain.normal(0, 12 if way == "noise" else 3, pixels.shape).astype(np.float32)
    if way == "black and white":
        pixels = np.where(pixels > 140, 255, 0)
    return pixels.clip(0, 255).astype(np.uint8)


def at_dpi(grey: Grey, dpi: int) -> Grey:
    """Return a page as it is at a lower resolution."""
    if dpi == FINE:
        return grey
    height, width = (round(side * dpi / FINE) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX))
