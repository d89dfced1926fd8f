"""What a file says about itself, and how it is protected, checked by other programs."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import papers
import pikepdf
import preflight
import pytest
from papers import kept, picture_page, written
from PIL import Image, ImageCms

from sheetfed.api.errors import BadRequest, BadSettings, PasswordNeeded, UnsupportedType
from sheetfed.api.model import Box, Mark
from sheetfed_pdf.codec import Pdf

JPEG = papers.packed(papers.photo(), "JPEG", dpi=(72, 72))


def scan(*marks: Mark) -> Any:
    return picture_page(JPEG, "image/jpeg", (120, 80), dpi=(72, 72), marks=marks)


def said(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    return done.stdout


def opened(data: bytes, **options: Any) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data), **options)


def test_metadata_is_the_same_in_both_forms(codec: Pdf, tmp_path: Path) -> None:
    """One reader looks here, the other there."""
    told = {"title": "Rechnung (7) für Ärzte", "author": "Ada & Bob", "subject": "<s>",
            "keywords": "a, b", "creator": "desk 4"}  # fmt: skip
    path = tmp_path / "out.pdf"
    own = json.dumps({"Case No.": "12 ä", "Producer": "not mine to say"})
    dates = {"date": "2026-11-25T09:30:00+01:00", "modified": "2026-11-26T00:00:00Z"}
    path.write_bytes(written(codec, [scan()], fields=own, **dates, **told))

    papers.check(path)
    lines = said("pdfinfo", str(path))
    for name, value in told.items():
        assert re.search(rf"^{name.title()}: +{re.escape(value)}$", lines, re.MULTILINE), name
    with pikepdf.open(path) as pdf, pdf.open_metadata() as metadata:
        assert str(pdf.docinfo["/Case No."]) == "12 ä"
        assert str(pdf.docinfo["/Producer"]) == "sheetfed-pdf"
        assert metadata["dc:title"] == told["title"]
        assert metadata["dc:creator"] == [told["author"]]
        assert metadata["xmp:CreateDate"] == "2026-11-25T09:30:00+01:00"
        assert metadata["xmp:ModifyDate"] == "2026-11-26T00:00:00+00:00"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20261125093000+01'00'"
        assert str(pdf.docinfo["/ModDate"]) == "D:20261126000000+00'00'"
    other = opened(written(codec, [scan()], producer="Them & Co", date=dates["date"]))
    with other.open_metadata() as metadata:
        assert metadata["pdf:Producer"] == str(other.docinfo["/Producer"]) == "Them & Co"
    assert other.docinfo["/ModDate"] == other.docinfo["/CreationDate"]
    assert codec.open(io.BytesIO(path.read_bytes()), {}).about()["title"] == told["title"]


def test_what_no_reader_takes_is_left_out_of_metadata(codec: Pdf, tmp_path: Path) -> None:
    """A code on a page may hold any bytes, and become a name or a value."""
    path = tmp_path / "out.pdf"
    own = json.dumps({"Case\x00 No.": "1\x002", "Title\x00": "not mine to say"})

    path.write_bytes(written(codec, [scan()], fields=own, title="a\x01b"))

    papers.check(path)
    with pikepdf.open(path) as pdf:
        assert str(pdf.docinfo["/Case No."]) == "12"
        assert str(pdf.docinfo["/Title"]) == "ab"


def test_the_same_pages_make_the_same_file(codec: Pdf) -> None:
    """What was sent can be told from what was changed on the way."""
    pages = [scan(), kept("a", 1), scan()]
    files = {"a": papers.lettered(["one", "two"])}

    one, two = (written(codec, pages, files, title="x") for _ in range(2))

    assert one == two
    assert written(codec, pages, files, title="y") != one


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3", "1.4"])
def test_an_old_version_holds_nothing_that_came_after_it(
    codec: Pdf, version: str, tmp_path: Path
) -> None:
    """Deflate came with 1.2, profiles and the text's font with 1.3, XMP with 1.4."""
    text = Mark(kind="text", value="found", by="ocr", box=Box(left=9, top=9, width=40, height=9))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pages = [
        picture_page(papers.packed(papers.photo(mode), form, **how), f"image/{form.lower()}",
                     (120, 80), dpi=(72, 72), marks=(text,) * 40)
        for mode, form, how in (("RGB", "JPEG", {"icc_profile": profile}), ("RGB", "PNG", {}),
                                ("L", "PNG", {}), ("1", "PNG", {}), ("RGB", "JPEG2000", {}))
    ]  # fmt: skip
    pages[4] = replace(pages[4], media_type="image/jp2")
    path = tmp_path / "out.pdf"
    path.write_bytes(written(codec, pages, title="Old", version=version))

    papers.check(path)
    data = path.read_bytes()
    assert data.startswith(b"%%PDF-%s\n" % version.encode())
    assert (b"/FlateDecode" in data) is (version >= "1.2")
    assert (b"/ICCBased" in data) is (b"/Type0" in data) is (version >= "1.3")
    assert (b"/Metadata" in data) is (version >= "1.4")
    assert b"/JPXDecode" not in data
    words = said("pdftotext", str(path), "-").split()
    assert ("found" in words) is (version >= "1.3")
    pdf = opened(data)
    for number in (1, 2, 4):  # what was to lose nothing has lost nothing
        (picture,) = pdf.pages[number].get_images().values()
        seen = pikepdf.PdfImage(picture).as_pil_image().convert("RGB")
        was = Image.open(io.BytesIO(pages[number].data)).convert("RGB")
        assert seen.tobytes() == was.tobytes(), number


@pytest.mark.parametrize(
    ("version", "streams"),
    [("1.4", False), ("1.5", True), ("1.6", False), ("1.7", False), ("1.7", True), ("2.0", True)],
)
def test_every_version_is_written_with_and_without_packed_objects(
    codec: Pdf, version: str, tmp_path: Path, *, streams: bool
) -> None:
    """Old readers get old files."""
    asked = {"version": version, "object_streams": streams}
    path = tmp_path / "out.pdf"
    files = {"a": papers.lettered(["one", "two"])}
    path.write_bytes(written(codec, [scan(), kept("a", 1), *[scan()] * 70], files, **asked))

    papers.check(path)
    with pikepdf.open(path) as pdf:
        assert pdf.pdf_version == version
        assert len(pdf.pages) == 72
    assert (b"/ObjStm" in path.read_bytes()) is streams


@pytest.mark.parametrize("streams", [False, True])
def test_a_locked_file_opens_with_its_password_only(
    codec: Pdf, tmp_path: Path, *, streams: bool
) -> None:
    """AES-256, the strings too; what may be done is told, and the owner may do all."""
    path = tmp_path / "out.pdf"
    files = {"a": papers.lettered(["one"])}
    data = written(codec, [scan(), kept("a", 0)], files, password="geheim", owner_password="Chefin",
                   title="Secret title", allow_copy=False, object_streams=streams)  # fmt: skip
    path.write_bytes(data)

    papers.check(path, "geheim")
    papers.check(path, "Chefin")
    assert b"Secret title" not in data
    assert b"(one)" not in data
    with pytest.raises(PasswordNeeded) as caught:
        codec.open(io.BytesIO(data), {})
    assert caught.value.details == {"option": "password", "given": False}
    with pytest.raises(PasswordNeeded) as caught:
        codec.open(io.BytesIO(data), {"password": "wrong"})
    assert caught.value.details["given"] is True
    told = said("pdfinfo", "-upw", "geheim", str(path))
    assert "algorithm:AES-256" in told
    assert "copy:no" in told
    assert "print:yes" in told
    assert "Secret title" in told
    assert "one" in said("pdftotext", "-opw", "Chefin", str(path), "-")
    assert codec.open(io.BytesIO(data), {"password": "geheim"}).about()["protection"] == "AES-256"


def test_text_that_was_found_can_be_searched(codec: Pdf, tmp_path: Path) -> None:
    """It is not seen, lies over its letters, and knows every sign."""
    words = ("Grüße", "κόσμε", "漢字", "𝄞🎼")
    boxes = [Box(left=10, top=5 + 20 * n, width=60, height=10) for n in range(4)]
    marks = [
        Mark(kind="text", value=word, by="ocr", box=box)
        for word, box in zip(words, boxes, strict=True)
    ]
    path = tmp_path / "out.pdf"
    path.write_bytes(written(codec, [scan(*marks), scan()]))

    papers.check(path)
    assert said("pdftotext", str(path), "-").split() == [*words]
    told = said("pdftotext", "-bbox", str(path), "-")
    found = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', told)
    for box, (left, top, right, bottom) in zip(boxes, found, strict=True):
        assert (float(left), float(right)) == pytest.approx((10, 70), abs=1)
        assert float(top) == pytest.approx(box.top, abs=1)
        assert float(bottom) == pytest.approx(box.top + 10, abs=1)
    assert written(codec, [scan(*marks)], text=False) == written(codec, [scan()])
    book = codec.open(io.BytesIO(path.read_bytes()), {"mode": "render", "dpi": 72})
    drawn = [book.page(n) for n in (0, 1)]
    assert drawn[0].data == drawn[1].data


def test_bookmarks_and_labels_come_from_marks_and_options(codec: Pdf) -> None:
    """Whoever scans a stack finds the third letter by its code."""
    code = Mark(kind="barcode", value="A-1 (ä)", by="x")
    pages = [scan(code), scan(), scan(Mark(kind="barcode", value="B", by="x"))]

    pdf = opened(written(codec, pages, bookmarks="barcode", labels="upper-roman",
                         label_prefix="p. ", label_first=4))  # fmt: skip

    with pdf.open_outline() as outline:
        found = [(item.title, item.destination[0].objgen) for item in outline.root]
    assert found == [("A-1 (ä)", pdf.pages[0].obj.objgen), ("B", pdf.pages[2].obj.objgen)]
    assert [page.label for page in pdf.pages] == ["p. IV", "p. V", "p. VI"]
    tagged = [scan(), scan(Mark(kind="tag", value="Tax", by="person"))]
    tags = opened(written(codec, tagged, bookmarks="tag"))
    with tags.open_outline() as outline:
        found = [(item.title, item.destination[0].objgen) for item in outline.root]
    assert found == [("Tax", tags.pages[1].obj.objgen)]
    assert "/Outlines" not in opened(written(codec, pages)).Root


@pytest.mark.parametrize(
    ("paper", "size"), [("auto", (120, 80)), ("a4", (842, 595)), ("letter", (792, 612))]
)
def test_pages_are_as_large_as_pictures_or_as_paper(
    codec: Pdf, paper: str, size: tuple[int, int]
) -> None:
    """On paper a picture fits, its shape kept, and lies as it does."""
    pdf = opened(written(codec, [scan()], paper=paper))

    box = pdf.pages[0].mediabox
    assert (round(float(box[2])), round(float(box[3]))) == size
    marks = codec.open(io.BytesIO(written(codec, [scan()], paper=paper)), {"dpi": 72}).info(0)
    assert marks.width in {120, size[0]}
    if paper != "auto":
        for way, width in (("portrait", size[1]), ("landscape", size[0])):
            pdf = opened(written(codec, [scan()], paper=paper, orientation=way))
            assert round(float(pdf.pages[0].mediabox[2])) == width


def archived(codec: Pdf, level: str, path: Path, pages: list[Any], **more: Any) -> pikepdf.Pdf:
    files = {"a": papers.lettered(["one", "two"]), "b": papers.saved(own_letters())}
    path.write_bytes(written(codec, pages, files, archive=level, title="Kept ä", **more))
    papers.check(path)
    return pikepdf.open(path)


def own_letters() -> pikepdf.Pdf:
    """Return a page with a font that is in the file."""
    pdf = papers.document([papers.TEXT % (100, b"LT")])
    pdf.pages[0].obj.Resources.Font.F1 = papers.own_letters(pdf)
    return pdf


@pytest.mark.parametrize("level", ["1b", "2b", "3b"])
def test_an_archived_file_is_what_the_standard_asks_for(
    codec: Pdf, level: str, tmp_path: Path
) -> None:
    """Each demand is looked at by itself (ISO 19005); parts 2 and 3 have no free validator."""
    text = Mark(kind="text", value="found", by="ocr", box=Box(left=9, top=9, width=40, height=9))
    cmyk = picture_page(
        papers.packed(papers.photo("CMYK"), "JPEG"), "image/jpeg", (120, 80), dpi=(72, 72)
    )
    pages = [scan(text), cmyk, kept("b", 0), kept("a", 0)]

    pdf = archived(codec, level, tmp_path / "out.pdf", pages, date="2026-11-25T09:30:00Z")

    data = (tmp_path / "out.pdf").read_bytes()
    assert data.startswith(b"%PDF-1.4" if level == "1b" else b"%PDF-1.7")
    assert data[9:14] == b"%\xe2\xe3\xcf\xd3"
    assert len(pdf.trailer.ID) == 2
    assert "/Encrypt" not in pdf.trailer
    (intent,) = pdf.Root.OutputIntents
    assert (intent.S, intent.DestOutputProfile.N) == ("/GTS_PDFA1", 3)
    assert "/Filter" not in pdf.Root.Metadata
    with pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == level.upper()
        assert metadata["dc:title"] == str(pdf.docinfo["/Title"])
        assert metadata["pdf:Producer"] == str(pdf.docinfo["/Producer"])
        assert metadata["xmp:CreateDate"] == "2026-11-25T09:30:00+00:00"
    for value in pdf.objects:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            assert value.get("/ColorSpace") != "/DeviceCMYK"
            assert value.get("/Filter") != "/LZWDecode"
            assert "/AA" not in value
            assert "/F" not in value
            if value.get("/Type") == "/FontDescriptor":
                assert "/FontFile2" in value
    fonts = said("pdffonts", str(tmp_path / "out.pdf")).splitlines()[2:]
    assert fonts
    assert all(line[53:].split()[-5] == "yes" for line in fonts), fonts


def test_another_program_finds_archived_files_valid(codec: Pdf, tmp_path: Path) -> None:
    """PDFBox Preflight knows part 1; of the others it must find nothing but their number.

    Everything that can be in such a file is in it; a file that is no archive is noticed.
    """
    text = Mark(kind="text", value="found", by="ocr", box=Box(left=9, top=9, width=40, height=9))
    tag = Mark(kind="tag", value="Täx", by="person")
    forms = [("RGB", "JPEG", {}), ("CMYK", "JPEG", {}), ("1", "PNG", {}), ("L", "PNG", {}),
             ("1", "TIFF", {"compression": "group4"})]  # fmt: skip
    pages = [
        picture_page(papers.packed(papers.photo(mode), form, **how), f"image/{form.lower()}",
                     (120, 80), dpi=(72, 72), marks=(text, tag))
        for mode, form, how in forms
    ]  # fmt: skip
    pages += [kept("b", 0, marks=(text,)), kept("a", 0), kept("a", 1)]
    told = {"author": "A & B", "keywords": "x, y", "language": "de",
            "date": "2026-11-25T09:30:00Z", "fields": '{"Case": "12"}', "bookmarks": "tag",
            "labels": "upper-roman"}  # fmt: skip
    for level in ("1b", "2b", "3b"):
        archived(codec, level, tmp_path / f"{level}.pdf", pages, **told)
    archived(codec, "3b", tmp_path / "with.pdf", pages, attachment="<a/>", **told)
    archived(codec, "none", tmp_path / "none.pdf", pages, **told)

    found = preflight.faults(tmp_path)

    assert found["1b.pdf"] == []
    assert found["2b.pdf"] == found["3b.pdf"] == [preflight.OTHER_PART]
    beyond = set(found["with.pdf"]) - {preflight.OTHER_PART}
    assert beyond, "part 1 takes no files along"
    assert all("EmbeddedFile" in line for line in beyond), beyond
    assert len(found["none.pdf"]) > 2


def test_a_page_that_an_archive_does_not_take_is_drawn_and_keeps_its_text(
    codec: Pdf, tmp_path: Path
) -> None:
    """Its letters are in no file; the page beside it stays what it is."""
    pdf = archived(codec, "2b", tmp_path / "out.pdf", [kept("a", 0), kept("b", 0)])

    drawn, stays = (page.obj for page in pdf.pages)
    assert list(drawn.Resources.XObject.keys()) == ["/P"]
    assert "/XObject" not in stays.Resources
    assert said("pdftotext", "-l", "1", str(tmp_path / "out.pdf"), "-").split() == ["one"]


def test_a_file_goes_along(codec: Pdf, tmp_path: Path) -> None:
    """An invoice for people with the same invoice for programs in it."""
    xml = "<invoice total='7'>ä</invoice>"
    pdf = archived(
        codec, "3b", tmp_path / "out.pdf", [scan()], attachment=xml,
        attachment_name="factur-x.xml", attachment_relation="alternative",
        date="2026-11-25T09:30:00Z",
    )  # fmt: skip

    attached = pdf.attachments["factur-x.xml"]
    assert attached.get_file().read_bytes() == xml.encode()
    assert attached.get_file().mime_type == "text/xml"
    (specification,) = pdf.Root.AF
    assert specification.AFRelationship == "/Alternative"
    assert "/ModDate" in specification.EF.F.Params


def test_several_files_go_along(codec: Pdf, tmp_path: Path) -> None:
    """The table that a report was made from, and the programs' form of it, in one archive."""
    table = bytes(range(256)) * 20
    listed = [
        {"name": "z.xml", "text": "<a>ä</a>", "type": "text/xml", "relation": "alternative"},
        {"name": "a.bin", "base64": base64.b64encode(table).decode(), "relation": "source"},
    ]
    pdf = archived(codec, "3b", tmp_path / "out.pdf", [scan()], attachment="one",
                   attachment_name="m.txt", attachment_type="text/plain",
                   attachments=json.dumps(listed))  # fmt: skip

    found = {name: one.get_file() for name, one in pdf.attachments.items()}
    assert {name: one.read_bytes() for name, one in found.items()} == {
        "a.bin": table, "m.txt": b"one", "z.xml": "<a>ä</a>".encode()
    }  # fmt: skip
    assert found["a.bin"].mime_type == "application/octet-stream"
    relations = {str(one.UF): str(one.AFRelationship) for one in pdf.Root.AF}
    assert relations["a.bin"] == "/Source"
    names = [str(one) for one in pdf.Root.Names.EmbeddedFiles.Names][::2]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        ({"attachments": "{"}, "attachments"),
        ({"attachments": "[1]"}, "attachments"),
        ({"attachments": '[{"name": "a"}]'}, "attachments"),
        ({"attachments": '[{"name": "a", "base64": "?"}]'}, "attachments"),
        ({"attachments": '[{"name": "a/b", "text": "x"}]'}, "attachments"),
        ({"attachments": '[{"name": "a", "text": "x", "odd": "y"}]'}, "attachments"),
        ({"attachments": '[{"name": "a", "text": "x", "relation": "kin"}]'}, "attachments"),
        ({"attachments": '[{"name": "a", "text": ""}, {"name": "a", "text": ""}]'}, "attachments"),
        ({"archive": "2b", "attachments": "[]"}, "attachments"),
        ({"archive": "2b", "password": "x"}, "password"),
        ({"archive": "1b", "version": "1.7"}, "version"),
        ({"archive": "2b", "attachment": "x"}, "attachment"),
        ({"archive": "1b", "compression": "jpeg2000"}, "compression"),
        ({"version": "1.6", "password": "x"}, "version"),
        ({"version": "1.4", "object_streams": True}, "object-streams"),
        ({"version": "1.3", "compression": "jbig2"}, "compression"),
        ({"version": "1.3", "attachment": "x"}, "version"),
        ({"version": "1.3", "language": "de"}, "language"),
        ({"version": "1.2", "labels": "roman"}, "labels"),
        ({"version": "1.1", "colour": "deflate"}, "compression"),
        ({"modified": "2026-11-25"}, "modified"),
        ({"attachment": "x", "attachment_name": "../x"}, "attachment-name"),
        ({"attachment": "x", "attachment_type": "x"}, "attachment-type"),
        ({"date": "yesterday"}, "date"),
        ({"fields": "[]"}, "fields"),
        ({"date": "2026-11-25"}, "date"),
        ({"quality": 0}, "quality"),
        ({"compression": "zip"}, "compression"),
        ({"odd": 1}, "odd"),
    ],
)
def test_wishes_that_clash_are_refused_by_name(
    codec: Pdf, asked: dict[str, Any], option: str
) -> None:
    """Nobody finds out years later that the archive is none."""
    with pytest.raises(BadSettings) as caught:
        written(codec, [scan()], **asked)

    assert caught.value.details["option"] == option


def test_nothing_and_strange_things_are_refused(codec: Pdf) -> None:
    """A file of no pages is no file."""
    with pytest.raises(BadRequest):
        written(codec, [])
    with pytest.raises(UnsupportedType):
        written(codec, [picture_page(b"GIF89a", "image/gif", (1, 1))])


def test_a_thousand_scans_are_written_as_they_come(codec: Pdf) -> None:
    """The first page has left before the third is asked for, and little is held."""

    class Out(io.RawIOBase):
        size = 0

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.size += len(data)
            return len(data)

    out = Out()
    behind: list[int] = []

    def pages() -> Any:
        for number in range(1000):
            behind.append(number * len(JPEG) - out.size)
            yield scan()

    codec.encode(pages(), out, papers.MEDIA_TYPE, {"title": "x"}, papers.Shelf({}))  # type: ignore[arg-type]

    assert len(behind) == 1000
    assert max(behind) < len(JPEG)
