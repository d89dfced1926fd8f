"""What PDF/A asks for beside the pages."""

from __future__ import annotations

import struct
from functools import cache

from sheetfed_pdf.output import Output
from sheetfed_pdf.syntax import reference

LEVELS = {"1b": (1, "1.4"), "2b": (2, "1.7"), "3b": (3, "1.7")}
"""Part of ISO 19005 and the version of PDF that it stands on."""

_PRIMARIES = {
    b"rXYZ": (0.4360747, 0.2225045, 0.0139322),
    b"gXYZ": (0.3850649, 0.7168786, 0.0971045),
    b"bXYZ": (0.1430804, 0.0606169, 0.7141733),
}
"""sRGB's, seen under the profile's own light."""

_LIGHT = (0.9642, 1.0, 0.8249)
_STEPS = 1024


def add_intent(output: Output) -> bytes:
    """Write the output intent and return a reference to it."""
    profile = output.deflated({"N": b"3", "Alternate": b"/DeviceRGB"}, srgb())
    return reference(output.add(
        b"<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)"
        b"/RegistryName(http://www.color.org)/Info(sRGB IEC61966-2.1)/DestOutputProfile %s>>"
        % reference(profile)
    ))  # fmt: skip


@cache
def srgb() -> bytes:
    """Return a profile of sRGB in version 2 of the format, the newest that PDF/A-1 allows."""
    curve = struct.pack(">4sII", b"curv", 0, _STEPS) + b"".join(
        struct.pack(">H", round(65535 * _linear(step / (_STEPS - 1)))) for step in range(_STEPS)
    )
    words = b"sRGB IEC61966-2.1\0"
    described = struct.pack(">4sII", b"desc", 0, len(words)) + words + bytes(4 + 4 + 2 + 1 + 67)
    bodies = {
        b"desc": described,
        b"cprt": b"text\0\0\0\0Public domain\0",
        b"wtpt": _xyz(_LIGHT),
        **{tag: _xyz(value) for tag, value in _PRIMARIES.items()},
        b"rTRC": curve,
    }
    start = 128 + 4 + 12 * (len(bodies) + 2)
    places: dict[bytes, tuple[int, int]] = {}
    packed = b""
    for tag, body in bodies.items():
        places[tag] = start + len(packed), len(body)
        packed += body + bytes(-len(body) % 4)
    places[b"gTRC"] = places[b"bTRC"] = places[b"rTRC"]
    table = struct.pack(">I", len(places))
    table += b"".join(struct.pack(">4sII", tag, *place) for tag, place in places.items())
    size = 128 + len(table) + len(packed)
    head = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI",
        size, b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp",
        b"\0\0\0\0", 0, b"none", b"none", 0, 0,
    ) + _fixed(_LIGHT)  # fmt: skip
    return head.ljust(128, b"\0") + table + packed


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(value)


def _fixed(value: tuple[float, float, float]) -> bytes:
    return struct.pack(">3i", *(round(number * 65536) for number in value))
