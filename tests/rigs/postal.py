"""Postal codes as zint draws them, as large as printed."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

GAP = 0.14
"""Inches of white around a code."""


@dataclass(frozen=True, kw_only=True)
class Postal:
    """What a format is called by zint, what is given to it and read again, bars to the inch."""

    kind: str
    given: str
    text: str
    bars: float


POSTAL: Mapping[str, Postal] = {
    "USPS Intelligent Mail": Postal(
        kind="USPS_IMAIL",
        given="01234567094987654321-01234567891",
        text="0123456709498765432101234567891",
        bars=22,
    ),
    "POSTNET": Postal(kind="POSTNET", given="98765", text="987655", bars=22),
    "PLANET": Postal(kind="PLANET", given="40123456789", text="401234567891", bars=22),
    "RM4SCC": Postal(kind="RM4SCC", given="SN34RD1A", text="SN34RD1A", bars=22),
    "KIX": Postal(kind="KIX", given="2500GG30250", text="2500GG30250", bars=22),
    "Australia Post": Postal(
        kind="AUSPOST", given="39549554AbC 1", text="5939549554AbC 1", bars=23
    ),
    "Japan Post": Postal(
        kind="JAPANPOST", given="15400233-16-4-A5", text="15400233-16-4-A5", bars=21.2
    ),
}


def drawn(one: Postal) -> Image.Image:
    """Return the bars of a code, large and without anything around them."""
    words = ["--direct", "--filetype=PNG", "--notext", "--scale=8", "--compliantheight"]
    command = ["zint", "-b", one.kind, "-d", one.given, *words]
    made = subprocess.run(command, capture_output=True, check=True)
    picture = Image.open(io.BytesIO(made.stdout)).convert("L")
    ys, xs = np.nonzero(np.asarray(picture) < 128)
    return picture.crop((int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1))


def printed(one: Postal, dpi: float) -> Image.Image:
    """Return a code as large as it is printed, white around it."""
    large = drawn(one)
    ink = np.asarray(large).min(axis=0) < 128
    count = int((np.diff(np.concatenate(([False], ink)).astype(int)) == 1).sum())
    width = round((count - 0.5) * dpi / one.bars)
    size = (width, round(large.height * width / large.width))
    gap = round(GAP * dpi)
    paper = Image.new("L", (size[0] + 2 * gap, size[1] + 2 * gap), 255)
    paper.paste(large.resize(size, Image.Resampling.BOX), (gap, gap))
    return paper
