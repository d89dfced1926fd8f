"""What a driver says of a capability is read from a copy, and believed as far as it makes sense."""

from __future__ import annotations

import struct

import pytest

from sheetfed_twain.containers import Item, Type, decode, encode

ARRAY, ENUMERATION, ONE, RANGE = 3, 4, 5, 6


def fixed(value: float) -> bytes:
    whole, part = divmod(round(value * 65536), 65536)
    return struct.pack("<hH", whole, part)


def test_a_list_of_fractions_is_whole() -> None:
    values = b"".join(map(fixed, (75, 100.5, 200, 300)))
    found = decode(ENUMERATION, struct.pack("<HIII", Type.FIX32, 4, 1, 3) + values)

    assert found.values == (75, 100.5, 200, 300)
    assert (found.now, found.usual) == (100.5, 300)


def test_a_range_keeps_its_type_and_its_signs() -> None:
    """Five items of four bytes, whatever the type."""
    found = decode(
        RANGE, struct.pack("<H", Type.FIX32) + b"".join(map(fixed, (-1000, 1000, 0.5, 0, -3.25)))
    )
    whole = decode(RANGE, struct.pack("<Hiiiii", Type.INT32, -5, 70000, 1, 0, 7))

    assert (found.low, found.high, found.step, found.now) == (-1000, 1000, 0.5, -3.25)
    assert (whole.low, whole.high, whole.now) == (-5, 70000, 7)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Type.INT8, -128),
        (Type.INT16, -1),
        (Type.INT32, -70000),
        (Type.UINT8, 255),
        (Type.UINT16, 65535),
        (Type.UINT32, 4294967295),
        (Type.BOOL, True),
        (Type.FIX32, -0.25),
        (Type.STR32, "ä" * 16),
        (Type.STR255, "x" * 255),
    ],
)
def test_one_value_is_read_as_it_was_written(kind: Type, value: Item) -> None:
    assert decode(ONE, encode(kind, value)).now == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Type.UINT16, 65536),
        (Type.UINT16, -1),
        (Type.INT8, 0.5),
        (Type.FIX32, 40000.0),
        (Type.STR32, "x" * 34),
        (Type.FRAME, (0.0, 0.0, 1.0, 1.0)),
        (Type.INT16, "1"),
    ],
)
def test_what_the_type_cannot_hold_is_refused(kind: Type, value: Item) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        encode(kind, value)


@pytest.mark.parametrize(
    ("container", "data"),
    [
        (9, b"\4\0\1\0\0\0"),
        (ONE, b""),
        (ONE, b"\4\0"),
        (ONE, struct.pack("<HI", 77, 1)),
        (RANGE, struct.pack("<HII", Type.INT32, 1, 2)),
        (RANGE, struct.pack("<H", Type.STR32) + bytes(200)),
        (ENUMERATION, struct.pack("<HIII", Type.UINT16, 1_000_000, 0, 0) + bytes(10)),
        (ENUMERATION, struct.pack("<HI", Type.UINT16, 0)),
        (ARRAY, struct.pack("<HI", Type.UINT32, 4294967295) + bytes(100)),
    ],
)
def test_nonsense_is_told_from_answers(container: int, data: bytes) -> None:
    """Nothing is read behind the end."""
    with pytest.raises(ValueError, match=r"\w"):
        decode(container, data)


def test_a_list_that_points_beside_itself_has_no_value_in_force() -> None:
    found = decode(ENUMERATION, struct.pack("<HIIIHH", Type.UINT16, 2, 7, 1, 3, 4))

    assert (found.now, found.usual) == (None, 4)
