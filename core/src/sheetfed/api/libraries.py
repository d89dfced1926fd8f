"""Libraries of this computer for what Pillow cannot unpack."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Zstd = Callable[[bytes, int], bytes]
"""Unpacks so many bytes."""

_HOMEBREW = ("/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib")
"""Where the libraries of a Mac are that Apple has not made."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library: its names, the Python package that brings it, and how to get it."""

    title: str
    names: tuple[str, ...]
    package: str
    advice: str


JBIG = Library(
    "libjbig",
    ("libjbig.so.0", "libjbig.so.2.1", "libjbig.so.2", "libjbig.dylib", "libjbig.dll"),
    "",
    "install libjbig0 (Debian, Ubuntu) or jbigkit-libs (Fedora)",
)
LERC = Library(
    "libLerc",
    ("libLerc.so.4", "libLerc.so.3", "libLerc.4.dylib", "libLerc.dylib", "Lerc.dll"),
    "lerc",
    "install liblerc4 (Debian, Ubuntu), liblerc (Fedora), lerc (Homebrew) or pylerc (pip)",
)
NEEDED: Mapping[int, tuple[str, Library]] = {
    9: ("JBIG", JBIG), 34661: ("JBIG", JBIG), 34887: ("LERC", LERC),
}  # fmt: skip
"""Compressions of TIFF that need one, by number: what they are called, and which."""

_STATE = 16 * 1024
"""Bytes for what libjbig remembers, which are a few hundred."""

_HEAD, _PLANES = 20, 2
_TURNED = bytes(int(f"{one:08b}"[::-1], 2) for one in range(256))
_MOST_SAMPLES = 64
_LERC_KINDS = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
_DEFLATED, _ZSTD = 1, 2
_FRAME = b"\x28\xb5\x2f\xfd"


def load() -> None:
    """Load those that are there: in a box no file is opened any more. Takes half a millisecond."""
    for library in (JBIG, LERC):
        loaded(library)


def lacks(compression: int) -> str | None:
    """Return what is missing to unpack it, and what to install; None where nothing is."""
    name, library = NEEDED.get(compression, ("", None))
    if library is None or loaded(library) is not None:
        return None
    return f"{name} needs {library.title}, which is not on this computer: {library.advice}"


@cache
def loaded(library: Library) -> Any | None:
    """Return a library, or None where there is none."""
    for name in _places(library):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _places(library: Library) -> list[str]:
    """Return where a library may be: where the system looks, or in the package that brings it."""
    ending = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
    names = [name for name in library.names if ending in name]
    found = [*names]
    if sys.platform == "darwin":
        found += [f"{folder}/{name}" for folder in _HOMEBREW for name in names]
    spec = importlib.util.find_spec(library.package) if library.package else None
    for folder in spec.submodule_search_locations or () if spec else ():
        found += [str(place) for name in names if (place := Path(folder) / name).exists()]
    return found


def jbig(data: bytes, piece: tuple[int, int], rows: int) -> bytes:
    """Return the rows of a JBIG picture (ITU-T T.82), 8 pixels a byte.

    It may be as high as a piece of its file, of which the last has fewer rows. libtiff turns the
    bits of each byte where FillOrder says that there is no need to, others do not: the head says
    how they lie. Raises ValueError.
    """
    library = _needed(34661)
    if len(data) < _HEAD:
        raise ValueError("it breaks off")
    if data[_PLANES] != 1:
        data = data.translate(_TURNED)
    if data[_PLANES] != 1:
        raise ValueError("its JBIG is none of black and white")
    given, length = ctypes.create_string_buffer(data, len(data)), ctypes.c_size_t(len(data))
    library.jbg_newlen(given, length)  # a fax told its length at its end
    across, down = (int.from_bytes(given.raw[at : at + 4]) for at in (4, 8))
    width, most = piece
    if across != width or not rows <= down <= max(rows, most):
        raise ValueError(f"its JBIG has {across} x {down} pixels, not {width} x {rows}")
    state = ctypes.create_string_buffer(_STATE)
    library.jbg_dec_init(state)
    try:
        if library.jbg_dec_in(state, given, length, None) != 0:
            raise ValueError("its JBIG breaks off or is damaged")
        library.jbg_dec_getimage.restype = ctypes.c_void_p
        return ctypes.string_at(library.jbg_dec_getimage(state, 0), (width + 7) // 8 * rows)
    finally:
        library.jbg_dec_free(state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What was in a LERC blob: for each band its rows, pixels, and samples of a pixel.

    `there` says for each band, or for all together, which pixels there are.
    """

    bands: int
    depth: int
    found: bytearray
    there: bytearray | None


def lerc(data: bytes, size: tuple[int, int], kind: str) -> Numbers:
    """Return the numbers of a LERC blob of so many rows and columns. Raises ValueError."""
    library = _needed(34887)
    told, length = (ctypes.c_uint * 11)(), ctypes.c_uint(len(data))
    if library.lerc_getBlobInfo(data, length, told, None, len(told), 0) != 0:
        raise ValueError("its LERC breaks off or is damaged")
    _, number, depth, across, down, bands, _, _, masks, *_ = told
    if (down, across) != size or _LERC_KINDS[number : number + 1] != (kind,):
        raise ValueError("a piece of its LERC has other pixels than are told")
    if bands * depth > _MOST_SAMPLES:
        raise ValueError(f"{bands * depth} samples a pixel are not read here")
    found = bytearray(bands * down * across * depth * int(kind[1:]))
    there = bytearray(masks * down * across)
    done = library.lerc_decode(
        data, length, masks, _place(there) if masks else None, depth, across, down, bands, number,
        _place(found),
    )  # fmt: skip
    if done != 0:
        raise ValueError("its LERC breaks off or is damaged")
    return Numbers(bands=bands, depth=depth, found=found, there=there if masks else None)


def _place(room: bytearray) -> Any:
    return (ctypes.c_char * len(room)).from_buffer(room)


def lerc_blob(data: bytes, size: int, packed: int, zstd: Zstd) -> bytes:
    """Return the blob for so many bytes of numbers, that may be packed once more.

    It is never much larger than they are. Raises ValueError.
    """
    most = size + size // 3 + 64 * 1024
    if packed == _DEFLATED:
        return zlib.decompressobj().decompress(data, most)
    if packed != _ZSTD:
        return data
    told = _told_size(data)
    if told is None or told > most:
        raise ValueError("its LERC was packed in a way that is not read here")
    return zstd(data, told)


def _told_size(frame: bytes) -> int | None:
    """Return how many bytes a frame of Zstandard says that it has (RFC 8878, 3.1.1.1)."""
    if len(frame) < 6 or not frame.startswith(_FRAME):
        return None
    told = frame[4]
    alone = bool(told & 0x20)
    size = (1 if alone else 0, 2, 4, 8)[told >> 6]
    at = 5 + (0 if alone else 1) + (0, 1, 2, 4)[told & 3]
    if not size or len(frame) < at + size:
        return None
    return int.from_bytes(frame[at : at + size], "little") + (256 if size == 2 else 0)


def _needed(compression: int) -> Any:
    """Return the library for a compression. Raises ValueError where there is none."""
    missing = lacks(compression)
    if missing:
        raise ValueError(missing)
    return loaded(NEEDED[compression][1])
