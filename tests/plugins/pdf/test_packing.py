"""Pages packed as each was asked for; JBIG2 read back by PDFium and poppler."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import papers
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from sheetfed.api.errors import BadSettings
from sheetfed_pdf.codec import Pdf

CODEC = Pdf({})


def bilevel(black: Any) -> Any:
    file = io.BytesIO()
    Image.fromarray(~black).save(file, "PNG")
    size = (black.shape[1], black.shape[0])
    return papers.picture_page(file.getvalue(), "image/png", size, dpi=(72, 72))


def picture(mode: str) -> Any:
    file = io.BytesIO()
    papers.photo(mode).save(file, "PNG")
    return papers.picture_page(file.getvalue(), "image/png", (120, 80), dpi=(72, 72))


def filters(data: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [str(page.Resources.XObject.P.get("/Filter", "")) for page in pdf.pages]


@settings(max_examples=40, deadline=None)
@given(
    black=arrays(
        bool, array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=150), fill=st.booleans()
    )
)
def test_every_pixel_comes_back_from_jbig2(black: Any) -> None:
    """As PDFium unpacks it, whose decoder nobody here wrote."""
    data = papers.written(CODEC, [bilevel(black)], compression="jbig2")

    book = CODEC.open(io.BytesIO(data), {})
    page = book.page(0)
    book.close()

    assert filters(data) == ["/JBIG2Decode"]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(page.data)).convert("1")), ~black)


def test_a_page_of_print_is_smaller_than_as_a_fax(tmp_path: Path) -> None:
    """And poppler sees the same page."""
    grey = np.asarray(papers.photo("L").resize((600, 400))).astype(int)
    black = (grey // 40 + np.indices(grey.shape).sum(0) // 9) % 3 == 0
    file = tmp_path / "print.pdf"
    file.write_bytes(papers.written(CODEC, [bilevel(black)], compression="jbig2", archive="1b"))

    papers.check(file)
    subprocess.run(["pdfimages", "-png", file, tmp_path / "seen"], check=True, timeout=30)

    assert np.array_equal(np.asarray(Image.open(tmp_path / "seen-000.png").convert("1")), ~black)
    assert file.stat().st_size < len(papers.written(CODEC, [bilevel(black)], archive="1b"))


def test_kinds_and_pages_are_packed_as_asked() -> None:
    """By the page, else by its kind, else as all."""
    pages = [picture("1"), picture("L"), picture("RGB"), picture("RGB"), picture("1")]
    options = {"compression": "lzw", "black_white": "jbig2", "colour": "jpeg2000"}

    data = papers.written(CODEC, pages, by_page="4: jpeg 50; 5-9: g3", **options)

    assert filters(data) == [
        "/JBIG2Decode", "/LZWDecode", "/JPXDecode", "/DCTDecode", "/CCITTFaxDecode",
    ]  # fmt: skip
    with pikepdf.open(io.BytesIO(data)) as pdf:
        stored = pdf.pages[2].Resources.XObject.P.read_raw_bytes()
    whole = np.asarray(Image.open(io.BytesIO(stored)))
    assert np.array_equal(whole, np.asarray(papers.photo("RGB")))  # nobody asked for loss


def test_a_print_that_nobody_edits_stays_in_its_inks() -> None:
    """PDF/A without a press's intent takes none, and gets a screen's colours."""
    ink = np.random.default_rng(4).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(ink, "CMYK").save(file, "TIFF", compression="tiff_adobe_deflate")
    page = papers.picture_page(file.getvalue(), "image/tiff", (30, 20))

    with pikepdf.open(io.BytesIO(papers.written(CODEC, [page]))) as pdf:
        stored = pdf.pages[0].Resources.XObject.P
        assert (str(stored.ColorSpace), stored.read_bytes()) == ("/DeviceCMYK", ink.tobytes())
    with pikepdf.open(io.BytesIO(papers.written(CODEC, [page], archive="2b"))) as pdf:
        assert str(pdf.pages[0].Resources.XObject.P.ColorSpace) == "/DeviceRGB"


@pytest.mark.parametrize(
    "options",
    [
        {"by_page": "2: jpx"},
        {"grey": "gif"},
        {"by_page": "1: lzw", "archive": "2b"},
        {"colour": "jpeg2000", "archive": "1b"},
        {"colour": "jpeg2000", "version": "1.4"},
    ],
)
def test_ways_that_do_not_go_are_refused_wherever_they_stand(options: dict[str, Any]) -> None:
    with pytest.raises(BadSettings):
        papers.written(CODEC, [picture("L")], **options)
