"""Files in and out: PDF of many pages, G4, thumbnails, beside the libraries made for that.

Usage: python benchmarks/formats.py [--pages 100] [--rounds 5]

Every contender runs in a process of its own, in turns; printed are medians of wall and processor
time, the peak of its memory, and the ratio to ours. Files are opened before a time counts.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from verdicts import verdict

if TYPE_CHECKING:  # what runs the others stays small
    from PIL.Image import Image as Picture

SIZE = (2480, 3508)
DPI = (300, 300)


class Took(NamedTuple):
    """What one run cost: seconds of wall and processor, and MiB."""

    wall: float
    cpu: float
    memory: float


def page(number: int) -> Picture:
    """Return an A4 page at 300 dpi: lines of type on paper that a sensor saw."""
    import numpy as np  # noqa: PLC0415 - only where it is measured
    from PIL import Image  # noqa: PLC0415 - only where it is measured

    dice = np.random.default_rng(number)
    paper = np.full((SIZE[1], SIZE[0]), 240.0, np.float32)
    for top in range(200, 3300, 60):
        ink = dice.random(360) < 0.6
        paper[top : top + 30, 200 : 200 + 6 * 360] -= 200 * np.repeat(ink, 6)
    paper += dice.normal(0, 2.8, paper.shape).astype(np.float32)
    grey = Image.fromarray(paper.clip(0, 255).astype(np.uint8))
    return Image.merge("RGB", (grey, grey, grey.point(lambda level: level * 0.97)))


def prepare(folder: Path, pages: int) -> None:
    """Write what all read: JPEG pages, and one black and white page."""
    from PIL import Image  # noqa: PLC0415 - only where it is measured

    for number in range(pages):
        if number < 4:
            page(number).save(folder / f"{number:03}.jpg", quality=85, dpi=DPI)
        else:
            shutil.copy(folder / f"{number % 4:03}.jpg", folder / f"{number:03}.jpg")
    page(0).convert("L").point(lambda level: 255 * (level > 127)).convert("1").save(
        folder / "bw.png", dpi=DPI
    )
    with Image.open(folder / "bw.png") as picture:
        picture.save(folder / "bw.tif", compression="raw", dpi=DPI)


def our_pdf(folder: Path, out: Path) -> None:
    """Ours: the codec of every installation."""
    from sheetfed.api.model import Page  # noqa: PLC0415 - only where it is measured
    from sheetfed.builtin.formats.codec import Images  # noqa: PLC0415 - only where it is measured
    from sheetfed.builtin.formats.rehearsal import Nowhere  # noqa: PLC0415 - only where it is measured

    pages = (
        Page(data=file.read_bytes(), media_type="image/jpeg", width=SIZE[0], height=SIZE[1],
             dpi=(300.0, 300.0))
        for file in sorted(folder.glob("*.jpg"))
    )  # fmt: skip
    with out.open("wb") as stream:
        Images({}).encode(pages, stream, "application/pdf", {}, Nowhere())


def img2pdf_pdf(folder: Path, out: Path) -> None:
    """img2pdf, which takes JPEG over as it stands, too."""
    import img2pdf  # noqa: PLC0415 - only where it is measured

    with out.open("wb") as stream:
        img2pdf.convert([str(file) for file in sorted(folder.glob("*.jpg"))], outputstream=stream)


def pillow_pdf(folder: Path, out: Path) -> None:
    """Pillow's own, which unpacks every page and packs it again; ten pages only."""
    from PIL import Image  # noqa: PLC0415 - only where it is measured

    first, *rest = [Image.open(file) for file in sorted(folder.glob("*.jpg"))[:10]]
    first.save(out, "PDF", save_all=True, append_images=rest)


def copied(folder: Path, out: Path) -> None:
    """Copy the same bytes to the same disk, which is the floor."""
    with out.open("wb") as stream:
        for file in sorted(folder.glob("*.jpg")):
            stream.write(file.read_bytes())


def our_g4(folder: Path, out: Path) -> None:
    """Ours: a PNG of one bit becomes a TIFF file, twenty times."""
    from sheetfed.api.model import Page  # noqa: PLC0415 - only where it is measured
    from sheetfed.builtin.formats.codec import Images  # noqa: PLC0415 - only where it is measured
    from sheetfed.builtin.formats.rehearsal import Nowhere  # noqa: PLC0415 - only where it is measured

    data = (folder / "bw.png").read_bytes()
    given = Page(data=data, media_type="image/png", width=SIZE[0], height=SIZE[1])
    codec = Images({})
    begin = time.perf_counter()
    for _ in range(20):
        stream = io.BytesIO()
        codec.encode(iter([given]), stream, "image/tiff", {}, Nowhere())
    print(time.perf_counter() - begin)
    out.write_bytes(stream.getvalue())


def pillow_g4(folder: Path, out: Path) -> None:
    """Libtiff by Pillow: the same PNG unpacked, and packed."""
    from PIL import Image  # noqa: PLC0415 - only where it is measured

    begin = time.perf_counter()
    for _ in range(20):
        stream = io.BytesIO()
        with Image.open(folder / "bw.png") as picture:
            picture.save(stream, "TIFF", compression="group4")
    print(time.perf_counter() - begin)
    out.write_bytes(stream.getvalue())


def tiffcp_g4(folder: Path, out: Path) -> None:
    """Libtiff's own program, from a TIFF file that is not packed; its start counts."""
    begin = time.perf_counter()
    for _ in range(20):
        subprocess.run(["tiffcp", "-c", "g4", folder / "bw.tif", out], check=True)
    print(time.perf_counter() - begin)


def our_thumbnail(folder: Path, out: Path) -> None:
    """Ours: a colour JPEG of A4 at 300 dpi, drawn at 250 pixels, twenty times."""
    from sheetfed.builtin.formats.book import Pictures  # noqa: PLC0415 - only where it is measured

    data = (folder / "000.jpg").read_bytes()
    begin = time.perf_counter()
    for _ in range(20):
        made = Pictures(data).page(0, width=250, height=250).data
    print(time.perf_counter() - begin)
    out.write_bytes(made)


def pillow_thumbnail(folder: Path, out: Path) -> None:
    """Pillow's thumbnail, with its draft."""
    from PIL import Image  # noqa: PLC0415 - only where it is measured

    data = (folder / "000.jpg").read_bytes()
    begin = time.perf_counter()
    for _ in range(20):
        with Image.open(io.BytesIO(data)) as picture:
            picture.thumbnail((250, 250))
            picture.save(out, "JPEG", quality=88)
    print(time.perf_counter() - begin)


def cv2_thumbnail(folder: Path, out: Path) -> None:
    """OpenCV, reading an eighth and shrinking that by area."""
    import cv2  # noqa: PLC0415 - only where it is measured
    import numpy as np  # noqa: PLC0415 - only where it is measured

    data = np.fromfile(folder / "000.jpg", np.uint8)
    begin = time.perf_counter()
    for _ in range(20):
        small = cv2.imdecode(data, cv2.IMREAD_REDUCED_COLOR_8)
        small = cv2.resize(small, (177, 250), interpolation=cv2.INTER_AREA)
        made = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    print(time.perf_counter() - begin)
    out.write_bytes(made.tobytes())


Contender = Callable[[Path, Path], None]
GROUPS: Mapping[str, tuple[Contender, ...]] = {
    "JPEG pages to a PDF": (our_pdf, img2pdf_pdf, copied, pillow_pdf),
    "20 pages as G4": (our_g4, pillow_g4, tiffcp_g4),
    "20 thumbnails of a colour page": (our_thumbnail, pillow_thumbnail, cv2_thumbnail),
}
GOALS = {"pillow_g4": 1.2, "cv2_thumbnail": 1.5}
ALL = {one.__name__: one for group in GROUPS.values() for one in group}


def run(one: Contender, folder: Path, out: Path) -> Took:
    """Run a contender alone; it may print what it took after its start."""
    words = [sys.executable, __file__, "--one", one.__name__, "--folder", str(folder)]
    begin = time.perf_counter()
    process = subprocess.Popen([*words, "--out", str(out)], stdout=subprocess.PIPE, text=True)
    told = process.communicate()[0].strip() if process.stdout else ""
    wall = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"{one.__name__} failed")
    used = [float(word) for word in told.split()]
    return Took(wall=used[0] if len(used) == 3 else wall, cpu=used[-2], memory=used[-1])


def alone(one: Contender, folder: Path, out: Path) -> None:
    """Do it in this process, and tell what it cost."""
    import resource  # noqa: PLC0415 - only where it is measured

    one(folder, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime
    print(cpu, used.ru_maxrss / 1024)


def main() -> None:
    """Prepare, run in turns, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=[*ALL, "prepare"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if asked.one == "prepare":
        prepare(asked.folder, asked.pages)
        return
    if asked.one:
        alone(ALL[asked.one], asked.folder, asked.out)
        return
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Apart from here: a child's peak counts from what its parent held when it began.
        words = ["--one", "prepare", "--folder", name, "--pages", str(asked.pages)]
        subprocess.run([sys.executable, __file__, *words], check=True)
        for title, group in GROUPS.items():
            took: dict[str, list[Took]] = {one.__name__: [] for one in group}
            for number in range(asked.rounds):
                turn = group[number % len(group) :] + group[: number % len(group)]
                for one in turn:
                    took[one.__name__].append(run(one, folder, folder / "out"))
            tell(title, took)


def tell(title: str, took: Mapping[str, list[Took]]) -> None:
    """Print a group; the first contender is ours."""
    print(f"\n{title}")
    ours = statistics.median(one.wall for one in next(iter(took.values())))
    for name, runs in took.items():
        wall, cpu, memory = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"  {name:18} {wall:7.3f} s wall, {cpu:7.3f} s processor, {memory:6.0f} MiB,"
              f" ours takes {ours / wall:.2f} of it")  # fmt: skip
    for name, goal in GOALS.items():
        if name in took:
            peer = statistics.median(one.wall for one in took[name])
            verdict(f"{title}, beside {name}", ours / peer, goal, "times")


if __name__ == "__main__":
    main()
