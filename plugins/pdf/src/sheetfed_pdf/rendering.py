"""`sheetfed pdf render`: pages of a file as pictures."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from sheetfed.api.contracts import Host, Opened
from sheetfed.api.errors import Cancelled, SheetfedError
from sheetfed_pdf import arguments, filing
from sheetfed_pdf.looking import look
from sheetfed_pdf.options import READING
from sheetfed_pdf.saying import Progress, complain, tell

AT_ONCE = max(2, os.cpu_count() or 2)
"""Pages that are drawn at the same time, each in a child of its own."""

_OPTIONS = [
    replace(option, default="render") if option.name == "mode" else option for option in READING
]
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/tiff": "tif"}
_OTHER = "bin"


def add(words: Any) -> None:
    """Add the word."""
    parser: argparse.ArgumentParser = words.add_parser(
        "render",
        help="draw pages as pictures",
        description="Draw the pages of PDF files as pictures, several at a time. A page that cannot"
        " be drawn is told of, and the others are. With --mode auto a page that is one picture is"
        " taken out as it is.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
    parser.add_argument(
        "--out", required=True, metavar="FOLDER", type=Path, help="where the pictures go"
    )
    parser.add_argument("--force", action="store_true", help="overwrite pictures that exist")
    arguments.add(parser, _OPTIONS)
    parser.set_defaults(run=run, mode="render")


def run(host: Host, asked: argparse.Namespace) -> int:
    """Draw and return the exit code."""
    return asyncio.run(_render(host, asked))


async def _render(host: Host, asked: argparse.Namespace) -> int:
    settings = arguments.given(asked, _OPTIONS)
    folder = filing.folder(asked.out)
    code = 0
    for path, stem in zip(asked.files, _stems(asked.files), strict=True):
        async with look(host, path, settings) as opened:
            beginnings = _beginnings(folder / stem, len(opened.pages))
            if not asked.force:
                filing.check_free(
                    Path(f"{beginning}.{ending}")
                    for beginning in beginnings
                    for ending in (*_ENDINGS.values(), _OTHER)
                )
            done, failed = await _file(opened, path, beginnings)
        code = code or (failed.exit_code if failed else 0)
        tell(f"{path}: {done} of {len(opened.pages)} pages drawn into {folder}")
    return code


def _stems(paths: Sequence[Path]) -> list[str]:
    """Return what the pictures of each file are called, those of files of one name apart."""
    found: list[str] = []
    taken: set[str] = set()
    for path in paths:
        names = (f"{path.stem}-{number}" if number > 1 else path.stem for number in count(1))
        stem = next(name for name in names if name.casefold() not in taken)
        taken.add(stem.casefold())
        found.append(stem)
    return found


def _beginnings(stem: Path, pages: int) -> list[str]:
    digits = max(3, len(str(pages)))
    return [f"{stem}-{number:0{digits}}" for number in range(1, pages + 1)]


async def _file(
    opened: Opened, path: Path, beginnings: Sequence[str]
) -> tuple[int, SheetfedError | None]:
    """Draw every page of a file; return how many, and the first thing that went wrong."""
    progress = Progress("drawn", len(beginnings))
    places = asyncio.Semaphore(AT_ONCE)
    failures: list[SheetfedError] = []

    async def draw(index: int) -> None:
        async with places:
            try:
                page = await opened.page(index)
            except Cancelled:
                raise
            except SheetfedError as error:
                failures.append(error)
                complain(f"{path}, page {index + 1}: {error.message}")
                return
            ending = _ENDINGS.get(page.media_type, _OTHER)
            await filing.write(Path(f"{beginnings[index]}.{ending}"), filing.once(page.data))
            progress.step()

    try:
        async with asyncio.TaskGroup() as group:
            for index in range(len(beginnings)):
                group.create_task(draw(index))
    except* SheetfedError as errors:
        raise errors.exceptions[0] from None
    finally:
        progress.end()
    return len(beginnings) - len(failures), failures[0] if failures else None
