"""Which engine looks at what, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sheetfed_barcode import zbar, zxing
from sheetfed_barcode.codes import Code, added, placed
from sheetfed_barcode.formats import Format
from sheetfed_barcode.picture import Part, enlarged
from sheetfed_barcode.plausible import plausible

Engine = Literal["auto", "zbar", "zxing"]
Preset = Literal["speed", "balance", "coverage"]

FINE = 200.0
"""Below this resolution a page is looked at enlarged: modules are too few pixels wide."""


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
    for look in _looks(wish, dpi):
        found = added(found, _timed(look, part, wish))
        if wish.expected and len(found) >= wish.expected:
            break
    return found


Look = Callable[[Part, Wish], Iterable[Code]]


def _looks(wish: Wish, dpi: float) -> Sequence[Look]:
    """Return the looks that a preset takes, one after the other."""
    coarse = 0 < dpi < FINE
    zoom = _zoomed if coarse else _as_is
    if wish.engine == "zbar":
        return [_by_zbar] if wish.preset == "speed" else [zoom(_by_zbar)]
    first = _by_zxing if wish.preset == "speed" else zoom(_by_zxing)
    if wish.preset != "coverage" or wish.engine == "zxing":
        return [first]
    return [first, _by_zbar]


def _as_is(look: Look) -> Look:
    return look


def _zoomed(look: Look) -> Look:
    return lambda part, wish: look(enlarged(part, 2), wish)


def _by_zxing(part: Part, wish: Wish) -> list[Code]:
    found = zxing.find(part.pixels, wish.formats, inverted=wish.inverted, add_on=wish.add_on)
    return _on_page(part, found)


def _by_zbar(part: Part, wish: Wish) -> list[Code]:
    return _on_page(part, zbar.find(part.pixels, wish.formats))


def _on_page(part: Part, found: Sequence[Code]) -> list[Code]:
    return [
        placed(code, scale=part.scale, left=part.left, top=part.top)
        for code in found
        if plausible(code)
    ]


def _timed(look: Look, part: Part, wish: Wish) -> list[Code]:
    """Take a look; its time is shared by the codes that it found."""
    began = time.perf_counter()
    found = list(look(part, wish))
    each = (time.perf_counter() - began) * 1000 / max(1, len(found))
    return [replace(code, ms=each) for code in found]
