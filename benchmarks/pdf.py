"""PDF: pages drawn, written and copied, beside pdftoppm and a bare loop of pypdfium2.

Usage: python benchmarks/pdf.py [--pages 100] [--rounds 1] [--megabytes 500] [--many 1000]

Pages are drawn at 300 dpi and kept as PNG, and as JPEG. How a picture is packed decides much: so
pypdfium2 is there with Pillow's quickest PNG and with ours, and pdftoppm with each of its writers.
Prints wall and processor time, how many processors a way would keep busy on a free machine, and the
most memory that all its processes held together; last each goal with its figure. Wall times and
their ratios say something on a free machine only; "by processors" is the same ratio made of
processor times and processors kept busy, which other work disturbs less.
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
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from PIL import Image, ImageDraw

from busy import Busy
from goals import Goals
from memory import Memory
from sheetfed.api.model import Origin, Page
from sheetfed_pdf.codec import Pdf
from sheetfed_pdf.pdfium import Document
from watching import descendants

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/service"))
from running import Answer, Running

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


def ours(file: Path, folder: Path, *words: str) -> None:
    """Draw with the command, in as many children as there are processors."""
    home = folder.parent / "home"
    command = [BIN / "sheetfed", "--home", home, "pdf", "render", "--dpi", str(DPI), "--out"]
    subprocess.run([*command, folder, *words, file], check=True, stdout=subprocess.DEVNULL)


PILLOW = "page.render(scale={0} / 72).to_pil().save(f'{{sys.argv[2]}}/{{n}}.png', compress_level=1)"
PACKED = (
    "open(f'{{sys.argv[2]}}/{{n}}.png', 'wb').write("
    "pixels.png(page.render(scale={0} / 72, rev_byteorder=True).to_numpy(), ({0}, {0})))"
)


def bare(file: Path, folder: Path, *, keep: str) -> None:
    """Draw with pypdfium2 in one process."""
    program = (
        "import sys, pypdfium2\nfrom sheetfed_pdf import pixels\n"
        f"for n, page in enumerate(pypdfium2.PdfDocument(sys.argv[1])):\n    {keep.format(DPI)}\n"
    )
    folder.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-c", program, file, folder], check=True)


def poppler(file: Path, folder: Path, *words: str) -> None:
    """Draw with pdftoppm."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["pdftoppm", "-r", str(DPI), *words, file, folder / "page"], check=True)


OURS, OURS_JPEG = "ours, PNG", "ours, JPEG"
WAYS: dict[str, Callable[[Path, Path], None]] = {
    OURS: ours,
    "pypdfium2, Pillow's PNG": partial(bare, keep=PILLOW),
    "pypdfium2, our PNG": partial(bare, keep=PACKED),
    "pdftoppm -png": lambda file, folder: poppler(file, folder, "-png"),
    OURS_JPEG: lambda file, folder: ours(file, folder, "--format", "jpeg"),
    "pdftoppm -jpeg": lambda file, folder: poppler(file, folder, "-jpeg"),
    "pdftoppm, not packed": poppler,
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one way took, once."""

    wall: float
    processor: float
    wanted: float
    memory: int

    @property
    def expected(self) -> float:
        """Seconds that it would take on a machine that does nothing else."""
        return self.processor / self.wanted


def run(way: Callable[[Path, Path], None], file: Path, out: Path) -> Run:
    """Draw all pages of a file in one way."""
    with Memory() as memory, Busy() as busy:
        wall, processor = timed(lambda: way(file, out))
    return Run(wall=wall, processor=processor, wanted=busy.wanted, memory=memory.most)


def drawing(folder: Path, pages: int, rounds: int, goals: Goals) -> None:
    """Compare the ways to draw all pages of a file, in turns."""
    file = folder / "mixed.pdf"
    mixed(file, pages)
    found: dict[str, list[Run]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            out = folder / "out"
            found[name].append(run(way, file, out))
            assert len(list(out.iterdir())) == pages, name
            shutil.rmtree(out)
    print(f"\n{pages} mixed pages at {DPI} dpi, {os.cpu_count()} processors")
    for name, runs in found.items():
        print(
            f"  {name:24} {middle(runs, 'wall'):6.1f} s  processor {middle(runs, 'processor'):6.1f}"
            f" s  keeps busy {middle(runs, 'wanted'):.2f}  {max(one.memory for one in runs):5} MB"
        )
    for name, own, least in (
        ("pypdfium2, Pillow's PNG", OURS, 1.6),
        ("pypdfium2, our PNG", OURS, 1.6),
        ("pdftoppm -png", OURS, 1.0),
        ("pdftoppm -jpeg", OURS_JPEG, 1.0),
    ):
        for word, figure in (("by the clock", "wall"), ("by processors", "expected")):
            ratio = middle(found[name], figure) / middle(found[own], figure)
            goals.least(f"times as fast as {name}, {word}", ratio, least)
    most = max(one.memory for one in found[OURS])
    goals.most(f"memory of all processes, {pages} pages", most, 400, " MB")


def middle(runs: list[Run], name: str) -> float:
    """Return the median of one figure."""
    return statistics.median(float(getattr(one, name)) for one in runs)


def many(folder: Path, pages: int, goals: Goals) -> None:
    """Draw many pages, small: memory must be what it is for a few."""
    file = folder / "letters.pdf"
    mixed_letters(file, pages)
    small = run(lambda file, out: ours(file, out, "--max-width", "800"), file, folder / "small")
    goals.most(f"memory of all processes, {pages} pages", small.memory, 400, " MB")


def served(folder: Path, goals: Goals) -> None:
    """Import a file of 2000 pages into a service, and look at its first page."""
    file, home = folder / "many.pdf", folder / "served"
    mixed_letters(file, 2000)
    mixed_letters(folder / "one.pdf", 1)
    home.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    with Running(home, environ=dict(os.environ)) as service:
        look(service, folder / "one.pdf")  # the reader is warm
        took = [look(service, file) for _ in range(3)]
    for at, name in enumerate(("brought in", "first page seen")):
        wall, processor = (statistics.median(one[at][kind] for one in took) for kind in (0, 1))
        print(f"2000 pages in a service, {name}: {wall:.0f} ms, processor {processor:.0f} ms")
    whole = statistics.median(sum(part[1] for part in one) for one in took)
    goals.most("first page of 2000 in a service, processor", whole, 300, " ms")


def look(service: Running, file: Path) -> list[tuple[float, float]]:
    """Return wall and processor milliseconds of an import, and of its first page's picture."""
    took = []
    page = ""
    for step in range(2):
        began, before = time.perf_counter(), spent(service.process.pid)
        if step:
            answer = service.get(f"/v1/pages/{page}/image?width=1200")
            assert answer.status == 200, answer.body
        else:
            page = brought(service, file)["pages"][0]["id"]
        wall = time.perf_counter() - began
        took.append((wall * 1000, (spent(service.process.pid) - before) * 1000))
    return took


def brought(service: Running, file: Path) -> Any:
    """Import a file and return the document that it became."""
    connection = service.connect()
    try:
        headers = {**service.headers, "Content-Type": "application/pdf"}
        connection.request("POST", "/v1/imports", body=file.read_bytes(), headers=headers)
        answer = Answer(connection.getresponse())
    finally:
        connection.close()
    assert answer.status == 201, answer.body
    return answer.json


def spent(pid: int) -> float:
    """Return the seconds of processor time of a process and its children."""
    ticks = 0
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


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
        names = ("opened", "drawn", "sizes")
        times = (statistics.median(one) * 1000 for one in zip(*found, strict=True))
        said(**dict(zip(names, times, strict=True)), memory=peak())


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
        copy, plain = timed(lambda: copied(data, Path(folder) / "floor"))
        with (Path(folder) / "out.pdf").open("wb") as out:
            pages: Iterator[Page] = (page for _ in range(SCANS))
            wall, processor = timed(
                lambda: codec.encode(pages, out, "application/pdf", {"title": "x"}, Shelf())
            )
            size = out.tell()
    said(megabytes=size // 10**6, wall=wall, processor=processor, copy=copy, plain=plain,
         memory=peak() - before)  # fmt: skip


def said(**figures: float) -> None:
    """Print figures for the process that started this one."""
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))


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
        draws: list[int] = []
        draw = Document.draw
        Document.draw = lambda self, index, **how: draws.append(index) or draw(self, index, **how)  # type: ignore[method-assign, func-returns-value]
        took = []
        for first in (0, 1):
            pages = (
                Page(data=b"", media_type="application/pdf", width=1, height=1,
                     origin=Origin(file=str(file), index=n, media_type="application/pdf"))
                for n in range(first, count)
            )  # fmt: skip
            with (Path(folder) / "out.pdf").open("wb") as out:
                took += timed(
                    lambda pages=pages, out=out: codec.encode(  # type: ignore[misc]
                        pages, out, "application/pdf", {}, Shelf()
                    )
                )
        copy, plain = timed(
            lambda: shutil.copyfileobj(
                file.open("rb"), io.FileIO(file.with_suffix(".copy"), "w"), 1 << 20
            )
        )
    said(megabytes=megabytes, pages=count, whole=took[0], whole_processor=took[1], without=took[2],
         without_processor=took[3], copy=copy, plain=plain, drawn=len(draws),
         memory=peak() - before)  # fmt: skip


def peak() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def alone(name: str, *words: str) -> dict[str, float]:
    """Run one of the measures in a process of its own, whose memory is its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--alone", name, *words], check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    print(f"{name}: {done.stdout.strip()}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def apart(megabytes: int, goals: Goals) -> None:
    """Measure what needs a process of its own."""
    first = alone(FIRST)
    goals.most("first page of 2000, processor", first["opened"] + first["drawn"], 300, " ms")
    scans = alone(WRITTEN)
    goals.most(f"{SCANS} scans beside a plain copy, by the clock", scans["wall"] / scans["copy"], 2)
    share = scans["processor"] / scans["plain"]
    goals.most("the same by processor time", share, 2)
    goals.most("memory that they need beside the start", scans["memory"], 20, " MB")
    saved = alone(SAVED, "--megabytes", str(megabytes))
    goals.most(f"pages drawn to save {megabytes} MB untouched", saved["drawn"], 0)
    goals.most("that beside a plain copy, by the clock", saved["whole"] / saved["copy"], 3)
    goals.most("memory that it needs beside the start", saved["memory"], 20, " MB")


FIRST, WRITTEN, SAVED = "first page of 2000", f"{SCANS} scans written", "untouched file saved"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--many", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        measures = {FIRST: first_page, WRITTEN: writing, SAVED: partial(copying, asked.megabytes)}
        measures[asked.alone]()
        return
    goals = Goals()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawing(folder, asked.pages, asked.rounds, goals)
        many(folder, asked.many, goals)
        served(folder, goals)
    apart(asked.megabytes, goals)
    goals.print()


if __name__ == "__main__":
    main()
