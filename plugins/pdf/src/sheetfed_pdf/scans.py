"""Pages that are nothing but one picture."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image

from sheetfed_pdf import deep, pixels
from sheetfed_pdf.structure import box_of, inherited, turn_of, unit_of

FEWEST_DPI = 36
"""A picture that fills a page with fewer is no scan, and mostly a logo that does not fill it."""

MOST_COMMANDS = 64 * 1024
"""Bytes of packed commands that are looked through: a scan has few, more with text from an OCR."""

_INVISIBLE = 3
_USUAL, _DEEP = 8, 16
MOST_PROFILE = 1024 * 1024
"""Bytes that what colours mean may take."""

_PROFILES = {b"GRAY": 1, b"RGB ": 3}
_PNG = 10
"""Predictors from here on are those of PNG (ISO 32000-1, 7.4.4.4)."""

_HARMLESS = frozenset({
    "q", "Q", "BT", "ET", "Tf", "Td", "TD", "Tm", "T*", "Tj", "TJ", "'", '"', "Tc", "Tw", "Tz",
    "TL", "Ts", "Tr", "BMC", "BDC", "EMC", "MP", "DP", "w", "J", "j", "M", "d", "i", "ri", "n",
    "W", "W*", "re", "cm", "Do",
})  # fmt: skip
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_ORIENTATIONS = {90: 6, 180: 3, 270: 8}
"""How Exif says that a picture is to be turned by so many degrees clockwise."""

_UNIT = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The picture that fills a page, and how it is taken out.

    `form` is jpeg or fax where its bytes can stay, pixels where they have to be unpacked. It is
    seen turned by `turn` degrees clockwise, which a JPEG can say itself. `off` is by how many of
    its pixels it misses the page's edges.
    """

    width: int
    height: int
    dpi: tuple[float, float]
    form: Literal["jpeg", "fax", "pixels"]
    bilevel: bool
    turn: int
    off: float
    picture: Any

    @property
    def is_bare_jpeg(self) -> bool:
        """Whether its bytes unpacked are what is seen of the page, without a profile."""
        bare = self.picture.get("/ColorSpace") in ("/DeviceGray", "/DeviceRGB")
        return self.form == "jpeg" and bare and self.off <= 0.5 and not self.turn


def scan_of(page: Any, *, annotations: bool) -> Scan | None:
    """Return the picture that a page is; None where there is more to it, or less."""
    picture = _only_picture(page)
    if picture is None or (annotations and _has_notes(page)):
        return None
    width, height = int(picture["/Width"]), int(picture["/Height"])
    left, bottom, right, top = box_of(page)
    unit = unit_of(page) / 72
    dpi = (width / ((right - left) * unit), height / ((top - bottom) * unit))
    if min(dpi) < FEWEST_DPI or max(dpi) > 10_000:
        return None
    off = _fills(page, picture)
    if off is None:
        return None
    turn = turn_of(page)
    sideways = turn in {90, 270}
    return Scan(
        width=height if sideways else width,
        height=width if sideways else height,
        dpi=dpi[::-1] if sideways else dpi,
        form=_form(picture, turn),
        turn=turn,
        bilevel=_bits(picture) == 1 and not _is_indexed(picture),
        off=off / 72 * max(dpi),
        picture=picture,
    )


def taken_out(scan: Scan) -> tuple[bytes, str] | None:
    """Return the picture's file and its media type, its bytes untouched; None where that fails.

    What its colours mean is said in the file, where the PDF says it.
    """
    data = scan.picture.read_raw_bytes()
    if scan.form == "jpeg":
        if not _is_plain_jpeg(data, scan):
            return None
        if scan.turn:
            data = pixels.turned(data, _ORIENTATIONS[scan.turn])
        return pixels.with_profile(data, profile_of(scan)), "image/jpeg"
    if scan.form == "fax":
        return _tiff(data, scan), "image/tiff"
    return None


def profile_of(scan: Scan) -> bytes:
    """Return what the colours of a picture mean; empty where that is not said, or no profile."""
    space = scan.picture.get("/ColorSpace")
    if not (isinstance(space, pikepdf.Array) and len(space) > 1 and space[0] == "/ICCBased"):
        return b""
    stream = space[1]
    if not isinstance(stream, pikepdf.Stream) or int(stream["/Length"]) > MOST_PROFILE:
        return b""
    data, packing = stream.read_raw_bytes(), _names(stream.get("/Filter"))
    if packing == ["/FlateDecode"] and not _parameters(stream):
        try:
            data = zlib.decompressobj().decompress(data, MOST_PROFILE + 1)
        except zlib.error:
            return b""
    elif packing:
        return b""
    fits = 128 <= len(data) <= MOST_PROFILE and _PROFILES.get(data[16:20]) == _samples(space)
    return data if fits else b""


def own_samples(scan: Scan, profile: bytes) -> NDArray[Any] | None:
    """Return a picture's samples as they are stored, upright; None where that is not simple.

    Those of 16 bits, of which PDFium has 8, and those that a profile gives a meaning to, for which
    PDFium has colours of a screen. It unpacks all others.
    """
    picture, told = scan.picture, _parameters(scan.picture)
    packing, predictor = _names(picture.get("/Filter")), int(told.get("/Predictor", 1))
    bits = _bits(picture)
    if (
        not (bits == _DEEP or (bits == _USUAL and profile))
        or not _has_plain_colors(picture)
        or "/Decode" in picture
        or packing not in ([], ["/FlateDecode"])
        or not (predictor == 1 or predictor >= _PNG)
    ):
        return None
    size = (scan.width, scan.height) if scan.turn in {0, 180} else (scan.height, scan.width)
    samples = _samples(picture["/ColorSpace"])
    filtered = bool(packing) and predictor >= _PNG
    if filtered and [told.get("/Columns", 1), told.get("/Colors", 1)] != [size[0], samples]:
        return None
    found = deep.stored(
        picture.read_raw_bytes(),
        size,
        samples,
        bits=bits,
        packed=bool(packing),
        filtered=filtered,
    )
    return None if found is None else np.ascontiguousarray(np.rot90(found, -scan.turn // 90))


def _samples(space: Any) -> int:
    if isinstance(space, pikepdf.Array) and space[0] == "/ICCBased":
        return int(space[1].get("/N", 0))
    name = space[0] if isinstance(space, pikepdf.Array) else space
    return 1 if name in ("/DeviceGray", "/CalGray") else 3


def _only_picture(page: Any) -> Any:
    resources = inherited(page, "/Resources")
    objects = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(objects, pikepdf.Dictionary) or len(objects) != 1:
        return None
    picture = next(iter(objects.values()))
    if not isinstance(picture, pikepdf.Stream) or picture.get("/Subtype") != "/Image":
        return None
    if any(name in picture for name in ("/SMask", "/Mask", "/Alternates", "/OC")):
        return None
    return picture


def _has_notes(page: Any) -> bool:
    notes = page.get("/Annots")
    if not isinstance(notes, pikepdf.Array):
        return False
    return any(
        not isinstance(note, pikepdf.Dictionary) or note.get("/Subtype") not in ("/Link", "/Popup")
        for note in notes
    )


def _fills(page: Any, picture: Any) -> float | None:
    """Return by how much of its unit a picture misses the page's edges.

    None where its commands do more than put it over the whole of it.
    """
    contents = page.get("/Contents")
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    if not all(_is_small(stream) for stream in streams):
        return None
    look = _Look(box_of(page))
    plain = all(map(look.heeds, pikepdf.parse_content_stream(page)))
    if not plain or look.drawn != 1 or (_is_mask(picture) and _bits(picture) != 1):
        return None
    return look.off


class _Look:
    """Follows a page's commands as long as they do nothing but show one picture all over it."""

    def __init__(self, box: tuple[float, float, float, float]) -> None:
        self.drawn = 0
        self.off = 0.0
        self._box = box
        self._matrix = _UNIT
        self._stack: list[Matrix] = []
        self._mode = 0

    def heeds(self, instruction: Any) -> bool:
        """Follow one command; say whether it is one of those."""
        command, operands = str(instruction.operator), instruction.operands
        if command == "q":
            self._stack.append(self._matrix)
        elif command == "Q" and self._stack:
            self._matrix = self._stack.pop()
        elif command == "cm":
            self._matrix = _product(_matrix(operands), self._matrix)
        elif command == "Tr":
            self._mode = int(operands[0])
        elif command in _SHOWING:
            return self._mode == _INVISIBLE
        elif command == "re":
            return _holds(operands, self._matrix, self._box)
        elif command == "Do":
            self.drawn += 1
            self.off = max(map(abs, _gaps(self._matrix, self._box)))
            return _covers(self._matrix, self._box)
        return command in _HARMLESS


def _is_small(stream: Any) -> bool:
    if not isinstance(stream, pikepdf.Stream):
        return False
    return len(_names(stream.get("/Filter"))) <= 1 and int(stream["/Length"]) <= MOST_COMMANDS


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = (float(number) for number in operands)
    return a, b, c, d, e, f


def _product(one: Matrix, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return (
        a * g + b * i, a * h + b * j,
        c * g + d * i, c * h + d * j,
        e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


def _holds(operands: Any, matrix: Matrix, box: tuple[float, float, float, float]) -> bool:
    """Say whether a rectangle that clips leaves all of the page."""
    x, y, width, height = (float(number) for number in operands)
    placed = _product((width, 0, 0, height, x, y), matrix)
    left, bottom = placed[4], placed[5]
    grace = 0.01 * max(box[2] - box[0], box[3] - box[1])
    return (
        abs(placed[1]) < 1e-6 > abs(placed[2])
        and left <= box[0] + grace
        and bottom <= box[1] + grace
        and left + placed[0] >= box[2] - grace
        and bottom + placed[3] >= box[3] - grace
    )


def _covers(matrix: Matrix, box: tuple[float, float, float, float]) -> bool:
    """Say whether the unit square lies upright on the page's box, a hair's breadth aside."""
    a, b, c, d, _, _ = matrix
    across, down = 1 + 0.005 * (box[2] - box[0]), 1 + 0.005 * (box[3] - box[1])
    left, bottom, right, top = map(abs, _gaps(matrix, box))
    return (
        abs(b) < 1e-3 > abs(c)
        and a > 0 < d
        and max(left, right) <= across
        and max(bottom, top) <= down
    )


def _gaps(
    matrix: Matrix, box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """Return how far the unit square's edges lie from the page's: left, bottom, right, top."""
    a, _, _, d, e, f = matrix
    return e - box[0], f - box[1], e + a - box[2], f + d - box[3]


def _form(picture: Any, turn: int) -> Literal["jpeg", "fax", "pixels"]:
    filters = _names(picture.get("/Filter"))
    if filters == ["/DCTDecode"] and _has_plain_colors(picture) and "/Decode" not in picture:
        return "jpeg"
    if turn:
        return "pixels"
    if filters == ["/CCITTFaxDecode"] and _bits(picture) == 1 and not _is_indexed(picture):
        told = _parameters(picture)
        plain = int(told.get("/K", 0)) < 0 and not told.get("/EncodedByteAlign", False)
        if plain and int(told.get("/Columns", 1728)) == int(picture["/Width"]):
            return "fax"
    return "pixels"


def _has_plain_colors(picture: Any) -> bool:
    space = picture.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and len(space) > 1:
        if space[0] == "/ICCBased":
            return int(space[1].get("/N", 0)) in {1, 3}
        return space[0] in ("/CalGray", "/CalRGB")
    return space in ("/DeviceGray", "/DeviceRGB")


def _is_indexed(picture: Any) -> bool:
    space = picture.get("/ColorSpace")
    return isinstance(space, pikepdf.Array)


def _is_mask(picture: Any) -> bool:
    return bool(picture.get("/ImageMask", False))


def _bits(picture: Any) -> int:
    return 1 if _is_mask(picture) else int(picture.get("/BitsPerComponent", 8))


def _names(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(name) for name in value] if isinstance(value, pikepdf.Array) else [str(value)]


def _parameters(picture: Any) -> Any:
    told = picture.get("/DecodeParms")
    if isinstance(told, pikepdf.Array):
        told = told[0] if len(told) else None
    return told if isinstance(told, pikepdf.Dictionary) else {}


def _is_plain_jpeg(data: bytes, scan: Scan) -> bool:
    """Say whether a JPEG shows alone what it shows in the PDF."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            upright = picture.getexif().get(274, 1) == 1
            size = picture.size if scan.turn in {0, 180} else picture.size[::-1]
            return upright and size == (scan.width, scan.height) and picture.mode != "CMYK"
    except (OSError, SyntaxError, ValueError):
        return False


def _tiff(data: bytes, scan: Scan) -> bytes:
    """Return a G4 stream as a TIFF file around it."""
    told = _parameters(scan.picture)
    decode = scan.picture.get("/Decode")
    inverted = bool(told.get("/BlackIs1", False))
    if decode is not None and float(decode[0]) == 1:
        inverted = not inverted
    long, short, ratio = 4, 3, 5
    tags = [
        (256, long, scan.width), (257, long, scan.height), (258, short, 1), (259, short, 4),
        (262, short, 1 if inverted else 0), (273, long, 0), (277, short, 1),
        (278, long, scan.height), (279, long, len(data)), (282, ratio, 0), (283, ratio, 0),
        (296, short, 2),
    ]  # fmt: skip
    rest = 8 + 2 + 12 * len(tags) + 4
    places = {273: rest + 16, 282: rest, 283: rest + 8}
    fields = b"".join(
        struct.pack("<HHII" if kind != short else "<HHIHxx", tag, kind, 1, places.get(tag, value))
        for tag, kind, value in tags
    )
    ratios = b"".join(struct.pack("<II", round(value * 1000), 1000) for value in scan.dpi)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    return head + fields + b"\0\0\0\0" + ratios + data
