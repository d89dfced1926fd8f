"""PDF: pages drawn, written and copied, beside pdftoppm and a bare loop of pypdfium2.

Usage: python benchmarks/pdf.py [--pages 100] [--rounds 1] [--megabytes 500]

Everything is drawn at 300 dpi and kept as PNG. Prints wall and processor time, and the most memory
that all processes of a way held together.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import pikepdf
from PIL import Image, ImageDraw

from sheetfed.api.model import Origin, Page
from sheetfed_pdf.codec import Pdf

DPI = 300
A4 = (2480, 3508)
SCANS = 1000
BIN = Path(sys.executable).parent


def scan(*, seed: int) -> bytes:
    """Return a page as a scanner makes it, grainy, as JPEG."""
    grain = np.random.default_rng(seed).integers(200, 255, (A4[1] // 4, A4[0] // 4, 3), np.uint8)
    picture = Image.fromarray(grain).resize(A4)
    draw = ImageDraw.Draw(picture)
    for top in range(200, A4[1] - 200, 60):
        draw.rectangle((200, top, 200 + (top * 7919) % 2000, top + 22), fill=(30, 30, 40))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=75, dpi=(DPI, DPI))
    return stream.getvalue()


def mixed(path: Path, pages: int) -> None:
    """Write a file of letters, drawings and scans in turn."""
    pdf = pikepdf.new()
    name = pikepdf.Name
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
    )
    scans = [scan(seed=seed) for seed in range(4)]
    for number in range(pages):
        pdf.add_blank_page(page_size=(595.2, 841.92))
        page = pdf.pages[-1].obj
        if number % 3 == 2:
            picture = pikepdf.Stream(pdf, scans[number % 4])
            picture.update({"/Type": name.XObject, "/Subtype": name.Image, "/Width": A4[0],
                            "/Height": A4[1], "/ColorSpace": name.DeviceRGB,
                            "/BitsPerComponent": 8, "/Filter": name.DCTDecode})  # fmt: skip
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
            page.Contents = pikepdf.Stream(pdf, b"q 595.2 0 0 841.92 0 0 cm /P Do Q")
            continue
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        line = "(Page %d, line %d: what is scanned is not lost, what is lost was not kept) Tj T*"
        lines = " ".join(line % (number, n) for n in range(50))
        drawn = "".join(f"{n / 99:.2f} 0.4 0.6 rg {n * 5} {n * 7} 40 30 re f " for n in range(99))
        text = f"{drawn if number % 3 else ''}0 g BT /F 12 Tf 14 TL 50 790 Td {lines} ET"
        page.Contents = pikepdf.Stream(pdf, text.encode())
    pdf.save(path)


def timed(run: Callable[[], Any]) -> tuple[float, float]:
    """Return wall and processor time of a run and its children."""

    def spent() -> float:
        kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        used = [resource.getrusage(kind) for kind in kinds]
        return sum(one.ru_utime + one.ru_stime for one in used)

    wall, processor = time.perf_counter(), spent()
    run()
    return time.perf_counter() - wall, spent() - processor


def ours(file: Path, folder: Path) -> None:
    """Draw with the command, in as many children as there are processors."""
    home = folder.parent / "home"
    command = [BIN / "sheetfed", "--home", home, "pdf", "render", "--dpi", str(DPI), "--out"]
    subprocess.run([*command, folder, file], check=True, stdout=subprocess.DEVNULL)


def bare(file: Path, folder: Path) -> None:
    """Draw with pypdfium2 in one process, and pack as quickly as Pillow does."""
    program = (
        "import sys, pypdfium2\n"
        "for n, page in enumerate(pypdfium2.PdfDocument(sys.argv[1])):\n"
        f"    picture = page.render(scale={DPI} / 72).to_pil()\n"
        "    picture.save(f'{sys.argv[2]}/{n}.png', compress_level=1)\n"
    )
    folder.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-c", program, file, folder], check=True)


def poppler(file: Path, folder: Path) -> None:
    """Draw with pdftoppm."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["pdftoppm", "-r", str(DPI), "-png", file, folder / "page"], check=True)


def drawing(folder: Path, pages: int, rounds: int) -> None:
    """Compare three ways to draw all pages of a file, in turns."""
    file = folder / "mixed.pdf"
    mixed(file, pages)
    ways: dict[str, Callable[[Path, Path], None]] = {
        "ours": ours, "pypdfium2, one process": bare, "pdftoppm": poppler,
    }  # fmt: skip
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    most = dict.fromkeys(ways, 0)
    for _ in range(rounds):
        for name, way in ways.items():
            out = folder / "out"
            with Memory() as memory:
                found[name].append(timed(lambda way=way, out=out: way(file, out)))  # type: ignore[misc]
            most[name] = max(most[name], memory.most)
            assert len(list(out.iterdir())) == pages, name
            shutil.rmtree(out)
    own = statistics.median(wall for wall, _ in found["ours"])
    print(f"{pages} mixed pages at {DPI} dpi to PNG, {os.cpu_count()} processors")
    for name, times in found.items():
        wall, processor = (statistics.median(one) for one in zip(*times, strict=True))
        print(
            f"  {name:24} {wall:6.1f} s  processor {processor:6.1f} s  {wall / own:5.2f} x ours"
            f"  {most[name]:5} MB in all its processes"
        )


class Memory:
    """Watches what this process's children hold, shared pages counted once (PSS)."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.most = max(self.most, sum(map(held, descendants(os.getpid()))) // 1024)


def descendants(pid: int) -> list[int]:
    """Return the children of a process, and theirs."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return found + [deeper for child in found for deeper in descendants(child)]


def held(pid: int) -> int:
    """Return the kilobytes that a process holds; 0 where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def first_page() -> None:
    """Open a file of 2000 pages and draw one, in a process that is warm; processor time."""
    codec = Pdf({})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "many.pdf"
        mixed_letters(file, 2000)
        found: list[tuple[float, float, float]] = []
        for _ in range(5):
            with file.open("rb") as stream:
                began = time.process_time()
                book = codec.open(stream, {})
                opened = time.process_time()
                book.page(0, width=1200, height=1200)
                drawn = time.process_time()
                infos = [book.info(n) for n in range(book.count)]
                asked = time.process_time()
                assert len(infos) == 2000
                book.close()
                found.append((opened - began, drawn - opened, asked - drawn))
        names = ("open ms", "first page ms", "sizes of all ms")
        times = (round(statistics.median(one) * 1000) for one in zip(*found, strict=True))
        print(json.dumps({**dict(zip(names, times, strict=True)), "memory MB": peak()}))


def mixed_letters(path: Path, pages: int) -> None:
    """Write a file of many pages of letters."""
    pdf = pikepdf.new()
    name = pikepdf.Name
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
    )
    for number in range(pages):
        pdf.add_blank_page(page_size=(595.2, 841.92))
        page = pdf.pages[-1].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        lines = " ".join(f"(Page {number}, line {n} of many) Tj T*" for n in range(50))
        page.Contents = pikepdf.Stream(pdf, f"BT /F 12 Tf 14 TL 50 790 Td {lines} ET".encode())
    pdf.save(path)


class Shelf:
    """Files by their paths."""

    def open(self, file: str) -> Any:
        """Open one."""
        return Path(file).open("rb")


def writing() -> None:
    """Write a thousand scans."""
    codec, data = Pdf({}), scan(seed=1)
    page = Page(data=data, media_type="image/jpeg", width=A4[0], height=A4[1], dpi=(DPI, DPI))
    before = peak()
    with tempfile.TemporaryDirectory() as folder:
        floor, _ = timed(lambda: copied(data, Path(folder) / "floor"))
        with (Path(folder) / "out.pdf").open("wb") as out:
            pages: Iterator[Page] = (page for _ in range(SCANS))
            wall, processor = timed(
                lambda: codec.encode(pages, out, "application/pdf", {"title": "x"}, Shelf())
            )
            size = out.tell()
    print(json.dumps({"megabytes": size // 10**6, "s": round(wall, 2), "processor s":
                      round(processor, 2), "plain copy s": round(floor, 2),
                      "memory MB beside what the start took": peak() - before}))  # fmt: skip


def copied(data: bytes, path: Path) -> None:
    """Write the same bytes with nothing around them."""
    with path.open("wb") as out:
        for _ in range(SCANS):
            out.write(data)


def copying(megabytes: int) -> None:
    """Save a large untouched file: whole, and with its first page left out."""
    codec, data = Pdf({}), scan(seed=2)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.pdf"
        count = megabytes * 10**6 // len(data)
        made = Page(data=data, media_type="image/jpeg", width=A4[0], height=A4[1], dpi=(DPI, DPI))
        with file.open("wb") as out:
            codec.encode((made for _ in range(count)), out, "application/pdf", {}, Shelf())
        before = peak()
        told = {"megabytes": megabytes, "pages": count}
        for name, first in (("whole s", 0), ("without a page s", 1)):
            pages = (
                Page(data=b"", media_type="application/pdf", width=1, height=1,
                     origin=Origin(file=str(file), index=n, media_type="application/pdf"))
                for n in range(first, count)
            )  # fmt: skip
            with (Path(folder) / "out.pdf").open("wb") as out:
                wall, _ = timed(
                    lambda pages=pages, out=out: codec.encode(  # type: ignore[misc]
                        pages, out, "application/pdf", {}, Shelf()
                    )
                )
            told[name] = round(wall, 2)  # type: ignore[assignment]
        print(json.dumps({**told, "memory MB beside what the start took": peak() - before}))


def peak() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def alone(name: str, *words: str) -> None:
    """Run one of the measures in a process of its own, whose memory is its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--alone", name, *words], check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    print(f"{name}: {done.stdout.strip()}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    match asked.alone:
        case "first page of 2000":
            first_page()
        case "1000 scans written":
            writing()
        case "untouched file saved":
            copying(asked.megabytes)
        case _:
            alone("first page of 2000")
            alone("1000 scans written")
            alone("untouched file saved", "--megabytes", str(asked.megabytes))
            with tempfile.TemporaryDirectory() as folder:
                drawing(Path(folder), asked.pages, asked.rounds)


if __name__ == "__main__":
    main()
