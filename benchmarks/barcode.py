"""Codes found, wrong reads and milliseconds a page, for each engine and preset.

    python benchmarks/barcode.py [--pages 12] [--empty 12] [--dpi 300 150] [--seed 1]
    python benchmarks/barcode.py --batch 40

The second says how many processors a batch keeps busy: with `sheetfed barcodes` over files, and in
a job that scans them from a folder while its step reads them.

The pages are made here, so that what is on them is known: text, tables, lines and grain
as on office paper, one to eight codes of every format that can be written, askew by up to five
degrees, some turned, with noise, blur, or black and white. All engines look at the same page in
turns; times are of the processor, medians over pages. OpenCV's detectors run where it is installed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sheetfed_barcode import zbar, zxing
from sheetfed_barcode.formats import FORMATS, Format, by_name
from sheetfed_barcode.picture import Part
from sheetfed_barcode.reading import Preset, Wish, read

Grey = NDArray[np.uint8]
Reader = Callable[[Grey, float], Sequence[str]]

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


@dataclass(kw_only=True)
class Score:
    """How one reader did."""

    codes: int = 0
    found: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)


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


def readers() -> dict[str, Reader]:
    """Return everything that is compared, by name."""

    def preset(name: Preset) -> Reader:
        wish = Wish(formats=FORMATS, preset=name)
        return lambda grey, dpi: [code.text for code in read(Part(pixels=grey), wish, dpi)]

    found: dict[str, Reader] = {
        "zxing-cpp alone": lambda grey, _: [
            code.text for code in zxing.find(grey, FORMATS, inverted=True)
        ],
        "ZBar alone": lambda grey, _: [code.text for code in zbar.find(grey, FORMATS)],
        "speed": preset("speed"),
        "balance": preset("balance"),
        "coverage": preset("coverage"),
    }
    return found | _opencv()


def _opencv() -> dict[str, Reader]:
    try:
        cv2 = importlib.import_module("cv2")
    except ImportError:
        return {}
    linear, square = cv2.barcode.BarcodeDetector(), cv2.QRCodeDetector()
    return {
        "OpenCV linear": lambda grey, _: [*filter(None, linear.detectAndDecodeWithType(grey)[1])],
        "OpenCV QR": lambda grey, _: [*filter(None, square.detectAndDecodeMulti(grey)[1])],
    }


def compare(
    sheets: Iterable[Sheet], dpis: Sequence[int], looked: Mapping[str, Reader]
) -> dict[int, dict[str, Score]]:
    """Have every reader look at every page, each time in another order; by resolution."""
    scores = {dpi: {name: Score() for name in looked} for dpi in dpis}
    names = [*looked]
    for turn, one in enumerate(sheets):
        for dpi in dpis:
            grey = at_dpi(one.grey, dpi)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                _look(one, grey, dpi, looked[name], scores[dpi][name])
    return scores


def _look(one: Sheet, grey: Grey, dpi: int, reader: Reader, score: Score) -> None:
    began = time.process_time()
    texts = reader(grey, float(dpi))
    score.seconds.append(time.process_time() - began)
    left = list(one.texts)
    score.codes += len(left)
    for text in texts:
        if text in left:
            left.remove(text)
            score.found += 1
        elif text not in one.texts:
            score.wrong += 1


def outlined(one: Sheet, file: str) -> None:
    """Save a page small, with an outline and the text of each code that `balance` finds."""
    wish = Wish(formats=FORMATS, preset="balance")
    codes = read(Part(pixels=one.grey), wish, float(FINE))
    page = Image.fromarray(one.grey).convert("RGB")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=44)
    for code in codes:
        first = code.corners[0]
        pen.line([*code.corners, first], fill=(0, 110, 255), width=9)
        pen.circle(first, 22, fill=(230, 40, 40))  # its own top left
        place = (min(x for x, _ in code.corners), max(y for _, y in code.corners) + 12)
        words = f"{code.format}: {code.text}"
        pen.rectangle(pen.textbbox(place, words, font=font), fill=(255, 255, 255))
        pen.text(place, words, font=font, fill=(0, 80, 200))
    page.reduce(3).quantize(32).save(file, optimize=True)


def batch(seed: int, pages: int) -> None:
    """Read pages in two ways, and print how many processors that kept busy."""
    with tempfile.TemporaryDirectory(prefix="sheetfed-bench-") as name:
        folder = Path(name)
        home, feed = folder / "home", folder / "feed"
        home.mkdir()
        feed.mkdir()
        (home / "sheetfed.toml").write_text(
            f'disabled = ["sane"]\n[addons.folder]\nfolders = "{feed}"\n'
        )
        files = []
        for number, one in enumerate(_sheets(seed, pages, codes=True)):
            files.append(feed / f"{number:04}.png")
            Image.fromarray(one.grey).save(files[-1], dpi=(FINE, FINE), compress_level=1)
        program = [Path(sys.executable).with_name("sheetfed"), "--home", home]
        ways: dict[str, list[str | Path]] = {
            "files": [*program, "barcodes", "--preset", "balance", *files],
            "job": [*program, "scan", "--device", "folder", "--step", "barcode"],
        }
        print(f"{pages} pages at {FINE} dpi, {os.cpu_count()} processors, start and end included")
        for way, command in ways.items():
            before, began = os.times(), time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            wall, after = time.perf_counter() - began, os.times()
            spent = (after.children_user + after.children_system) - (
                before.children_user + before.children_system
            )
            print(f"{way:8} {wall:6.1f} s  processor {spent:6.1f} s  busy {spent / wall:.2f}")


def main() -> None:
    """Compare, and print tables."""
    parser = argparse.ArgumentParser(description="Compare readers of codes.")
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--empty", type=int, default=12)
    parser.add_argument("--dpi", type=int, nargs="+", default=[300, 150])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", metavar="READER", help="as they are called below")
    parser.add_argument("--picture", metavar="FILE", help="save a page with what was found on it")
    parser.add_argument("--batch", type=int, metavar="PAGES", help="how busy a batch keeps it all")
    asked = parser.parse_args()
    if asked.batch:
        batch(asked.seed, asked.batch)
        return
    if asked.picture:
        outlined(sheet(random.Random(asked.seed), 6), asked.picture)
        return
    looked = {n: r for n, r in readers().items() if not asked.only or n in asked.only}
    full = compare(_sheets(asked.seed, asked.pages, codes=True), asked.dpi, looked)
    empty = compare(_sheets(-asked.seed, asked.empty, codes=False), asked.dpi, looked)
    print(f"{asked.pages} pages with codes, {asked.empty} without; milliseconds of the processor")
    for dpi in asked.dpi:
        print(f"\n{dpi} dpi{'':15} found  wrong  ms a page   false reads  ms without codes")
        for name, score in full[dpi].items():
            rest = empty[dpi][name]
            print(
                f"{name:20} {f'{score.found}/{score.codes}':>7} {score.wrong:6}"
                f" {_median(score):>10} {rest.wrong:13} {_median(rest):>17}"
            )


def _sheets(seed: int, count: int, *, codes: bool) -> Iterator[Sheet]:
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        yield sheet(rng, rng.randint(1, 8) if codes else 0)


def _median(score: Score) -> str:
    return f"{statistics.median(score.seconds) * 1000:.0f}" if score.seconds else "-"


if __name__ == "__main__":
    main()
