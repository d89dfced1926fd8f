"""Colours mean what their profile says, on screens and in files."""

from __future__ import annotations

import io
import struct
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageCms
from rasters import images

from sheetfed.api.model import Page
from sheetfed.builtin.formats import jpeg
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.worker import drawing
from sheetfed.worker.pictures import pictures_of
from sheetfed_pdf.codec import Pdf

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def swapped() -> bytes:
    """Return a profile that calls red what others call blue."""
    profile = bytearray(SRGB)
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def photo(form: str, profile: bytes) -> bytes:
    stream = io.BytesIO()
    picture = Image.new("RGB", (90, 60), (230, 20, 20))
    if form != "JP2":
        picture.save(stream, form, icc_profile=profile)
        return stream.getvalue()
    picture.save(stream, "JPEG2000")
    data = stream.getvalue()  # its head (jp2h) is one of the size, and one of the colours (colr)
    head, colr = data.index(b"jp2h") - 4, data.index(b"colr") - 4
    after = colr + int.from_bytes(data[colr : colr + 4])
    told = struct.pack(">I4sBBB", 11 + len(profile), b"colr", 2, 0, 0) + profile
    size = struct.pack(">I", colr - head + len(told))
    return data[:head] + size + data[head + 4 : colr] + told + data[after:]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP", "JP2"])
def test_a_picture_is_drawn_in_the_colours_that_it_has(form: str) -> None:
    """A browser shows what is drawn as if it were made for screens."""
    made = Pictures(photo(form, swapped())).page(0, width=30)

    with Image.open(io.BytesIO(made.data)) as shown:
        red, _, blue = shown.convert("RGB").getpixel((15, 10))  # type: ignore[misc]
        assert blue > 180
        assert red < 80


@pytest.mark.parametrize("profile", [LAB, b"no profile at all" * 20, SRGB[:200]])
def test_a_profile_that_lies_changes_nothing(profile: bytes) -> None:
    """A colour space of another kind, or noise, is no reason to lose a page."""
    made = Pictures(photo("JPEG", profile)).page(0, width=30)

    with Image.open(io.BytesIO(made.data)) as shown:
        red, _, blue = shown.convert("RGB").getpixel((15, 10))  # type: ignore[misc]
        assert red > 200
        assert blue < 60


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_the_profile_goes_along_into_pdf_and_tiff(form: str, tmp_path: Path) -> None:
    """Once for all pages that share it; qpdf finds nothing wrong."""
    data = photo(form, swapped())
    page = Page(data=data, media_type=f"image/{form.lower()}", width=90, height=60)
    pdf, tiff = io.BytesIO(), io.BytesIO()

    images().encode(iter([page, page]), pdf, "application/pdf", {}, Nowhere())
    images().encode(iter([page]), tiff, "image/tiff", {}, Nowhere())

    file = tmp_path / "file.pdf"
    file.write_bytes(pdf.getvalue())
    subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)
    with pikepdf.open(file) as document:
        spaces = [one.Resources.XObject.P.ColorSpace for one in document.pages]
        assert [str(space[0]) for space in spaces] == ["/ICCBased"] * 2
        assert spaces[0][1].objgen == spaces[1][1].objgen
        assert spaces[0][1].read_bytes() == swapped()
    with Image.open(io.BytesIO(tiff.getvalue())) as found:
        assert found.info["icc_profile"] == swapped()
        assert np.asarray(found)[0, 0, 0] > 200


@pytest.mark.parametrize(
    ("form", "into", "options"),
    [
        ("PNG", "image/jpeg", {}),
        ("JPEG", "image/jpeg", {"quality": 60}),
        ("TIFF", "image/png", {}),
        ("PNG", "image/webp", {}),
        ("WEBP", "image/png", {}),
        ("PNG", "image/jp2", {}),
        ("JP2", "image/png", {}),
        ("JP2", "image/tiff", {}),
    ],
)
def test_the_profile_goes_along_where_a_picture_is_packed_anew(
    form: str, into: str, options: dict[str, Any]
) -> None:
    """Else red would be another red only because it was saved."""
    page = Page(
        data=photo(form, swapped()), media_type=f"image/{form.lower()}", width=90, height=60
    )
    made = io.BytesIO()

    images().encode(iter([page]), made, into, options, Nowhere())

    with Image.open(io.BytesIO(made.getvalue())) as found:
        found.load()
        told = found.info.get("icc_profile")
        assert told == swapped() or (into, swapped() in made.getvalue()) == ("image/jp2", True)
        red, _, blue = found.convert("RGB").getpixel((15, 10))  # type: ignore[misc]
        assert red > blue


def press() -> bytes:
    """Return the profile of a press whose cyan is pink (ICC.1, 10.10: a table of 16 colours)."""
    straight = bytes(range(256))
    colours = [
        bytes([0 if k else 255 - 40 * (c + m + y), 128 + 90 * c - 60 * y, 128 + 70 * m])
        for c, m, y, k in product((0, 1), repeat=4)
    ]
    table = b"".join((
        b"mft1\0\0\0\0\x04\x03\x02\0",
        struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536),
        straight * 4,
        *colours,
        straight * 3,
    ))  # fmt: skip
    head = struct.pack(">I4sI4s4s4s", 144 + len(table), b"none", 2 << 24, b"prtr", b"CMYK", b"Lab ")
    white = struct.pack(">3i", 63190, 65536, 54061)
    lead = b"".join((head, bytes(12), b"acsp", bytes(28), white, bytes(48)))
    return lead + struct.pack(">I4sII", 1, b"A2B0", 144, len(table)) + table


@pytest.mark.parametrize("into", ["image/png", "image/webp", "image/bmp", "preview", "edited"])
@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_a_print_is_unpacked_in_the_colours_of_its_press(form: str, into: str) -> None:
    """Each way from four inks to a screen gives the pixels that LittleCMS does."""
    inks = Image.new("CMYK", (48, 32), (250, 30, 0, 0))
    inks.paste((0, 200, 90, 20), (0, 0, 24, 16))
    file = io.BytesIO()
    inks.save(file, form, icc_profile=press(), quality=95)
    own, screen = ImageCms.ImageCmsProfile(io.BytesIO(press())), ImageCms.createProfile("sRGB")
    stored = Image.open(io.BytesIO(file.getvalue()))
    meant = ImageCms.profileToProfile(stored, own, screen, outputMode="RGB")
    media_type = f"image/{form.lower()}"
    page = Page(data=file.getvalue(), media_type=media_type, width=48, height=32)

    made = io.BytesIO()
    if into == "preview":
        made.write(pictures_of(page)[3][0].data)
    elif into == "edited":
        drawing.picture_of(page).save(made, "PNG")
    else:
        how = {"quality": 95} if into == "image/webp" else {}
        images().encode(iter([page]), made, into, how, Nowhere())

    with Image.open(io.BytesIO(made.getvalue())) as found:
        off = np.asarray(found.convert("RGB"), int) - np.asarray(meant, int)
        assert np.median(np.abs(off)) <= (4 if into in {"preview", "image/webp"} else 0)
    assert np.abs(np.asarray(meant, int) - np.asarray(stored.convert("RGB"), int)).mean() > 60


@pytest.mark.parametrize("writer", ["images", "pdf"])
@pytest.mark.parametrize("strips", [1, 4])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_a_print_that_nobody_edits_stays_in_its_inks(
    compression: str, strips: int, writer: str, tmp_path: Path
) -> None:
    """No conversion to a screen's colours was asked for, however the file is cut into strips."""
    ink = np.random.default_rng(4).integers(0, 256, (32, 48, 4), dtype=np.uint8)
    file = io.BytesIO()
    picture = Image.fromarray(ink, "CMYK")
    size = {"strip_size": 48 * 4 * 32 // strips} if strips > 1 else {}
    turn = {"tiffinfo": {274: 6}} if strips > 1 else {}
    picture.save(file, "TIFF", compression=compression, icc_profile=press(), **size, **turn)
    seen = np.rot90(ink, -1) if strips > 1 else ink
    page = Page(data=file.getvalue(), media_type="image/tiff", width=48, height=32)
    tiff = io.BytesIO()

    images().encode(iter([page]), tiff, "image/tiff", {}, Nowhere())
    for way in ({}, {"compression": "deflate"}, {"compression": "lzw"}):
        pdf = io.BytesIO()
        codec = images() if writer == "images" else Pdf({})
        codec.encode(iter([page]), pdf, "application/pdf", way, Nowhere())
        (tmp_path / "file.pdf").write_bytes(pdf.getvalue())
        subprocess.run(["pdfimages", "-tiff", "file.pdf", "seen"], cwd=tmp_path, check=True)
        with Image.open(tmp_path / "seen-000.tif") as found:
            stored = np.asarray(found)
            assert np.array_equal(stored, ink if stored.shape == ink.shape else seen), way

    with Image.open(io.BytesIO(tiff.getvalue())) as found:
        assert (found.mode, found.info["icc_profile"]) == ("CMYK", press())
        assert np.array_equal(np.asarray(found), seen)


def test_a_large_profile_is_kept_whole_in_jpeg() -> None:
    """Those of presses are longer than a segment."""
    profile = swapped() + bytes(200_000)
    long = len(profile).to_bytes(4, "big") + profile[4:]

    made = jpeg.with_profile(
        jpeg.encode(np.zeros((9, 9, 3), np.uint8), quality=80, dpi=(1, 1)), long
    )

    with Image.open(io.BytesIO(made)) as found:
        assert found.info["icc_profile"] == long
