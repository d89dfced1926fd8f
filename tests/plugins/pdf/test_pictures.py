"""Pages that are one picture: taken out as they are, put in as they are."""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import papers
import pikepdf
import pytest
from PIL import Image, ImageCms, ImageDraw, ImageOps, TiffImagePlugin

from sheetfed.api.errors import BadSettings, TooLarge
from sheetfed.api.model import Page
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed_pdf import archive
from sheetfed_pdf.codec import Pdf

NAME = pikepdf.Name
SIZE = (120, 80)
RGB = {"ColorSpace": NAME.DeviceRGB, "BitsPerComponent": 8}
GREY = {"ColorSpace": NAME.DeviceGray, "BitsPerComponent": 8}
BILEVEL = {"ColorSpace": NAME.DeviceGray, "BitsPerComponent": 1}


def opened(codec: Pdf, pdf: pikepdf.Pdf, **asked: Any) -> Any:
    return codec.open(io.BytesIO(papers.saved(pdf)), asked)


def picture_of(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_jpeg_is_taken_out_to_the_byte(codec: Pdf) -> None:
    """What a scanner made is never encoded again."""
    jpeg = papers.packed(papers.photo(), "JPEG")
    book = opened(codec, papers.filled(jpeg, SIZE, Filter=NAME.DCTDecode, **RGB))

    page = book.page(0)

    assert (page.data, page.media_type) == (jpeg, "image/jpeg")
    assert (page.width, page.height, page.dpi) == (*SIZE, pytest.approx((72, 72)))


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("kind", ["colour", "grey", "meant"])
def test_a_jpeg_that_a_pdf_turns_is_taken_out_and_says_so(
    codec: Pdf, turn: int, kind: str, tmp_path: Path
) -> None:
    """As scanners write pages that lay on their side; it was unpacked, and lost its profile."""
    photo = papers.photo().convert("L" if kind == "grey" else "RGB")
    jpeg = papers.packed(photo, "JPEG", quality=90)
    entries = GREY if kind == "grey" else RGB
    pdf = papers.filled(jpeg, SIZE, Filter=NAME.DCTDecode, **entries)
    if kind == "meant":
        profile = pdf.make_stream(archive.srgb())
        profile.N = 3
        space = pikepdf.Array([NAME.ICCBased, profile])
        next(iter(pdf.pages[0].Resources.XObject.values())).ColorSpace = space
    pdf.pages[0].Rotate = turn

    page = opened(codec, pdf).page(0)

    assert page.media_type == "image/jpeg"
    assert page.data.endswith(jpeg[jpeg.index(b"\xff\xdb") :])
    found = picture_of(page.data)
    assert (found.info.get("icc_profile") == archive.srgb()) == (kind == "meant")
    seen = ImageOps.exif_transpose(found)
    assert seen.size == (page.width, page.height)
    file = tmp_path / "turned.pdf"
    file.write_bytes(papers.saved(pdf))
    subprocess.run(["pdftoppm", "-r", "72", "-png", "-singlefile", file, file], check=True)
    drawn = Image.open(tmp_path / "turned.pdf.png").convert(seen.mode).resize(seen.size)
    assert np.abs(np.asarray(drawn, int) - np.asarray(seen, int)).mean() < 12


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("mask", [False, True])
def test_a_fax_page_stays_packed_and_black_stays_black(
    codec: Pdf, *, inverted: bool, mask: bool
) -> None:
    """Polarity can be told in three ways, and each of them has been got wrong by somebody."""
    picture = papers.photo("L").point(lambda level: 255 if level > 128 else 0, "1")
    told = pikepdf.Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1])
    kind = {"ImageMask": True, "BitsPerComponent": 1} if mask else BILEVEL
    more: dict[str, Any] = {"Decode": pikepdf.Array([1, 0])} if inverted else {}
    more |= {"Filter": NAME.CCITTFaxDecode, "DecodeParms": told, **kind}
    pdf = papers.filled(papers.fax(picture), SIZE, **more)
    expected = ImageOps.invert(picture.convert("L")).convert("1") if inverted else picture

    page = opened(codec, pdf).page(0)
    drawn = opened(codec, pdf, mode="render", dpi=72, grey=True).page(0)

    assert page.media_type == "image/tiff"
    assert papers.fax(picture) in page.data
    assert np.array_equal(np.asarray(picture_of(page.data)), np.asarray(expected))
    near = np.abs(np.asarray(picture_of(drawn.data), float) - np.asarray(expected) * 255.0)
    assert near.mean() < 8


def packings() -> dict[str, tuple[pikepdf.Pdf, Image.Image]]:
    """Return pages of one picture in ways that have to be unpacked, and what is to be seen."""
    photo, grey = papers.photo(), papers.photo("L")
    bilevel = grey.point(lambda level: 255 if level > 128 else 0, "1")
    indexed = photo.quantize(16)
    palette = bytes(indexed.getpalette() or b"")[:48]
    deep = np.asarray(grey, np.uint16) * 257
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = papers.filled(photo.tobytes(), SIZE, **RGB)
    turned = papers.filled(photo.tobytes(), SIZE, **RGB)
    turned.pages[0].obj.Rotate = 90
    icc = papers.filled(photo.tobytes(), SIZE, BitsPerComponent=8)
    stream = icc.make_stream(profile, N=3)
    icc.pages[0].obj.Resources.XObject.Im.ColorSpace = pikepdf.Array([NAME.ICCBased, stream])
    table = pikepdf.Array([NAME.Indexed, NAME.DeviceRGB, 15, pikepdf.String(palette)])
    jpx = papers.packed(photo, "JPEG2000", irreversible=False)
    return {
        "plain": (plain, photo),
        "turned": (turned, photo.transpose(Image.Transpose.ROTATE_270)),
        "icc": (icc, photo),
        "grey": (papers.filled(grey.tobytes(), SIZE, **GREY), grey),
        "deep": (
            papers.filled(
                deep.astype(">u2").tobytes(), SIZE, ColorSpace=NAME.DeviceGray, BitsPerComponent=16
            ),
            Image.fromarray(deep),
        ),
        "indexed": (
            papers.filled(indexed.tobytes(), SIZE, ColorSpace=table, BitsPerComponent=8),
            indexed.convert("RGB"),
        ),
        "jbig2": (
            papers.filled(papers.jbig2(bilevel), SIZE, Filter=NAME.JBIG2Decode, **BILEVEL), bilevel,
        ),
        "jpeg2000": (papers.filled(jpx, SIZE, Filter=NAME.JPXDecode), photo),
    }  # fmt: skip


@pytest.mark.parametrize("name", packings().keys())
def test_other_packings_are_unpacked_without_loss(codec: Pdf, name: str) -> None:
    """The pixels that are stored are the pixels that come out, black and white in one bit."""
    pdf, expected = packings()[name]

    page = opened(codec, pdf).page(0)

    found = picture_of(page.data)
    assert page.media_type == "image/png"
    assert found.mode == expected.mode
    difference = np.asarray(found, int) - np.asarray(expected, int)
    assert not difference.any()


def strange(space: bytes) -> bytes:
    """Return a profile that calls red what others call blue, or one of greys."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    profile[16:20] = space
    return bytes(profile)


@pytest.mark.parametrize("deflated", [False, True], ids=["plain", "deflated"])
@pytest.mark.parametrize("kind", ["jpeg", "8", "16", "rows", "grey", "lies"])
def test_what_colours_mean_goes_along_with_a_picture(
    codec: Pdf, kind: str, *, deflated: bool
) -> None:
    """Its samples are those of the file, and mean there what they mean here; a lie is left out."""
    mode = "L" if kind == "grey" else "RGB"
    photo, count = papers.photo(mode), 1 if kind == "grey" else 3
    profile = strange(b"GRAY" if kind in {"grey", "lies"} else b"RGB ")
    deep = np.asarray(photo, np.uint16) * 256 + 9
    data = papers.packed(photo, "JPEG", quality=95) if kind == "jpeg" else photo.tobytes()
    more: dict[str, Any] = {"BitsPerComponent": 8}
    if kind == "jpeg":
        more["Filter"] = NAME.DCTDecode
    if kind == "16":
        data, more = deep.astype(">u2").tobytes(), {"BitsPerComponent": 16}
    if kind == "rows":  # as PNG has them, each beginning with how it is told
        rows = np.pad(np.asarray(photo).reshape(SIZE[1], -1), ((0, 0), (1, 0)))
        told = pikepdf.Dictionary(Predictor=15, Colors=3, Columns=SIZE[0])
        data = zlib.compress(rows.tobytes())
        more |= {"Filter": NAME.FlateDecode, "DecodeParms": told}
    pdf = papers.filled(data, SIZE, **more)
    stream = pdf.make_stream(zlib.compress(profile) if deflated else profile, N=count)
    if deflated:
        stream.Filter = NAME.FlateDecode
    pdf.pages[0].obj.Resources.XObject.Im.ColorSpace = pikepdf.Array([NAME.ICCBased, stream])
    file = papers.saved(
        pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
    )

    book = codec.open(io.BytesIO(file), {})
    page, small = book.page(0), book.page(0, width=SIZE[0] // 2)
    again = io.BytesIO()
    codec.encode(iter([page]), again, "application/pdf", {}, Nowhere())

    with Image.open(io.BytesIO(page.data)) as found:
        assert found.info.get("icc_profile") == (None if kind == "lies" else profile)
        meant = Image.open(io.BytesIO(data)) if kind == "jpeg" else photo
        off = np.asarray(found, int) - (np.asarray(meant, int))
        assert np.abs(off).max() <= (1 if kind == "lies" else 0)
    if kind == "16":
        with pikepdf.open(again) as document:
            (picture,) = document.pages[0].Resources.XObject.values()
            assert picture.read_bytes() == data
    if kind not in {"lies", "grey"}:  # what is looked at is in colours of a screen
        red, _, blue = np.asarray(picture_of(small.data), int).reshape(-1, 3).mean(axis=0)
        was = np.asarray(photo, int).reshape(-1, 3).mean(axis=0)
        assert np.sign(red - blue) == -np.sign(was[0] - was[2])


def test_a_cmyk_jpeg_is_drawn_in_its_colours(codec: Pdf, tmp_path: Path) -> None:
    """Readers disagree about such files alone, but not inside a PDF."""
    jpeg = papers.packed(papers.photo("CMYK"), "JPEG", quality=95)
    kind = {"ColorSpace": NAME.DeviceCMYK, "BitsPerComponent": 8, "Filter": NAME.DCTDecode}
    pdf = papers.filled(jpeg, SIZE, Decode=pikepdf.Array([1, 0] * 4), **kind)
    pdf.save(tmp_path / "cmyk.pdf")

    page = opened(codec, pdf).page(0)

    command = ["pdftoppm", "-r", "72", "-png", "-singlefile", "cmyk.pdf", "cmyk"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=30)
    ours = np.asarray(picture_of(page.data).convert("RGB"), float)
    theirs = np.asarray(Image.open(tmp_path / "cmyk.png").convert("RGB"), float)
    assert np.abs(ours - theirs).mean() < 25


@pytest.mark.parametrize(
    "commands",
    [
        b"q 120 0 0 80 0 0 cm /Im Do Q q 20 0 0 20 5 5 cm /Im Do Q",
        b"q 60 0 0 40 0 0 cm /Im Do Q",
        b"q 120 0 0 -80 0 80 cm /Im Do Q",
        b"q 120 0 0 80 0 0 cm /Im Do Q 1 0 0 rg 0 0 9 9 re f",
        b"q 5 5 20 20 re W n 120 0 0 80 0 0 cm /Im Do Q",
        b"q 120 0 0 80 0 0 cm /Im Do Q BT /F1 9 Tf (seen) Tj ET",
    ],
)
def test_a_page_with_more_than_its_picture_is_drawn(codec: Pdf, commands: bytes) -> None:
    """A stamp over a scan is part of the page, and so is what is cut off."""
    jpeg = papers.packed(papers.photo(), "JPEG")
    pdf = papers.filled(jpeg, SIZE, Filter=NAME.DCTDecode, **RGB)
    pdf.pages[0].obj.Contents = pikepdf.Stream(pdf, commands)

    assert opened(codec, pdf).page(0).media_type == "image/png"
    with pytest.raises(BadSettings, match="page 1 is more than one picture"):
        opened(codec, pdf, mode="images").info(0)
    with pytest.raises(BadSettings, match="grey needs render"):
        opened(codec, pdf, mode="images", grey=True)


def test_a_scan_with_invisible_text_is_still_one_picture(codec: Pdf) -> None:
    """So are the files that OCR leaves; their text is told beside the picture."""
    jpeg = papers.packed(papers.photo(), "JPEG")
    pdf = papers.filled(jpeg, SIZE, Filter=NAME.DCTDecode, **RGB)
    page = pdf.pages[0].obj
    helvetica = pikepdf.Dictionary(Type=NAME.Font, Subtype=NAME.Type1, BaseFont=NAME.Helvetica)
    page.Resources.Font = pikepdf.Dictionary(F1=helvetica)
    page.Contents = pikepdf.Stream(
        pdf, b"q 120 0 0 80 0 0 cm /Im Do Q BT 3 Tr /F1 9 Tf 5 5 Td (hidden words) Tj ET"
    )

    book = opened(codec, pdf, mode="images")

    assert book.page(0).data == jpeg
    assert [m.value for m in book.marks(0) if m.kind == "text"] == ["hidden", "words"]


def kinds() -> dict[str, tuple[bytes, str, Image.Image]]:
    """Return pages as they are kept: the file, its type, and what is to be seen."""
    photo, grey = papers.photo(), papers.photo("L")
    bilevel = grey.point(lambda level: 255 if level > 128 else 0, "1")
    turned = Image.Exif()
    turned[274] = 6
    return {
        "jpeg": (papers.packed(photo, "JPEG", quality=95), "image/jpeg", photo),
        "turned jpeg": (
            papers.packed(photo, "JPEG", quality=95, exif=turned), "image/jpeg",
            photo.transpose(Image.Transpose.ROTATE_270),
        ),
        "cmyk jpeg": (papers.packed(papers.photo("CMYK"), "JPEG", quality=95), "image/jpeg", photo),
        "png": (papers.packed(photo, "PNG"), "image/png", photo),
        "grey png": (papers.packed(grey, "PNG"), "image/png", grey),
        "palette png": (papers.packed(photo.quantize(16), "PNG"), "image/png",
                        photo.quantize(16).convert("RGB")),
        "clear png": (papers.packed(photo.convert("RGBA"), "PNG"), "image/png", photo),
        "bilevel png": (papers.packed(bilevel, "PNG"), "image/png", bilevel),
        "fax": (papers.packed(bilevel, "TIFF", compression="group4"), "image/tiff", bilevel),
        "lzw": (papers.packed(photo, "TIFF", compression="tiff_lzw"), "image/tiff", photo),
        "bmp": (papers.packed(photo, "BMP"), "image/bmp", photo),
        "jpeg2000": (papers.packed(photo, "JPEG2000"), "image/jp2", photo),
    }  # fmt: skip


COMPRESSIONS = ("auto", "none", "lzw", "deflate", "packbits", "jpeg", "jpeg2000", "g3", "g4")


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_kind_of_picture_is_seen_however_it_is_packed(
    codec: Pdf, compression: str, tmp_path: Path
) -> None:
    """Twelve kinds of page in one file, checked by qpdf and drawn by poppler."""
    pages = [papers.picture_page(data, kind, SIZE, dpi=(72, 72)) for data, kind, _ in
             kinds().values()]  # fmt: skip
    (tmp_path / "out.pdf").write_bytes(papers.written(codec, pages, compression=compression))

    papers.check(tmp_path / "out.pdf")
    subprocess.run(["pdftoppm", "-r", "72", "-png", "out.pdf", "page"], cwd=tmp_path, check=True,
                   timeout=30)  # fmt: skip

    seen = [Image.open(path).convert("RGB") for path in sorted(tmp_path.glob("page-*.png"))]
    for (name, (_, _, expected)), found in zip(kinds().items(), seen, strict=True):
        assert found.size == expected.size, name
        mode = "L" if compression in {"g3", "g4"} else "RGB"
        ours, theirs = (np.asarray(one.convert(mode), float) for one in (found, expected))
        assert np.abs(ours - theirs).mean() < (40 if mode == "L" or "cmyk" in name else 6), name


@pytest.mark.parametrize("archive", ["none", "1b"])
def test_a_colour_profile_goes_along_once(codec: Pdf, tmp_path: Path, archive: str) -> None:
    """Whatever a picture's numbers meant, they mean in the file; pages share what they can."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:8] + b"\x02" + profile[9:]  # the version that every archive takes
    photo = Image.new("RGB", (90, 60), (230, 20, 20))
    pages = [
        papers.picture_page(papers.packed(photo, form, icc_profile=profile), kind, (90, 60))
        for form, kind in (("PNG", "image/png"), ("JPEG", "image/jpeg"))
    ]
    rules = "1: jpeg2000" if archive == "none" else ""
    plain = papers.picture_page(papers.packed(photo, "PNG"), "image/png", (90, 60))
    lies = papers.packed(photo.convert("L"), "PNG", icc_profile=profile)
    grey = papers.picture_page(lies, "image/png", (90, 60))
    file = tmp_path / "out.pdf"
    more = {"by-page": rules} if rules else {}
    file.write_bytes(papers.written(codec, [*pages, plain, grey], archive=archive, **more))

    papers.check(file)
    with pikepdf.open(file) as pdf:
        spaces = [page.obj.Resources.XObject.P.ColorSpace for page in pdf.pages]
        assert [str(space[0]) for space in spaces[:2]] == ["/ICCBased"] * 2
        assert spaces[0][1].objgen == spaces[1][1].objgen
        assert spaces[0][1].read_bytes() == profile
        assert spaces[0][1].N == 3
        assert [str(space) for space in spaces[2:]] == ["/DeviceRGB", "/DeviceGray"]


@pytest.mark.parametrize("colours", [2, 200])
def test_what_the_colours_of_a_palette_mean_goes_along(
    codec: Pdf, tmp_path: Path, colours: int
) -> None:
    """A picture of few colours has a profile like any other, and kept its numbers alone."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = Image.radial_gradient("L").convert("RGB").quantize(colours)
    page = papers.picture_page(
        papers.packed(photo, "PNG", icc_profile=profile), "image/png", (90, 60)
    )
    file = tmp_path / "out.pdf"
    file.write_bytes(papers.written(codec, [page]))

    papers.check(file)
    with pikepdf.open(file) as pdf:
        space = pdf.pages[0].obj.Resources.XObject.P.ColorSpace
        assert (str(space[0]), str(space[1][0])) == ("/Indexed", "/ICCBased")
        assert space[1][1].read_bytes() == profile
    subprocess.run(["pdftoppm", "-r", "72", "-png", file, tmp_path / "seen"], check=True)
    seen = Image.open(next(tmp_path.glob("seen*.png"))).convert("RGB")
    expected = photo.convert("RGB").resize(seen.size)
    assert np.abs(np.asarray(seen, int) - np.asarray(expected, int)).mean() < 12


ARITHMETIC = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNy"
    "wtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09P"
    "T09PT09PT09PT09PT09PT09PT09PT0//yQARCAAQABgDASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPw"
    "D7rfwQYjO2sHoO4FzJ1I8TKCkTstC+iaI2n2PvtZ3/2Q=="
)
"""24 x 16 pixels, red above and white below, in the coding of JPEG that hardly anybody reads."""


@pytest.mark.parametrize("version", ["1.2", "1.7"])
@pytest.mark.parametrize("coding", ["arithmetic", "progressive", "baseline"])
def test_only_what_pdf_knows_of_jpeg_goes_in_as_it_is(
    codec: Pdf, coding: str, version: str
) -> None:
    """Arithmetic coding it knows not, and several goes over the pixels since 1.3."""
    photo = picture_of(ARITHMETIC).convert("RGB")
    progressive = papers.packed(photo, "JPEG", progressive=True)
    plain = papers.packed(photo, "JPEG")
    data = {"arithmetic": ARITHMETIC, "progressive": progressive, "baseline": plain}[coding]
    page = papers.picture_page(data, "image/jpeg", photo.size)

    file = papers.written(codec, [page], version=version)

    kept = coding == "baseline" or (coding == "progressive" and version == "1.7")
    with pikepdf.open(io.BytesIO(file)) as pdf:
        stream = pdf.pages[0].obj.Resources.XObject.P.read_raw_bytes()
    assert (stream == data) == kept
    assert b"\xff\xc9" not in stream
    drawn = np.asarray(picture_of(stream).convert("RGB"), int)
    assert np.abs(drawn - np.asarray(photo, int)).mean() < 8


def test_pictures_go_in_as_they_are(codec: Pdf, tmp_path: Path) -> None:
    """JPEG, JPEG 2000 and fax streams are the same bytes in the file."""
    for name in ("jpeg", "jpeg2000", "fax"):
        data, kind, expected = kinds()[name]
        (tmp_path / "one.pdf").write_bytes(
            papers.written(codec, [papers.picture_page(data, kind, expected.size)])
        )
        with pikepdf.open(tmp_path / "one.pdf") as pdf:
            stored = pdf.pages[0].obj.Resources.XObject.P.read_raw_bytes()
        assert stored in data, name
        assert len(stored) > 100, name


@pytest.mark.parametrize("colour", [False, True])
def test_16_bits_a_sample_come_whole(codec: Pdf, colour: bool) -> None:  # noqa: FBT001 - as named
    """As OpenCV packs them in TIFF, which no PDF can hold as it stands."""
    deep = np.random.default_rng(5).integers(0, 1 << 16, (23, 31, 3), dtype=np.uint16)
    deep = deep if colour else deep[..., 0]
    _, file = cv2.imencode(".tiff", deep[..., ::-1] if colour else deep)
    page = papers.picture_page(file.tobytes(), "image/tiff", (31, 23))

    ways = ("auto", "none", "lzw", "packbits", "jpeg2000")
    made = [papers.written(codec, [page], compression=way) for way in ways]
    archived = papers.written(codec, [page], archive="1b")  # which has 8 bits at most

    for data in made:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            stored = pdf.pages[0].obj.Resources.XObject.P
            assert stored.read_bytes() == deep.astype(">u2").tobytes()
            space = stored.ColorSpace
        taken = codec.open(io.BytesIO(data), {}).page(0)
        assert np.array_equal(seen(taken.data), deep)
    for packed in ({}, {"Filter": NAME.FlateDecode}):
        body = deep.astype(">u2").tobytes()
        pdf = papers.filled(zlib.compress(body) if packed else body, (31, 23), **packed,
                            ColorSpace=space, BitsPerComponent=16)  # fmt: skip
        pdf.pages[0].obj.Rotate = 90
        assert np.array_equal(seen(opened(codec, pdf).page(0).data), np.rot90(deep, -1))
    with pikepdf.open(io.BytesIO(archived)) as pdf:
        stored = pdf.pages[0].obj.Resources.XObject.P
        assert (stored.BitsPerComponent, len(stored.read_bytes())) == (8, deep.size)


def seen(data: bytes) -> Any:
    """Return the samples of a PNG as another program reads them."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found[..., ::-1] if found.ndim == 3 else found


def test_grey_that_counts_from_white_is_no_negative(codec: Pdf) -> None:
    """With 16 bits, of which Pillow does not turn it over (TIFF 6.0, section 8)."""
    deep = np.random.default_rng(5).integers(0, 1 << 16, (23, 31), dtype=np.uint16)
    stream = io.BytesIO()
    Image.fromarray(65535 - deep).save(stream, "TIFF")
    turned = stream.getvalue().replace(*(struct.pack("<HHII", 262, 3, 1, to) for to in (1, 0)))

    made = papers.written(codec, [papers.picture_page(turned, "image/tiff", (31, 23))])

    with pikepdf.open(io.BytesIO(made)) as pdf:
        stored = pdf.pages[0].obj.Resources.XObject.P.read_bytes()
    assert stored == deep.astype(">u2").tobytes()


@pytest.mark.parametrize("how", [0, 1, 4, 5], ids=["plain", "2d", "filled", "2d-filled"])
def test_a_fax_filled_up_to_whole_bytes_is_seen_as_it_is(codec: Pdf, how: int) -> None:
    """Ends of its lines end on a byte; no line begins on one, as PDF's own word would say."""
    fax = Image.new("1", (403, 300), 1)
    drawn = ImageDraw.Draw(fax)
    for line in range(40):
        drawn.line((line * 7, 0, 400 - line * 5, 299), fill=0, width=2)
    stream = io.BytesIO()
    fax.save(stream, "TIFF", compression="group3", tiffinfo={292: how}, strip_size=1 << 20)
    page = papers.picture_page(stream.getvalue(), "image/tiff", fax.size)

    made = papers.written(codec, [page])

    taken = codec.open(io.BytesIO(made), {}).page(0)
    assert np.array_equal(np.asarray(picture_of(taken.data)), np.asarray(fax))


def test_a_jpeg_2000_says_itself_what_its_colours_are(codec: Pdf) -> None:
    """Beside a word of the PDF, readers take no notice of it; a stream without boxes needs one."""
    file = papers.packed(papers.photo(), "JPEG2000", irreversible=False)
    bare = papers.packed(papers.photo(), "JPEG2000", irreversible=False, no_jp2=True)
    spaces = []
    for data in (file, bare):
        made = papers.written(codec, [papers.picture_page(data, "image/jp2", SIZE)])
        with pikepdf.open(io.BytesIO(made)) as pdf:
            spaces.append(pdf.pages[0].obj.Resources.XObject.P.get("/ColorSpace"))
        taken = codec.open(io.BytesIO(made), {}).page(0)
        assert np.array_equal(np.asarray(picture_of(taken.data)), np.asarray(papers.photo()))

    assert spaces == [None, NAME.DeviceRGB]


def uncommon_jpeg_2000(kind: str, picture: Image.Image) -> bytes:
    """Return a file whose colours are not RGB, or stand for four pixels each."""
    came = picture.convert("YCbCr") if kind == "ycc" else picture
    stream = io.BytesIO()
    Image.frombytes("RGB", came.size, came.tobytes()).save(stream, "JPEG2000", mct=0)
    data = bytearray(stream.getvalue())
    if kind == "ycc":
        at = data.index(b"colr")
        struct.pack_into(">I", data, at + 7, 18)
    else:
        at = data.index(b"\xff\x4f\xff\x51")
        wide, high = picture.width * 2, picture.height * 2
        struct.pack_into(">II", data, at + 8, wide, high)
        struct.pack_into(">II", data, at + 24, wide, high)
        for colour in range(3):
            data[at + 43 + 3 * colour : at + 45 + 3 * colour] = b"\2\2"
        struct.pack_into(">II", data, data.index(b"ihdr") + 4, high, wide)
    return bytes(data)


@pytest.mark.parametrize("kind", ["ycc", "sparse"])
def test_jpeg_2000_that_few_show_right_is_packed_anew(
    codec: Pdf, kind: str, tmp_path: Path
) -> None:
    """Poppler takes YCC for RGB, and PDFium a picture with fewer colours than pixels for none."""
    photo = papers.photo()
    data = uncommon_jpeg_2000(kind, photo)
    size = photo.size if kind == "ycc" else (photo.width * 2, photo.height * 2)
    file = tmp_path / "out.pdf"
    file.write_bytes(papers.written(codec, [papers.picture_page(data, "image/jp2", size)]))

    subprocess.run(["pdfimages", "-png", file, tmp_path / "out"], check=True)

    found = Image.open(tmp_path / "out-000.png").convert("RGB")
    assert found.size == size
    assert np.abs(np.asarray(found.resize(photo.size), int) - np.asarray(photo, int)).mean() < 3


def test_what_cannot_be_kept_whole_is_refused_and_the_rest_is(
    codec: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colour that can be seen through, on white; JPEG 2000 that nobody reads whole; PixarLog."""
    dice = np.random.default_rng(6)
    clear = dice.integers(0, 1 << 16, (23, 31, 4), dtype=np.uint16)
    part = clear[..., 3:] / 65535
    meant = np.floor(clear[..., 2::-1] * part + 65535 * (1 - part) + 0.5).astype(">u2")
    png = papers.picture_page(cv2.imencode(".png", clear)[1].tobytes(), "image/png", (31, 23))
    larger = cv2.imencode(".jp2", np.tile(clear[..., :3], (4, 4, 1)))[1].tobytes()
    jp2 = papers.picture_page(larger, "image/jp2", (124, 92))
    monkeypatch.setitem(TiffImagePlugin.COMPRESSION_INFO_REV, "pixarlog", 32909)
    grey = Image.fromarray((clear[..., 0] >> 8).astype(np.uint8))
    stream = io.BytesIO()
    grey.save(stream, "TIFF", compression="pixarlog")
    tiff = papers.picture_page(stream.getvalue(), "image/tiff", (31, 23))

    found = []
    for page in (png, tiff):
        with pikepdf.open(io.BytesIO(papers.written(codec, [page]))) as pdf:
            found.append(pdf.pages[0].obj.Resources.XObject.P.read_bytes())

    assert found == [meant.tobytes(), grey.tobytes()]
    assert jp2.data in papers.written(codec, [jp2])
    with pytest.raises(BadSettings, match="16 bits a colour"):
        papers.written(codec, [jp2], compression="deflate")


def test_the_profile_that_ships_is_srgb() -> None:
    """A PDF/A that explains its colours wrongly is worse than none."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(archive.srgb()))
    usual = ImageCms.createProfile("sRGB")
    photo = papers.photo()

    changed = ImageCms.profileToProfile(photo, profile, usual)

    assert changed is not None
    assert np.abs(np.asarray(changed, int) - np.asarray(photo, int)).max() <= 1
    assert archive.srgb()[8:12] == b"\x02\x10\0\0"


def test_a_page_that_is_too_long_for_jpeg_is_not_called_damaged(codec: Pdf) -> None:
    """Packed in another way it goes in whole."""
    data = papers.packed(Image.new("RGB", (66_000, 2), "red"), "PNG")
    page = Page(data=data, media_type="image/png", width=66_000, height=2, dpi=(100.0, 100.0))

    with pytest.raises(TooLarge, match="ends at 65500; choose another compression"):
        codec.encode(
            iter([page]), io.BytesIO(), "application/pdf", {"compression": "jpeg"}, Nowhere()
        )
    made = io.BytesIO()
    codec.encode(iter([page]), made, "application/pdf", {"compression": "lzw"}, Nowhere())
    with pikepdf.open(made) as document:
        assert document.pages[0].Resources.XObject.P.Width == 66_000
