"""PDF files whose pages are pictures, and nothing else."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sheetfed.api.errors import AddonMissing, TooLarge, Unreadable
from sheetfed.api.model import Box, Page, PageInfo
from sheetfed.builtin.formats import colours, deflate, jpeg, jpx, pixels, png
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.leaves import Leaves
from sheetfed.builtin.formats.limits import MOST_EXTRA, check_size
from sheetfed.builtin.formats.objects import Objects, Stream, operators
from sheetfed.builtin.formats.packed import Packed
from sheetfed.builtin.formats.tiff import Tiff

MOST_PAGES = 2000
MOST_CONTENT = 256 * 1024
MOST_DATA = 512 * 1024 * 1024
"""Bytes of one packed picture."""

MOST_SAMPLES = 1 << 30
"""Bytes that a picture may unpack to."""

_HEAD = 256 * 1024
_NEAR = 0.02
"""How far the edges of a picture may be from the page's, in parts of the page."""

_HARMLESS = {"Link", "Popup"}
_TURNS: Mapping[tuple[int, int, int, int], int] = {
    (1, 0, 0, 1): 1, (-1, 0, 0, 1): 2, (-1, 0, 0, -1): 3, (1, 0, 0, -1): 4,
    (0, -1, -1, 0): 5, (0, -1, 1, 0): 6, (0, 1, 1, 0): 7, (0, 1, -1, 0): 8,
}  # fmt: skip
"""Where the picture's edges go on the page, as an Exif orientation."""

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    """The picture of a page: where it is, how it lies, and how large the page is in points."""

    picture: Stream
    turn: int
    points: tuple[float, float]


class Scans(Leaves):
    """A PDF file of scanned pages, one of which is looked at at a time.

    Raises AddonMissing for pages that are more than one picture.
    """

    def __init__(self, stream: BinaryIO) -> None:
        with _reading():
            self._objects = Objects(stream)
            if "Encrypt" in self._objects.trailer:
                raise AddonMissing("This PDF is locked")
            self._pages = _pages(self._objects)

    @property
    def count(self) -> int:
        """How many pages the file has."""
        return len(self._pages)

    def info(self, index: int) -> PageInfo:
        """Return size and resolution of a page as it is meant to be seen."""
        with _reading():
            scan = self._scan(index)
            width, height = self._size(scan)
        check_size(width, height)
        if scan.turn >= 5:
            width, height = height, width
        dpi = (width * 72 / scan.points[0], height * 72 / scan.points[1])
        return PageInfo(width=width, height=height, dpi=dpi)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        """Draw a page; unscaled, a JPEG picture is the JPEG that stands in the file."""
        info = self.info(index)
        picture = self._leaf(index, lambda: Pictures(self.cut(index)))
        page = picture.page(0, width=width, height=height, region=region)
        found = picture.info(0)
        if (found.width, found.height) != (info.width, info.height):
            raise Unreadable("a picture of the PDF file has another size than it says")
        scale = page.width / (region.width if region else info.width)
        return replace(page, dpi=(info.dpi[0] * scale, info.dpi[1] * scale))

    def cut(self, index: int) -> bytes:
        """Return a page's picture as a file of its own, packed as it is where that can be."""
        with _reading():
            scan = self._scan(index)
            names = self._objects.filters(scan.picture)
            if names == ["DCTDecode"]:
                return self._photograph(scan)
            if names == ["JPXDecode"] and scan.turn == 1:
                return self._wavelets(scan)
            if names == ["CCITTFaxDecode"]:
                return self._fax(scan)
            return self._samples(scan, names)

    def _scan(self, index: int) -> _Scan:
        self._check(index)
        return _scan(self._objects, self._pages[index])

    def _size(self, scan: _Scan) -> tuple[int, int]:
        about = scan.picture.about
        get = self._objects.get
        size = (get(about.get("Width")), get(about.get("Height")))
        if self._objects.filters(scan.picture) == ["DCTDecode"]:
            head = jpeg.read_head(self._objects.head(scan.picture, _HEAD))
            size = (head.width, head.height)
        width, height = size
        if not (type(width) is int and type(height) is int and width > 0 < height):
            raise Unreadable("a picture of the PDF file has no size")
        return width, height

    def _plain(self, about: Mapping[str, Any]) -> bool:
        """Tell whether a picture's numbers mean what they mean in a file of its own."""
        decode = self._objects.get(about.get("Decode"))
        return decode is None or [self._objects.get(one) for one in decode[::2]] == [0] * (
            len(decode) // 2
        )

    def _photograph(self, scan: _Scan) -> bytes:
        """Return a JPEG as it stands, turned by its own Exif."""
        data = self._objects.raw(scan.picture, MOST_DATA)
        head = jpeg.read_head(data)
        counts_down = head.samples == 4  # as readers of JPEG take it
        if self._plain(scan.picture.about) == counts_down:
            raise AddonMissing("This PDF has a photograph whose colours count the other way")
        told = self._profile(scan.picture.about.get("ColorSpace"), head.samples)
        if told and not jpeg.has_profile(data):
            data = jpeg.with_profile(data, told)
        return jpeg.turned(data, scan.turn)

    def _wavelets(self, scan: _Scan) -> bytes:
        """Return a JPEG 2000 picture, whose colours are those that the PDF names, if it does."""
        data, space = (
            self._objects.raw(scan.picture, MOST_DATA),
            scan.picture.about.get("ColorSpace"),
        )
        if space is None:
            return data
        if self._space(scan.picture.about)[0] == "indexed":
            raise AddonMissing("This PDF has pictures in colours of an odd kind")
        told = self._profile(space, jpx.colours_of(data))
        return jpx.with_profile(data, told) if told else data

    def _fax(self, scan: _Scan) -> bytes:
        """Return a fax as a TIFF file around it."""
        width, height = self._size(scan)
        get = self._objects.get
        known = {name: get(value) for name, value in self._objects.parameters(scan.picture).items()}
        kind = known.get("K", 0)
        odd = known.get("EncodedByteAlign", False) or known.get("Columns", 1728) != width
        if odd or not isinstance(kind, int | float):
            raise AddonMissing("This PDF has a fax of an odd kind")
        zero_is_white = not known.get("BlackIs1", False)
        packed = Packed(
            scheme="g4" if kind < 0 else "g3-2d" if kind else "g3",
            strips=[self._objects.raw(scan.picture, MOST_DATA)],
            strip_rows=height,
            width=width,
            height=height,
            dpi=(72.0, 72.0),
            bits=1,
            zero_is_white=zero_is_white == self._plain(scan.picture.about),
            turn=scan.turn,
        )
        return _tiff(packed)

    def _samples(self, scan: _Scan, names: list[str]) -> bytes:
        """Return a picture's samples as a TIFF file."""
        unpack = _UNPACKED.get(tuple(names))
        if unpack is None:
            raise AddonMissing(f"This PDF has pictures packed as {' and '.join(names)}")
        about, get = scan.picture.about, self._objects.get
        width, height = self._size(scan)
        check_size(width, height)
        bits = get(about.get("BitsPerComponent", 8))
        space = self._space(about)
        samples = {"gray": 1, "rgb": 3, "cmyk": 4}.get(space[0], 1)
        if bits not in {1, 2, 4, 8, 16}:
            raise Unreadable("a picture of the PDF file has samples of no known size")
        row = (width * samples * bits + 7) // 8
        if row * height > MOST_SAMPLES:
            raise TooLarge(f"a picture of {row * height} bytes", size=row * height)
        data = self._objects.raw(scan.picture, MOST_DATA)
        known = self._told(scan, names)
        if known.get("Predictor", 1) >= 10:
            if names == ["LZWDecode"]:
                data = deflate.compress(unpack(data, (row + 1) * height))
            if known.get("Columns", 1) != width or known.get("Colors", 1) != samples:
                raise AddonMissing("This PDF has pictures packed in an odd way")
            if space[0] in {"gray", "rgb"} and self._plain(about):
                told = self._profile(about.get("ColorSpace"), samples)
                return png.around(
                    data,
                    (width, height),
                    bits=bits,
                    samples=samples,
                    turn=scan.turn,
                    profile=told,
                )
            rows = png.unfiltered(data, (row, height), step=max(1, samples * bits // 8))
        else:
            rows = _rows(unpack(data, row * height), known, row, height, samples=samples, bits=bits)
        if not self._plain(about):
            rows = ~rows
        packed = _packed(rows, space, width=width, height=height, bits=bits, turn=scan.turn)
        if packed.bits > 1:
            told = self._profile(about.get("ColorSpace"), packed.samples)
            packed = replace(packed, profile=told)
        return _tiff(packed)

    def _told(self, scan: _Scan, names: list[str]) -> Mapping[str, Any]:
        """Return how samples are packed, where that makes a difference. Raises AddonMissing."""
        if names not in (["FlateDecode"], ["LZWDecode"]):
            return {}
        told = self._objects.parameters(scan.picture).items()
        known = {name: self._objects.get(value) for name, value in told}
        if known.get("EarlyChange", 1) != 1:
            raise AddonMissing("This PDF has pictures packed in an odd way")
        return known

    def _space(self, about: Mapping[str, Any]) -> tuple[str, Any]:
        """Return what a sample means, and the table of an indexed one. Raises AddonMissing."""
        get = self._objects.get
        found = get(about.get("ColorSpace", "DeviceGray"))
        parts = [get(one) for one in found] if isinstance(found, list) else [found]
        match parts:
            case ["DeviceGray" | "CalGray" | "G", *_]:
                return "gray", None
            case ["DeviceRGB" | "CalRGB" | "RGB", *_]:
                return "rgb", None
            case ["DeviceCMYK" | "CMYK"]:
                return "cmyk", None
            case ["ICCBased", Stream() as profile]:
                count = get(profile.about.get("N"))
                return {1: "gray", 3: "rgb", 4: "cmyk"}.get(count, "gray"), None
            case ["Indexed", base, _, table]:
                kind = self._space({"ColorSpace": base})[0]
                data = self._objects.unpacked(table, 4096) if isinstance(table, Stream) else table
                if kind in {"gray", "rgb"} and isinstance(data, bytes):
                    return "indexed", (1 if kind == "gray" else 3, data)
        raise AddonMissing("This PDF has pictures in colours of an odd kind")

    def _profile(self, space: Any, samples: int) -> bytes | None:
        """Return what colours mean, where the file says so; one that lies is left out."""
        get = self._objects.get
        parts = get(space)
        parts = [get(one) for one in parts] if isinstance(parts, list) else []
        if len(parts) > 1 and parts[0] == "Indexed":
            return self._profile(parts[1], samples)
        if len(parts) < 2 or parts[0] != "ICCBased" or not isinstance(parts[1], Stream):
            return None
        try:
            return colours.fit(self._objects.unpacked(parts[1], MOST_EXTRA), samples)
        except (Unreadable, TooLarge):
            return None


def _reading() -> AbstractContextManager[None]:
    """Turn what an odd value of a damaged file leads to into Unreadable."""
    return pixels.reading("the PDF file")


def _pages(objects: Objects) -> list[Mapping[str, Any]]:
    """Return every page, with what it has from those above. Raises Unreadable, TooLarge."""
    catalog = objects.get(objects.trailer.get("Root"))
    root = catalog.get("Pages") if isinstance(catalog, dict) else None
    todo: list[tuple[Any, Mapping[str, Any], int]] = [(root, {}, 0)]
    found: list[Mapping[str, Any]] = []
    visits = 0
    while todo:
        node, above, depth = todo.pop()
        node = objects.get(node)
        visits += 1
        if not isinstance(node, dict) or depth > 50:
            raise Unreadable("the pages of the PDF file lead nowhere")
        if visits > 4 * MOST_PAGES or len(found) > MOST_PAGES:
            raise TooLarge(f"a PDF file of more than {MOST_PAGES} pages", most=MOST_PAGES)
        kept = ("Resources", "MediaBox", "CropBox", "Rotate")
        node = {**{name: above[name] for name in kept if name in above}, **node}
        kids = objects.get(node.get("Kids"))
        if isinstance(kids, list):
            if len(kids) > MOST_PAGES:
                raise TooLarge(f"a PDF file of more than {MOST_PAGES} pages", most=MOST_PAGES)
            todo += [(kid, node, depth + 1) for kid in reversed(kids)]
        else:
            found.append(node)
    if not found:
        raise Unreadable("the PDF file has no page")
    if len(found) > MOST_PAGES:
        raise TooLarge(f"a PDF file of more than {MOST_PAGES} pages", most=MOST_PAGES)
    return found


def _scan(objects: Objects, page: Mapping[str, Any]) -> _Scan:
    """Return the picture that a page is. Raises AddonMissing where it is more than one."""
    more = AddonMissing("This PDF has pages that are more than one picture")
    notes = objects.get(page.get("Annots")) or []
    for note in notes if isinstance(notes, list) else [notes]:
        said = objects.get(note)
        if isinstance(said, dict) and said.get("Subtype") not in _HARMLESS:
            raise more
    name, matrix = _placed(objects, page, more)
    resources = objects.get(page.get("Resources"))
    pictures = objects.get(resources.get("XObject")) if isinstance(resources, dict) else None
    picture = objects.get(pictures.get(name)) if isinstance(pictures, dict) else None
    if not isinstance(picture, Stream) or objects.get(picture.about.get("Subtype")) != "Image":
        raise more
    if any(key in picture.about for key in ("SMask", "Mask", "ImageMask")):
        raise more
    left, bottom, right, top = _box(objects, page)
    width, height = right - left, top - bottom
    a, b, c, d, e, f = matrix
    corners = [(e, f), (e + a, f + b), (e + c, f + d), (e + a + c, f + b + d)]
    spread = (min(x for x, _ in corners) - left, right - max(x for x, _ in corners),
              min(y for _, y in corners) - bottom, top - max(y for _, y in corners))  # fmt: skip
    if max(map(abs, spread[:2])) > _NEAR * width or max(map(abs, spread[2:])) > _NEAR * height:
        raise more
    signs = tuple(round(value / size) for value, size in
                  zip((a, b, c, d), (width, height, width, height), strict=True))  # fmt: skip
    rotate = objects.get(page.get("Rotate", 0))
    turn = _TURNS.get((signs[0], signs[1], signs[2], signs[3]))
    if turn is None or not isinstance(rotate, int) or rotate % 90:
        raise more
    for _ in range(rotate // 90 % 4):
        turn = _CLOCKWISE[turn]
        width, height = height, width
    unit = objects.get(page.get("UserUnit", 1))
    scale = unit if isinstance(unit, int | float) and 0 < unit <= 1_000_000 else 1
    return _Scan(picture=picture, turn=turn, points=(width * scale, height * scale))


_CLOCKWISE = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}
"""What an Exif orientation becomes where the page is turned by a quarter more."""


def _placed(objects: Objects, page: Mapping[str, Any], more: AddonMissing) -> tuple[str, Matrix]:
    """Return the name of the one picture that is drawn, and where it goes."""
    matrix: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    saved: list[Matrix] = []
    drawn: list[tuple[str, Matrix]] = []
    for word, values in operators(_content(objects, page)):
        if word == b"cm" and len(values) == 6 and all(isinstance(v, int | float) for v in values):
            matrix = _times((values[0], values[1], values[2], values[3], values[4], values[5]),
                            matrix)  # fmt: skip
        elif word == b"q":
            saved.append(matrix)
        elif word == b"Q" and saved:
            matrix = saved.pop()
        elif word == b"Do" and len(values) == 1 and isinstance(values[0], str):
            drawn.append((values[0], matrix))
        else:
            raise more
    if len(drawn) != 1:
        raise more
    return drawn[0]


def _content(objects: Objects, page: Mapping[str, Any]) -> bytes:
    found = objects.get(page.get("Contents"))
    parts = found if isinstance(found, list) else [found]
    streams = [objects.get(part) for part in parts[:20]]
    data = [objects.unpacked(one, MOST_CONTENT) for one in streams if isinstance(one, Stream)]
    return b"\n".join(data)


def _box(objects: Objects, page: Mapping[str, Any]) -> tuple[float, float, float, float]:
    found = objects.get(page.get("CropBox", page.get("MediaBox")))
    values = [objects.get(value) for value in found] if isinstance(found, list) else []
    if len(values) != 4 or not all(isinstance(value, int | float) for value in values):
        raise Unreadable("a page of the PDF file has no size")
    left, right = sorted((values[0], values[2]))
    bottom, top = sorted((values[1], values[3]))
    if not (math.isfinite(right - left) and right - left > 0 < top - bottom):
        raise Unreadable("a page of the PDF file has no size")
    return left, bottom, right, top


def _times(one: Matrix, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j,
            e * g + f * i + k, e * h + f * j + m)  # fmt: skip


def _tiff(packed: Packed) -> bytes:
    stream = io.BytesIO()
    document = Tiff(stream, {})
    document.add(packed)
    document.finish()
    return stream.getvalue()


def _rows(
    data: bytes, known: Mapping[str, Any], row: int, height: int, *, samples: int, bits: int
) -> NDArray[np.uint8]:
    """Return rows of bytes, a simple predictor undone."""
    if len(data) < row * height:
        raise Unreadable("a picture of the PDF file breaks off")
    rows = np.frombuffer(data, np.uint8, row * height).reshape(height, row)
    if known.get("Predictor", 1) == 2:
        if bits not in {8, 16}:
            raise AddonMissing("This PDF has pictures packed in an odd way")
        wide = rows.view(f">u{bits // 8}").reshape(height, -1, samples)
        sums = np.cumsum(wide, axis=1, dtype=f"u{bits // 8}").astype(f">u{bits // 8}")
        rows = sums.reshape(height, -1).view(np.uint8)
    return rows


def _packed(
    rows: NDArray[np.uint8],
    space: tuple[str, Any],
    *,
    width: int,
    height: int,
    bits: int,
    turn: int,
) -> Packed:
    """Return rows as a picture that TIFF knows."""
    kind, table = space
    samples = {"rgb": 3, "cmyk": 4}.get(kind, 1)
    if kind == "indexed" or bits in {2, 4}:
        values = _unpacked_bits(rows, bits)[:, : width * samples] if bits < 8 else rows
        if kind == "indexed":
            samples, colours = table
            palette = np.zeros((256, samples), np.uint8)
            given = np.frombuffer(colours[: 256 * samples], np.uint8)
            given = given[: len(given) // samples * samples].reshape(-1, samples)
            palette[: len(given)] = given
            rows = palette[values].reshape(height, -1)
        else:
            rows = values * (255 // ((1 << bits) - 1))
        bits = 8
    elif bits == 16:  # PDF has the higher byte first, what we write as TIFF the lower one
        rows = np.ascontiguousarray(rows).reshape(height, -1, 2)[..., ::-1]
    return Packed(
        scheme="none",
        strips=[np.ascontiguousarray(rows).tobytes()],
        strip_rows=height,
        width=width,
        height=height,
        dpi=(72.0, 72.0),
        samples=samples,
        bits=bits,
        little=True,
        turn=turn,
    )


def _unpacked_bits(rows: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Return samples of 1, 2 or 4 bits as a byte each."""
    ones = np.unpackbits(rows, axis=1)
    found = np.zeros((len(rows), ones.shape[1] // bits), np.uint8)
    for bit in range(bits):
        found = (found << 1) | ones[:, bit::bits]
    return found


def _inflated(data: bytes, most: int) -> bytes:
    try:
        return deflate.decompress(data, most)
    except deflate.engine.error as error:
        raise Unreadable("a picture of the PDF file is damaged") from error


def _unlzw(data: bytes, most: int) -> bytes:
    """Undo LZW, which TIFF has in the same form: as one row of bytes."""
    packed = Packed(scheme="lzw", strips=[data], strip_rows=1, width=most, height=1,
                    dpi=(72.0, 72.0))  # fmt: skip
    with pixels.open_picture(io.BytesIO(_tiff(packed)), ("TIFF",)) as picture:
        return picture.tobytes()


def _runs(data: bytes, most: int) -> bytes:
    """Undo PackBits."""
    found, at = bytearray(), 0
    while at < len(data) and len(found) < most:
        count = data[at]
        if count == 128:
            break
        if count < 128:
            found += data[at + 1 : at + 2 + count]
            at += 2 + count
        else:
            found += data[at + 1 : at + 2] * (257 - count)
            at += 2
    return bytes(found)


_UNPACKED: Mapping[tuple[str, ...], Callable[[bytes, int], bytes]] = {
    (): lambda data, most: data[:most],
    ("FlateDecode",): _inflated,
    ("LZWDecode",): _unlzw,
    ("RunLengthDecode",): _runs,
}
