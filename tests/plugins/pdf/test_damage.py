"""Files that are damaged, locked, made to do harm, or no PDF at all."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import zipfile
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import papers
import pikepdf
import pytest

from sheetfed.api.errors import (
    DriverCrashed,
    DriverTimeout,
    PasswordNeeded,
    SheetfedError,
    TooLarge,
    Unreadable,
)
from sheetfed.api.model import Mark, PageInfo, Settings, Value
from sheetfed.worker.files import Held
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deadlines, Recipe
from sheetfed_pdf.codec import Pdf
from sheetfed_pdf.command import PdfCommand
from sheetfed_pdf.structure import opened

TYPED = (Unreadable, TooLarge)


def drawn(codec: Pdf, data: bytes) -> list[Any]:
    """Draw every page small, and ask what there is to ask; what cannot be is an error of ours."""
    book = codec.open(io.BytesIO(data), {"dpi": 72})
    try:
        pages = []
        for index in range(min(book.count, 20)):
            book.info(index)
            pages.append(book.page(index, width=40))
            book.marks(index)
        book.about()
        return pages
    finally:
        book.close()


def test_a_file_cut_off_anywhere_is_repaired_or_unreadable(codec: Pdf) -> None:
    """What can be shown is shown, and says that the file is damaged.

    A page of which nothing is left has an error of its own: it is no blank sheet of paper.
    """
    letters = papers.lettered(["one", "two", "three"])
    photo = papers.saved(papers.filled(papers.packed(papers.photo(), "jpeg"), (120, 80)))
    shown = lost = 0
    for whole in (letters, photo):
        for cut in range(1, 101):
            try:
                book = codec.open(io.BytesIO(whole[: len(whole) * cut // 101]), {"dpi": 72})
            except TYPED:
                continue
            for index in range(book.count):
                book.info(index)
                try:
                    page = book.page(index, width=200)
                except Unreadable:
                    lost += 1
                    continue
                shown += 1
                assert [mark.kind for mark in page.marks] == ["repaired"]
                assert "repaired" in [mark.kind for mark in book.marks(index)]
                assert not papers.is_white(page.data), (cut, index)
            book.close()

    assert shown > 60
    assert lost > 20


def test_a_picture_that_is_too_large_costs_no_other_page(codec: Pdf) -> None:
    """It is drawn smaller than it is; who wants pictures alone is told which one it is."""
    side = 16_000
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(side // 8)) for _ in range(side)) + packer.flush()
    pdf = papers.document([b""])
    pdf.add_blank_page(page_size=(1400, 1400))
    picture = pikepdf.Stream(pdf, rows)
    picture.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": side,
                    "/Height": side, "/BitsPerComponent": 1,
                    "/ColorSpace": pikepdf.Name.DeviceGray,
                    "/Filter": pikepdf.Name.FlateDecode})  # fmt: skip
    pdf.pages[-1].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
    pdf.pages[-1].obj.Contents = pikepdf.Stream(pdf, b"q 1400 0 0 1400 0 0 cm /P Do Q")

    book = codec.open(io.BytesIO(papers.saved(pdf)), {})

    assert book.info(0).width < 3000
    assert (book.info(1).width, round(book.info(1).dpi[0])) == (5833, 300)
    assert not papers.is_white(book.page(1, width=50).data)
    with pytest.raises(TooLarge, match=r"16000 x 16000 pixels on page 2"):
        codec.open(io.BytesIO(papers.saved(pdf)), {"mode": "images"}).info(1)


@pytest.mark.parametrize("wrong", [b"startxref\n9999999", b"startxref\n7", b"startxref\nabc"])
def test_a_wrong_table_of_objects_is_made_anew(codec: Pdf, wrong: bytes) -> None:
    """Every page is there, and the repair is told of."""
    data = papers.lettered(["one", "two"])
    at = data.rindex(b"startxref")
    broken = data[:at] + wrong + b"\n%%EOF\n"

    pages = drawn(codec, broken)

    assert len(pages) == 2
    assert [mark.kind for mark in pages[0].marks] == ["repaired"]
    assert codec.open(io.BytesIO(broken), {}).about()["damaged"] is True
    assert "damaged" not in codec.open(io.BytesIO(data), {}).about()


def test_a_repaired_file_is_copied_whole_and_sound(codec: Pdf, tmp_path: Path) -> None:
    """It leaves better than it came."""
    data = papers.lettered(["one", "two"])
    broken = data[: data.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n"

    out = papers.written(codec, [papers.kept("a", 0), papers.kept("a", 1)], {"a": broken})

    (tmp_path / "out.pdf").write_bytes(out)
    papers.check(tmp_path / "out.pdf")


def test_a_page_that_cannot_be_copied_is_drawn(codec: Pdf, tmp_path: Path) -> None:
    """One reader knows its way through a damaged file where the other does not."""
    data = papers.raw([CATALOG, b"<</Type/Pages/Count 1/Kids[2 0 R 3 0 R]>>", PAGE])

    out = papers.written(codec, [papers.kept("a", 0)], {"a": data})

    (tmp_path / "out.pdf").write_bytes(out)
    papers.check(tmp_path / "out.pdf")
    assert b"/Image" in out


def test_a_page_that_is_lost_costs_no_other(codec: Pdf) -> None:
    """It has an error of its own where it is looked at."""
    data = papers.raw([CATALOG, b"<</Type/Pages/Count 2/Kids[9 0 R 3 0 R]>>", PAGE])

    book = codec.open(io.BytesIO(data), {"dpi": 72})

    assert [book.info(n).width for n in range(2)] == [595, 99]
    assert book.page(1).width == 99
    with pytest.raises(Unreadable, match="page 1 cannot be read"):
        book.page(0)


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def harmful() -> dict[str, bytes]:
    """Return files that somebody made to do harm (X04, X05)."""
    bomb = papers.nested(bytes(2_000_000), 3)
    deep = b"[" * 20_000 + b"]" * 20_000
    filters = b"[" + b"/FlateDecode" * 3 + b"]"
    content = b"<</Length %d/Filter%s>>\nstream\n%s\nendstream" % (len(bomb), filters, bomb)
    many = b"<</Type/Pages/Count 1000000/Kids[3 0 R]>>"
    kids = b" ".join([b"3 0 R"] * 5000)
    return {
        "a page tree that is its own child": papers.raw([
            CATALOG, b"<</Type/Pages/Count 1/Kids[2 0 R]>>"
        ]),
        "a page tree of two that are each other's": papers.raw([
            CATALOG, b"<</Type/Pages/Count 2/Kids[3 0 R]>>",
            b"<</Type/Pages/Count 2/Kids[2 0 R]/Parent 2 0 R>>",
        ]),
        "a million pages that are not there": papers.raw([CATALOG, many, PAGE]),
        "five thousand pages": papers.raw([
            CATALOG, b"<</Type/Pages/Count 5000/Kids[%s]>>" % kids, PAGE
        ]),
        "flate in flate in flate": papers.raw([
            CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            PAGE[:-2] + b"/Contents 4 0 R>>", content,
        ]),
        "brackets without end": papers.raw([
            CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE[:-2] + b"/Annots %s>>" % deep,
        ]),
        "a picture of four billion pixels": papers.raw([
            CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            PAGE[:-2] + b"/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>",
            b"<</Length 28>>\nstream\nq 99 0 0 99 0 0 cm /I Do Q \nendstream",
            b"<</Subtype/Image/Width 65000/Height 65000/BitsPerComponent 8/ColorSpace/DeviceRGB"
            b"/Filter/FlateDecode/Length 8>>\nstream\n%s\nendstream" % zlib.compress(b""),
        ]),
        "no pages": papers.raw([CATALOG, b"<</Type/Pages/Count 0/Kids[]>>"]),
        "no catalog": papers.raw([b"<<>>"]),
        "a page that is a number": papers.raw([
            CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"7",
        ]),
        "a box of no size": papers.raw([
            CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[5 5 5 5]>>",
        ]),
        "a box of words": papers.raw([
            CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[/a (b) null true]/Rotate/x/UserUnit(y)>>",
        ]),
        "a ZIP": b"PK\3\4" + bytes(200),
        "a ZIP that calls itself a PDF": b"%PDF-1.7\nPK\3\4" + bytes(200),
    }  # fmt: skip


def test_harmful_files_are_refused_or_shown_and_the_child_lives(tmp_path: Path) -> None:
    """Each is one file in a warm child in its box; the next one is drawn as ever."""
    good = papers.lettered(["good"])

    async def see() -> dict[str, str]:
        recipe = Recipe(kind="codec", name="pdf", factory="sheetfed_pdf.codec:Pdf", settings={})
        worker = Worker(recipe, crashes=tmp_path)
        fared: dict[str, str] = {}
        try:
            for name, data in harmful().items():
                try:
                    infos = await worker.info(Held(data))
                    await worker.draw(Held(data), 0, width=40)
                    await worker.marks(Held(data), 0)
                    fared[name] = f"{len(infos)} pages"
                except SheetfedError as error:
                    fared[name] = error.code
                assert (await worker.draw(Held(good), 0, width=40)).width == 40, name
        finally:
            await worker.close()
        return fared

    fared = asyncio.run(see())

    allowed = {"unreadable", "too-large", "1 pages", "2 pages"}
    assert {name: how for name, how in fared.items() if how not in allowed} == {}
    assert fared["five thousand pages"] == "too-large"
    assert fared["a ZIP"] == fared["no catalog"] == "unreadable"


def test_damaged_files_of_another_project_are_shown_or_refused(codec: Pdf) -> None:
    """What qpdf's authors met in thirty years, nobody here would have thought of."""
    fared: dict[str, str] = {}
    with zipfile.ZipFile(Path(__file__).parent / "corpus" / "qpdf.zip") as corpus:
        for name in corpus.namelist():
            try:
                fared[name] = str(len(drawn(codec, corpus.read(name))))
            except (*TYPED, PasswordNeeded) as error:
                fared[name] = error.code

    refused = {name: how for name, how in fared.items() if not how.isdecimal()}
    assert refused == {
        "bad-direct-root.pdf": "unreadable",
        "bad-encryption-length.pdf": "password-needed",
        "bad1.pdf": "unreadable",
        "bad34.pdf": "unreadable",
    }
    assert len(fared) == 36


@pytest.mark.parametrize(
    ("fate", "code"), [("SIGSEGV", "driver-crashed"), ("SIGSTOP", "driver-timeout")]
)
def test_a_renderer_that_dies_or_hangs_costs_one_page(tmp_path: Path, fate: str, code: str) -> None:
    """The document lives: the next page is drawn by a new child."""
    good = papers.lettered(["good", "better"])

    async def see() -> list[str]:
        recipe = Recipe(kind="codec", name="pdf", factory="sheetfed_pdf.codec:Pdf", settings={})
        worker = Worker(recipe, crashes=tmp_path, deadlines=Deadlines(codec=5.0, grace=0.3))
        fared: list[str] = []
        try:
            await worker.warm()
            try:
                await worker.draw(Stalling(worker, fate), 0, width=40)
            except (DriverCrashed, DriverTimeout) as error:
                fared.append(error.code)
            fared.append(str((await worker.draw(Held(good), 1, width=40)).width))
        finally:
            await worker.close()
        return fared

    assert asyncio.run(see()) == [code, "40"]


class Falling:
    """A host with a file of three pages, whose children fall over the second."""

    media_type = "application/pdf"
    about: Mapping[str, Value] = MappingProxyType({})
    pages = (PageInfo(width=200, height=100, dpi=(72.0, 72.0)),) * 3

    @asynccontextmanager
    async def look(self, path: Path, options: Settings) -> AsyncIterator[Self]:
        assert path.name == "a.pdf"
        assert options["mode"] == "auto"
        yield self

    async def marks(self, index: int) -> list[Mark]:
        if index == 1:
            raise DriverCrashed("pdf died")
        return [Mark(kind="page", value="text", by="pdf")]


def test_a_page_that_kills_its_reader_is_told_of_beside_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`sheetfed pdf info`: as for pages that are drawn, the exit code says that one is missing."""
    host: Any = Falling()

    code = PdfCommand({}).run(host, ["info", "a.pdf"])

    told = capsys.readouterr()
    assert code == DriverCrashed("").exit_code
    assert told.err == "a.pdf, page 2: pdf died\n"
    assert [line.rpartition(" ")[2] for line in told.out.splitlines()[1:]] == [
        "text",
        "unknown",
        "text",
    ]


class Stalling:
    """A file whose reader is killed, or stopped, in the middle of it."""

    size = 100_000

    def __init__(self, worker: Worker, fate: str) -> None:
        self._worker = worker
        self._fate = fate

    async def read(self, offset: int, length: int) -> bytes:
        assert self._worker.pid is not None
        os.kill(self._worker.pid, signal.Signals[self._fate])
        return bytes(length)


def test_scripts_and_programs_are_never_run(codec: Pdf, tmp_path: Path) -> None:
    """A file that opens with a script is drawn like any other."""
    pdf = papers.document([papers.SHAPES])
    leaves = tmp_path / "it-ran"
    script = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"this.saveAs('{leaves}'); app.alert(1)")
    )
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String(f"touch {leaves}"))
    pdf.Root.OpenAction = script
    pdf.pages[0].obj.AA = pikepdf.Dictionary(O=launch)
    data = papers.saved(pdf)

    book = codec.open(io.BytesIO(data), {})

    assert book.page(0, width=40).width == 40
    assert book.about()["scripts"] is True
    assert not leaves.exists()
    copied = papers.written(codec, [papers.kept("a", 0)], {"a": data}, title="x")
    assert opened(io.BytesIO(copied)).Root.get("/OpenAction") is None


def test_letters_of_a_font_that_is_not_there_are_drawn_by_another(codec: Pdf) -> None:
    """In a box there are no fonts but those that PDFium has in itself."""
    pdf = papers.document([papers.TEXT % (100, b"letters")])
    pdf.pages[0].obj.Resources.Font.F1.BaseFont = pikepdf.Name("/NoSuchFont-Bold")

    page = codec.open(io.BytesIO(papers.saved(pdf)), {"dpi": 72}).page(0)

    assert not papers.is_white(page.data)
