"""PDF files whose pages are pictures: read without loss, by us and as others wrote them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import cv2
import img2pdf
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageCms, ImageOps
from rasters import images

from sheetfed.api.errors import AddonMissing, SheetfedError, TooLarge, Unreadable
from sheetfed.api.model import Origin, Page
from sheetfed.builtin.formats import jpx
from sheetfed.builtin.formats.pixels import decode
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.builtin.formats.scans import Scans
from sheetfed.testing.codec import Shelf

NOISE = np.random.default_rng(8).integers(0, 256, (60, 90, 3), np.uint8)
PICTURE = Image.fromarray(NOISE)
PDF = "application/pdf"
NAME, AS_IT_IS = pikepdf.Name, pikepdf.StreamDecodeLevel.none


def file_of(form: str, mode: str = "RGB", **how: Any) -> bytes:
    stream = io.BytesIO()
    PICTURE.convert(mode).save(stream, form, dpi=(200, 200), **how)
    return stream.getvalue()


def page(data: bytes, media_type: str) -> Page:
    return Page(data=data, media_type=media_type, width=90, height=60, dpi=(200.0, 200.0))


def written(*pages: Page, **options: Any) -> bytes:
    stream = io.BytesIO()
    images().encode(iter(pages), stream, PDF, options, Nowhere())
    return stream.getvalue()


def drawn(data: bytes, index: int = 0) -> np.ndarray[Any, Any]:
    book = Scans(io.BytesIO(data))
    info, made = book.info(index), book.page(index)
    with Image.open(io.BytesIO(made.data)) as picture:
        shown = ImageOps.exif_transpose(picture)
        assert shown.size == (info.width, info.height)
        assert all(abs(value - 200) < 0.2 for value in made.dpi), made.dpi
        return np.asarray(shown.convert("RGB"))


def shown(data: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


WAYS = [
    *product(["1", "L", "RGB"], ["auto", "none", "deflate", "packbits", "lzw"]),
    ("1", "g3"), ("1", "g4"),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "scheme"), WAYS)
def test_what_is_written_comes_back_pixel_for_pixel(mode: str, scheme: str) -> None:
    """Export, import, the same pixels."""
    data = file_of("PNG", mode)

    again = drawn(written(page(data, "image/png"), compression=scheme))

    assert np.array_equal(again, shown(data))


@pytest.mark.parametrize("scheme", ["auto", "none", "deflate", "packbits", "lzw"])
@pytest.mark.parametrize("colours", [1, 3])
def test_16_bits_come_back_with_all_of_them(colours: int, scheme: str) -> None:
    deep = NOISE[..., :colours].astype(np.uint16) * 256 + np.arange(90, dtype=np.uint16)[:, None]
    stored = cv2.imencode(".png", deep if colours == 1 else deep[..., ::-1])[1].tobytes()

    book = Scans(io.BytesIO(written(page(stored, "image/png"), compression=scheme)))
    again = book.page(0)

    found: Any = decode(again.data, again.media_type)
    assert np.array_equal(found, deep[..., 0] if colours == 1 else deep)


def lzw(rows: np.ndarray[Any, Any]) -> bytes:
    """Return rows of bytes as libtiff packs them, which is as PDF has them."""
    stream = io.BytesIO()
    Image.fromarray(rows).save(stream, "TIFF", compression="tiff_lzw", strip_size=rows.nbytes + 8)
    with Image.open(stream) as made:
        tags = made.tag_v2  # type: ignore[attr-defined]
        start, size = tags[273][0], tags[279][0]
    return stream.getvalue()[start : start + size]


@pytest.mark.parametrize("predictor", [1, 2, 15])
def test_lzw_of_other_writers_is_read(predictor: int) -> None:
    """With differences of every kind; where codes grow late, it is for an addon."""
    rows = NOISE.reshape(60, 270)
    if predictor == 2:
        rows = np.diff(NOISE, axis=1, prepend=np.zeros((60, 1, 3), np.uint8)).reshape(60, 270)
    if predictor == 15:  # each row as what is added to the one above
        rows = np.diff(rows, axis=0, prepend=np.zeros((1, 270), np.uint8))
        rows = np.pad(rows, ((0, 0), (1, 0)), constant_values=2)
    told = {"Predictor": predictor, "Colors": 3, "Columns": 90}
    for early in (1, 0):
        with pikepdf.new() as made:
            made.add_blank_page(page_size=(32.4, 21.6))
            picture = pikepdf.Stream(made, lzw(rows.astype(np.uint8)))
            picture.update({
                "/Type": NAME.XObject, "/Subtype": NAME.Image, "/Width": 90, "/Height": 60,
                "/ColorSpace": NAME.DeviceRGB, "/BitsPerComponent": 8, "/Filter": NAME.LZWDecode,
                "/DecodeParms": pikepdf.Dictionary(**told, EarlyChange=early),
            })  # fmt: skip
            one = made.pages[0].obj
            one.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
            one.Contents = pikepdf.Stream(made, b"q 32.4 0 0 21.6 0 0 cm /Im Do Q")
            stream = io.BytesIO()
            made.save(stream, compress_streams=False, stream_decode_level=AS_IT_IS)
        if early:
            assert np.array_equal(drawn(stream.getvalue()), NOISE)
        else:
            with pytest.raises(AddonMissing):
                drawn(stream.getvalue())


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photograph_leaves_a_pdf_as_it_came_and_as_it_lies(turn: int) -> None:
    """The JPEG is not decoded and encoded again, whichever way up it is to be seen."""
    exif = Image.Exif()
    exif[274] = turn
    data = file_of("JPEG", exif=exif, quality=95)

    again = drawn(written(page(data, "image/jpeg")))

    assert np.array_equal(again, shown(data))


OTHERS = [
    ("PNG", "RGB", {}), ("PNG", "L", {}), ("PNG", "1", {}), ("PNG", "P", {}), ("JPEG", "RGB", {}),
    ("JPEG", "L", {}), ("TIFF", "1", {"compression": "group4"}), ("JPEG2000", "RGB", {}),
    ("JPEG", "CMYK", {"quality": 100}),
]  # fmt: skip


@pytest.mark.parametrize(("form", "mode", "how"), OTHERS)
def test_files_of_another_writer(form: str, mode: str, how: dict[str, Any]) -> None:
    """img2pdf writes all that scanners put into PDF; with object streams too."""
    data = file_of(form, mode, **how)
    made = img2pdf.convert(data, layout_fun=img2pdf.get_fixed_dpi_layout_fun((200, 200)))
    packed = io.BytesIO()
    with pikepdf.open(io.BytesIO(made)) as document:
        document.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    for again in (made, packed.getvalue()):
        assert np.array_equal(drawn(again), shown(data))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_page_that_is_turned_is_seen_turned(rotate: int) -> None:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(written(page(file_of("PNG"), "image/png")))) as document:
        document.pages[0].Rotate = rotate
        document.save(made)

    assert np.array_equal(drawn(made.getvalue()), np.rot90(NOISE, -rotate // 90))


@pytest.mark.parametrize("bits", [2, 4])
def test_few_shades_are_spread(bits: int) -> None:
    """Scanners with four or sixteen greys write them so."""
    levels = np.arange(16, dtype=np.uint8).reshape(2, 8) % (1 << bits)
    rows = np.packbits(
        np.unpackbits(levels[..., None], axis=2)[:, :, -bits:].reshape(2, -1), axis=1
    )
    pdf = made_by_hand(rows.tobytes(), Width=8, Height=2, BitsPerComponent=bits)
    book = Scans(io.BytesIO(pdf))

    with Image.open(io.BytesIO(book.page(0).data)) as picture:
        assert np.array_equal(np.asarray(picture.convert("L")), levels * (255 // ((1 << bits) - 1)))


def made_by_hand(
    data: bytes, *, content: bytes = b"100 0 0 50 0 0 cm /P Do", **about: Any
) -> bytes:
    """Return a PDF file of one picture of 100 by 50 points."""
    stream = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(100, 50))
        picture = pikepdf.Stream(document, data)
        kept = {"Width": 8, "Height": 4, "BitsPerComponent": 8, **about}
        for name, value in {"Type": "XObject", "Subtype": "Image", **kept}.items():
            known = pikepdf.Name(f"/{value}") if isinstance(value, str) else value
            picture[f"/{name}"] = known
        if "ColorSpace" not in about:
            picture.ColorSpace = pikepdf.Name.DeviceGray
        first = document.pages[0]
        first.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
        first.Contents = pikepdf.Stream(document, content)
        document.save(stream)
    return stream.getvalue()


BEYOND = {
    "text": b"100 0 0 50 0 0 cm /P Do BT ET",
    "nothing": b"",
    "twice": b"100 0 0 50 0 0 cm /P Do /P Do",
    "part": b"50 0 0 25 0 0 cm /P Do",
    "askew": b"90 10 -10 45 0 0 cm /P Do",
    "path": b"0 0 m 9 9 l S",
}


@pytest.mark.parametrize("content", BEYOND.values(), ids=BEYOND.keys())
def test_pages_of_more_than_a_picture_are_for_an_addon(content: bytes) -> None:
    """Half a page would be worse than none."""
    book = Scans(io.BytesIO(made_by_hand(bytes(32), content=content)))

    with pytest.raises(AddonMissing):
        book.info(0)


def test_a_picture_with_holes_is_for_an_addon() -> None:
    pdf = made_by_hand(bytes(32), ImageMask=True, BitsPerComponent=1)

    with pytest.raises(AddonMissing):
        Scans(io.BytesIO(pdf)).info(0)


def plain() -> bytes:
    return written(page(file_of("PNG"), "image/png"))


BOMBS: dict[str, Callable[[], bytes]] = {
    "swollen": lambda: made_by_hand(zlib.compress(bytes(200_000_000), 1), Filter="FlateDecode"),
    "huge": lambda: made_by_hand(b"", Width=60_000, Height=60_000),
    "cycle": lambda: plain().replace(b"/Kids[7 0 R]", b"/Kids[2 0 R]"),
    "many": lambda: plain().replace(b"/Kids[7 0 R]", b"/Kids[" + b"7 0 R " * 9000 + b"]"),
    "deep": lambda: plain().replace(b"/Kids[7 0 R]", b"/Kids" + b"[" * 5000),
    "lies": lambda: made_by_hand(file_of("JPEG"), Filter="DCTDecode", Width=9),
}
"""X02 to X05 as PDF."""


@pytest.mark.parametrize("name", BOMBS)
def test_x05_files_made_to_do_harm_end_soon_and_with_a_name(name: str) -> None:
    """Nested packing, a million pages, page trees that bite their tails."""
    data = BOMBS[name]()
    if name in {"swollen", "lies"}:
        Scans(io.BytesIO(data)).page(0)
        return
    with pytest.raises((Unreadable, TooLarge)):
        Scans(io.BytesIO(data)).page(0)


def test_a_page_that_is_not_edited_goes_from_pdf_to_pdf_as_it_is_packed() -> None:
    """A fax and a photograph, out of a file of several pages."""
    fax, photo = file_of("TIFF", "1", compression="group4"), file_of("JPEG")
    kept = written(page(fax, "image/tiff"), page(photo, "image/jpeg"))
    pages = [
        Page(data=b"", media_type=PDF, width=90, height=60, dpi=(200.0, 200.0),
             origin=Origin(file="kept", index=index, media_type=PDF))
        for index in (1, 0)
    ]  # fmt: skip
    stream = io.BytesIO()

    images().encode(iter(pages), stream, PDF, {}, Shelf({"kept": kept}))

    assert photo in stream.getvalue()
    assert b"CCITTFaxDecode" in stream.getvalue()
    assert np.array_equal(drawn(stream.getvalue(), 1), shown(fax))


def test_damage_has_a_name() -> None:
    """Cut at a hundred places, and with a byte changed at as many."""
    data = written(page(file_of("JPEG"), "image/jpeg"), page(file_of("PNG", "1"), "image/png"))
    for at in range(0, len(data), len(data) // 100):
        for broken in (data[:at], data[:at] + b"\x80" + data[at + 1 :]):
            try:
                book = Scans(io.BytesIO(broken))
                for index in range(book.count):
                    book.page(index, width=20)
            except SheetfedError as error:
                assert isinstance(error, Unreadable | TooLarge | AddonMissing)  # noqa: PT017


@cache  # which says the second it was made in
def swapped() -> bytes:
    """Return a profile that calls red what others call blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("way", ["auto", "none", "packbits", "jpeg", "jpx", "boxes", "stream"])
def test_what_colours_mean_goes_through_a_pdf(way: str) -> None:
    """In and out again: seen on a screen, saved as a picture, and from PDF to PDF."""
    stream = io.BytesIO()
    Image.new("RGB", (90, 60), (230, 20, 20)).save(stream, "PNG", icc_profile=swapped())
    others = {"jpeg": "DCTDecode", "boxes": "JPXDecode", "stream": "JPXDecode"}.get(way)
    data = written(page(stream.getvalue(), "image/png"), compression="auto" if others else way)
    if others:  # the profile stands in the PDF and not in the picture
        with pikepdf.open(io.BytesIO(data)) as document:
            picture = document.pages[0].Resources.XObject.P
            bare = io.BytesIO()
            form, how = ("JPEG", {"quality": 95}) if way == "jpeg" else ("JPEG2000", {})
            how |= {"no_jp2": True} if way == "stream" else {}
            Image.new("RGB", (90, 60), (230, 20, 20)).save(bare, form, **how)
            picture.write(bare.getvalue(), filter=pikepdf.Name(f"/{others}"))
            if "/DecodeParms" in picture:
                del picture.DecodeParms
            again = io.BytesIO()
            document.save(again)
            data = again.getvalue()
    book = Scans(io.BytesIO(data))

    whole = Image.open(io.BytesIO(book.page(0).data))
    small = Image.open(io.BytesIO(book.page(0, width=45).data)).convert("RGB")
    origin = Origin(file="it", index=0, media_type=PDF)
    given = Page(data=b"", media_type=PDF, width=90, height=60, origin=origin)
    stream = io.BytesIO()
    images().encode(iter([given]), stream, PDF, {}, Shelf({"it": data}))

    assert whole.info.get("icc_profile") == swapped()
    red, _, blue = small.getpixel((20, 20))  # type: ignore[misc]
    assert (red < 90, blue > 170) == (True, True)
    with pikepdf.open(stream) as document:
        picture = document.pages[0].Resources.XObject.P
        if picture.get("/Filter") == "/JPXDecode":
            assert jpx.profile_of(picture.read_raw_bytes()) == swapped()
        else:
            assert picture.ColorSpace[1].read_bytes() == swapped()


def test_a_profile_that_lies_is_left_out() -> None:
    """Of another number of colours, or none at all: the page is seen all the same."""
    stream = io.BytesIO()
    PICTURE.save(stream, "PNG", icc_profile=swapped())
    data = written(page(stream.getvalue(), "image/png"), compression="none")
    for lie in (b"none", swapped()[:16] + b"GRAY" + swapped()[20:]):
        with pikepdf.open(io.BytesIO(data)) as document:
            document.pages[0].Resources.XObject.P.ColorSpace[1].write(lie)
            made = io.BytesIO()
            document.save(made)

        shown = Image.open(io.BytesIO(Scans(made).page(0).data))

        assert "icc_profile" not in shown.info
        assert np.array_equal(np.asarray(shown), NOISE)
