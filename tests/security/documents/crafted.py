"""Files that are made to do harm."""

from __future__ import annotations

import io
import random
import struct
import zlib

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MEBIBYTE = 1024 * 1024


def png(*more: bytes, width: int = 8, height: int = 8, bits: int = 8, rows: bytes = b"") -> bytes:
    """Return a grey PNG file, all black, with these chunks before its picture."""
    size = ((width * bits + 7) // 8 + 1) * height
    head = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    body = rows or zlib.compress(bytes(size), 9)
    end = (chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"".join((SIGNATURE, chunk(b"IHDR", head), *more, *end))


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def swollen(size: int) -> bytes:
    """Return very little that unpacks to `size` bytes."""
    packer = zlib.compressobj(9)
    piece = bytes(MEBIBYTE)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


def picture(form: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: object) -> bytes:
    """Return an honest picture file."""
    stream = io.BytesIO()
    noise = random.Random(7).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, noise).convert(mode).save(stream, form, **how)
    return stream.getvalue()


def with_segments(file: bytes, *segments: tuple[int, bytes]) -> bytes:
    """Return a JPEG file with these segments right behind its beginning."""
    made = (struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body for kind, body in segments)
    return file[:2] + b"".join(made) + file[2:]


def of_claimed_size(file: bytes, width: int, height: int) -> bytes:
    """Return a progressive JPEG file that claims another size than it has."""
    at = file.index(b"\xff\xc2") + 5
    return file[:at] + struct.pack(">HH", height, width) + file[at + 4 :]


def of_many_scans(file: bytes, count: int) -> bytes:
    """Return a JPEG file whose last scan comes again and again."""
    at = file.rindex(b"\xff\xda")
    return file[:-2] + file[at:-2] * count + file[-2:]


def tiff(
    pages: int, *, width: int = 8, height: int = 8, more: bytes = b"", loop: int = -1
) -> bytes:
    """Return a TIFF file of black pages that share one strip.

    `more` becomes the first page's XMP; the last page's successor is page number `loop`.
    """
    strip = bytes(64)
    extra = [(700, 1, len(more), 8 + len(strip))] if more else []
    fields = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(strip)), *extra,
    ]  # fmt: skip
    body = b"".join(struct.pack("<HHII", *field) for field in fields)
    size, start = 2 + len(body) + 4, 8 + len(strip) + len(more)
    places = [start + size * number for number in range(pages)]
    last = places[loop] if loop >= 0 else 0
    directories = (
        struct.pack("<H", len(fields)) + body + struct.pack("<I", following)
        for following in [*places[1:], last]
    )
    return struct.pack("<2sHI", b"II", 42, start) + strip + more + b"".join(directories)


def spoiled(file: bytes, seed: int) -> bytes:
    """Return a file with some of its bytes changed, left out, doubled or cut off."""
    dice = random.Random(seed)
    data = bytearray(file)
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(data))
        match dice.randrange(5):
            case 0 | 1:
                data[at] = dice.randrange(256)
            case 2:
                data[at : at + 4] = dice.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
            case 3:
                data[at:at] = data[at : at + dice.randint(1, 64)]
            case _:
                del data[at : at + dice.randint(1, 16)]
    return bytes(data[: dice.randint(8, len(data))] if dice.random() < 0.2 else data)
