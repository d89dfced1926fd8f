"""PDF: pages drawn, written and copied, beside pdftoppm and a bare loop of pypdfium2.

Usage: python benchmarks/pdf.py [--pages 100] [--rounds 3] [--megabytes 500] [--many 1000]
       python benchmarks/pdf.py --served

Pages are drawn at 300 dpi and kept as PNG, and as JPEG of quality 88. How a picture is packed
decides much, so that like is compared with like: PNG with the quickest that Pillow and pdftoppm
write, JPEG with JPEG of the same quality. What is far behind is measured once, whatever the rounds.
Prints wall and processor time, how many processors a way would keep busy on a free machine, and the
most memory that all its processes held together, and each goal with its figure. Wall times and
their ratios say something on a free machine only; "by processors" is the same ratio made of
processor times and processors kept busy, which other work disturbs less.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from busy import Busy
from memory import Memory
from pdf_alone import timed
from pdfs import DPI, KINDS, letters, mixed
from service import compiled
from verdicts import verdict
from watching import descendants

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/service"))
from running import Answer, Running

QUALITY = 88
MEMORY = 400
"""Megabytes that all processes may hold together, whatever the number of pages."""

CALM = 4.0
"""Seconds after which a service has its next children ready, and the page at hand unpacked."""

BIN = Path(sys.executable).parent


def ours(file: Path, folder: Path, count: int, *words: str) -> None:
    """Draw with the command, in as many children as there are processors."""
    home = folder.parent / "home"
    command = [BIN / "sheetfed", "--home", home, "pdf", "render", "--dpi", str(DPI), "--out"]
    command += [folder, "--pages", f"1-{count}", *words, file]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


PILLOW = "page.render(scale={0} / 72).to_pil().save(f'{{sys.argv[2]}}/{{n}}"
PILLOWS = {
    "png": PILLOW + ".png', compress_level=1)",
    "jpeg": PILLOW + ".jpg', quality={1})",
}
PACKED = (
    "open(f'{{sys.argv[2]}}/{{n}}.png', 'wb').write("
    "pixels.png(page.render(scale={0} / 72, rev_byteorder=True).to_numpy(), ({0}, {0})))"
)


def bare(file: Path, folder: Path, count: int, *, keep: str) -> None:
    """Draw with pypdfium2 in one process."""
    program = (
        "import itertools, sys, pypdfium2\nfrom sheetfed_pdf import pixels\n"
        "pages = itertools.islice(pypdfium2.PdfDocument(sys.argv[1]), int(sys.argv[3]))\n"
        f"for n, page in enumerate(pages):\n    {keep.format(DPI, QUALITY)}\n"
    )
    folder.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-c", program, file, folder, str(count)], check=True)


def poppler(file: Path, folder: Path, count: int, *words: str) -> None:
    """Draw with pdftoppm."""
    folder.mkdir(exist_ok=True)
    command = ["pdftoppm", "-r", str(DPI), "-l", str(count), *words, file, folder / "page"]
    subprocess.run(command, check=True)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to draw the first pages of a file into a folder.

    `goal` is how many times as quick the way `beside` it has to be. One that is far behind, or only
    there to be looked at, is taken `once`; the slowest is counted from a `part` of the pages.
    """

    draw: Callable[[Path, Path, int], None]
    beside: str = ""
    goal: float = 0.0
    once: bool = False
    part: int = 1


OURS, OURS_JPEG = "ours, PNG", "ours, JPEG"
JPEG = ("-jpeg", "-jpegopt", f"quality={QUALITY}")
WAYS = {
    OURS: Way(draw=ours),
    "pypdfium2, our PNG": Way(draw=partial(bare, keep=PACKED)),
    "pypdfium2, Pillow's PNG": Way(
        draw=partial(bare, keep=PILLOWS["png"]), beside=OURS, goal=1.6, once=True
    ),
    "pdftoppm -png": Way(
        draw=lambda *where: poppler(*where, "-png"), beside=OURS, goal=1.0, once=True, part=8
    ),
    "pdftoppm, not packed": Way(draw=poppler, once=True),
    OURS_JPEG: Way(draw=lambda *where: ours(*where, "--format", "jpeg")),
    "pypdfium2, Pillow's JPEG": Way(
        draw=partial(bare, keep=PILLOWS["jpeg"]), beside=OURS_JPEG, goal=1.6
    ),
    "pdftoppm -jpeg": Way(draw=lambda *where: poppler(*where, *JPEG), beside=OURS_JPEG, goal=1.0),
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


def run(way: Way, file: Path, out: Path, pages: int) -> Run:
    """Draw pages of a file in one way; return what all of them take."""
    count = max(KINDS, pages // way.part // KINDS * KINDS) if way.part > 1 else pages
    with Memory() as memory, Busy() as busy:
        wall, processor = timed(lambda: way.draw(file, out, count))
    assert len(list(out.iterdir())) == count
    shutil.rmtree(out)
    times = pages / count
    return Run(
        wall=wall * times, processor=processor * times, wanted=busy.wanted, memory=memory.most
    )


def drawing(folder: Path, pages: int, rounds: int) -> None:
    """Compare the ways to draw all pages of a file, in turns."""
    file = folder / "mixed.pdf"
    mixed(file, pages)
    found: dict[str, list[Run]] = {name: [] for name in WAYS}
    for number in range(rounds):
        for name, way in WAYS.items():
            if number and way.once:
                continue
            note(f"{pages} pages, round {number + 1} of {rounds}: {name}")
            found[name].append(run(way, file, folder / "out", pages))
    print(f"{pages} mixed pages at {DPI} dpi, {os.cpu_count()} processors")
    for name, runs in found.items():
        print(
            f"  {name:24} {middle(runs, 'wall'):6.1f} s  processor {middle(runs, 'processor'):6.1f}"
            f" s  keeps busy {middle(runs, 'wanted'):.2f}  {max(one.memory for one in runs):5} MB"
        )
    for name, way in WAYS.items():
        if not way.goal:
            continue
        for word, figure in (("by the clock", "wall"), ("by processors", "expected")):
            ratio = middle(found[name], figure) / middle(found[way.beside], figure)
            verdict(f"as quick as {name}, {word}", ratio, way.goal, "times", least=True)
    most = max(one.memory for way in (OURS, OURS_JPEG) for one in found[way])
    verdict(f"memory of all processes, {pages} pages", most, MEMORY, "MB")


def note(text: str) -> None:
    """Say what is measured now."""
    print(text, file=sys.stderr, flush=True)


def middle(runs: list[Run], name: str) -> float:
    """Return the median of one figure."""
    return statistics.median(float(getattr(one, name)) for one in runs)


def many(folder: Path, pages: int) -> None:
    """Draw many pages, small: memory must be what it is for a few."""
    note(f"{pages} pages, small")
    file = folder / "letters.pdf"
    letters(file, pages)
    way = Way(draw=lambda *where: ours(*where, "--max-width", "800"))
    small = run(way, file, folder / "out", pages)
    verdict(f"memory of all processes, {pages} pages", small.memory, MEMORY, "MB")


def served(folder: Path) -> None:
    """Import a file of 2000 pages into a service, and look at its first page."""
    file, home = folder / "many.pdf", folder / "served"
    letters(file, 2000)
    letters(folder / "one.pdf", 1)
    home.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    took = []
    with Running(home, environ=compiled(folder), program=True) as service:
        for turn, name in enumerate(("one.pdf", *["many.pdf"] * 4)):
            note(f"a service: {name}")
            seen = look(service, folder / name)
            took += [seen] if turn > 1 else []  # the first ones warm what reads and checks
            time.sleep(CALM)
    for at, name in enumerate(("brought in", "first page seen")):
        wall, processor = (statistics.median(one[at][kind] for one in took) for kind in (0, 1))
        print(f"2000 pages in a service, {name}: {wall:.0f} ms, processor {processor:.0f} ms")
    wall = statistics.median(sum(part[0] for part in one) for one in took)
    verdict("first page of 2000 in a service, by the clock", wall, 300, "ms")


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
        after = spent(service.process.pid)
        worked = sum(seconds - before.get(pid, 0) for pid, seconds in after.items())
        took.append((wall * 1000, worked * 1000))
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


def spent(pid: int) -> dict[int, float]:
    """Return the seconds of processor time of a process and of each of its children."""
    found = {}
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            found[one] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def alone(measure: str, *words: str) -> dict[str, float]:
    """Run one of the measures in a process of its own, whose memory is its own."""
    note(measure)
    program = Path(__file__).with_name("pdf_alone.py")
    done = subprocess.run(
        [sys.executable, program, measure, *words], check=True, capture_output=True, text=True
    )
    print(f"{measure}: {done.stdout.strip()}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def apart(megabytes: int) -> None:
    """Measure what needs a process of its own."""
    first = alone("first-page")
    verdict("first page of 2000, processor", first["opened"] + first["drawn"], 300, "ms")
    scans = alone("written")
    verdict("1000 scans written, by the clock", scans["wall"] / scans["copy"], 2, "copies")
    verdict("the same by the processor", scans["processor"] / scans["plain"], 2, "copies")
    verdict("memory that they need beside the start", scans["memory"], 20, "MB")
    saved = alone("saved", "--megabytes", str(megabytes))
    verdict(f"pages drawn to save {megabytes} MB untouched", saved["drawn"], 0, "")
    verdict("that by the clock", saved["whole"] / saved["copy"], 3, "copies")
    verdict("memory that it needs beside the start", saved["memory"], 20, "MB")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument(
        "--served", action="store_true", help="measure a service's first page alone"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.served:
            served(folder)
            return
        drawing(folder, asked.pages, asked.rounds)
        many(folder, asked.many)
        served(folder)
    apart(asked.megabytes)


if __name__ == "__main__":
    main()
