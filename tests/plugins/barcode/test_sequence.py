"""Structured append: a text in several QR Codes, each of which says which part it is."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence as Listed
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from sheetfed_barcode import sequence
from sheetfed_barcode.sequence import sequence_of

sys.path.insert(0, str(Path(__file__).parent))
from printing import marks, page

DATA, REST = 19, 7
"""Codewords of data and of error correction in a QR Code of version 1 and level L."""


def remainder(data: Listed[int]) -> list[int]:
    """Return the error correction of data: Reed-Solomon over GF(256) by 0x11D."""
    powers, logs = [1] * 255, [0] * 256
    for at in range(1, 255):
        powers[at] = (powers[at - 1] << 1) ^ (0x11D if powers[at - 1] & 0x80 else 0)
        logs[powers[at]] = at

    def times(a: int, b: int) -> int:
        return powers[(logs[a] + logs[b]) % 255] if a and b else 0

    divisor = [1]
    for at in range(REST):
        shifted = [*divisor, 0]
        grown = [0, *(times(one, powers[at]) for one in divisor)]
        divisor = [a ^ b for a, b in zip(shifted, grown, strict=True)]
    left = [*data, *[0] * REST]
    for at in range(len(data)):
        factor = left[at]
        for step, one in enumerate(divisor):
            left[at + step] ^= times(one, factor)
    return left[-REST:]


def part(place: int, count: int, parity: int, text: bytes) -> Image.Image:
    """Draw one part of a sequence: the modules of a plain code, with other data in them."""
    kind = zxingcpp.BarcodeFormat.QRCode
    made = zxingcpp.create_barcode("x" * 12, kind, ec_level="L", version=1)
    plain = np.asarray(made.to_image(scale=1, add_quiet_zones=False))
    framed = np.pad(plain, 4, constant_values=255).repeat(4, axis=0).repeat(4, axis=1)
    (read,) = zxingcpp.read_barcodes(framed)
    mask = read.extra["DataMask"]
    bits = f"0011{place - 1:04b}{count - 1:04b}{parity:08b}0100{len(text):08b}"
    bits += "".join(f"{byte:08b}" for byte in text) + "0000"
    bits += "0" * (-len(bits) % 8)
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    while len(words) < DATA:
        words += [0xEC, 0x11]
    words = words[:DATA]
    stream = "".join(f"{word:08b}" for word in [*words, *remainder(words)])
    dark = plain < 128
    for bit, (y, x) in zip(stream, sequence._path(1), strict=False):
        dark[y, x] = (bit == "1") ^ (sequence._MASKS[mask](y, x) == 0)
    assert dark.shape == (21, 21)
    return Image.fromarray(np.kron(np.pad(~dark, 4, constant_values=True), np.ones((5, 5), bool)))


def test_parts_of_a_sequence_say_which_they_are() -> None:
    """Whoever puts the text together again needs the place, the count and what they share."""
    for place, text in ((1, b"first "), (2, b"second"), (3, b"third")):
        (mark,) = marks(page(part(place, 3, 0x5A, text)))

        assert mark.value == text.decode()
        assert mark.details["sequence_place"] == place
        assert mark.details["sequence_count"] == 3
        assert mark.details["sequence_parity"] == 0x5A


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
@pytest.mark.parametrize("version", [1, 2, 7, 14, 22, 32, 40])
def test_a_code_alone_is_no_part_and_its_data_is_where_it_should_be(
    version: int, level: str
) -> None:
    """Byte mode and the length stand first in the data of every version and level."""
    options = {"ec_level": level, "version": version}
    made = zxingcpp.create_barcode("lower", zxingcpp.BarcodeFormat.QRCode, **options)
    plain = np.asarray(made.to_image(scale=1))
    (read,) = zxingcpp.read_barcodes(plain.repeat(3, axis=0).repeat(3, axis=1))
    dark = np.asarray(read.to_image(scale=1, add_quiet_zones=False)) < 128
    assert dark.shape[0] == 17 + 4 * version

    mask = read.extra["DataMask"]
    blocks = sequence._BLOCKS[read.ec_level][version - 1]
    words = sequence._codewords(dark, version, mask, count=2 * blocks + 1)
    bits = "".join(f"{words[at * blocks]:08b}" for at in range(3))

    assert sequence_of(dark, level=read.ec_level, mask=mask) is None
    assert bits[: 12 if version < 10 else 20] == f"0100{5:0{8 if version < 10 else 16}b}"


def test_what_is_no_qr_code_is_no_part() -> None:
    assert sequence_of(np.zeros((5, 9), bool), level="L", mask=0) is None
    assert sequence_of(np.zeros((21, 21), bool), level="?", mask=0) is None


@pytest.mark.parametrize(
    ("kind", "part", "told"),
    [
        ("PDF417", "2,3,017053", {"sequence_id": "017053"}),
        ("AZTEC", "2,3,AB", {"symbology": "]z6"}),
        ("DATAMATRIX", "2,3,5007", {"symbology": "]d1"}),
    ],
)
def test_parts_in_other_formats_are_read_and_say_what_the_engine_tells(
    kind: str, part: str, told: dict[str, str]
) -> None:
    """The text survives; place and count are not handed on, as the documentation says."""
    words = ["--direct", "--filetype=PNG", "--scale=3", "--quietzones", "--border=9"]
    command = ["zint", "-b", kind, "-d", "part", f"--structapp={part}", *words]
    drawn = subprocess.run(command, capture_output=True, check=True).stdout

    (mark,) = marks(page(Image.open(io.BytesIO(drawn)).convert("L")))

    assert mark.value == "part"
    assert told.items() <= mark.details.items()
    assert "sequence_place" not in mark.details
