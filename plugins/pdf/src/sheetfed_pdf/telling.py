"""`sheetfed pdf info`: what files and their pages are."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sheetfed.api.contracts import Host, Opened
from sheetfed.api.errors import Cancelled, SheetfedError
from sheetfed.api.model import Mark, PageInfo
from sheetfed_pdf import arguments
from sheetfed_pdf.looking import look
from sheetfed_pdf.options import READING
from sheetfed_pdf.saying import complain, safe, tell

_OPTIONS = [option for option in READING if option.name in {"password", "pages"}]


def add(words: Any) -> None:
    """Add the word."""
    parser: argparse.ArgumentParser = words.add_parser(
        "info",
        help="tell what files are: text or pictures, fonts, protection",
        description="Tell of PDF files what they say about themselves, and of each page whether it"
        " is text or a picture, with which fonts and pictures. Nothing is drawn.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object a file")
    parser.add_argument("--text", action="store_true", help="print the words of each page, too")
    parser.add_argument(
        "--find", metavar="WORDS", help="name only the pages on which these words are written"
    )
    arguments.add(parser, _OPTIONS)
    parser.set_defaults(run=run)


def run(host: Host, asked: argparse.Namespace) -> int:
    """Tell and return the exit code."""
    return asyncio.run(_tell(host, asked))


async def _tell(host: Host, asked: argparse.Namespace) -> int:
    settings = {**arguments.given(asked, _OPTIONS), "mode": "auto"}
    code = 0
    for path in asked.files:
        try:
            async with look(host, path, settings) as opened:
                pages, failed = await _seen(opened, path)
        except SheetfedError as error:
            if len(asked.files) == 1:
                raise
            complain(f"{path}: {error.message}")
            code = code or error.exit_code
            continue
        code = code or (failed.exit_code if failed else 0)
        if asked.json:
            tell(json.dumps(_told(path, opened, pages, text=asked.text)))
        else:
            _print(path, opened, pages, asked)
    return code


async def _seen(opened: Opened, path: Path) -> tuple[list[Sequence[Mark]], SheetfedError | None]:
    """Return what is known of each page, nothing of one that cannot be read, and why it cannot."""
    pages: list[Sequence[Mark]] = []
    failed = None
    for index in range(len(opened.pages)):
        try:
            pages.append(await opened.marks(index))
        except Cancelled:
            raise
        except SheetfedError as error:
            complain(f"{path}, page {index + 1}: {error.message}")
            failed = failed or error
            pages.append(())
    return pages, failed


def _told(path: Path, opened: Opened, pages: Sequence[Sequence[Mark]], *, text: bool) -> Any:
    told = []
    for info, marks in zip(opened.pages, pages, strict=True):
        page: dict[str, Any] = {
            "width": info.width,
            "height": info.height,
            "dpi": info.dpi,
            "is": _first(marks, "page"),
            "fonts": [{"name": m.value, **m.details} for m in marks if m.kind == "font"],
            "pictures": [{"packed": m.value, **m.details} for m in marks if m.kind == "picture"],
            "links": [m.value for m in marks if m.kind == "link"],
            "words": sum(m.kind == "text" for m in marks),
        }
        if text:
            page["text"] = _text(marks)
        told.append(page)
    return {"file": str(path), "type": opened.media_type, **opened.about, "pages": told}


def _print(
    path: Path, opened: Opened, pages: Sequence[Sequence[Mark]], asked: argparse.Namespace
) -> None:
    tell(f"{path}: {len(pages)} page{'s' * (len(pages) != 1)}")
    for name, value in opened.about.items():
        if value not in {False, ""}:
            tell(f"  {name}: {'yes' if value is True else safe(str(value))}")
    for number, (info, marks) in enumerate(zip(opened.pages, pages, strict=True), 1):
        text = _text(marks)
        if asked.find and asked.find.casefold() not in text.casefold():
            continue
        tell(f"  page {number}: {_size(info)}, {_first(marks, 'page')}{_made_of(marks)}")
        if asked.text and text:
            tell(f"    {safe(text)}")


def _made_of(marks: Iterable[Mark]) -> str:
    said = []
    fonts = [m for m in marks if m.kind == "font"]
    if fonts:
        names = (
            safe(m.value) + ("" if m.details.get("embedded") else " (not in the file)")
            for m in fonts
        )
        said.append(f"fonts {', '.join(names)}")
    for mark in marks:
        if mark.kind == "picture":
            size = f"{mark.details.get('width')} x {mark.details.get('height')}"
            said.append(f"picture {size} {safe(mark.value)}")
    return "".join(f"; {words}" for words in said)


def _size(info: PageInfo) -> str:
    if not all(info.dpi):
        return f"{info.width} x {info.height} pixels"
    across, down = info.width / info.dpi[0] * 25.4, info.height / info.dpi[1] * 25.4
    return f"{across:.0f} x {down:.0f} mm"


def _first(marks: Iterable[Mark], kind: str) -> str:
    return next((mark.value for mark in marks if mark.kind == kind), "unknown")


def _text(marks: Iterable[Mark]) -> str:
    return " ".join(mark.value for mark in marks if mark.kind == "text")
