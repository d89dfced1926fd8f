"""Our own engine: postal codes on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from sheetfed.api.model import Value
from sheetfed_barcode.codes import Code, Point, box_of
from sheetfed_barcode.formats import Format
from sheetfed_barcode.picture import Grey, sheet_dpi
from sheetfed_barcode.postal import australia, intelligent, japan, postnet, royal
from sheetfed_barcode.postal.combs import Comb, Pitch, combs
from sheetfed_barcode.postal.states import States, turned
from sheetfed_barcode.postal.strips import Row, rows

NEAREST, FARTHEST = 0.034, 0.06
"""Inches from bar to bar: 20 to 25 to the inch by the standards, and copies of them."""

SMALLEST, LARGEST = 5.0, 30.0
GUESSED = 1.7
"""Where the resolution is not known: pixels from bar to bar, more on what is large for a sheet."""

LINE = 0.8
"""How far apart lines are that are looked at, as a share of what bars are."""

FINEST = 20.0
"""Pixels from bar to bar from which on half as many tell as much."""

LEAST = 24
"""Bars that lines must have met in a comb, in sum."""

MOST = 200
"""Combs on a page that are looked at, the longest first."""

Reading = tuple[str, Mapping[str, Value]]
Readers = Mapping[str, Callable[[States], Reading | None]]


def find(picture: Grey, formats: Sequence[Format], *, inverted: bool, dpi: float) -> list[Code]:
    """Return the postal codes on a grey picture; dpi is 0 where nobody knows."""
    readers = {known.name: _READERS[known.name] for known in formats if known.name in _READERS}
    if not readers or min(picture.shape) < LEAST:
        return []
    pitch = _pitch(picture, dpi)
    factor = max(1, int(min(pitch.most / FINEST, pitch.least / SMALLEST)))
    if factor > 1:
        picture = np.asarray(Image.fromarray(picture).reduce(factor))
        pitch = Pitch(least=pitch.least / factor, most=pitch.most / factor)
    step = max(2, int(pitch.least * LINE))
    columns = np.ascontiguousarray(picture[:, ::-step])  # in one go over the page, then turned
    width = picture.shape[1]
    found = [*_lying(picture, combs(picture[::step], pitch, step), readers, inverted=inverted)]
    upright = combs(np.ascontiguousarray(columns.T), pitch, step)
    lying = _lying(np.rot90(picture), upright, readers, inverted=inverted)
    found += [_moved(code, lambda x, y: (width - y, x)) for code in lying]
    return [_moved(code, lambda x, y: (x * factor, y * factor)) for code in found]


def _moved(code: Code, move: Callable[[float, float], Point]) -> Code:
    return replace(code, corners=tuple(move(x, y) for x, y in code.corners))


def _pitch(picture: Grey, dpi: float) -> Pitch:
    if dpi:
        return Pitch(least=NEAREST * dpi, most=FARTHEST * dpi)
    height, width = picture.shape
    return Pitch(least=SMALLEST, most=max(LARGEST, GUESSED * FARTHEST * sheet_dpi(width, height)))


def _lying(
    picture: Grey, found: Sequence[Comb], readers: Readers, *, inverted: bool
) -> Iterator[Code]:
    """Yield the codes whose bars stand upright, or upside down."""
    seen: list[Code] = []
    for comb in found[:MOST]:
        if comb.x.size < LEAST or any(_covers(code, comb) for code in seen):
            continue
        code = _code(picture, comb, readers, inverted=inverted)
        if code:
            seen.append(code)
            yield code


def _covers(code: Code, comb: Comb) -> bool:
    box = box_of(code.corners)
    x, y = float(comb.x.mean()), float(comb.y.mean())
    return box.left <= x <= box.left + box.width and box.top <= y <= box.top + box.height


def _code(picture: Grey, comb: Comb, readers: Readers, *, inverted: bool) -> Code | None:
    for bars in rows(picture, comb, inverted=inverted):
        for name, reader in readers.items():
            for states, corners in _ways(bars):
                if found := reader(states):
                    text, details = found
                    return Code(
                        format=name,
                        text=text,
                        data=text.encode(),
                        corners=corners,
                        engine="postal",
                        details=details,
                    )
    return None


def _ways(bars: Row) -> Iterator[tuple[States, tuple[tuple[float, float], ...]]]:
    """Yield the bars with their corners as they lie, and upside down."""
    yield bars.states, bars.corners
    yield turned(bars.states), (*bars.corners[2:], *bars.corners[:2])


def _plain(read: Callable[[States], str | None]) -> Callable[[States], Reading | None]:
    def reading(states: States) -> Reading | None:
        text = read(states)
        return (text, {}) if text else None

    return reading


def _australia(states: States) -> Reading | None:
    found = australia.read(states)
    if found is None:
        return None
    details: dict[str, Value] = {"corrected": found.corrected}
    if found.other:
        details["customer"] = found.other
    return found.text, details


_READERS: Readers = {
    "USPS Intelligent Mail": _plain(intelligent.read),
    "POSTNET": _plain(postnet.postnet),
    "PLANET": _plain(postnet.planet),
    "RM4SCC": _plain(royal.royal),
    "KIX": _plain(royal.kix),
    "Australia Post": _australia,
    "Japan Post": _plain(japan.read),
}
