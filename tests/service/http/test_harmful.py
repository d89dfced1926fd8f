"""Files made to do harm, sent to a service: refused by name, and nothing else suffers."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from face import Face, opened
from PIL import Image

from sheetfed.config import load
from sheetfed.events import LOCAL

BYTES = {"Content-Type": "application/octet-stream"}

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    """One service for all of them."""
    home = tmp_path_factory.mktemp("harmful")
    async with opened(replace(load(home=home, environ={}), port=0, tls=False)) as face:
        yield face


def pdf(*objects: bytes) -> bytes:
    """Return a PDF of these objects, the first of which is its catalogue."""
    made, places = bytearray(b"%PDF-1.5\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count, at = len(places) + 1, len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, table)
    return b"%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (made, count, at)


def stream(body: bytes, about: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(body), about, body)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<<%b>>>>"


def page_of(commands: bytes, *more: bytes, resources: bytes = b"") -> bytes:
    tree = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return pdf(CATALOG, tree, PAGE % resources, commands, *more)


def flate_bomb() -> bytes:
    bomb = zlib.compress(bytes(1 << 30), 9)
    return page_of(stream(bomb, b"/Filter/FlateDecode"))


def nested_bomb() -> bytes:
    bomb = bytes(1 << 30)
    for _ in range(3):
        bomb = zlib.compress(bomb, 9)
    return page_of(stream(bomb, b"/Filter[/FlateDecode/FlateDecode/FlateDecode]"))


def forms() -> bytes:
    """Each form shows the next one twice."""
    about = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>"
    shown = [stream(b"/F Do /F Do", about % (number + 1)) for number in range(5, 40)]
    last = stream(b"0 0 1 1 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return page_of(stream(b"/F Do"), *shown, last, resources=b"/XObject<</F 5 0 R>>")


def circle() -> bytes:
    return pdf(CATALOG, b"<</Type/Pages/Count 5/Kids[2 0 R 2 0 R]>>")


def moving() -> bytes:
    """A GIF of 400 pictures of 196 million pixels each, which takes 30 seconds to see."""
    picture = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    head = b"GIF89a" + struct.pack("<HH", 14000, 14000) + b"\x80\0\0" + bytes(6)
    return head + picture * 400 + b";"


def talkative(form: str, **words: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (20, 10)).save(made, form, **words)
    return made.getvalue()


def boxed() -> bytes:
    return (
        talkative("JPEG2000")
        + struct.pack(">I4s", 8 + (1 << 20) + 1, b"xml ")
        + bytes((1 << 20) + 1)
    )


LARGE = b"x" * ((1 << 20) + 1)
HARMFUL: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "X04 flate": ("unreadable", flate_bomb),
    "X04 nested flate": ("unreadable", nested_bomb),
    "X04 forms": ("unreadable", forms),
    "X05 circle": ("unreadable", circle),
    "X06 moving": ("too-large", moving),
    "X07 exif of webp": ("too-large", lambda: talkative("WEBP", exif=b"Exif\0\0" + LARGE)),
    "X07 profile of webp": ("too-large", lambda: talkative("WEBP", icc_profile=LARGE)),
    "X07 xmp of webp": ("too-large", lambda: talkative("WEBP", xmp=LARGE)),
    "X07 words of jpeg 2000": ("too-large", boxed),
}


@pytest.mark.parametrize("name", HARMFUL)
async def test_what_is_made_to_do_harm_cannot_be_read(face: Face, name: str) -> None:
    """Again and again: what comes next is read, and the document is as it was."""
    code, made = HARMFUL[name]
    data = made()
    document = await face.document()
    before = await face.service.documents.get(LOCAL, document.id)
    path = f"/v1/documents/{document.id}/pages"

    for _ in range(4 if name == "X04 nested flate" else 1):
        async with face.client.post(path, data=io.BytesIO(data), headers=BYTES) as answer:
            told = await answer.json()
            assert (answer.status, told["code"]) == (422, code), told

    after = await face.service.documents.get(LOCAL, document.id)
    assert (after.version, after.changed) == (before.version, before.changed)
    sound = page_of(stream(b"0 0 50 50 re f"))
    async with face.client.post(path, data=sound, headers=BYTES) as answer:
        assert answer.status == 201, await answer.text()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF"])
async def test_a_picture_that_speaks_of_pdf_is_a_picture(face: Face, form: str) -> None:
    """What a camera or a person wrote into it does not tell what it is."""
    document = await face.document()
    data = talkative(form, comment=b"made of letter.pdf: %PDF-1.4")
    if form == "PNG":
        words = struct.pack(">I", 12) + b"tEXta\0%PDF-1.4  "
        data = data[:33] + words + struct.pack(">I", zlib.crc32(words[4:])) + data[33:]
    assert b"%PDF-" in data[:1000]

    path = f"/v1/documents/{document.id}/pages"
    async with face.client.post(path, data=io.BytesIO(data), headers=BYTES) as answer:
        told = await answer.json()

    assert answer.status == 201, told
    assert told["pages"][0]["media_type"] == f"image/{form.lower()}"
    look = f"/v1/pages/{told['pages'][0]['id']}/image"
    async with face.client.get(look, params={"type": "image/webp", "width": "10"}) as answer:
        assert answer.status == 200
