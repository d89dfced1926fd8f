"""PDF measures that need a process of their own, for memory is seen by its peak.

Usage: python benchmarks/pdf_alone.py first-page | written | saved [--megabytes 500]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from pdfs import A4, DPI, letters, scan
from sheetfed.api.model import Origin, Page
from sheetfed_pdf.codec import Pdf
from sheetfed_pdf.pdfium import Document

SCANS = 1000
TURNS = 2


def timed(run: Callable[[], Any]) -> tuple[float, float]:
    """Return wall and processor time of a run and its children."""

    def spent() -> float:
        kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        used = [resource.getrusage(kind) for kind in kinds]
        return sum(one.ru_utime + one.ru_stime for one in used)

    wall, processor = time.perf_counter(), spent()
    run()
    return time.perf_counter() - wall, spent() - processor


def first_page() -> None:
    """Open a file of 2000 pages and draw one, in a process that is warm; processor time."""
    codec = Pdf({})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "many.pdf"
        letters(file, 2000)
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


class Shelf:
    """Files by their paths."""

    def open(self, file: str) -> Any:
        """Open one."""
        return Path(file).open("rb")


def writing() -> None:
    """Write a thousand scans until they are on the disk, in turns with their bytes alone."""
    codec, data = Pdf({}), scan(seed=1)
    page = Page(data=data, media_type="image/jpeg", width=A4[0], height=A4[1], dpi=(DPI, DPI))

    def copied(out: BinaryIO) -> None:
        out.writelines(data for _ in range(SCANS))

    def encoded(out: BinaryIO) -> None:
        pages: Iterator[Page] = (page for _ in range(SCANS))
        codec.encode(pages, out, "application/pdf", {"title": "x"}, Shelf())

    before = peak()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        turns = [(kept(out, copied), kept(out, encoded)) for _ in range(TURNS)]
    (copy, plain), (wall, processor) = (quickest(one) for one in zip(*turns, strict=True))
    said(megabytes=SCANS * len(data) // 10**6, wall=wall, processor=processor, copy=copy,
         plain=plain, memory=peak() - before)  # fmt: skip


def kept(path: Path, write: Callable[[BinaryIO], None]) -> tuple[float, float]:
    """Write a file afresh; return what it took until it was on the disk."""

    def run() -> None:
        with path.open("wb") as out:
            write(out)
            out.flush()
            os.fsync(out.fileno())

    took = timed(run)
    path.unlink()
    os.sync()  # the next one finds a disk with nothing to do
    return took


def quickest(turns: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the least wall and processor time of several turns."""
    walls, processors = zip(*turns, strict=True)
    return min(walls), min(processors)


def said(**figures: float) -> None:
    """Print figures for the process that started this one."""
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))


def copying(megabytes: int) -> None:
    """Save a large untouched file: whole, and with its first page left out."""
    codec, data = Pdf({}), scan(seed=2)
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "large.pdf", Path(folder) / "out"
        count = megabytes * 10**6 // len(data)
        made = Page(data=data, media_type="image/jpeg", width=A4[0], height=A4[1], dpi=(DPI, DPI))
        with file.open("wb") as stream:
            codec.encode((made for _ in range(count)), stream, "application/pdf", {}, Shelf())
        os.sync()
        before = peak()
        draws: list[int] = []
        draw = Document.draw
        Document.draw = lambda self, index, **how: draws.append(index) or draw(self, index, **how)  # type: ignore[method-assign, func-returns-value]

        def saved(out: BinaryIO, first: int) -> None:
            pages = (
                Page(data=b"", media_type="application/pdf", width=1, height=1,
                     origin=Origin(file=str(file), index=n, media_type="application/pdf"))
                for n in range(first, count)
            )  # fmt: skip
            codec.encode(pages, out, "application/pdf", {}, Shelf())

        def copied(out: BinaryIO) -> None:
            with file.open("rb") as stream:
                shutil.copyfileobj(stream, out, 1 << 20)

        turns = [
            (kept(out, copied), kept(out, partial(saved, first=0)),
             kept(out, partial(saved, first=1)))
            for _ in range(TURNS)
        ]  # fmt: skip
    copy, whole, without = (quickest(one) for one in zip(*turns, strict=True))
    said(megabytes=megabytes, pages=count, whole=whole[0], whole_processor=whole[1],
         without=without[0], without_processor=without[1], copy=copy[0], plain=copy[1],
         drawn=len(draws), memory=peak() - before)  # fmt: skip


def peak() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure one thing, and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measure", choices=("first-page", "written", "saved"))
    parser.add_argument("--megabytes", type=int, default=500)
    asked = parser.parse_args()
    if asked.measure == "first-page":
        first_page()
    elif asked.measure == "written":
        writing()
    else:
        copying(asked.megabytes)


if __name__ == "__main__":
    main()
