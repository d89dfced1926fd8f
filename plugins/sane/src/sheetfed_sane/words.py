"""What drivers call sources and modes, and what we do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from sheetfed.api.model import Side

Meanings = Mapping[str, str]
"""Our word for each of a driver's, in the driver's order."""

_PLAIN = re.compile(r"\(.*?\)|[^a-z0-9&]+")
"""What does not matter in a driver's word: spaces, dashes, a remark in brackets."""

_FLATBED = {"flatbed", "fb", "normal", "platen", "documenttable", "glass", "reflective"}
_FEEDER = re.compile(r"^(adf|automaticdocumentfeeder|documentfeeder|feeder|sheetfeeder)")
_LINEART = {"lineart", "binary", "b&w", "bw", "black&white", "blackandwhite", "blackwhite", "mono"}
_LINEART |= {"monochrome", "1bit", "1bitlineart", "threshold", "bitmap", "text"}
_GRAY = {"gray", "grey", "grayscale", "greyscale", "truegray", "8bitgray", "8bitgrayscale"}
_GRAY |= {"256graylevels", "256levelgray", "8bitsgray"}
_COLOR = {"color", "colour", "24bitcolor", "24bitscolor", "truecolor", "rgb", "fullcolor"}
_COLOR |= {"colorrgb", "24bitcolour"}
_SECOND = {"halftone": "lineart", "16bitgray": "gray", "16bitsgray": "gray"}
_SECOND |= {"48bitscolor": "color", "48bitcolor": "color"}
"""Words that mean the same where nothing closer is offered."""


def source_meanings(words: Iterable[str]) -> Meanings:
    """Say which source is the flatbed, the feeder and the duplex feeder; the others keep names."""
    return _first_of_each(words, _source_meaning)


def mode_meanings(words: Iterable[str]) -> Meanings:
    """Say which mode is lineart, gray and color; the others keep names."""
    listed = list(words)
    found = dict(_first_of_each(listed, _mode_meaning))
    for word in listed:
        second = _SECOND.get(_plain(word), "")
        if found[word] == word and second and second not in found.values():
            found[word] = second
    return found


def side_of(word: str, page: int) -> Side:
    """Return which side the page is, the first being 0, when it comes from this source."""
    plain = _plain(word)
    if _both(word):
        return "back" if page % 2 else "front"
    if not _FEEDER.match(plain):
        return ""
    if "back" in plain or "rear" in plain:
        return "back"
    return "front" if "front" in plain else ""


def is_glass(word: str) -> bool:
    """Tell whether the source is certain to have one page only."""
    return _plain(word) in _FLATBED


def feeds(word: str) -> bool:
    """Tell whether the source has more than one sheet."""
    plain = _plain(word)
    return bool(_FEEDER.match(plain)) or _both(word) or plain.startswith("card")


def _first_of_each(words: Iterable[str], meaning: Callable[[str], str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        ours = meaning(word)
        found[word] = ours if ours and ours not in found.values() else word
    return found


def _source_meaning(word: str) -> str:
    plain = _plain(word)
    if plain in _FLATBED:
        return "flatbed"
    if _both(word) and not plain.startswith("card"):
        return "duplex"
    if _FEEDER.match(plain) and not ("back" in plain or "rear" in plain):
        return "feeder"
    return ""


def _both(word: str) -> bool:
    """Tell whether a source takes both sides; Brother's drivers say so in the remark only."""
    return "duplex" in word.lower()


def _mode_meaning(word: str) -> str:
    plain = _plain(word)
    for ours, theirs in (("lineart", _LINEART), ("gray", _GRAY), ("color", _COLOR)):
        if plain in theirs:
            return ours
    return ""


def _plain(word: str) -> str:
    return _PLAIN.sub("", word.lower())
