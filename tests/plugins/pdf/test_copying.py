"""Pages that leave as they came, and files that are made of them."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import papers
import pikepdf
import pytest
from papers import kept, picture_page, written

from sheetfed.api.model import Box, Mark
from sheetfed_pdf.codec import Pdf

NAME = pikepdf.Name


def again(data: bytes, **options: Any) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data), **options)


def streams(page: Any) -> list[bytes]:
    """Return every stream that a page leads to, as it is packed."""
    found, waiting, seen = list[bytes](), [page.Resources, page.Contents], set[Any]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Array):
            waiting += [entry for entry in value if isinstance(entry, pikepdf.Object)]
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            if value.is_indirect and value.objgen in seen:
                continue
            seen.add(value.objgen)
            if isinstance(value, pikepdf.Stream):
                found.append(value.read_raw_bytes())
            waiting += [entry for entry in value.values() if isinstance(entry, pikepdf.Object)]
    return sorted(found)


def rich() -> bytes:
    """Return two pages with a picture, shared letters, links by name and place, and bookmarks."""
    pdf = papers.document([papers.SHAPES + papers.TEXT % (150, b"first"), b"/Im Do"])
    pages = [page.obj for page in pdf.pages]
    letters = papers.own_letters(pdf)
    for page in pages:
        page.Resources.Font.F2 = letters
    picture = pikepdf.Stream(pdf, papers.packed(papers.photo(), "JPEG"))
    picture.update({"/Type": NAME.XObject, "/Subtype": NAME.Image, "/Width": 120, "/Height": 80,
                    "/ColorSpace": NAME.DeviceRGB, "/BitsPerComponent": 8,
                    "/Filter": NAME.DCTDecode})  # fmt: skip
    pages[1].Resources.XObject = pikepdf.Dictionary(Im=picture)
    pages[1].Contents = pikepdf.Stream(pdf, b"q 120 0 0 80 20 20 cm /Im Do Q /F2 20 Tf")
    place = pikepdf.Array([pages[1], NAME.XYZ, 0, 150, 0])
    tree = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("there"), place]))
    pdf.Root.Names = pikepdf.Dictionary(
        Dests=tree,
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([
            pikepdf.String("x"), pikepdf.Dictionary(S=NAME.JavaScript, JS=pikepdf.String("evil()")),
        ])),
    )  # fmt: skip

    def link(**entries: Any) -> pikepdf.Dictionary:
        box = pikepdf.Array([10, 10, 50, 50])
        return pdf.make_indirect(
            pikepdf.Dictionary(Type=NAME.Annot, Subtype=NAME.Link, Rect=box, **entries)
        )

    pages[0].Annots = pikepdf.Array([
        link(A=pikepdf.Dictionary(S=NAME.URI, URI=pikepdf.String("https://example.org/"))),
        link(Dest=pikepdf.String("there")),
        link(Dest=pikepdf.Array([pages[1], NAME.Fit])),
        link(A=pikepdf.Dictionary(S=NAME.Launch, F=pikepdf.String("evil.exe"))),
        link(A=pikepdf.Dictionary(S=NAME.JavaScript, JS=pikepdf.String("evil()"))),
    ])  # fmt: skip
    pages[0].AA = pikepdf.Dictionary(
        O=pikepdf.Dictionary(S=NAME.JavaScript, JS=pikepdf.String("evil()"))
    )
    with pdf.open_outline() as outline:
        one = pikepdf.OutlineItem("One", 0)
        one.children.append(pikepdf.OutlineItem("One, two", 1))
        outline.root.append(one)
    return papers.saved(pdf, compress_streams=True)


def test_untouched_pages_keep_every_stream(codec: Pdf, tmp_path: Path) -> None:
    """Vector, text and pictures are the same bytes, in whatever order the pages come."""
    data = rich()
    out = written(codec, [kept("a", 1), kept("a", 0)], {"a": data})
    (tmp_path / "out.pdf").write_bytes(out)

    papers.check(tmp_path / "out.pdf")
    with again(data) as one, again(out) as two:
        assert streams(two.pages[0].obj) == streams(one.pages[1].obj)
        assert streams(two.pages[1].obj) == streams(one.pages[0].obj)
        assert len(streams(two.pages[0].obj)) == 4


def test_links_and_bookmarks_lead_where_they_led(codec: Pdf) -> None:
    """To the same page at its new place, and to addresses."""
    out = again(written(codec, [kept("a", 1), kept("a", 0)], {"a": rich()}))

    first, second = (page.obj for page in out.pages)
    address, called, direct = second.Annots[0], second.Annots[1], second.Annots[2]
    assert str(address.A.URI) == "https://example.org/"
    assert called.Dest[0].objgen == direct.Dest[0].objgen == first.objgen
    assert called.Dest[3] == 150
    with out.open_outline() as outline:
        (one,) = outline.root
        assert (one.title, one.children[0].title) == ("One", "One, two")
        assert one.destination[0].objgen == second.objgen
        assert one.children[0].destination[0].objgen == first.objgen


def test_what_would_be_run_is_left_behind(codec: Pdf) -> None:
    """Neither scripts nor programs go into a new file; the notes that had them stay."""
    out = written(codec, [kept("a", 0), kept("a", 1)], {"a": rich()}, title="new")

    with again(out) as pdf:
        assert len(pdf.pages[0].obj.Annots) == 5
        text = b"".join(
            value.unparse(resolved=True)
            for value in pdf.objects
            if isinstance(value, pikepdf.Dictionary)
        )
    for word in (b"evil", b"/AA", b"/JavaScript", b"/Launch", b"/JS"):
        assert word not in text, word


def test_a_whole_untouched_file_leaves_as_it_came(codec: Pdf) -> None:
    """To the byte, so that even a signature on it stays good."""
    data = rich()

    assert written(codec, [kept("a", 0), kept("a", 1)], {"a": data}) == data
    assert written(codec, [kept("a", 0)], {"a": data}) != data
    assert written(codec, [kept("a", 0), kept("a", 1)], {"a": data}, title="x") != data


def test_only_edited_pages_become_pictures(codec: Pdf, tmp_path: Path) -> None:
    """The pages around stay text."""
    jpeg = papers.packed(papers.photo(), "JPEG")
    pages = [kept("a", 0), picture_page(jpeg, "image/jpeg", (120, 80)), kept("a", 2)]
    out = written(codec, pages, {"a": papers.lettered(["one", "two", "three"])})
    (tmp_path / "out.pdf").write_bytes(out)

    papers.check(tmp_path / "out.pdf")
    text = subprocess.run(["pdftotext", "out.pdf", "-"], cwd=tmp_path, check=True,
                          capture_output=True, text=True).stdout  # fmt: skip
    images = subprocess.run(["pdfimages", "-list", "out.pdf"], cwd=tmp_path, check=True,
                            capture_output=True, text=True).stdout.splitlines()[2:]  # fmt: skip
    assert text.split("\f")[:3] == ["one\n\n", "", "three\n\n"]
    assert len(images) == 1
    assert images[0].split()[:1] + images[0].split()[8:9] == ["2", "jpeg"]


def test_documents_are_merged_and_what_they_share_is_written_once(codec: Pdf) -> None:
    """Twenty pages with one font have one font."""
    files = {name: papers.lettered([f"{name} {n}" for n in range(10)]) for name in "ab"}
    pages = [kept(name, n) for n in range(10) for name in "ab"]

    out = again(written(codec, pages, files))

    fonts = {page.obj.Resources.Font.F1.objgen for page in out.pages}
    assert len(out.pages) == 20
    assert len(fonts) == 2


def test_a_page_that_comes_twice_is_two_pages(codec: Pdf, tmp_path: Path) -> None:
    """Nothing of one is written into the other."""
    out = written(codec, [kept("a", 0), kept("a", 0), kept("a", 1)], {"a": rich()})
    (tmp_path / "out.pdf").write_bytes(out)

    papers.check(tmp_path / "out.pdf")
    pdf = again(out)
    one, two, _ = pdf.pages
    assert one.obj.objgen != two.obj.objgen
    assert one.obj.Annots[0].P.objgen == one.obj.objgen
    assert two.obj.Annots[0].P.objgen == two.obj.objgen


def test_fields_stay_a_form(codec: Pdf) -> None:
    """A form whose pages were put in order can still be filled in."""
    pdf = papers.document([b"", b""])
    field = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=NAME.Annot, Subtype=NAME.Widget, FT=NAME.Tx, T=pikepdf.String("name"),
            V=pikepdf.String("Ada"), Rect=pikepdf.Array([10, 10, 100, 30]),
        )
    )  # fmt: skip
    pdf.pages[1].obj.Annots = pikepdf.Array([field])
    pdf.Root.AcroForm = pikepdf.Dictionary(
        Fields=pikepdf.Array([field]), DA=pikepdf.String("/Helv 0 Tf 0 g")
    )

    out = again(written(codec, [kept("a", 1)], {"a": papers.saved(pdf)}))

    (kept_field,) = out.Root.AcroForm.Fields
    assert (str(kept_field.T), str(kept_field.V)) == ("name", "Ada")
    assert kept_field.objgen == out.pages[0].obj.Annots[0].objgen
    assert str(out.Root.AcroForm.DA) == "/Helv 0 Tf 0 g"


def test_a_field_takes_nothing_along_from_a_page_that_is_left_out(codec: Pdf) -> None:
    """Nor from one that is covered: what a field shows there would be in the file, unseen."""
    pdf = papers.document([b"", b""])
    parts = []
    for number, page in enumerate(pdf.pages):
        look = pikepdf.Stream(pdf, b"BT (shown on page %d) Tj ET" % number)
        part = pikepdf.Dictionary(
            Type=NAME.Annot, Subtype=NAME.Widget, Rect=pikepdf.Array([10, 10, 100, 30]),
            AP=pikepdf.Dictionary(N=look), P=page.obj,
        )  # fmt: skip
        parts.append(pdf.make_indirect(part))
        page.obj.Annots = pikepdf.Array([parts[-1]])
    field = pdf.make_indirect(
        pikepdf.Dictionary(FT=NAME.Tx, T=pikepdf.String("name"), Kids=pikepdf.Array(parts))
    )
    for part in parts:
        part.Parent = field
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
    files = {"a": papers.saved(pdf)}

    one = again(written(codec, [kept("a", 0)], files))
    both = again(written(codec, [kept("a", 0), kept("a", 1)], files, title="x"))

    assert not any(
        b"page 1" in value.read_bytes()
        for value in one.objects
        if isinstance(value, pikepdf.Stream)
    )
    (only,) = one.Root.AcroForm.Fields[0].Kids
    assert only.objgen == one.pages[0].obj.Annots[0].objgen
    assert [kid.objgen for kid in both.Root.AcroForm.Fields[0].Kids] == [
        page.obj.Annots[0].objgen for page in both.pages
    ]


def test_layers_stay_on_and_off(codec: Pdf) -> None:
    """A plan whose hidden layer comes to light is another plan."""
    pdf = papers.document([b"/OC /L BDC " + papers.SHAPES + b" EMC"])
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=NAME.OCG, Name=pikepdf.String("pipes")))
    pdf.pages[0].obj.Resources.Properties = pikepdf.Dictionary(L=layer)
    pdf.Root.OCProperties = pikepdf.Dictionary(
        OCGs=pikepdf.Array([layer]),
        D=pikepdf.Dictionary(Order=pikepdf.Array([layer]), OFF=pikepdf.Array([layer])),
    )

    out = written(codec, [kept("a", 0)] * 2, {"a": papers.saved(pdf)})

    with again(out) as copied:
        assert [str(group.Name) for group in copied.Root.OCProperties.D.OFF] == ["pipes"]
    blank = codec.open(io.BytesIO(out), {"dpi": 72}).page(0)
    assert papers.is_white(blank.data)


def test_pages_of_a_locked_file_are_copied_with_its_password(codec: Pdf, tmp_path: Path) -> None:
    """Whoever opened it may put its pages in order."""
    locked = papers.saved(
        papers.document([papers.TEXT % (100, b"secret")]),
        encryption=pikepdf.Encryption(owner="o", user="geheim"),
    )

    out = written(codec, [kept("a", 0, password="geheim")] * 2, {"a": locked})

    (tmp_path / "out.pdf").write_bytes(out)
    papers.check(tmp_path / "out.pdf")
    with again(out) as pdf:
        assert not pdf.is_encrypted
        assert b"(secret)" in pdf.pages[1].obj.Contents[0].read_bytes()


def test_a_range_counts_from_its_own_beginning(codec: Pdf) -> None:
    """A page is the same one in every question about a file that was opened in part."""
    data = papers.lettered(["one", "two", "three"])

    out = again(written(codec, [kept("a", 0, pages="3,1")], {"a": data}))

    assert b"(three)" in out.pages[0].obj.Contents[0].read_bytes()
    assert len(codec.open(io.BytesIO(data), {"pages": "3,1"}).marks(1)) > 0


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_text_that_was_found_lies_over_a_copied_page(codec: Pdf, turn: int, tmp_path: Path) -> None:
    """Where it was found on the page as it is seen, however it is turned."""
    pdf = papers.document([papers.SHAPES], size=(200, 100))
    pdf.pages[0].obj.Rotate = turn
    size = (100, 200) if turn in {90, 270} else (200, 100)
    box = Box(left=20, top=30, width=50, height=10)
    mark = Mark(kind="text", value="found", by="ocr", box=box)
    page = kept("a", 0, marks=(mark,))
    page = papers.sized(page, size)

    out = written(codec, [page], {"a": papers.saved(pdf)})

    (tmp_path / "out.pdf").write_bytes(out)
    papers.check(tmp_path / "out.pdf")
    marks = codec.open(io.BytesIO(out), {"dpi": 72}).marks(0)
    (text,) = [one for one in marks if one.kind == "text"]
    assert text.value == "found"
    assert text.box is not None
    assert abs(text.box.left - 20) < 2
    assert abs(text.box.top - 30) < 3
    assert abs(text.box.width - 50) < 3


def test_a_thousand_pages_are_copied_while_few_files_are_open(codec: Pdf) -> None:
    """A merge of hundreds of files is no heavier than one of a few."""
    files = {str(n): papers.lettered([str(n)]) for n in range(30)}
    shelf = papers.Shelf(files)
    stream = io.BytesIO()
    pages = [kept(str(n), 0) for n in [*range(30), *range(30)]]

    codec.encode(iter(pages), stream, papers.MEDIA_TYPE, {}, shelf)

    assert len(again(stream.getvalue()).pages) == 60
    assert shelf.most_open <= 10
