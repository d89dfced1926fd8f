"""Pages of a damaged file of which nothing is left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO

import pikepdf

from sheetfed.api.errors import SheetfedError
from sheetfed_pdf import structure

_HEAD = re.compile(rb"(?<!\d)(\d{1,10})\s{1,9}(\d{1,5})\s{1,9}obj\b")
_NAMES_COMMANDS = re.compile(rb"/Contents\s{0,9}[\[\d]")
_MOST_SAID = 4096
"""Bytes behind the head of an object in which a page says where its commands are."""

_PAINTING = "Do Tj TJ ' \" f F f* B B* b b* S s sh EI"


def lost_pages(stream: BinaryIO, password: str | None) -> frozenset[int]:
    """Return the places of pages whose commands, or what they show, went with what is missing.

    They would be drawn white, as if nothing had ever been on them. A page that never had anything
    is none of them: it names no commands, or they are all there.
    """
    stream.seek(0)
    data = stream.read(structure.MOST_REPAIRED)
    heads = {(int(one[1]), int(one[2])): one.end() for one in _HEAD.finditer(data)}
    try:
        with structure.opened(stream, password) as objects:
            pages = enumerate(page.obj for page in objects.pages)
            return frozenset(place for place, page in pages if _is_lost(page, data, heads))
    except (SheetfedError, *structure.DAMAGE):
        return frozenset()


def _is_lost(page: Any, data: bytes, heads: Mapping[tuple[int, int], int]) -> bool:
    try:
        commands = page.get("/Contents")
        if commands is None:
            at = heads.get(page.objgen)
            said = data[at : at + _MOST_SAID].partition(b"endobj")[0] if at else b""
            return _NAMES_COMMANDS.search(said) is not None
        painted = pikepdf.parse_content_stream(page, _PAINTING)
        if not painted:
            streams = commands if isinstance(commands, pikepdf.Array) else [commands]
            return any(_is_cut(one, data, heads) for one in streams)
        shown = [str(one.operands[0]) for one in painted if str(one.operator) == "Do"]
        there = structure.entry(structure.inherited(page, "/Resources"), "/XObject")
        return len(shown) == len(painted) and not any(name in (there or {}) for name in shown)
    except structure.DAMAGE:
        return False  # what is drawn of it tells


def _is_cut(stream: Any, data: bytes, heads: Mapping[tuple[int, int], int]) -> bool:
    """Say whether a stream has no end."""
    at = heads.get(stream.objgen)
    return at is not None and data.find(b"endstream", at) < 0
