"""A document as a file, as their query says it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from sheetfed_dwt import faults, pictures, uids, values
from sheetfed_dwt.asking import LONGEST_PASSWORD, Asked
from sheetfed_dwt.faults import MISSING, Fault, invalid
from sheetfed_dwt.pictures import JPEG, PDF, PNG, TIFF

QUALITY = 80
"""The quality of JPEG where nothing is said."""

PDF_PACKED: Mapping[int, tuple[str, ...]] = {
    0: ("auto",),
    1: ("g3",),
    2: ("g4",),
    3: ("lzw",),
    4: ("packbits",),
    5: ("jpeg",),
    6: ("jpeg2000", "jpx"),
    7: ("jbig2", "g4"),
}
"""What each number of `compression` is with us: the first that the codec knows."""

TIFF_PACKED: Mapping[int, tuple[str, ...]] = {
    0: ("auto",),
    1: ("none",),
    2: ("rle", "packbits"),
    3: ("g3",),
    4: ("g4",),
    5: ("lzw",),
    7: ("jpeg",),
    32773: ("packbits",),
}
_SIZES = ("a4", "a3", "letter", "legal")
_PAPERS = (
    ("auto", "auto"),
    ("auto", "auto"),
    *((size, way) for size in _SIZES for way in ("portrait", "landscape")),
)
"""What each number of `pageType` is with us: a size, and which way it lies."""

HIGHEST_PAPER = len(_PAPERS) - 1
VERSIONS = ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
USUAL_VERSION = "1.5"
_SINCE = {"jbig2": "1.4", "jpeg2000": "1.5", "jpx": "1.5"}
"""The version of PDF that a way to pack pictures came with, where it is not the first."""

_WORDS = {
    "title": "title",
    "author": "author",
    "subject": "subject",
    "keyWords": "keywords",
    "creator": "creator",
    "producer": "producer",
}
_DATES = {"creationDate": "date", "modifiedDate": "modified"}
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z(?:00'?00'?)?|([+ -]\d\d)'?(\d\d)'?)?"
)
"""A date of PDF (ISO 32000, 7.9.4); a + that nobody encoded arrives as a space."""


async def send(
    asked: Asked, document: str, pages: Sequence[Mapping[str, Any]]
) -> web.StreamResponse:
    """Send pages of a document as the query wants them. Raises Fault, SheetfedError."""
    kind = pictures.kind(asked.query("type"), usual=PDF, more=(TIFF, PDF))
    chosen = _chosen(asked.query("pages"), pages)
    quality = _quality(asked)
    if kind in (PNG, JPEG):
        drawn = {"quality": quality or QUALITY} if kind == JPEG else {}
        return await (await pictures.of_page(asked, chosen[0], kind, **drawn)).send(asked)
    body = {"type": kind, "pages": chosen, "options": await _options(asked, kind, quality)}
    file = await pictures.opened(asked, "POST", f"/v1/documents/{document}/file", kind, body=body)
    return await file.send(asked)


def _chosen(named: str, pages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the pages that are named by number or id, else all."""
    if not pages:
        raise faults.unknown_uid("page")
    if not named.strip(", "):
        return [page["id"] for page in pages]
    return [place_of(word, pages) for word in words_of(named)]


def words_of(named: str) -> list[str]:
    """Return what stands between the commas."""
    return [word.strip() for word in named.split(",") if word.strip()]


def place_of(word: str, pages: Sequence[Mapping[str, Any]]) -> str:
    """Return our id of the page that a number, from 0 on, or an id names. Raises Fault."""
    if len(word) < 8 and values.is_whole(word):
        place = int(word)
        if 0 <= place < len(pages):
            return str(pages[place]["id"])
        raise faults.unknown_uid("page")
    wanted = uids.ours("pg", word, faults.unknown_uid("page"))
    if any(page["id"] == wanted for page in pages):
        return wanted
    raise faults.unknown_uid("page")


def _quality(asked: Asked) -> int | None:
    said = asked.query("quality")
    return max(1, values.whole(said, "quality", low=0, high=100)) if said else None


async def _options(asked: Asked, kind: str, quality: int | None) -> dict[str, Any]:
    """Return the options of our codec; what it does not know is left out, a password never."""
    formats = (await asked.client.ask("GET", "/v1/formats"))["items"]
    known = next(each for each in formats if each["type"] == kind)
    offered = {option["name"]: option for option in known["writing"]}
    version = asked.query("version") or USUAL_VERSION
    if version not in VERSIONS:
        raise invalid(f"version must be one of {', '.join(VERSIONS)}.")
    found = _packing(_packed(asked, kind, version, offered), kind, quality)
    for theirs, ours in _WORDS.items():
        if said := values.text(asked.query(theirs), theirs):
            found[ours] = said
    if kind == PDF:
        size, way = _paper(asked)
        found |= {"paper": size, "page-size": size, "orientation": way}
    for theirs, ours in _DATES.items():
        if date := _date(asked.query(theirs)):
            found[ours] = date
    password = values.text(asked.query("password"), "password", most=LONGEST_PASSWORD)
    if not password:  # a locked file has the version that its lock needs
        found["version"] = version
    elif kind == PDF:
        if "password" not in offered:
            raise Fault(501, MISSING, "Install sheetfed-pdf to lock a PDF.", cause="addon-missing")
        found["password"] = password
    return {name: value for name, value in found.items() if name in offered}


def _packing(packed: str, kind: str, quality: int | None) -> dict[str, Any]:
    """Return how pictures are packed; as it fits is G4, and for grey and colour JPEG or LZW.

    What is JPEG already stays as it is in a PDF where no quality is said.
    """
    found: dict[str, Any] = {"compression": packed}
    if packed in ("jpeg", "jpeg2000", "jpx"):
        found["quality"] = quality or QUALITY
    elif packed == "auto":
        way = "jpeg" if kind == PDF else "lzw"
        found |= {"grey": way, "colour": way}
        found |= {"quality": quality} if quality else {}
    return found


def _packed(asked: Asked, kind: str, version: str, offered: Mapping[str, Any]) -> str:
    table = PDF_PACKED if kind == PDF else TIFF_PACKED
    number = values.whole(asked.query("compression", "0"), "compression", low=0)
    if number not in table:
        raise invalid(f"compression must be one of {', '.join(map(str, table))}.")
    known = [choice["value"] for choice in offered["compression"]["choices"]]
    may = [name for name in known if kind != PDF or version >= _SINCE.get(name, "")]
    return next((name for name in table[number] if name in may), "auto")


def _paper(asked: Asked) -> tuple[str, str]:
    number = asked.query("pageType", "0")
    return _PAPERS[values.whole(number, "pageType", low=0, high=HIGHEST_PAPER)]


def _date(said: str) -> str:
    """Return a date of PDF as ISO 8601; nothing is nothing. Raises Fault."""
    if not said:
        return ""
    match = _DATE.fullmatch(said)
    if match is None:
        raise invalid("A date must be like D:20181231.")
    year, *rest, hours, minutes = match.groups()
    month, day, hour, minute, second = (
        part or usual for part, usual in zip(rest, ("01", "01", "00", "00", "00"), strict=True)
    )
    zone = f"{hours.replace(' ', '+')}:{minutes}" if hours else "Z"
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}"
