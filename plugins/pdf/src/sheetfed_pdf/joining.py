"""`sheetfed pdf merge`: several files made one."""

from __future__ import annotations

import argparse
import asyncio
import base64
import mimetypes
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from sheetfed.api.contracts import Host
from sheetfed.api.errors import NotFound, Unreadable
from sheetfed.api.model import Origin, Page, Settings, Value
from sheetfed_pdf import MEDIA_TYPE, arguments, attachment, filing
from sheetfed_pdf.looking import look
from sheetfed_pdf.options import WRITING
from sheetfed_pdf.saying import Progress, tell

_RANGE = re.compile(r"[\d,\-\s]+")


def add(words: Any) -> None:
    """Add the word."""
    parser: argparse.ArgumentParser = words.add_parser(
        "merge",
        help="make one PDF of several files",
        description="Make one PDF of PDF files and pictures, in their order. Pages of PDF files are"
        " copied as they are. A range behind a file, such as 1-3,7,10-, names the pages that are"
        " taken of it.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE [RANGE]")
    parser.add_argument("--out", required=True, metavar="FILE", type=Path, help="the new file")
    parser.add_argument(
        "--input-password", metavar="TEXT", help="opens those of the files that are locked"
    )
    parser.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="FILE",
        type=Path,
        help="a file to go along; may be repeated",
    )
    arguments.add(parser, WRITING)
    parser.set_defaults(run=run)


def run(host: Host, asked: argparse.Namespace) -> int:
    """Merge and return the exit code."""
    settings: dict[str, Value] = dict(arguments.given(asked, WRITING))
    if asked.attach:
        settings["attachments"] = attachment.with_files(
            str(settings.get("attachments") or ""),
            [_attached(path, settings) for path in asked.attach],
        )
    sources = _sources(asked.files)
    return asyncio.run(_merge(host, sources, asked.out, asked.input_password, settings))


def _sources(words: Sequence[str]) -> list[tuple[Path, str]]:
    """Return the files with the range that stands behind each; a file may be called 12, too."""
    found: list[tuple[Path, str]] = []
    for word in words:
        if found and not found[-1][1] and _RANGE.fullmatch(word) and not Path(word).exists():
            found[-1] = found[-1][0], word
        else:
            found.append((Path(word), ""))
    return found


async def _merge(
    host: Host,
    sources: Sequence[tuple[Path, str]],
    out: Path,
    password: str | None,
    settings: Settings,
) -> int:
    count = 0
    progress = Progress("files", len(sources))

    async def each() -> AsyncGenerator[Page, None]:
        nonlocal count
        for path, wanted in sources:
            async with aclosing(pages_of(host, path, wanted, password)) as pages:
                async for page in pages:
                    count += 1
                    yield page
            progress.step()

    try:
        async with aclosing(each()) as pages:
            size = await filing.write(out, host.write(pages, MEDIA_TYPE, settings))
    finally:
        progress.end()
    tell(f"{out}: {count} pages, {size} bytes")
    return 0


async def pages_of(
    host: Host, path: Path, wanted: str, password: str | None
) -> AsyncGenerator[Page, None]:
    """Yield the pages of a file: those of a PDF to be copied, a picture as it is."""
    options: dict[str, Value] = {}
    if wanted:
        options["pages"] = wanted
    if password:
        options["password"] = password
    async with look(host, path, _known(path, options)) as opened:
        for index, info in enumerate(opened.pages):
            if opened.media_type != MEDIA_TYPE:
                yield await opened.page(index)
                continue
            yield Page(
                data=b"",
                media_type=MEDIA_TYPE,
                width=info.width,
                height=info.height,
                dpi=info.dpi,
                origin=Origin(file=str(path), index=index, media_type=MEDIA_TYPE, options=options),
            )


def _known(path: Path, options: Settings) -> Settings:
    """Return the options that the file's codec knows: a picture has neither range nor password."""
    try:
        with path.open("rb") as file:
            return options if b"%PDF-" in file.read(1024) else {}
    except OSError:  # whoever opens it next says what is wrong
        return options


def _attached(path: Path, settings: Settings) -> dict[str, str]:
    """Return a file that goes along as the option has it. Raises NotFound, Unreadable."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    return {
        "name": path.name,
        "base64": base64.b64encode(data).decode(),
        "type": mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        "relation": str(settings.get("attachment-relation") or "unspecified"),
    }
