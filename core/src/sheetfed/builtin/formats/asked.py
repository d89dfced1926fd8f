"""Options of a file that is written, checked."""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import dataclass

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Page, Settings
from sheetfed.api.packing import Packing, Packings
from sheetfed.builtin.formats import jpeg, pixels, tags, tiff
from sheetfed.builtin.formats.offers import OPTIONS, SHEETS
from sheetfed.builtin.formats.packed import Scheme

_SCHEMES: tuple[Scheme, ...] = (
    "none", "lzw", "deflate", "packbits", "jpeg", "jpx", "rle", "g3", "g3-2d", "g4",
)  # fmt: skip
_AUTO = "auto"
_MOST_TAGS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a page is to be packed; None is as it fits."""

    scheme: Scheme | None = None
    quality: int | None = None

    @property
    def quality_or_default(self) -> int:
        """The quality where there is to be loss."""
        return jpeg.QUALITY if self.quality is None else self.quality

    def takes(self, scheme: Scheme) -> bool:
        """Say whether a page that is packed like this already may stay so."""
        if scheme == "jpeg":
            return self.quality is None and self.scheme in {None, "jpeg"}
        return self.scheme in {None, scheme} or (self.scheme, scheme) == ("deflate", "png")


class Asked:
    """What is asked of a file of one type."""

    def __init__(self, options: Settings, media_type: str) -> None:
        """Take options. Raises BadSettings."""
        known = {option.name: option for option in OPTIONS}
        given = {name: value for name, value in options.items() if value is not None}
        for name, value in given.items():
            if name not in known:
                raise BadSettings(f"there is no option {name}", option=name)
            if known[name].kind == "text" and not isinstance(value, str):
                raise BadSettings(f"{name} is not a text", option=name)
        fields = {name: str(given[name]) for name in given if known[name].kind == "text"}
        self.tags = _tags(fields.pop("tags", ""))
        self.more = _fields(fields.pop("fields", ""))
        fields.pop("by-page", "")
        self.fields = fields
        self.sheet = _sheet(given.get("page-size", _AUTO))
        depth = given.get("depth", _AUTO)
        if depth not in {_AUTO, "8"}:
            raise BadSettings(f"depth cannot be {depth!r}", option="depth")
        self.shallow = depth == "8"
        ways = [_AUTO, *_SCHEMES]
        ways.remove("jpx" if media_type == "image/tiff" else "rle")
        way = given.get("compression", _AUTO)
        if way not in ways:
            raise BadSettings(
                "TIFF has no JPEG 2000 that others read"
                if way == "jpx"
                else f"compression cannot be {way!r} here",
                option="compression",
            )
        whole = Packing(way=str(way), quality=_quality(given.get("quality")))
        self.whole = _wish(whole)
        self._packings = Packings(given, ways=ways, whole=whole)

    def wish(self, number: int, page: Page) -> Wish:
        """Return how a page is to be packed, by its number from 1 on and what it is."""
        if not self._packings.differ:
            return self.whole
        return _wish(self._packings.of(number, pixels.kind_of(page.data)))


def _wish(packing: Packing) -> Wish:
    scheme = next((scheme for scheme in _SCHEMES if scheme == packing.way), None)
    return Wish(scheme=scheme, quality=packing.quality)


def _fields(text: str) -> dict[str, str]:
    """Return a document's own fields. Raises BadSettings."""
    try:
        found = dict(json.loads(text)) if text else {}
    except (ValueError, TypeError) as error:
        raise BadSettings(f"fields are no JSON object: {error}", option="fields") from error
    if not all(isinstance(value, str) for value in found.values()):
        raise BadSettings("fields have a value that is no text", option="fields")
    return found


def _sheet(value: object) -> tuple[float, float] | None:
    if value == "auto":
        return None
    if not isinstance(value, str) or value not in SHEETS:
        raise BadSettings(f"page-size cannot be {value!r}", option="page-size")
    return SHEETS[value]


def _tags(text: str) -> list[tags.Entry]:
    """Return tags for every page. Raises BadSettings."""
    try:
        found = dict(json.loads(text) if text else {})
        if len(found) > _MOST_TAGS:
            raise ValueError(f"there are {len(found)}, and no more than {_MOST_TAGS} are written")
        return [_tag(int(name), value) for name, value in found.items()]
    except (ValueError, TypeError, OverflowError, struct.error) as error:
        raise BadSettings(f"tags are no tags of a TIFF file: {error}", option="tags") from error


def _tag(number: int, value: object) -> tags.Entry:
    if not 0 < number < 1 << 16 or number in tiff.OURS:
        raise ValueError(f"{number} is no tag to be given")
    if isinstance(value, str):
        return tags.text(number, value)
    if isinstance(value, list) and all(type(one) is int for one in value) and value:
        return tags.longs(number, *value)
    if type(value) is int:
        return tags.longs(number, value)
    if type(value) is float:
        return tags.rational(number, value)
    if isinstance(value, dict) and isinstance(value.get("base64"), str) and len(value) == 1:
        return number, tags.UNDEFINED, base64.b64decode(value["base64"], validate=True)
    raise ValueError(f"{value!r} is no number and no text")


def _quality(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise BadSettings("quality is a whole number from 1 to 100", option="quality")
    return value
