"""How each page of a file is packed, by kind and by place."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Choice, Option, Settings

Kind = Literal["black-white", "grey", "colour"]
"""What a page is: one bit a pixel, shades of grey, or more."""

BY_PAGE = "by-page"
_REST = "rest"
_TITLES: dict[Kind, str] = {
    "black-white": "Black and white pages",
    "grey": "Grey pages",
    "colour": "Pages in colour",
}
_MOST_RULES = 1000
_RULE = re.compile(r"\s*(\d[\d\s,-]*):\s*([a-z0-9-]+)(?:\s+(\d{1,3}))?\s*")
_RANGE = re.compile(r"\s*(\d+)\s*(-?)\s*(\d*)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How one page is packed: one of the codec's ways, and the quality where that loses."""

    way: str
    quality: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    first: int
    last: float
    packing: Packing


class Packings:
    """How pages are packed by what was asked: for the page, else for its kind, else for all."""

    def __init__(self, options: Settings, *, ways: Collection[str], whole: Packing) -> None:
        """Take the options of `packing_options`, and what holds for all. Raises BadSettings."""
        self._whole = whole
        self._kinds = {}
        for kind in _TITLES:
            way = options.get(kind) or _REST
            if way != _REST and way not in ways:
                raise BadSettings(f"{kind} cannot be {way!r}", option=kind)
            self._kinds[kind] = str(way)
        self._rules = _rules(options.get(BY_PAGE) or "", ways)

    @property
    def differ(self) -> bool:
        """Whether any page may be packed otherwise than all."""
        return bool(self._rules) or any(way != _REST for way in self._kinds.values())

    @property
    def ways(self) -> frozenset[str]:
        """All that pages may be packed in."""
        kinds = {way for way in self._kinds.values() if way != _REST}
        return frozenset({self._whole.way, *kinds, *(rule.packing.way for rule in self._rules)})

    def of(self, number: int, kind: Kind) -> Packing:
        """Return how a page is packed, by its number in the file from 1 on, and its kind."""
        for rule in self._rules:
            if rule.first <= number <= rule.last:
                return rule.packing
        way = self._kinds[kind]
        return self._whole if way == _REST else Packing(way=way, quality=self._whole.quality)


def packing_options(choices: tuple[Choice, ...]) -> tuple[Option, ...]:
    """Return the options by which a codec that writes many pages is asked for each of them."""
    ways = ", ".join(str(choice.value) for choice in choices)
    return (
        *(
            Option(
                name=kind,
                title=title,
                kind="choice",
                default=_REST,
                choices=(Choice(value=_REST, title="As all pages"), *choices),
                group="Compression page by page",
                advanced=True,
            )
            for kind, title in _TITLES.items()
        ),
        Option(
            name=BY_PAGE,
            title="Single pages",
            kind="text",
            default="",
            description="Such as 1-3: jpeg 60; 4,7: g4; 8-: auto, which goes before all else:"
            f" pages as they are numbered in the file, one of {ways}, and a quality where that"
            " loses something.",
            group="Compression page by page",
            advanced=True,
        ),
    )


def _rules(text: object, ways: Collection[str]) -> list[_Rule]:
    if not isinstance(text, str):
        raise _refused("is not a text")
    found: list[_Rule] = []
    for part in filter(str.strip, text.split(";")):
        rule = _RULE.fullmatch(part)
        if rule is None:
            raise _refused(f"is such as 1-3: jpeg 60; 4: g4, not {part.strip()!r}")
        way, quality = rule[2], int(rule[3]) if rule[3] else None
        if way not in ways:
            raise _refused(f"has one of {', '.join(ways)}, not {way!r}")
        if quality is not None and not 1 <= quality <= 100:
            raise _refused("has a quality from 1 to 100")
        packing = Packing(way=way, quality=quality)
        found += [
            _Rule(first=a, last=b, packing=packing) for a, b in map(_span, rule[1].split(","))
        ]
        if len(found) > _MOST_RULES:
            raise _refused(f"has more than {_MOST_RULES} rules")
    return found


def _span(text: str) -> tuple[int, float]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise _refused(f"has no pages {text.strip()!r}")
    first, dash, last = int(found[1]), found[2], found[3]
    end = float(last or "inf") if dash else first
    if (not dash and last) or not 1 <= first <= end:
        raise _refused(f"has no pages {text.strip()!r}")
    return first, end


def _refused(reason: str) -> BadSettings:
    return BadSettings(f"{BY_PAGE} {reason}", option=BY_PAGE)
