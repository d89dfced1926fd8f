"""TIFF files as early programs wrote them, byte by byte."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image

Entry = tuple[int, str, tuple[int, ...]]
"""Tag, kind as `struct` names it, values."""

GREY = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
KINDS = {"H": 3, "I": 4}


def tiff(*pages: tuple[bytes, list[Entry], Callable[[int], list[Entry]]]) -> bytes:
    """Return a TIFF file of packed pixels and tags; those that name places are asked for last."""
    out, link = bytearray(struct.pack("<2sHI", b"II", 42, 0)), 4
    for body, tags, placed in pages:
        at = len(out)
        out += body + bytes(len(body) % 2)
        struct.pack_into("<I", out, link, len(out))
        entries = sorted([*tags, *placed(at)])
        after = len(out) + 2 + 12 * len(entries) + 4
        lines, values = struct.pack("<H", len(entries)), b""
        for tag, kind, numbers in entries:
            packed = struct.pack(f"<{len(numbers)}{kind}", *numbers)
            field = packed.ljust(4, b"\0")
            if len(packed) > 4:
                field = struct.pack("<I", after + len(values))
                values += packed
            lines += struct.pack("<HHI", tag, KINDS[kind], len(numbers)) + field
        link = len(out) + len(lines)
        out += lines + bytes(4) + values
    return bytes(out)


def plain(
    body: bytes, size: tuple[int, int], packing: int, light: int, *bits: int, form: int = 0
) -> bytes:
    """Return a TIFF file of one strip."""
    tags: list[Entry] = [
        (256, "I", (size[0],)), (257, "I", (size[1],)), (258, "H", bits), (259, "H", (packing,)),
        (262, "H", (light,)), (277, "H", (len(bits),)), (278, "I", (size[1],)),
        (279, "I", (len(body),)), (339, "H", (form or (2 if bits[0] == 16 else 1),) * len(bits)),
    ]  # fmt: skip
    return tiff((body, tags, lambda at: [(273, "I", (at,))]))


def old_jpeg(how: str, pages: int) -> bytes:
    """Return pages as early writers made them: a JPEG file inside, or its tables here and there."""
    stream = io.BytesIO()
    Image.fromarray(GREY).convert("RGB").save(stream, "JPEG", quality=95, subsampling=0)
    jpeg = stream.getvalue()
    tables: dict[str, list[int]] = {"q": [], "dc": [], "ac": []}
    at = 2
    while jpeg[at + 1] != 0xDA:
        (size,) = struct.unpack_from(">H", jpeg, at + 2)
        place, end = at + 4, at + 2 + size
        while jpeg[at + 1] == 0xDB and place < end:
            tables["q"].append(place + 1)
            place += 65
        while jpeg[at + 1] == 0xC4 and place < end:
            tables["ac" if jpeg[place] >> 4 else "dc"].append(place + 1)
            place += 17 + sum(jpeg[place + 1 : place + 17])
        at = end
    scan = at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
    tags: list[Entry] = [
        (256, "I", (64,)), (257, "I", (48,)), (258, "H", (8, 8, 8)), (259, "H", (6,)),
        (262, "H", (6,)), (277, "H", (3,)), (278, "I", (48,)), (512, "H", (1,)),
        (530, "H", (1, 1)),
    ]  # fmt: skip

    def placed(at: int) -> list[Entry]:
        if how == "tables":
            where = {519: tables["q"], 520: tables["dc"], 521: tables["ac"]}
            found: list[Entry] = [
                (tag, "I", (at + one[0], at + one[-1], at + one[-1])) for tag, one in where.items()
            ]
            return [*found, (273, "I", (at + scan,)), (279, "I", (len(jpeg) - scan - 2,))]
        begin = scan if how == "head and scan" else 0
        told: list[Entry] = [] if how == "no length" else [(514, "I", (begin or len(jpeg),))]
        strip: list[Entry] = [(273, "I", (at + begin,)), (279, "I", (len(jpeg) - begin,))]
        return [(513, "I", (at,)), *told, *strip]

    return tiff(*[(jpeg, tags, placed)] * pages)
