"""How a JPEG lies: said in its head, no pixel touched."""

from __future__ import annotations

import io
import math
import struct

from sheetfed.api.contracts import Transform
from sheetfed.worker import extras, jpeg

_ORIENTATION, _ACROSS, _DOWN, _UNIT = 0x0112, 0x011A, 0x011B, 0x0128
_APP1 = b"\xff\xe1"
_EXIF = b"Exif\0\0"

_SEEN: dict[int, tuple[int, int, int, int]] = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, -1, 1, 0),
    7: (0, -1, -1, 0),
    8: (0, 1, -1, 0),
}
"""For each Exif orientation, how much of a step right and down in the file is one where it is seen.

Exif 2.32, 4.6.4 A: orientation.
"""


def reoriented(data: bytes, transform: Transform, dpi: tuple[float, float]) -> bytes | None:
    """Return a JPEG file that is seen by a transform from how it is seen now; None if none does.

    `dpi` is as it is seen then. What else Exif told, such as where it was taken, is left out.
    """
    with extras.rare().opened(io.BytesIO(data), ["JPEG"]) as picture:
        before = _SEEN.get(picture.getexif().get(_ORIENTATION, 1), _SEEN[1])
    a, b, d, e = (transform[place] for place in (0, 1, 3, 4))
    after = (
        a * before[0] + b * before[2],
        a * before[1] + b * before[3],
        d * before[0] + e * before[2],
        d * before[1] + e * before[3],
    )
    turn = next((turn for turn, seen in _SEEN.items() if _same(after, seen)), None)
    if turn is None:
        return None
    across, down = dpi[::-1] if turn >= 5 else dpi
    return jpeg.with_dpi(_told(data, turn, (across, down)), (across, down))


def _same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(math.isclose(x, y, abs_tol=1e-6) for x, y in zip(one, other, strict=True))


def _told(data: bytes, turn: int, dpi: tuple[float, float]) -> bytes:
    """Return a JPEG file with this for all that its Exif says, behind its JFIF head."""
    kept, at = [data[:2]], 2
    while data[at : at + 1] == b"\xff" and 0xE0 <= data[at + 1] <= 0xEF:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not (data[at : at + 2] == _APP1 and data[at + 4 : at + 10] == _EXIF):
            kept.append(data[at:end])
        at = end
    body = _EXIF + _directory(turn, dpi)
    segment = _APP1 + struct.pack(">H", len(body) + 2) + body
    first = 2 if kept[1:2] and kept[1].startswith(b"\xff\xe0") else 1
    return b"".join((*kept[:first], segment, *kept[first:], data[at:]))


def _directory(turn: int, dpi: tuple[float, float]) -> bytes:
    short, rational = 3, 5
    entries = [struct.pack(">HHIHH", _ORIENTATION, short, 1, turn, 0)]
    known = 0 < min(dpi) <= max(dpi) < 1_000_000
    if known:
        values = 8 + 2 + 12 * 4 + 4
        entries += [
            struct.pack(">HHII", _ACROSS, rational, 1, values),
            struct.pack(">HHII", _DOWN, rational, 1, values + 8),
            struct.pack(">HHIHH", _UNIT, short, 1, 2, 0),
        ]
    pairs = [number for value in dpi for number in (round(value * 1000), 1000)] if known else []
    return b"".join((
        b"MM\0*\0\0\0\x08",
        struct.pack(">H", len(entries)),
        *entries,
        bytes(4),
        struct.pack(f">{len(pairs)}I", *pairs),
    ))  # fmt: skip
