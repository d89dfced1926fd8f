"""`sheetfed pdf split`: one file made several."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sheetfed.api.contracts import Host
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Page, Settings
from sheetfed_pdf import MEDIA_TYPE, arguments, filing
from sheetfed_pdf.joining import pages_of
from sheetfed_pdf.options import WRITING
from sheetfed_pdf.ranges import pages_of as indices_of
from sheetfed_pdf.saying import Progress, tell


def add(words: Any) -> None:
    """Add the word."""
    parser: argparse.ArgumentParser = words.add_parser(
        "split",
        help="make several PDFs of one",
        description="Make several PDF files of one: of every page, of every N pages, or of the"
        " ranges that are named. Pages are copied as they are.",
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--out", required=True, metavar="FOLDER", type=Path, help="where the files go"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--every", type=int, default=1, metavar="N", help="pages in a file; 1")
    how.add_argument(
        "--range", dest="ranges", action="append", metavar="RANGE", help="a file of these pages;"
        " may be given several times",
    )  # fmt: skip
    parser.add_argument("--input-password", metavar="TEXT", help="opens the file if it is locked")
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    arguments.add(parser, WRITING)
    parser.set_defaults(run=run)


def run(host: Host, asked: argparse.Namespace) -> int:
    """Split and return the exit code."""
    return asyncio.run(_split(host, asked))


async def _split(host: Host, asked: argparse.Namespace) -> int:
    settings = arguments.given(asked, WRITING)
    pages = [page async for page in pages_of(host, asked.file, "", asked.input_password)]
    parts = _parts(len(pages), asked.every, asked.ranges)
    folder = filing.folder(asked.out)
    digits = max(3, len(str(len(parts))))
    names = [f"{asked.file.stem}-{number:0{digits}}.pdf" for number in range(1, len(parts) + 1)]
    if not asked.force:
        filing.check_free(folder / name for name in names)
    progress = Progress("files", len(parts))
    try:
        for name, part in zip(names, parts, strict=True):
            await _write(host, folder / name, [pages[index] for index in part], settings)
            progress.step()
    finally:
        progress.end()
    tell(f"{asked.file}: {len(parts)} files in {folder}")
    return 0


def _parts(count: int, every: int, ranges: Sequence[str] | None) -> list[Sequence[int]]:
    if ranges:
        return [indices_of(words, count) for words in ranges]
    if every < 1:
        raise BadSettings("every must be 1 or more", option="every")
    return [range(start, min(start + every, count)) for start in range(0, count, every)]


async def _write(host: Host, path: Path, pages: Sequence[Page], settings: Settings) -> None:
    async def each() -> AsyncIterator[Page]:
        for page in pages:
            yield page

    await filing.write(path, host.write(each(), MEDIA_TYPE, settings))
