"""`sheetfed barcodes write`: one code as a picture."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from sheetfed.api.errors import BadSettings
from sheetfed_barcode.symbols import Modules, drawn

BAR_HEIGHT = 40
"""Modules that the bars of a linear code are high."""


def run(arguments: Sequence[str]) -> int:
    """Draw a code and return the exit code."""
    asked = _parser().parse_args(arguments)
    modules, known = drawn(asked.text, asked.format, gs1=asked.gs1, level=asked.level)
    if known.group == "1d":
        modules = np.repeat(modules, BAR_HEIGHT, axis=0)
    made = _picture(modules, asked.module, asked.out)
    if asked.out == "-":
        sys.stdout.buffer.write(made)
        return 0
    _write(Path(asked.out), made, force=asked.force)
    return 0


def _write(out: Path, made: bytes, *, force: bool) -> None:
    if out.exists() and not force:
        raise BadSettings(f"{out} exists; --force overwrites it", option="out")
    out.write_bytes(made)


def _picture(modules: Modules, size: int, out: str) -> bytes:
    if out.lower().endswith(".svg"):
        return _svg(modules).encode()
    if out != "-" and not out.lower().endswith(".png"):
        raise BadSettings(f"{out} is neither .png nor .svg", option="out")
    dark = np.repeat(np.repeat(modules, size, axis=0), size, axis=1)
    data = io.BytesIO()
    Image.fromarray(~dark).save(data, "PNG")
    return data.getvalue()


def _svg(modules: Modules) -> str:
    """Return the code as rectangles, one for each run of dark modules."""
    height, width = modules.shape
    runs = "".join(
        f'<path d="M{left} {row}h{right - left}v1h{left - right}z"/>'
        for row in range(height)
        for left, right in runs_of(modules[row])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{width}v{height}H0z"/>'
        f"{runs}</svg>\n"
    )


def runs_of(row: Modules) -> list[tuple[int, int]]:
    """Return where dark modules begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
    return [(int(left), int(right)) for left, right in edges.reshape(-1, 2)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sheetfed barcodes write", description="Draw a code as PNG or SVG."
    )
    parser.add_argument("text", metavar="TEXT", help="what the code is to say")
    parser.add_argument("--format", default="QR Code", metavar="NAME", help="QR Code if not given")
    parser.add_argument("--out", required=True, metavar="FILE", help="a .png or .svg; - is a PNG on"
                        " standard output")  # fmt: skip
    parser.add_argument("--module", type=_pixels, default=4, metavar="PIXELS",
                        help="width of the narrowest bar in a PNG; 4 if not given")  # fmt: skip
    parser.add_argument("--level", default="", metavar="LEVEL",
                        help="error correction, as L, M, Q, H for QR Code")  # fmt: skip
    parser.add_argument("--gs1", action="store_true",
                        help="TEXT is GS1 elements: [01]09506000134352[10]AB")  # fmt: skip
    parser.add_argument("--force", action="store_true", help="overwrite a file that exists")
    return parser


def _pixels(word: str) -> int:
    number = int(word)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError("1 to 100 pixels")
    return number
