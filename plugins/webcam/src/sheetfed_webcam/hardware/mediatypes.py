"""How cameras of DirectShow send pictures: see amvideo.h."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from uuid import UUID

from sheetfed_webcam.hardware.hardware import Mode

_LETTERS = UUID("00000000-0000-0010-8000-00AA00389B71").bytes_le[4:]
"""What follows the four letters in the name of a format."""

_HEADS: Mapping[bytes, int] = {
    UUID("05589F80-C356-11CE-BF01-00AA0055595A").bytes_le: 48,
    UUID("F72A76A0-EB0A-11D0-ACE4-0000C0CC16BA").bytes_le: 72,
}
"""Where in VIDEOINFOHEADER and VIDEOINFOHEADER2 the BITMAPINFOHEADER begins."""

TIME, _INTERVALS = 40, 104
"""Where the time between two pictures stands in both, and its limits in the capabilities."""

CAPABILITIES = 128
"""Bytes of a VIDEO_STREAM_CONFIG_CAPS."""

_SECOND = 10_000_000
"""Times are told in 100 ns."""


def mode(subtype: bytes, kind: bytes, head: bytes, capabilities: bytes) -> Mode | None:
    """Return one way of a camera's; None where it makes no sense, or is not known here."""
    begins = _HEADS.get(kind)
    if begins is None or len(head) < begins + 12:
        return None
    width, height = struct.unpack_from("<ii", head, begins + 4)
    if width <= 0 or height == 0:
        return None
    times = (
        *struct.unpack_from("<q", head, TIME),
        *struct.unpack_from("<qq", capabilities, _INTERVALS),
    )
    rates = {round(_SECOND / time, 2) for time in times if time > 0}
    return Mode(
        format=_format(subtype),
        width=width,
        height=abs(height),  # below 0 where the first row is the top one
        rates=tuple(sorted(rates, reverse=True)),
    )


def asked(rate: float) -> bytes:
    """Return the time between two pictures as both heads have it, at `TIME`."""
    return struct.pack("<q", round(_SECOND / rate))


def _format(subtype: bytes) -> str:
    """Return the letters of a format; empty where it has none, as plain pixels."""
    letters = subtype[:4].decode("latin-1")
    return letters if subtype[4:] == _LETTERS and letters.isprintable() else ""
