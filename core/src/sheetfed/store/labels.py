"""Tags, and what else people write on documents."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from sheetfed.api.errors import BadRequest

MOST_TAGS = 50
"""Tags that one page or document may have."""

_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""What joins letters or keeps them apart; words of several scripts are not written without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What a document says about itself besides its title; `fields` are the owner's own."""

    author: str = ""
    subject: str = ""
    keywords: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def tag_of(word: str) -> str:
    """Return a word as a tag keeps it: what looks the same is the same, however it is typed."""
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in word)
    return unicodedata.normalize("NFC", spaced).strip()


def tags_of(words: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are kept: trimmed, each once, in order. Raises BadRequest."""
    tags = sorted({tag_of(word) for word in words})
    for tag in tags:
        seen = tag.translate(_JOINERS)
        if not seen or not seen.isprintable():
            raise BadRequest("A tag must have something to read, in one line")
    if len(tags) > MOST_TAGS:
        raise BadRequest(f"That would be {len(tags)} tags; there may be {MOST_TAGS}")
    return tuple(tags)


def retagged(tags: Iterable[str], add: Iterable[str], remove: Iterable[str]) -> tuple[str, ...]:
    """Return tags with some added and others removed. Raises BadRequest."""
    return tags_of({*map(tag_of, tags), *tags_of(add)} - {*tags_of(remove)})


def pack_tags(tags: tuple[str, ...]) -> str:
    """Return tags as a row holds them."""
    return json.dumps(tags) if tags else ""


@lru_cache(maxsize=256)  # thousands of pages have the same ones
def unpack_tags(text: str | None) -> tuple[str, ...]:
    """Return the tags of a row."""
    return tuple(json.loads(text)) if text else ()


def pack_info(info: Info) -> str:
    """Return it as a row holds it."""
    return "" if info == Info() else json.dumps(asdict(info))


def unpack_info(text: str | None) -> Info:
    """Return the info of a row."""
    return Info(**json.loads(text)) if text else Info()
