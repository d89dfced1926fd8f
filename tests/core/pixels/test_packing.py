"""Each page of a file is packed as it was asked for: by its place, by its kind, as all."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image
from rasters import images

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Page
from sheetfed.api.packing import Packing, Packings
from sheetfed.builtin.formats.rehearsal import Nowhere

WAYS = ("auto", "jpeg", "g4", "lzw")
GREY = np.random.default_rng(1).integers(0, 256, (40, 30), dtype=np.uint8)


def page(mode: str) -> Page:
    picture = Image.fromarray(GREY).convert(mode)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return Page(data=file.getvalue(), media_type="image/png", width=30, height=40, dpi=(72, 72))


def written(media_type: str, *modes: str, **options: Any) -> bytes:
    file = io.BytesIO()
    asked = {name.replace("_", "-"): value for name, value in options.items()}
    images().encode(iter([page(mode) for mode in modes]), file, media_type, asked, Nowhere())
    return file.getvalue()


def test_kinds_and_pages_of_a_pdf_are_packed_as_asked() -> None:
    """A form in black and white, letters in grey, photographs, and one page that is special."""
    data = written(
        "application/pdf", "1", "L", "RGB", "RGB", "1", "I;16",
        black_white="deflate", grey="jpeg", colour="jpx", by_page="4: none; 6-: auto",
    )  # fmt: skip

    with pikepdf.open(io.BytesIO(data)) as pdf:
        pictures = [one.Resources.XObject.P for one in pdf.pages]
        filters = [str(one.get("/Filter")) for one in pictures]
        assert filters == [
            "/FlateDecode", "/DCTDecode", "/JPXDecode", "None", "/FlateDecode", "/FlateDecode",
        ]  # fmt: skip
        assert [int(one.BitsPerComponent) for one in pictures] == [1, 8, 8, 8, 1, 16]
        jpx = Image.open(io.BytesIO(pictures[2].read_raw_bytes()))
        assert np.array_equal(np.asarray(jpx)[..., 0], GREY)  # nothing was asked to be lost


def test_kinds_and_pages_of_a_tiff_are_packed_as_asked() -> None:
    data = written(
        "image/tiff", "1", "L", "RGB", "RGB",
        compression="deflate", black_white="packbits", colour="lzw", by_page="4: jpeg 20",
    )  # fmt: skip
    best = written("image/tiff", "1", "L", "RGB", "RGB", by_page="4: jpeg 95")

    with Image.open(io.BytesIO(data)) as tiff:
        found = []
        for frame in range(4):
            tiff.seek(frame)
            found.append(tiff.tag_v2[259])
    assert found == [32773, 8, 5, 7]
    assert len(best) > len(data)


@pytest.mark.parametrize(
    "rules",
    ["1", "1:", ": g4", "x: g4", "1: gif", "0: g4", "3-1: g4", "1: jpeg 0", "1: jpeg 101",
     "1 2: g4", "1-2-3: g4", "1,: g4", "1: g4;; 2", ";".join(["1: g4"] * 1001)],
)  # fmt: skip
def test_rules_that_say_nothing_are_refused(rules: str) -> None:
    with pytest.raises(BadSettings) as caught:
        Packings({"by-page": rules}, ways=WAYS, whole=Packing(way="auto"))
    assert caught.value.details["option"] == "by-page"


def test_the_first_rule_that_names_a_page_holds() -> None:
    asked = {"by-page": " 2 , 4-5:jpeg 60;3-:g4; 1: auto", "grey": "lzw"}
    packings = Packings(asked, ways=WAYS, whole=Packing(way="auto", quality=70))

    found = [packings.of(number, "grey") for number in range(1, 7)]

    jpeg, fax = Packing(way="jpeg", quality=60), Packing(way="g4")
    assert found == [Packing(way="auto"), jpeg, fax, jpeg, jpeg, fax]
    alone = Packings({"grey": "lzw"}, ways=WAYS, whole=Packing(way="auto", quality=70))
    assert alone.of(9, "grey") == Packing(way="lzw", quality=70)
    assert alone.of(9, "colour") == Packing(way="auto", quality=70)


def test_what_a_format_has_not_is_refused_wherever_it_stands() -> None:
    for options in ({"colour": "jpx"}, {"by_page": "2: jpx"}, {"compression": "jpx"}):
        with pytest.raises(BadSettings):
            written("image/tiff", "L", **options)
