"""`sheetfed barcodes sheet`: separator sheets as PDF."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from sheetfed.api.errors import BadSettings
from sheetfed_barcode.drawing import runs_of
from sheetfed_barcode.paper import Paper, Sheet
from sheetfed_barcode.patches import NARROW, NUMBERS, PATCHES
from sheetfed_barcode.symbols import drawn

EDGE = 0.5
"""Inches from each edge of the sheet to its patch code."""

BAR_LENGTH = 4.0
MODULE = 0.02
"""Inches of the narrowest bar: six pixels at 300 dpi, three at 150."""

WIDEST, HIGH = 6.5, 1.0
"""Inches that a code may be wide, and the bars of a linear one are high."""


def run(arguments: Sequence[str]) -> int:
    """Write a PDF of sheets and return the exit code."""
    asked = _parser().parse_args(arguments)
    out = Path(asked.out)
    if out.exists() and not asked.force:
        raise BadSettings(f"{out} exists; --force overwrites it", option="out")
    if not asked.patch and not asked.code:
        asked.patch = ["T"]
    sheets = [_patch_sheet(name, asked.paper) for name in asked.patch]
    sheets += [_code_sheet(text, asked.format, asked.paper) for text in asked.code]
    out.write_bytes(Paper(sheets * asked.copies).pdf())
    return 0


def _patch_sheet(name: str, paper: str) -> Sheet:
    """Return a sheet with the patch along each edge, so that it is read however it is fed."""
    key = NUMBERS.get(name.upper(), name.upper())
    if key not in PATCHES:
        known = ", ".join(PATCHES)
        raise BadSettings(f"{name!r} is no patch code; there are {known}", option="patch")
    sheet = Sheet.of(paper)
    for start, width in bars(PATCHES[key]):
        for side in ("top", "bottom"):
            inset = (sheet.width - BAR_LENGTH) / 2
            top = EDGE + start if side == "top" else sheet.height - EDGE - start - width
            sheet.bar(inset, top, BAR_LENGTH, width)
        for side in ("left", "right"):
            inset = (sheet.height - BAR_LENGTH) / 2
            left = EDGE + start if side == "left" else sheet.width - EDGE - start - width
            sheet.bar(left, inset, width, BAR_LENGTH)
    sheet.words(f"Patch {key}", sheet.height / 2, size=36)
    sheet.words("A separator: one document ends here.", sheet.height / 2 + 0.5, size=12)
    return sheet


def _code_sheet(text: str, name: str, paper: str) -> Sheet:
    """Return a sheet with a code at its middle, and what it says under it."""
    modules, known = drawn(text, name, quiet=False)
    rows, columns = modules.shape
    size = min(WIDEST / columns, MODULE * (1 if known.group == "1d" else 2))
    if size < MODULE / 2:
        raise BadSettings(f"{text[:40]!r} is too long for a sheet as {known.name}", option="code")
    sheet = Sheet.of(paper)
    left, top = (sheet.width - columns * size) / 2, sheet.height / 3
    high = HIGH if known.group == "1d" else size
    for row in range(rows):
        for begin, end in runs_of(modules[row]):
            sheet.bar(left + begin * size, top + row * high, (end - begin) * size, high)
    sheet.words(text, top + rows * high + 0.4, size=14)
    sheet.words("A separator: one document ends here.", sheet.height * 0.6, size=12)
    return sheet


def bars(widths: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Yield where each bar of a patch begins, and how wide it is."""
    place = 0.0
    for width in widths:
        yield place, width
        place += width + NARROW


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sheetfed barcodes sheet",
        description="Print separator sheets: a PDF with a sheet for each patch code and text.",
    )
    parser.add_argument("--patch", action="append", default=[], metavar="NAME",
                        help="I, II, III, IV, VI or T (T if nothing is given)")  # fmt: skip
    parser.add_argument("--code", action="append", default=[], metavar="TEXT",
                        help="a sheet with a code that says this")  # fmt: skip
    parser.add_argument("--format", default="Code 39", metavar="NAME", help="Code 39 if not given")
    parser.add_argument("--paper", choices=("a4", "letter"), default="a4")
    parser.add_argument("--copies", type=_copies, default=1, metavar="N")
    parser.add_argument("--out", default="separators.pdf", metavar="FILE",
                        help="separators.pdf if not given")  # fmt: skip
    parser.add_argument("--force", action="store_true", help="overwrite a file that exists")
    return parser


def _copies(word: str) -> int:
    number = int(word)
    if not 1 <= number <= 500:
        raise argparse.ArgumentTypeError("1 to 500 copies")
    return number
