"""Which engine looks at what, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sheetfed_barcode import zbar, zxing
from sheetfed_barcode.codes import Code, added, placed
from sheetfed_barcode.formats import Format
from sheetfed_barcode.picture import Part, enlarged, quarters, sharpened, smoothed
from sheetfed_barcode.plausible import plausible

Engine = Literal["auto", "zbar", "zxing"]
Preset = Literal["speed", "balance", "coverage"]

FINE = 200.0
"""Below this resolution a page is looked at enlarged: modules are too few pixels wide."""

SMALL = 3_000_000
"""Pixels up to which looking again costs little: a photograph, not a page."""

MOST = 60_000_000
"""Pixels of an enlarged picture."""

Look = Callable[[Part], Sequence[Code]]


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
    for look in _looks(part, wish, dpi):
        found = added(found, _timed(look, part))
        if wish.expected and len(found) >= wish.expected:
            return found
    if wish.preset == "coverage" or (wish.expected and wish.preset != "speed"):
        for look in _second_looks(part, wish):
            if part.pixels.size > SMALL and found and not wish.expected:
                break
            found = added(found, _timed(look, part))
            if wish.expected and len(found) >= wish.expected:
                break
    return found


def _looks(part: Part, wish: Wish, dpi: float) -> Iterator[Look]:
    """Yield the looks that a preset always takes."""
    coarse = 0 < dpi < FINE and wish.preset != "speed" and part.pixels.size * 4 <= MOST
    zoom = 2.0 if coarse else 1.0
    if wish.engine != "zbar":
        yield lambda part: _zxing(_zoomed(part, zoom), wish)
    if wish.engine == "zbar" or (wish.engine == "auto" and wish.preset == "coverage"):
        yield lambda part: _zbar(_zoomed(part, zoom), wish)


def _second_looks(part: Part, wish: Wish) -> Iterator[Look]:
    """Yield the looks at what is blurred, tiny, faint or noisy; the most rewarding first.

    A small picture is enlarged for that. A large one is looked at once more as it is, then smaller.
    """
    large = part.pixels.size > SMALL
    zoom = (SMALL / part.pixels.size) ** 0.5 if large else 2.0
    blur = 2.0 if large else 8.0
    if wish.engine != "zbar":
        if large:
            yield lambda part: _zxing(sharpened(part, 4.0), wish, "global")
        yield lambda part: _zxing(sharpened(_zoomed(part, zoom), blur), wish, "global")
    if wish.engine != "zxing":
        yield lambda part: _zbar(sharpened(_zoomed(smoothed(part, 0), zoom), blur), wish)
        yield lambda part: _zbar(sharpened(_zoomed(smoothed(part, 1), zoom), blur), wish)
        yield lambda part: _zbar(_zoomed(part, zoom), wish)


def _second_looks(part: Part, wish: Wish) -> Iterator[Look]:
    """Yield the looks at what is blurred, tiny, faint or noisy; the most rewarding first.

    A small picture is enlarged for that. A large one is looked at once more as it is, then smaller.
    """
    large = part.pixels.size > SMALL
    zoom = (SMALL / part.pixels.size) ** 0.5 if large else 2.0
    blur = 2.0 if large else 8.0
    if wish.engine != "zbar":
        if large:
            yield lambda part: _zxing(sharpened(part, 4.0), wish, "global")
        yield lambda part: _zxing(sharpened(_zoomed(part, zoom), blur), wish, "global")
    if wish.engine != "zxing":
        for axis in (0, 1):
            yield lambda part, axis=axis: _zbar(
                sharpened(_zoomed(smoothed(part, axis), zoom), blur), wish
            )
        yield lambda part: _zbar(_zoomed(part, zoom), wish)
    if wish.engine != "zbar":
        yield lambda part: _zxing(_zoomed(part, zoom), wish, "global")
        yield lambda part: _zxing(smoothed(_zoomed(part, zoom)), wish)
        yield lambda part: _zxing(sharpened(_zoomed(part, zoom / 4), 2.0), wish)


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


def _on_page(part: Part, found: Sequence[Code]) -> list[Code]:
    return [
        placed(code, scale=part.scale, left=part.left, top=part.top)
        for code in found
        if plausible(code)
    ]


def _timed(look: Look, part: Part) -> list[Code]:
    """Take a look; its time is shared by the codes that it found."""
    began = time.perf_counter()
    found = look(part)
    each = (time.perf_counter() - began) * 1000 / max(1, len(found))
    return [replace(code, ms=each) for code in found]
