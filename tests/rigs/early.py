"""TIFF files as early programs wrote them, byte by byte."""

from __future__ import annotations

import io
import re
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


def old_lzw(data: bytes) -> bytes:
    """Return bytes as early writers packed them: the lowest bit first, no two of them as one."""
    codes = []
    for at in range(0, len(data), 200):  # begun anew before a code has more than 9 bits
        codes += [256, *data[at : at + 200]]
    number = sum(code << 9 * place for place, code in enumerate([*codes, 257]))
    return number.to_bytes((9 * (len(codes) + 1) + 7) // 8, "little")


def old_jpeg(how: str, pages: int, light: int = 6) -> bytes:
    """Return pages as early writers made them: a JPEG file inside, or its tables here and there.

    Where they are in strips, each strip begins anew, without the mark that says so.
    """
    stream, colours, rows = io.BytesIO(), 3 if light == 6 else 1, 8 if how == "strips" else 48
    Image.fromarray(GREY).convert("RGB" if colours == 3 else "L").save(
        stream, "JPEG", quality=95, subsampling=0, restart_marker_rows=1 if how == "strips" else 0
    )
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
        (256, "I", (64,)), (257, "I", (48,)), (258, "H", (8,) * colours), (259, "H", (6,)),
        (262, "H", (light,)), (277, "H", (colours,)), (278, "I", (rows,)), (512, "H", (1,)),
    ]  # fmt: skip
    tags += [(530, "H", (1, 1))] if colours == 3 else []
    strips = [0, *(one.end() for one in re.finditer(rb"\xff[\xd0-\xd7]", jpeg[scan:-2]))]
    ends = [*(one - 2 for one in strips[1:]), len(jpeg) - scan - 2]

    def placed(at: int) -> list[Entry]:
        if how in {"tables", "strips"}:
            where = {519: tables["q"], 520: tables["dc"], 521: tables["ac"]}
            found: list[Entry] = [
                (tag, "I", (at + one[0], at + one[-1], at + one[-1])[:colours])
                for tag, one in where.items()
            ]
            sizes = tuple(end - begin for begin, end in zip(strips, ends, strict=True))
            places = tuple(at + scan + begin for begin in strips)
            return [*found, (273, "I", places), (279, "I", sizes)]
        begin = scan if how == "head and scan" else 0
        told: list[Entry] = [] if how == "no length" else [(514, "I", (begin or len(jpeg),))]
        strip: list[Entry] = [(273, "I", (at + begin,)), (279, "I", (len(jpeg) - begin,))]
        return [(513, "I", (at,)), *told, *strip]

    return tiff(*[(jpeg, tags, placed)] * pages)
