"""`sheetfed pdf render`: pages of a file as pictures."""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import replace
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
    arguments.add(parser, _OPTIONS)
    parser.set_defaults(run=run, mode="render")


def run(host: Host, asked: argparse.Namespace) -> int:
    """Draw and return the exit code."""
    return asyncio.run(_render(host, asked))


async def _render(host: Host, asked: argparse.Namespace) -> int:
    settings = arguments.given(asked, _OPTIONS)
    folder = filing.folder(asked.out)
    code = 0
    for path in asked.files:
        async with look(host, path, settings) as opened:
            done, failed = await _file(opened, path, folder)
        code = code or (failed.exit_code if failed else 0)
        tell(f"{path}: {done} of {len(opened.pages)} pages drawn into {folder}")
    return code


async def _file(opened: Opened, path: Path, folder: Path) -> tuple[int, SheetfedError | None]:
    """Draw every page of a file; return how many, and the first thing that went wrong."""
    count = len(opened.pages)
    digits = max(3, len(str(count)))
    progress = Progress("drawn", count)
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
            ending = _ENDINGS.get(page.media_type, "bin")
            name = f"{path.stem}-{index + 1:0{digits}}.{ending}"
            await filing.write(folder / name, filing.once(page.data))
            progress.step()

    try:
        async with asyncio.TaskGroup() as group:
            for index in range(count):
                group.create_task(draw(index))
    except* SheetfedError as errors:
        raise errors.exceptions[0] from None
    finally:
        progress.end()
    return count - len(failures), failures[0] if failures else None
