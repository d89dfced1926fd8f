"""Which engine looks at what, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sheetfed_barcode import zbar, zxing
from sheetfed_barcode.codes import Code, added, box_of, placed
from sheetfed_barcode.formats import FORMATS, Format
from sheetfed_barcode.ink import inked
from sheetfed_barcode.picture import Part, enlarged, quarters, sharpened, smoothed
from sheetfed_barcode.places import suspects
from sheetfed_barcode.plausible import plausible
from sheetfed_barcode.postal import finding as postal

Engine = Literal["auto", "zbar", "zxing"]
Preset = Literal["speed", "balance", "coverage"]

FINE = 200.0
"""Below this resolution codes are looked at enlarged: modules are too few pixels wide."""

SCREEN = 96.0
"""What programs write as a resolution where they know none: no measure of paper up to this."""

LONGEST = 24.0
"""Inches of the longest side that is taken for paper."""

SMALL = 3_000_000
"""Pixels of a photograph up to which looking again, enlarged, costs little."""

MOST = 60_000_000
"""Pixels of an enlarged picture."""

Look = Callable[[Part, Sequence[Code]], Sequence[Code]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is looked for, and how hard; `expected` is 0 where nobody knows."""

    formats: tuple[Format, ...]
    engine: Engine = "auto"
    preset: Preset = "balance"
    inverted: bool = True
    add_on: bool = False
    expected: int = 0


def read(part: Part, wish: Wish, dpi: float) -> list[Code]:
    """Return the codes on a part of a page, in the order they were found."""
    if 0 in part.pixels.shape:
        return []
    found: list[Code] = []
    paper = _on_paper(part, dpi)
    sure = paper and dpi > SCREEN and wish.preset == "coverage" and not wish.expected
    places = inked(part, dpi) if sure else [part]
    for place, look in _looks(part, places, wish, dpi if paper else 0.0):
        found = added(found, _timed(look, place, found))
        if wish.expected and len(found) >= wish.expected:
            return found
    if _looks_again(wish):
        small = part.pixels.size <= SMALL and not paper
        zoom = 2.0 if small else min(1.0, (SMALL / part.pixels.size) ** 0.5)
        for place in places:
            for look in _second_looks(wish, zoom, small=small):
                if not small and not wish.expected and _any_in(place, found):
                    break
                found = added(found, _timed(look, place, found))
                if wish.expected and len(found) >= wish.expected:
                    return found
    return found


def _on_paper(part: Part, dpi: float) -> bool:
    """Say whether a resolution is one of paper; cameras write some number, and mean nothing."""
    return dpi > 0 and max(part.pixels.shape) / part.scale <= LONGEST * dpi


def _wants_postal(wish: Wish, *, coarse: bool) -> bool:
    """Say whether postal codes are looked for: where they are named, or it costs little."""
    if wish.engine != "auto":
        return False
    named = wish.formats != FORMATS
    return named or wish.preset == "coverage" or (wish.preset == "balance" and not coarse)


def _wants_more(wish: Wish) -> bool:
    """Say whether anything is looked for that is not postal."""
    return any(known.group != "postal" for known in wish.formats)


def _looks_again(wish: Wish) -> bool:
    hard = wish.preset == "coverage" or (wish.expected > 0 and wish.preset != "speed")
    return hard and _wants_more(wish)


def _looks(
    part: Part, places: Sequence[Part], wish: Wish, dpi: float
) -> Iterator[tuple[Part, Look]]:
    """Yield the looks that a preset always takes, and at what; dpi is 0 where it is not known."""
    coarse = 0 < dpi < FINE
    if _wants_postal(wish, coarse=coarse):
        yield part, lambda part, _: _postal(part, wish, dpi if dpi > SCREEN else 0.0)
    if not _wants_more(wish):
        return
    hard = wish.preset == "coverage"
    if wish.engine != "zbar":
        yield part, lambda part, _: _zxing(part, wish)
        if coarse and wish.preset == "balance" and _enlargeable(part):
            yield part, lambda part, found: _suspects(part, wish, found)
    for place in places:
        larger = coarse and wish.preset != "speed" and _enlargeable(place)
        if larger and hard and wish.engine != "zbar":
            yield place, lambda place, _: _zxing(enlarged(place, 2), wish)
        if wish.engine == "zbar" or (hard and wish.engine == "auto"):
            yield enlarged(place, 2) if larger else place, lambda place, _: _zbar(place, wish)


def _enlargeable(part: Part) -> bool:
    return part.pixels.size * 4 <= MOST


def _suspects(part: Part, wish: Wish, found: Sequence[Code]) -> list[Code]:
    """Look at the places where codes may be, enlarged, but not where they were found."""
    places = [place for place in suspects(part) if not _holds(place, found)]
    dark = replace(wish, inverted=False)
    return [code for place in places for code in _zxing(enlarged(place, 2), dark)]


def _holds(place: Part, found: Sequence[Code]) -> bool:
    """Say whether one code covers a good part of a place."""
    height, width = place.pixels.shape
    boxes = [box_of(code.corners) for code in found]
    right, bottom = place.left + width / place.scale, place.top + height / place.scale
    return any(
        place.left <= box.left + box.width / 2 <= right
        and place.top <= box.top + box.height / 2 <= bottom
        and max(box.width / (right - place.left), box.height / (bottom - place.top)) > 0.4
        for box in boxes
    )


def _any_in(place: Part, found: Sequence[Code]) -> bool:
    """Say whether the middle of a code is in a place."""
    height, width = place.pixels.shape
    right, bottom = place.left + width / place.scale, place.top + height / place.scale
    boxes = [box_of(code.corners) for code in found]
    return any(
        place.left <= box.left + box.width / 2 <= right
        and place.top <= box.top + box.height / 2 <= bottom
        for box in boxes
    )


def _second_looks(wish: Wish, zoom: float, *, small: bool) -> Iterator[Look]:
    """Yield the looks at what is blurred, tiny, faint or noisy; the most rewarding first.

    A small picture is enlarged for that. A large one is looked at once more as it is, then smaller.
    """
    blur = 8.0 if small else 2.0
    if wish.engine != "zbar":
        if not small:
            yield lambda part, _: _zxing(sharpened(part, 4.0), wish, "global")
        yield lambda part, _: _zxing(sharpened(_zoomed(part, zoom), blur), wish, "global")
    if wish.engine != "zxing":
        yield lambda part, _: _zbar(sharpened(_zoomed(smoothed(part, 0), zoom), blur), wish)
        yield lambda part, _: _zbar(sharpened(_zoomed(smoothed(part, 1), zoom), blur), wish)
        yield lambda part, _: _zbar(_zoomed(part, zoom), wish)
    if wish.engine != "zbar":
        yield lambda part, _: _zxing(_zoomed(part, zoom), wish, "global")
        yield lambda part, _: _zxing(smoothed(_zoomed(part, zoom)), wish)
        yield lambda part, _: _zxing(sharpened(_zoomed(part, zoom / 4), 2.0), wish)


def _zoomed(part: Part, zoom: float) -> Part:
    return part if zoom == 1.0 else enlarged(part, zoom)


def _zxing(part: Part, wish: Wish, binarizer: zxing.Binarizer = "local") -> list[Code]:
    found = zxing.find(
        part.pixels,
        wish.formats,
        inverted=wish.inverted,
        add_on=wish.add_on,
        binarizer=binarizer,
    )
    here = _on_page(part, found)
    if len(found) < zxing.MOST_AT_ONCE or min(part.pixels.shape) < 100:
        return here
    for piece in quarters(part):  # the engine stops counting there
        here = added(here, _zxing(piece, wish, binarizer))
    return here


def _zbar(part: Part, wish: Wish) -> list[Code]:
    return _on_page(part, zbar.find(part.pixels, wish.formats))


def _postal(part: Part, wish: Wish, dpi: float) -> list[Code]:
    found = postal.find(part.pixels, wish.formats, inverted=wish.inverted, dpi=dpi * part.scale)
    return _on_page(part, found)


def _on_page(part: Part, found: Sequence[Code]) -> list[Code]:
    return [
        placed(code, scale=part.scale, left=part.left, top=part.top)
        for code in found
        if plausible(code)
    ]


def _timed(look: Look, part: Part, found: Sequence[Code]) -> list[Code]:
    """Take a look; its time is shared by the codes that it found."""
    began = time.perf_counter()
    seen = look(part, found)
    each = (time.perf_counter() - began) * 1000 / max(1, len(seen))
    return [replace(code, ms=each) for code in seen]
