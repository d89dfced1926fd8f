"""Makes the paper: scanner pages for the test backend written in C."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[1]
SIZE = (2480, 3508)
SHEETS = 5


def draw(number: int, *, noise: float) -> np.ndarray:
    """Return an A4 page at 300 dpi in colour; `noise` is a sensor's standard deviation."""
    page = Image.new("RGB", SIZE, (252, 252, 249))
    pen = ImageDraw.Draw(page)
    pen.text((200, 180), f"Report {number}", font=ImageFont.load_default(90), fill=(15, 15, 40))
    for line in range(44):
        pen.text(
            (200, 400 + 56 * line),
            f"{line + 1:02d}  Sheet {number}, line {line + 1}: paper in, document out.",
            font=ImageFont.load_default(38),
            fill=(20, 20, 20),
        )
    pixels = np.asarray(page).astype(np.int16)
    x = np.linspace(0, 255, 2000)
    y = np.linspace(0, 255, 400)
    pixels[2950:3350, 240:2240, 0] = x
    pixels[2950:3350, 240:2240, 1] = y[:, None]
    pixels[2950:3350, 240:2240, 2] = 128
    if noise:
        random = np.random.default_rng(number)
        pixels = pixels + np.round(random.normal(0, noise, pixels.shape)).astype(np.int16)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def stack(folder: Path, *, sheets: int, noise: float) -> Path:
    """Fill `folder` with a feeder's pages, a few sheets over and over."""
    folder.mkdir(parents=True)
    for number in range(1, SHEETS + 1):
        (folder / f"sheet{number}.ppm").write_bytes(
            b"P6 %d %d 255\n" % SIZE + draw(number, noise=noise).tobytes()
        )
    for number in range(1, sheets + 1):
        (folder / f"page{number:02d}.ppm").symlink_to(f"sheet{(number - 1) % SHEETS + 1}.ppm")
    return folder


def scanner(folder: Path) -> dict[str, str]:
    """Build the C backend and return the environment in which libsane uses it alone."""
    (folder / "conf").mkdir(parents=True)
    (folder / "conf/dll.conf").write_text("rig\n")
    library = folder / "libsane-rig.so.1"
    subprocess.run(
        [
            "gcc",
            "-O2",
            "-fPIC",
            "-shared",
            "-Wl,-soname,libsane-rig.so.1",
            "-o",
            library,
            ROOT / "tests/rigs/sane/rig.c",
        ],
        check=True,
    )
    return {
        "LD_LIBRARY_PATH": str(folder),
        "SANE_CONFIG_DIR": str(folder / "conf"),
        "SANE_RIG_DIR": str(folder),
    }
