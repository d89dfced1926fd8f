"""PDF files over HTTP: in, looked at, searched, out."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
import pytest_asyncio
from face import Face, opened
from PIL import Image

from sheetfed.config import load
from sheetfed.events import LOCAL
from sheetfed.server.routes.pages import PICTURES

BYTES = {"Content-Type": "application/octet-stream"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    """One service for all of them."""
    home = tmp_path_factory.mktemp("contents")
    async with opened(replace(load(home=home, environ={}), port=0, tls=False)) as face:
        yield face


async def imported(face: Face, data: bytes, **query: str) -> tuple[int, Any]:
    async with face.client.post("/v1/imports", data=data, params=query, headers=BYTES) as answer:
        return answer.status, await answer.json()


async def words(face: Face, page: str) -> list[Any]:
    status, told = await face.send("GET", f"/v1/pages/{page}/contents")
    assert status == 200, told
    return [mark for mark in told["items"] if mark["kind"] == "text"]


def letter(*words: str, **protection: str) -> bytes:
    """Return a PDF with a page for each word."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for word in words:
        pdf.add_blank_page(page_size=(200, 100))
        page = pdf.pages[-1].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pikepdf.Stream(pdf, b"BT /F1 20 Tf 20 50 Td (%s) Tj ET" % word.encode())
    stream = io.BytesIO()
    pdf.save(stream, encryption=pikepdf.Encryption(**protection) if protection else False)
    return stream.getvalue()


async def test_a_pdf_comes_in_is_searched_and_leaves_as_it_came(face: Face) -> None:
    """Its pages are drawn when they are looked at, and nothing of it is lost."""
    data = letter("Hello", "World")

    status, document = await imported(face, data)
    first, second = (page["id"] for page in document["pages"])

    assert status == 201
    (found,) = await words(face, second)
    assert found["value"] == "World"
    assert found["box"]["left"] == pytest.approx(20 / 72 * 300, abs=12)
    _, _, drawn = await face.get(f"/v1/pages/{first}/image?width=100")
    assert Image.open(io.BytesIO(drawn)).width == 100
    path = f"/v1/documents/{document['id']}/file?type=application/pdf"
    status, _, whole = await face.get(path)
    assert (status, whole) == (200, data)


async def test_pages_of_any_pdf_leave_as_pictures(face: Face) -> None:
    """Those with text, of a locked file, and of one whose table of objects is wrong, too."""
    plain = letter("Hello")
    wrong = plain[: plain.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n"
    for data, query in (
        (plain, {}), (letter("Hello", user="a", owner="b"), {"password": "a"}), (wrong, {}),
    ):  # fmt: skip
        status, document = await imported(face, data, **query)
        assert status == 201, document
        for form in ("TIFF", "PNG", "JPEG"):
            path = f"/v1/documents/{document['id']}/file?type=image/{form.lower()}"
            status, _, made = await face.get(path)
            assert status == 200, made
            with Image.open(io.BytesIO(made)) as picture:
                assert (picture.format, picture.size) == (form, (833, 417))
                assert picture.convert("L").getextrema()[0] < 99


async def test_words_are_found_in_a_whole_document(face: Face) -> None:
    """Over many pages, in pieces; with a place for each word; not under what is covered."""
    _, document = await imported(
        face, letter(*(f"letter {n}{' of Ada' * (n == 57)}" for n in range(60)))
    )
    path = f"/v1/documents/{document['id']}/text"
    ids = [page["id"] for page in document["pages"]]

    status, first = await face.send("GET", f"{path}?find=ADA")
    _, second = await face.send("GET", f"{path}?find=Of++ada&cursor={first['next']}")
    _, many = await face.send("GET", f"{path}?find=letter")

    assert (status, first["items"], first["unread"]) == (200, [], 0)
    (found,) = second["items"]
    assert (found["page"], found["position"], second["next"]) == (ids[57], 57, None)
    assert found["text"].startswith("letter 57 of Ada")
    assert len(found["boxes"]) == 2
    assert found["boxes"][0]["left"] < found["boxes"][1]["left"]
    assert [one["page"] for one in many["items"]] == ids[:50]
    cover = {"left": 1, "top": 1, "width": 9, "height": 9}
    body = {"edits": [{"name": "redact", "options": cover}]}
    status, told = await face.send("POST", f"/v1/pages/{ids[57]}/edits", body)
    assert status == 200, told
    _, covered = await face.send("GET", f"{path}?find=ada&cursor={first['next']}")
    assert covered["items"] == []


async def test_a_thumbnail_of_a_page_of_many_is_drawn_once(face: Face) -> None:
    """A file of two thousand pages has none when it comes in; who scrolls makes them."""
    _, document = await imported(face, letter("Hello", "World"))
    page = document["pages"][1]["id"]
    documents = face.service.documents
    before = await documents.picture(LOCAL, page, "thumbnail")

    _, _, first = await face.get(f"/v1/pages/{page}/image?width=180&height=180")
    await face.app[PICTURES].close()  # until then it is given without waiting for the disk
    kept = await documents.picture(LOCAL, page, "thumbnail")
    _, _, again = await face.get(f"/v1/pages/{page}/image?width=170&height=170")

    assert before is None
    assert kept is not None
    assert first == again == kept.data
    assert Image.open(io.BytesIO(first)).size == (kept.width, kept.height) == (249, 125)


async def test_a_document_s_own_fields_go_along(face: Face) -> None:
    """A case's number belongs into the file as well; what a program notes there does not."""
    _, document = await imported(face, letter("Hello"))
    info = {"author": "Ada", "fields": {"case": "12", ".program": "x"}}
    status, _ = await face.send("PATCH", f"/v1/documents/{document['id']}", {"info": info})
    _, _, data = await face.get(f"/v1/documents/{document['id']}/file")

    assert status == 200
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert (str(pdf.docinfo["/case"]), str(pdf.docinfo["/Author"])) == ("12", "Ada")
        assert not [name for name in pdf.docinfo.keys() if "program" in name]  # noqa: SIM118


async def test_edited_pages_become_pictures_and_the_others_stay_text(face: Face) -> None:
    """The words on a page go where the page goes, and a covered page tells none."""
    _, document = await imported(face, letter("one", "two", "three"))
    _, second, third = (page["id"] for page in document["pages"])
    turn = {"edits": [{"name": "rotate", "options": {"angle": 90}}]}
    cover = {"left": 0, "top": 0, "width": 9, "height": 9}
    hide = {"edits": [{"name": "redact", "options": cover}]}

    status, told = await face.send("POST", f"/v1/pages/{second}/edits", turn)
    assert status == 200, told
    status, told = await face.send("POST", f"/v1/pages/{third}/edits", hide)
    assert status == 200, told

    (turned,) = await words(face, second)
    assert turned["box"]["height"] > turned["box"]["width"]
    status, told = await face.send("GET", f"/v1/pages/{third}/contents")
    assert (status, told["code"]) == (409, "conflict")
    path = f"/v1/documents/{document['id']}/file?type=application/pdf"
    _, _, whole = await face.get(path)
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        kinds = ["/XObject" in page.obj.Resources for page in pdf.pages]
        assert kinds == [False, True, True]


async def test_a_locked_pdf_asks_for_its_password(face: Face) -> None:
    """With an error that a page can tell from others, and then it opens."""
    data = letter("secret", owner="o", user="geheim")

    status, problem = await imported(face, data)
    assert (status, problem["code"], problem["details"]["given"]) == (422, "password-needed", False)

    status, document = await imported(face, data, password="geheim")
    assert status == 201
    (found,) = await words(face, document["pages"][0]["id"])
    assert found["value"] == "secret"
