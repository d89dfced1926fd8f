"""Lists the codes of files, as a table or as lines of JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sheetfed.api.contracts import Host
from sheetfed.api.errors import BadSettings, SheetfedError
from sheetfed.api.model import Mark, Option, Page, Settings
from sheetfed_barcode import OPTIONS
from sheetfed_barcode.formats import without_patches

AHEAD = 2 * max(2, os.cpu_count() or 2)
"""Pages that are read before those in front of them are through."""

KINDS = frozenset({"barcode", "patch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found on one page of a file, or why nothing could be."""

    file: str
    page: int
    marks: tuple[Mark, ...] = ()
    error: SheetfedError | None = None


def run(host: Host, arguments: Sequence[str]) -> int:
    """List the codes of files and return the exit code."""
    asked = _parser().parse_args(arguments)
    settings = {option.name: _value(asked, option) for option in OPTIONS}
    show = _Lines() if asked.json else _Table()
    return asyncio.run(_list(host, asked.files, settings, show))


async def _list(host: Host, files: Sequence[str], settings: Settings, show: _Lines) -> int:
    code = 0
    read = False
    async with aclosing(_all(host, files, settings)) as pages:
        async for found in pages:
            if isinstance(found.error, BadSettings):
                raise found.error
            if found.error:
                place = f"{found.file}, page {found.page}" if found.page else found.file
                print(f"{_safe(place)}: {_safe(found.error.message)}", file=sys.stderr)
                code = code or found.error.exit_code
            read = read or not found.error
            for mark in found.marks:
                show.code(found, mark)
    show.end(read=read)
    return code


async def _all(host: Host, files: Sequence[str], settings: Settings) -> AsyncGenerator[Found, None]:
    """Yield what is found, in the order of the files, while later pages are looked at."""
    waiting: deque[asyncio.Task[Found]] = deque()
    try:
        for file in files:
            async with aclosing(_pages(host, file)) as pages:
                async for place, page in pages:
                    waiting.append(asyncio.create_task(_look(host, place, page, settings)))
                    while len(waiting) >= AHEAD or (waiting and waiting[0].done()):
                        yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _pages(host: Host, file: str) -> AsyncGenerator[tuple[Found, Page | None], None]:
    """Yield the pages of a file, and last what kept it from being read further."""
    number = 0
    try:
        async for page in host.read(Path(file)):
            number += 1
            yield Found(file=file, page=number), page
    except SheetfedError as error:
        yield Found(file=file, page=number, error=error), None


async def _look(host: Host, place: Found, page: Page | None, settings: Settings) -> Found:
    if page is None:
        return place
    names, patches = without_patches(str(settings["formats"]))
    steps = {"barcode": {**settings, "formats": names}} if names is not None else {}
    if patches:
        steps["patch"] = {"region": settings["region"]}
    try:
        taken = await asyncio.gather(*(host.take(page, *step) for step in steps.items()))
    except SheetfedError as error:
        return replace(place, error=error)
    marks = [mark for (seen,) in taken for mark in seen.marks if mark.kind in KINDS]
    return replace(place, marks=tuple(marks))


class _Lines:
    """One JSON object a line for each code."""

    def code(self, found: Found, mark: Mark) -> None:
        """Print one code; what a terminal would obey is escaped."""
        print(json.dumps(_told(found, mark)), flush=True)

    def end(self, *, read: bool) -> None:
        """Nothing is left to be said."""


class _Table(_Lines):
    """A line for each code, under headings; its columns are as wide as what they hold."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, str]] = [("FILE", "PAGE", "FORMAT", "TEXT")]

    def code(self, found: Found, mark: Mark) -> None:
        name = str(mark.details["format"])
        self._rows.append((_safe(found.file), str(found.page), name, _safe(mark.value)))

    def end(self, *, read: bool) -> None:
        if len(self._rows) == 1:
            if read:  # of what could not be read nobody knows
                print("No code was found.", file=sys.stderr)
            return
        widths = [max(len(row[at]) for row in self._rows) for at in range(3)]
        for row in self._rows:
            print("  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3]]))


def _told(found: Found, mark: Mark) -> dict[str, Any]:
    details: Mapping[str, Any] = mark.details
    told = {
        "file": found.file,
        "page": found.page,
        "format": details["format"],
        "text": details.get("text", mark.value),
        "bytes": details["bytes"],
        "corners": [list(corner) for corner in mark.corners],
        "engine": details["engine"],
        "ms": mark.ms,
    }
    return told | {name: value for name, value in details.items() if name not in told}


def _safe(text: str) -> str:
    """Return text that does nothing to a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sheetfed barcodes",
        description="List the codes of files: pictures, TIFF, and whatever addons read.",
        epilog="`sheetfed barcodes sheet` prints separator sheets, `sheetfed barcodes write` draws"
        " a code; each has a --help. A file that is called so is ./sheet.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each code")
    for option in OPTIONS:
        _add(parser, option)
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    """Make a flag of one of the step's options."""
    flag, told = f"--{option.name}", (option.description or option.title).replace("%", "%%")
    default = "coverage" if option.name == "preset" else option.default
    if option.kind == "bool":
        parser.add_argument(flag, action="store_true", help=told)
    elif option.choices:
        values = [str(choice.value) for choice in option.choices]
        parser.add_argument(flag, choices=values, default=default, help=told)
    else:
        kind = int if option.kind == "int" else str
        parser.add_argument(flag, type=kind, default=default, metavar="…", help=told)


def _value(asked: argparse.Namespace, option: Option) -> Any:
    return getattr(asked, option.name.replace("-", "_"))
