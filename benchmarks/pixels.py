"""Rows to kept pages: time and size of a clean and a noisy A4 page at 300 dpi.

    python benchmarks/pixels.py [--rounds 7] [--block 32]

Forms and pages take turns in one process; medians are printed. CPU is that of the whole process.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sheetfed.api.model import Mode, Raster
from sheetfed.worker import pictures, rows
from sheetfed.worker.bands import BAND_BYTES, Band, Shape
from sheetfed.worker.wire import Keep
from verdicts import verdict

WIDTH, HEIGHT = 2480, 3508
BESIDE = 1.36
"""The goal of 25 ms was set on a machine where the quickest libraries alone took 18.4."""

Pixels = NDArray[np.uint8]


def clean() -> Pixels:
    """Return a colour page with text as it would be drawn."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), (252, 252, 250))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=40)
    for line in range(50):
        text = f"{line:02d}  The quick brown fox jumps over the lazy dog, and does it again."
        draw.text((200, 200 + 60 * line), text, font=font, fill=(20, 20, 20))
    return np.asarray(picture)


def noisy(page: Pixels) -> Pixels:
    """Return the page as a sheet-fed scanner sees it: with the noise of a sensor."""
    noise = np.random.default_rng(1).normal(-8, 2.8, page.shape)
    return (page + noise).clip(0, 255).astype(np.uint8)


def blocks(page: Pixels, count: int) -> Iterator[memoryview]:
    """Yield rows as a driver does."""
    view = memoryview(page.tobytes())
    size = page.shape[1] * (page.size // page.shape[0] // page.shape[1])
    for at in range(0, len(view), size * count):
        yield view[at : at + size * count]


def once(page: Pixels, mode: Mode, keep: Keep, count: int) -> tuple[float, float, int]:
    """Return wall time, CPU time and size of one page."""
    given = list(blocks(page, count))
    raster = Raster(width=WIDTH, height=HEIGHT, mode=mode, dpi=(300.0, 300.0), rows=iter(given))
    wall, cpu = time.perf_counter(), time.process_time()
    kept = rows.RasterPage(raster, keep)
    size = sum(len(data) for data in kept.run(lambda _done: None))
    return time.perf_counter() - wall, time.process_time() - cpu, size


def quickest(page: Pixels) -> float:
    """Return the processor time of OpenCV and simplejpeg alone for two such pictures, in seconds.

    A half and a tenth of a page that is whole in memory, each by a whole number, the small one out
    of the other: the quickest way of twelve when the goal was set.
    """
    begun = time.process_time()
    half = cv2.resize(page, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    small = cv2.resize(half, (WIDTH // 10, HEIGHT // 10), interpolation=cv2.INTER_AREA)
    for picture in (half, small):
        simplejpeg.encode_jpeg(picture, pictures.QUALITY, colorsubsampling="420")
    return time.process_time() - begun


def previews(page: Pixels, rounds: int) -> tuple[float, float]:
    """Return the processor time that preview and thumbnail of a page take, packed, in ms.

    In the bands that a page comes in, which fit into a processor's cache; and what the quickest
    libraries take in turns with it.
    """
    cv2.setNumThreads(1)
    factor = pictures.factor(HEIGHT)
    row = WIDTH * 3
    shape = Shape(
        width=WIDTH, mode="color", dpi=(300.0, 300.0), rows=BAND_BYTES // row // factor * factor
    )
    band = Band(shape)
    times, floor = [], []
    for _ in range(rounds + 1):
        floor.append(quickest(page))
        shrink = pictures.Shrink(shape, factor)
        took = 0.0
        for at in range(0, HEIGHT, shape.rows):
            band.follow(None)
            band.take(memoryview(page[at : at + shape.rows].tobytes()))
            begun = time.process_time()
            shrink.join(shrink.pack(band))
            took += time.process_time() - begun
        begun = time.process_time()
        shrink.finish()
        times.append(took + time.process_time() - begun)
    return statistics.median(times[1:]) * 1e3, statistics.median(floor[1:]) * 1e3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--block", type=int, default=32, help="rows in a block")
    asked = parser.parse_args()
    color = clean()
    gray: Pixels = color[:, :, 0].copy()
    black: Pixels = np.packbits(gray < 128, axis=1)
    pages: dict[str, tuple[Pixels, Mode]] = {
        "colour clean": (color, "color"),
        "colour noisy": (noisy(color), "color"),
        "grey noisy": (noisy(gray), "gray"),
        "black and white": (black, "bw"),
    }
    keeps = {"lossless": Keep(), "jpeg": Keep(form="jpeg")}
    rows.warm()
    found: dict[tuple[str, str], list[tuple[float, float, int]]] = {}
    for _ in range(asked.rounds):
        for page, (pixels, mode) in pages.items():
            for form, keep in keeps.items():
                found.setdefault((page, form), []).append(once(pixels, mode, keep, asked.block))
    print(f"{'page':16} {'kept as':9} {'wall ms':>8} {'CPU ms':>7} {'pages/s':>8} {'MB':>6}")
    for (page, form), times in found.items():
        wall, cpu, size = (statistics.median(column) for column in zip(*times, strict=True))
        numbers = f"{wall * 1e3:8.1f} {cpu * 1e3:7.1f} {1 / wall:8.1f} {size / 1e6:6.2f}"
        print(f"{page:16} {form:9} {numbers}")
    took, floor = previews(pages["colour noisy"][0], asked.rounds)
    # No addon takes part: OpenCV is no quicker, and would have to be loaded by whatever scans.
    verdict("both previews of a raw page, processor", took, 60, "ms")
    verdict("the same where the imaging addon is there", took, 25, "ms")
    print(f"OpenCV and simplejpeg alone for two such pictures {floor:19.1f} ms")
    verdict("both previews, beside OpenCV and simplejpeg alone", took / floor, BESIDE, "times")


if __name__ == "__main__":
    main()
