"""Pages as they are drawn, beside another program's drawing of them."""

from __future__ import annotations

import io
import subprocess
from contextlib import closing
from pathlib import Path

import numpy as np
import papers
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api.model import Box
from sheetfed_pdf.codec import Pdf

DPI = 72
CELL = 10


def corpus() -> pikepdf.Pdf:
    """Return pages with what PDF has: text, lines, pictures, boxes, turns, transparency."""
    words = papers.TEXT % (150, b"LTLLTT")
    plain = papers.SHAPES + words
    pdf = papers.document([plain] * 9, size=(200, 240))
    pages = [page.obj for page in pdf.pages]
    letters = papers.own_letters(pdf)
    for page in pages:
        page.Resources.Font.F1 = letters
    for turn, page in zip((90, 180, 270), pages[1:4], strict=True):
        page.Rotate = turn
    pages[4].CropBox = pikepdf.Array([10, 30, 160, 200])
    see_through = pikepdf.Dictionary(ca=0.5, CA=0.5, BM=pikepdf.Name.Multiply)
    pages[5].Resources.ExtGState = pikepdf.Dictionary(G=see_through)
    pages[5].Contents = pikepdf.Stream(pdf, plain + b"/G gs 0 1 1 rg 10 10 150 90 re f")
    picture = pikepdf.Stream(pdf, papers.packed(papers.photo(), "JPEG"))
    picture.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 120,
                    "/Height": 80, "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8,
                    "/Filter": pikepdf.Name.DCTDecode})  # fmt: skip
    pages[6].Resources.XObject = pikepdf.Dictionary(Im=picture)
    turned = b"q 0 90 -120 0 170 30 cm /Im Do Q "
    pages[6].Contents = pikepdf.Stream(pdf, turned + words)
    shade = pikepdf.Dictionary(
        ShadingType=2, ColorSpace=pikepdf.Name.DeviceRGB, Coords=pikepdf.Array([0, 0, 200, 0]),
        Function=pikepdf.Dictionary(FunctionType=2, Domain=pikepdf.Array([0, 1]), N=1,
                                    C0=pikepdf.Array([1, 1, 0]), C1=pikepdf.Array([0, 0, 1])),
    )  # fmt: skip
    pages[7].Resources.Shading = pikepdf.Dictionary(S=shade)
    pages[7].Contents = pikepdf.Stream(pdf, b"q 20 20 150 100 re W n /S sh Q " + words)
    form = pikepdf.Stream(pdf, b"0 0.5 0 rg 0 0 50 20 re f")
    form.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form,
                 "/BBox": pikepdf.Array([0, 0, 50, 20]),
                 "/Matrix": pikepdf.Array([2, 0.5, 0, 2, 30, 30])})  # fmt: skip
    pages[8].Resources.XObject = pikepdf.Dictionary(Fm=form)
    pages[8].Contents = pikepdf.Stream(pdf, b"/Fm Do " + words)
    return pdf


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Image.Image]]:
    """Return the corpus and what pdftoppm makes of it."""
    folder = tmp_path_factory.mktemp("drawn")
    data = papers.saved(corpus())
    (folder / "corpus.pdf").write_bytes(data)
    command = ["pdftoppm", "-cropbox", "-r", str(DPI), "-png", "corpus.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True, timeout=30)
    return data, [Image.open(path).convert("RGB") for path in sorted(folder.glob("page-*.png"))]


def cells(picture: Image.Image) -> NDArray[np.float64]:
    """Return a picture as few cells, each as dark and coloured as that part of it."""
    size = (picture.width // CELL, picture.height // CELL)
    small = picture.convert("RGB").resize(size, Image.Resampling.BOX)
    return np.asarray(small, np.float64)


def apart(one: Image.Image, two: Image.Image) -> float:
    """Say how far two pictures are apart where they are furthest, of 255."""
    return float(np.abs(cells(one) - cells(two)).max())


NEAR = 30.0
"""Two renderers smooth edges and pictures differently, by less than this in a cell."""


def test_pages_look_as_another_program_draws_them(
    codec: Pdf, drawings: tuple[bytes, list[Image.Image]]
) -> None:
    """Text, lines, pictures, boxes, turns, shades and transparency are where they belong."""
    data, others = drawings
    book = codec.open(io.BytesIO(data), {"dpi": DPI})
    ours = [Image.open(io.BytesIO(book.page(n).data)) for n in range(book.count)]

    assert len(ours) == len(others) == 9
    for number, (one, two) in enumerate(zip(ours, others, strict=True)):
        assert one.size == two.size, number
        assert apart(one, two) < NEAR, number


def test_the_comparison_notices_what_is_shifted_mirrored_or_missing(
    drawings: tuple[bytes, list[Image.Image]],
) -> None:
    """A tolerance that lets those through would prove nothing."""
    picture = drawings[1][0]
    mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    shifted = Image.new("RGB", picture.size, "white")
    shifted.paste(picture, (0, 8))
    missing = picture.copy()
    missing.paste((255, 255, 255), (15, 175, 90, 225))

    for wrong in (mirrored, shifted, missing):
        assert apart(picture, wrong) > NEAR


def test_a_region_is_cut_from_the_page_at_the_size_asked_for(codec: Pdf) -> None:
    """Whoever looks closely asks for no more than what is seen."""
    book = codec.open(io.BytesIO(papers.lettered(["region"])), {"dpi": 144})
    whole = Image.open(io.BytesIO(book.page(0).data))
    box = Box(left=40, top=100, width=160, height=120)

    part = book.page(0, region=box)
    small = book.page(0, region=box, width=80)

    assert (part.width, part.height) == (160, 120)
    assert (small.width, small.height) == (80, 60)
    assert apart(Image.open(io.BytesIO(part.data)), whole.crop((40, 100, 200, 220))) < 3
    reduced = whole.crop((40, 100, 200, 220)).reduce(2)
    assert apart(Image.open(io.BytesIO(small.data)), reduced) < NEAR


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (833, 833)),
        ({"dpi": 72}, (200, 200)),
        ({"dpi": 72, "max-width": 100}, (100, 100)),
        ({"dpi": 72, "max-height": 50, "max-width": 100}, (50, 50)),
    ],
)
def test_size_follows_resolution_and_limits(
    codec: Pdf, asked: dict[str, int], size: tuple[int, int]
) -> None:
    """Where both are given the stricter wins, the shape kept."""
    book = codec.open(io.BytesIO(papers.lettered(["size"])), asked)

    page = book.page(0)

    assert (page.width, page.height) == size
    assert page.dpi == pytest.approx((size[0] / 200 * 72,) * 2, rel=0.01)


@pytest.mark.parametrize("where", ["preserve", "disable", "generate", "escaped"])
def test_a_page_has_its_own_unit_wherever_the_file_says_it(codec: Pdf, where: str) -> None:
    """`UserUnit`, PDF 32000-1:2008, 14.11.1: also out of sight, in an object stream."""
    pdf = papers.document([papers.SHAPES] * 2, size=(200, 240))
    pdf.pages[1].obj["/UserUnit"] = 3
    streams = "disable" if where == "escaped" else where
    data = papers.saved(pdf, object_stream_mode=getattr(pikepdf.ObjectStreamMode, streams))
    assert (b"/UserUnit" in data) is (where != "generate")
    if where == "escaped":
        data = data.replace(b"/UserUnit 3", b"/User#55nit 3")
    with closing(codec.open(io.BytesIO(data), {"dpi": 72})) as book:
        assert [(book.info(at).width, book.info(at).height) for at in range(2)] == [
            (200, 240),
            (600, 720),
        ]


def test_grey_leaves_no_colour(codec: Pdf) -> None:
    """A page drawn in grey is stored in a third of the room."""
    data = papers.lettered(["grey"])

    grey = Image.open(io.BytesIO(codec.open(io.BytesIO(data), {"grey": True}).page(0).data))
    colour = Image.open(io.BytesIO(codec.open(io.BytesIO(data), {}).page(0).data))

    assert grey.mode == "L"
    assert colour.mode == "RGB"


def test_a_page_without_colour_is_kept_grey(codec: Pdf) -> None:
    """Most letters are black on white."""
    data = papers.saved(papers.document([papers.TEXT % (100, b"black")]))

    assert Image.open(io.BytesIO(codec.open(io.BytesIO(data), {}).page(0).data)).mode == "L"


def noted() -> bytes:
    """Return a page with a stamp and a filled field."""
    pdf = papers.document([papers.TEXT % (100, b"noted")])

    def look(color: bytes) -> pikepdf.Dictionary:
        drawn = pikepdf.Stream(pdf, color + b" rg 0 0 50 50 re f")
        drawn.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form,
                      "/BBox": pikepdf.Array([0, 0, 50, 50])})  # fmt: skip
        return pikepdf.Dictionary(N=drawn)

    stamp = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4,
        Rect=pikepdf.Array([0, 0, 50, 50]), AP=look(b"1 0 0"),
    )  # fmt: skip
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Btn, F=4, Ff=65536,
        T=pikepdf.String("push"), Rect=pikepdf.Array([150, 0, 200, 50]), AP=look(b"0 0 1"),
    )  # fmt: skip
    notes = [pdf.make_indirect(stamp), pdf.make_indirect(field)]
    pdf.pages[0].obj.Annots = pikepdf.Array(notes)
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([notes[1]]))
    return papers.saved(pdf)


def test_a_picture_drawn_at_its_own_resolution_is_that_picture(codec: Pdf) -> None:
    """No renderer stretches it by a hair; as JPEG it is not packed again. Aside, it is drawn."""
    came = papers.packed(papers.photo(), "JPEG")
    name = pikepdf.Name
    entries = {"ColorSpace": name.DeviceRGB, "BitsPerComponent": 8, "Filter": name.DCTDecode}
    pdf, aside = (papers.filled(came, (120, 80), **entries) for _ in range(2))
    aside.pages[0].Contents = pikepdf.Stream(aside, b"q 120 0 0 80 1 0 cm /Im Do Q")
    own = np.asarray(Image.open(io.BytesIO(came)))

    def drawn(pdf: pikepdf.Pdf, **asked: str | int) -> bytes:
        book = codec.open(io.BytesIO(papers.saved(pdf)), {"mode": "render", "dpi": 72, **asked})
        return book.page(0).data

    jpeg = drawn(pdf, format="jpeg")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(drawn(pdf)))), own)
    assert (jpeg[:13], jpeg[18:]) == (came[:13], came[18:])
    assert Image.open(io.BytesIO(jpeg)).info["dpi"] == (72, 72)
    shifted = np.asarray(Image.open(io.BytesIO(drawn(aside))))
    assert shifted.shape == own.shape
    assert np.abs(shifted[:, 1:].astype(int) - own[:, :-1]).mean() < 8
    assert not np.array_equal(shifted, own)
    assert drawn(pdf, dpi=36, format="jpeg") != jpeg


@pytest.mark.parametrize("annotations", [True, False])
@pytest.mark.parametrize("forms", [True, False])
def test_notes_and_fields_are_drawn_where_they_are_asked_for(
    codec: Pdf, *, annotations: bool, forms: bool
) -> None:
    """A stamp may hide what is below it, and a form may be wanted empty."""
    asked = {"dpi": 72, "annotations": annotations, "forms": forms}

    page = codec.open(io.BytesIO(noted()), asked).page(0)

    picture = Image.open(io.BytesIO(page.data)).convert("RGB")
    assert (picture.getpixel((25, 175)) == (255, 0, 0)) is annotations
    assert (picture.getpixel((175, 175)) == (0, 0, 255)) is forms


def test_text_is_told_word_by_word_where_it_is_seen(codec: Pdf) -> None:
    """So that it can be searched and copied on the page, turned or not."""
    pdf = papers.document([papers.TEXT % (150, b"Two words")] * 2)
    pdf.pages[1].obj.Rotate = 90
    book = codec.open(io.BytesIO(papers.saved(pdf)), {"dpi": 72})

    upright, turned = ([m for m in book.marks(n) if m.kind == "text"] for n in range(2))

    assert [mark.value for mark in upright] == ["Two", "words"] == [m.value for m in turned]
    assert all(mark.kind == "text" and mark.by == "pdf" for mark in upright)
    one, two = upright[0].box, turned[0].box
    assert one is not None
    assert two is not None
    assert 38 < one.left < 44
    assert one.top < 50 < one.top + one.height < 62
    assert one.width > one.height
    assert two.height > two.width
    assert two.left + two.width > 150 > two.left > 130


def test_a_tiny_and_a_huge_page_are_drawn(codec: Pdf) -> None:
    """At what resolution is possible; what they say of it is true."""
    for points, width in ((0.001, 1), (100_000, 10_000)):
        pdf = papers.document([papers.SHAPES], size=(points, points))
        book = codec.open(io.BytesIO(papers.saved(pdf)), {})
        info = book.info(0)
        small = book.page(0, width=50, height=50)
        assert info.width == info.height == pytest.approx(width, rel=0.2)
        assert max(small.width, small.height) <= 50


def test_two_thousand_pages_open_without_being_read(codec: Pdf, tmp_path: Path) -> None:
    """The first page is seen at once, and a file of gigabytes is never held."""
    pdf = papers.document([papers.TEXT % (100, b"many")] * 2000)
    pdf.Root.Ballast = pdf.make_stream(bytes(range(256)) * 80_000)
    data = papers.saved(pdf, compress_streams=False)
    stream = papers.Counting(data)

    book = codec.open(stream, {"mode": "render"})
    infos = [book.info(n) for n in range(book.count)]
    book.page(1999, width=100)

    assert len(infos) == 2000
    assert len(data) > 20_000_000
    assert stream.tally < 3_000_000
