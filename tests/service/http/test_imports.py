"""Files taken in over HTTP: told by content, whole or not at all."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest
import pytest_asyncio
from face import Face, opened
from PIL import Image

from sheetfed.benches import AT_ONCE
from sheetfed.builtin.formats import jpx
from sheetfed.config import Config, load
from sheetfed.events import LOCAL
from sheetfed.keeping import Quota
from sheetfed.store.changes import MOST_TOLD

BYTES = {"Content-Type": "application/octet-stream"}
NOISE = np.random.default_rng(3).integers(0, 256, (60, 80, 3), np.uint8)
LOSSLESS = ("PNG", "BMP", "GIF", "WEBP", "JPEG2000", "PPM", "TIFF")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    """One service for all of them."""
    home = tmp_path_factory.mktemp("imports")
    async with opened(replace(load(home=home, environ={}), port=0, tls=False)) as face:
        yield face


def picture(number: int = 0) -> Image.Image:
    return Image.fromarray(np.roll(NOISE, number))


def saved(form: str, *pages: Image.Image, **how: Any) -> bytes:
    stream = io.BytesIO()
    first, *more = pages or (picture(),)
    if form == "WEBP":
        how = {"lossless": True, **how}
    many = {"save_all": True, "append_images": more} if more else {}
    first.save(stream, form, **many, **how)
    return stream.getvalue()


async def sent(face: Face, document: str, data: Any, **query: str) -> tuple[int, Any]:
    path = f"/v1/documents/{document}/pages"
    async with face.client.post(path, data=data, params=query, headers=BYTES) as answer:
        return answer.status, await answer.json()


async def drawn(face: Face, page: str) -> Image.Image:
    async with face.client.get(f"/v1/pages/{page}/image", params={"type": "image/png"}) as answer:
        assert answer.status == 200, await answer.text()
        found = Image.open(io.BytesIO(await answer.read()))
    if found.mode == "I;16":  # which Pillow would clip
        found = Image.fromarray((np.asarray(found) >> 8).astype(np.uint8))
    return found.convert("RGB")


async def test_a_large_picture_is_unpacked_once_and_then_seen_at_once(face: Face) -> None:
    """Its pictures are made when it comes; a window full of it needs the file no more."""
    large = Image.linear_gradient("L").resize((1500, 2000))
    document = await face.document()

    status, answer = await sent(face, document.id, saved("PNG", large))

    assert status == 201
    (page,) = answer["pages"]
    for kind, longest in (("preview", 1200), ("thumbnail", 250)):
        kept = await face.service.documents.picture(LOCAL, page["id"], kind)
        with Image.open(io.BytesIO(kept.data)) as found:
            assert (found.format, max(found.size)) == ("JPEG", longest)
            meant = large.resize(found.size, Image.Resampling.BOX)
            assert np.abs(np.asarray(found, int) - np.asarray(meant, int)).mean() < 6
    blob = (await face.service.documents.page(LOCAL, page["id"])).blob
    (face.service.config.home / "store/blobs" / blob).unlink()
    look = f"/v1/pages/{page['id']}/image"
    async with face.client.get(look, params={"width": "700", "height": "950"}) as answer:
        assert answer.status == 200
        with Image.open(io.BytesIO(await answer.read())) as found:
            assert found.size == (700, 933)


async def test_a_closer_look_finds_its_page_unpacked(face: Face) -> None:
    """It is, once somebody has seen it larger than its thumbnail and kept quiet; not before."""
    document = await face.document()
    _, answer = await sent(face, document.id, saved("PNG"))
    (page,) = answer["pages"]
    look = f"/v1/pages/{page['id']}/image"
    glances = face.app[next(key for key in face.app if "PICTURES" in str(key))]._glances
    async with face.client.get(look, params={"width": "20"}) as thumbnail:
        assert thumbnail.status == 200
    assert glances._page != page["id"]

    async with face.client.get(look, params={"width": "700"}) as whole:
        assert whole.status == 200
    async with asyncio.timeout(30):
        while glances._page != page["id"]:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    async with face.client.get(look, params={"region": "10,10,40,40"}) as part:  # waits for it
        assert part.status == 200

    assert glances._working.done()
    (bench,) = (one for one in face.service.edits._easels._benches.values() if one._acquainted)
    assert [known for known, _ in bench._acquainted].count(document.id) == 1


@pytest.mark.parametrize("form", [*LOSSLESS, "JPEG"])
async def test_a_file_becomes_a_page_and_stays_what_it_is(face: Face, form: str) -> None:
    """Whatever it is called: the type is told by content. The original is kept byte for byte."""
    document = await face.document()
    data = saved(form, dpi=(200, 200))

    status, answer = await sent(face, document.id, data)

    assert status == 201
    (page,) = answer["pages"]
    assert (page["width"], page["height"], page["document"]) == (80, 60, document.id)
    row = await face.service.documents.page(LOCAL, page["id"])
    assert await face.original(row) == data
    if form != "JPEG":
        shown = np.asarray(await drawn(face, page["id"]))
        with Image.open(io.BytesIO(data)) as there:
            expected = there.convert("RGB")
        assert np.array_equal(shown, np.asarray(expected))


async def test_jpeg_2000_of_600_dpi_comes_in_and_is_seen_small(face: Face) -> None:
    """Its own small versions are rounded up; a page 4961 pixels wide was refused for that."""
    document = await face.document()
    made = Image.linear_gradient("L").resize((4961, 7016))

    status, answer = await sent(face, document.id, saved("JPEG2000", made))

    assert status == 201, answer
    (page,) = answer["pages"]
    for width in (300, 150, 75, 40):
        look, query = f"/v1/pages/{page['id']}/image", {"width": str(width)}
        async with face.client.get(look, params=query) as answer:
            assert answer.status == 200, await answer.text()
            found = Image.open(io.BytesIO(await answer.read())).convert("L")
        meant = made.resize(found.size, Image.Resampling.BOX)
        assert np.abs(np.asarray(found, int) - np.asarray(meant, int)).mean() < 6


async def test_white_of_16_bits_a_colour_is_white_in_jpeg_2000(face: Face) -> None:
    """Pillow rounds it up to 256, which a byte holds as 0: paper was black."""
    document = await face.document()
    paper = np.full((90, 120, 3), 0xFFFF, np.uint16)
    paper[30:60], paper[:, 100:] = (0, 0x8000, 0xFFFF), 0

    status, answer = await sent(face, document.id, jpx.encode(paper))

    assert status == 201
    (page,) = answer["pages"]
    look = f"/v1/pages/{page['id']}/image"
    async with face.client.get(look, params={"width": "60", "type": "image/png"}) as answer:
        found = np.asarray(Image.open(io.BytesIO(await answer.read())).convert("RGB"), int)
    for row in (5, 22, 40):
        for column in (20, 55):
            assert np.abs(found[row, column] - (paper[2 * row, 2 * column] >> 8)).max() < 12


async def test_pictures_that_come_one_after_the_other_are_pages(face: Face) -> None:
    """Programs send PNM down a pipe so; all but the first were lost unseen."""
    document = await face.document()
    grey, black = picture().convert("L"), picture().convert("1")
    data = b"".join(saved("PPM", one) for one in (picture(), grey, black, picture(1)))

    status, answer = await sent(face, document.id, data)

    assert status == 201
    sizes = [(page["width"], page["height"]) for page in answer["pages"]]
    assert sizes == [(80, 60)] * 4
    for page, meant in zip(answer["pages"], (picture(), grey, black, picture(1)), strict=True):
        found = np.asarray(await drawn(face, page["id"]))
        assert np.array_equal(found, np.asarray(meant.convert("RGB")))
    status, answer = await sent(face, document.id, data[:-1])
    assert (status, answer["code"]) == (422, "unreadable")


@pytest.mark.parametrize(("kind", "most"), [("P3", 65535), ("P3", 1023), ("P6", 1023)])
async def test_pnm_of_16_bits_a_colour_keeps_them(face: Face, kind: str, most: int) -> None:
    """However it is written, and whatever it calls white; it was cut to 8."""
    document = await face.document()
    levels = np.random.default_rng(7).integers(0, most + 1, (30, 40, 3))
    levels[0] = most
    head = f"{kind}\n# a remark\n40 30\n{most}\n".encode()
    figures = " ".join(map(str, levels.ravel())).replace(" ", "\n# another\n", 1).encode()
    data = head + (figures if kind == "P3" else levels.astype(">u2").tobytes())

    status, answer = await sent(face, document.id, data)

    assert status == 201
    look = f"/v1/pages/{answer['pages'][0]['id']}/image"
    async with face.client.get(look, params={"type": "image/x-portable-anymap"}) as answer:
        assert await answer.read() == data
    async with face.client.get(
        f"/v1/documents/{document.id}/file", params={"type": "image/png"}
    ) as answer:
        assert answer.status == 200
        file = await answer.read()
    found = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert np.array_equal(found, np.round(levels * (65535 / most)))


SMOOTH = np.dstack(np.broadcast_arrays(np.arange(80) * 3, np.arange(60)[:, None] * 4, 90))


def uncommon(kind: str, folder: Path) -> bytes:
    """Return a TIFF of a kind that Pillow alone refuses, or shows wrong."""
    came, made = folder / "came.tif", folder / "made.tif"
    plain = Image.fromarray(SMOOTH.astype(np.uint8))
    plain.save(came)
    words = {"planes": ["-p", "separate", "-f", "lsb2msb"], "webp": ["-c", "webp:100"],
             "large": ["-8", "-B", "-c", "zip"]}  # fmt: skip
    if kind in words:
        subprocess.run(["tiffcp", *words[kind], came, made], check=True)
    else:
        Image.fromarray((SMOOTH[..., 0] / 255).astype(np.float32)).save(made)
    return made.read_bytes()


@pytest.mark.parametrize("kind", ["floating", "planes", "webp", "large"])
async def test_a_tiff_of_an_uncommon_kind_becomes_a_page(
    face: Face, kind: str, tmp_path: Path
) -> None:
    """In a box, in which nothing is loaded any more; seen, cut, edited and saved."""
    data = uncommon(kind, tmp_path)
    meant = np.dstack([SMOOTH[..., 0]] * 3) if kind == "floating" else SMOOTH
    near = 12 if kind == "webp" else 1
    document = await face.document()

    status, answer = await sent(face, document.id, data)

    assert status == 201, answer
    page = answer["pages"][0]["id"]
    assert np.abs(np.asarray(await drawn(face, page), int) - meant).max() <= near
    look = f"/v1/pages/{page}/image"
    for query in ({"width": "40"}, {"region": "10,10,30,20"}, {"width": "9", "type": "image/webp"}):
        async with face.client.get(look, params=query) as picture:
            assert picture.status == 200, await picture.text()
    edits = {"edits": [{"name": "rotate"}]}
    assert (await face.send("POST", f"/v1/pages/{page}/edits", edits))[0] == 200
    turned = np.asarray(await drawn(face, page), int)
    assert np.abs(turned - np.rot90(meant, -1)).max() <= near
    assert (await face.send("POST", f"/v1/pages/{page}/undo", {"all": True}))[0] == 200
    for form in ("application/pdf", "image/tiff", "image/jpeg", "image/jp2"):
        async with face.client.get(
            f"/v1/documents/{document.id}/file", params={"type": form}
        ) as file:
            assert file.status == 200, await file.text()
            assert len(await file.read()) > 100


async def test_the_first_page_of_many_is_seen_before_any_is_kept(face: Face) -> None:
    """By whoever watches; one that cannot be drawn costs the picture of it, and no page."""
    document = await face.document()
    pages = [Image.linear_gradient("L").resize((300, 200)).rotate(90 * turn) for turn in range(3)]
    sound = saved("TIFF", *pages, compression="tiff_lzw")
    with Image.open(io.BytesIO(sound)) as opened_file:
        first = opened_file.tag_v2[273][0]  # where its first strip stands
    damaged = sound[:first] + b"\xff" * 999 + sound[first + 999 :]
    seen = []
    for data, query in ((sound, {"watch": "mine"}), (sound, {}), (damaged, {"watch": "mine"})):
        listening = face.service.events.subscribe(LOCAL)
        try:
            status, _ = await sent(face, document.id, data, **query)
            told = [await anext(listening)]
            while sum(event.topic == "page" for event in told) < len(pages):
                told.append(await anext(listening))
        finally:
            listening.close()
        assert status == 201
        seen.append(told)

    assert [[event.topic for event in told] for told in seen] == [
        ["file", "page", "page", "page"], ["page"] * 3, ["page"] * 3
    ]  # fmt: skip
    event = seen[0][0]
    assert (event.number, event.data["watch"], event.data["pages"]) == (0, "mine", 3)
    shown = event.data["picture"]
    with Image.open(io.BytesIO(b64decode(shown["data"]))) as small:
        assert (small.get_format_mimetype(), *small.size) == (
            shown["type"], shown["width"], shown["height"]
        )  # fmt: skip
        meant = pages[0].resize(small.size)
        assert np.abs(np.asarray(small, int) - np.asarray(meant, int)).mean() < 12


async def test_pages_of_a_long_file_are_told_by_their_document(face: Face) -> None:
    """Who listens could not keep up with thousands; their order and places are right at once."""
    document = await face.document()
    _, answer = await sent(face, document.id, saved("PNG"))
    last = answer["pages"][0]["id"]
    listening = face.service.events.subscribe(LOCAL)
    small = [picture(number).resize((8, 6)) for number in range(MOST_TOLD + 1)]

    status, answer = await sent(face, document.id, saved("TIFF", *small), before=last)

    assert status == 201
    event = await anext(listening)
    listening.close()
    assert (event.topic, event.data["change"]) == ("document", "changed")
    assert event.data["version"] == answer["version"]
    order = [*[page["id"] for page in answer["pages"]], last]
    assert list(event.data["pages"]) == order
    rows = await face.service.documents.pages(LOCAL, document.id)
    assert [(row.id, row.position) for row in rows] == [(one, n) for n, one in enumerate(order)]
    assert [page["position"] for page in answer["pages"]] == list(range(len(small)))


async def test_every_page_of_a_file_is_a_page(face: Face) -> None:
    """The file is kept once, its pages are places in it, and they leave it one by one."""
    document = await face.document((50, 50))
    data = saved("TIFF", *(picture(number) for number in range(4)), compression="tiff_lzw")
    before = await face.service.documents.usage()

    status, answer = await sent(face, document.id, data, before=document.pages[0])

    assert status == 201
    ids = [page["id"] for page in answer["pages"]]
    after = await face.service.documents.get(LOCAL, document.id)
    usage = await face.service.documents.usage()
    assert list(after.pages) == [*ids, document.pages[0]]
    assert (usage.pages, usage.bytes) == (before.pages + 4, before.bytes + len(data))
    for number, page in enumerate(ids):
        assert np.array_equal(np.asarray(await drawn(face, page)), np.asarray(picture(number)))
    rows = [await face.service.documents.page(LOCAL, page) for page in ids]
    assert len({row.blob for row in rows}) == 1

    for page in ids[1:]:
        async with face.client.delete(f"/v1/pages/{page}") as gone:
            assert gone.status == 204
    assert np.array_equal(np.asarray(await drawn(face, ids[0])), np.asarray(picture(0)))
    async with face.client.delete(f"/v1/pages/{ids[0]}") as gone:
        assert gone.status == 204
    assert rows[0].blob not in {*face.service.documents._blobs.ids()}


@pytest.mark.parametrize("into", ["application/pdf", "image/tiff"])
async def test_pages_of_a_file_are_saved_in_any_order(face: Face, into: str) -> None:
    """Pages of three files, one of many pages and not of a type that is copied."""
    document = await face.document()
    for data in (
        saved("TIFF", *(picture(number) for number in range(3)), compression="tiff_adobe_deflate"),
        saved("GIF", picture(3).convert("L"), picture(4).convert("L")),
        saved("PPM", picture(5)),
    ):
        status, _ = await sent(face, document.id, data)
        assert status == 201
    row = await face.service.documents.get(LOCAL, document.id)
    wish = {"type": into, "pages": [row.pages[number] for number in (5, 0, 4, 2)]}

    async with face.client.post(f"/v1/documents/{document.id}/file", json=wish) as answer:
        assert answer.status == 200, await answer.text()
        data = await answer.read()

    status, again = await sent(face, document.id, data)
    if into == "image/tiff":
        assert status == 201
        pages = [np.asarray(await drawn(face, page["id"])) for page in again["pages"]]
        gray = picture(4).convert("L").convert("RGB")
        for page, expected in zip(pages, (picture(5), picture(0), gray, picture(2)), strict=True):
            assert np.array_equal(page, np.asarray(expected))


async def test_a_file_that_is_written_tells_how_far_it_is(face: Face) -> None:
    """Whoever waits for two thousand pages wants to see them pass."""
    document = await face.document((50, 50), (40, 40), (30, 30))
    subscription = face.service.events.subscribe(LOCAL)
    try:
        status, _, data = await face.get(f"/v1/documents/{document.id}/file?type=image/tiff")
        told = []
        while not told or told[-1]["done"] < 3:
            event = await asyncio.wait_for(anext(subscription), 30)
            if event.topic == "file":
                told.append(event.data)
    finally:
        subscription.close()

    assert (status, data[:2]) == (200, b"II")
    assert told[-1] == {
        "document": document.id, "type": "image/tiff", "pages": 3, "done": 3
    }  # fmt: skip
    assert [one["done"] for one in told] == sorted(one["done"] for one in told)


async def test_a_file_becomes_a_document(face: Face) -> None:
    """And where it cannot be read there is no document."""
    query = {"title": "Letter", "private": "true"}
    async with face.client.post(
        "/v1/imports", data=saved("PNG"), params=query, headers=BYTES
    ) as answer:
        made = await answer.json()
        assert answer.status == 201
        assert answer.headers["Location"] == f"/v1/documents/{made['id']}"
    assert (made["title"], made["private"], len(made["pages"])) == ("Letter", True, 1)
    rows, _ = await face.service.documents.list(LOCAL, limit=500)

    async with face.client.post("/v1/imports", data=saved("PNG")[:999], headers=BYTES) as answer:
        assert answer.status == 422

    assert await face.service.documents.list(LOCAL, limit=500) == (rows, None)


BAD = [
    ("unreadable", 422, b""),
    ("unsupported-type", 415, b"hello, I am a text"),
    ("unsupported-type", 415, b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(5000)),
    ("unsupported-type", 415, b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    *(("unreadable", 422, cut[: len(cut) // 2]) for cut in map(saved, (*LOSSLESS, "JPEG", "PDF"))),
    ("unreadable", 422, saved("TIFF", picture(), picture())[:-3000]),
    ("unreadable", 422, saved("GIF", picture().convert("L"), picture(1).convert("L"))[:-900]),
]


async def test_what_is_no_good_leaves_the_document_as_it_was(face: Face) -> None:
    """X01: type by content; nothing half stays in the store, whatever breaks off in the middle."""
    document = await face.document((40, 60))
    files = face.service.documents._blobs.ids()

    for code, status, data in BAD:
        found, problem = await sent(face, document.id, data)
        assert (found, problem["code"]) == (status, code), data[:20]

    assert await face.service.documents.get(LOCAL, document.id) == document
    assert face.service.documents._blobs.ids() == files


@pytest.mark.parametrize("kind", ["multipart/form-data", "text/plain", "application/json", None])
async def test_only_the_file_itself_is_taken(face: Face, kind: str | None) -> None:
    """What the page of a stranger could send without asking is refused before a byte is read."""
    document = await face.document()
    headers = {} if kind is None else {"Content-Type": kind}
    async with face.client.post(
        f"/v1/documents/{document.id}/pages",
        data=saved("PNG"),
        headers=headers,
        skip_auto_headers=["Content-Type"],
    ) as answer:
        assert answer.status == 415


async def test_a_file_streams_in_without_a_length(face: Face) -> None:
    """As from a pipe; a client that breaks off leaves nothing."""
    document = await face.document()
    data = saved("BMP")

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 1000):
            yield data[at : at + 1000]

    status, answer = await sent(face, document.id, pieces())
    assert (status, len(answer["pages"])) == (201, 1)

    async def broken() -> AsyncIterator[bytes]:
        yield data[:5000]
        raise ConnectionResetError

    files = face.service.documents._blobs.ids()
    with pytest.raises((ConnectionResetError, aiohttp.ClientError)):
        await sent(face, document.id, broken())
    while [*face.service.config.store.rglob("*.part")]:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    assert face.service.documents._blobs.ids() == files
    assert len((await face.service.documents.get(LOCAL, document.id)).pages) == 1


async def test_a_document_is_there_with_its_pages_or_not_at_all(face: Face) -> None:
    """Whatever kills the service while a file comes in, no empty document is left of it."""
    data = saved("BMP")
    halfway, go_on = asyncio.Event(), asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield data[:9000]
        halfway.set()
        await go_on.wait()
        yield data[9000:]

    before, _ = await face.service.documents.list(LOCAL, limit=500)
    subscription = face.service.events.subscribe(LOCAL)
    sending = asyncio.create_task(
        face.client.post("/v1/imports", data=pieces(), params={"title": "Half"}, headers=BYTES)
    )
    await halfway.wait()
    while not [*face.service.config.store.rglob("*.part")]:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    during, _ = await face.service.documents.list(LOCAL, limit=500)
    go_on.set()
    answer = await sending
    made = await answer.json()

    assert during == before
    assert answer.status == 201, made
    assert (made["title"], len(made["pages"])) == ("Half", 1)
    try:
        told = [await anext(subscription) for _ in range(2)]
    finally:
        subscription.close()
    assert [(one.topic, one.data["change"]) for one in told] == [
        ("document", "created"), ("page", "added")
    ]  # fmt: skip


async def test_who_leaves_takes_along_what_waits_for_a_codec(face: Face) -> None:
    """Who lost patience and asks again would else find the queue longer each time."""
    codec = face.service.imaging._reading("image/bmp")[0]
    document = await face.document()
    assert (await sent(face, document.id, saved("BMP")))[0] == 201

    def coming() -> bool:
        return bool([*face.service.config.store.rglob("*.part")])

    def queued() -> bool:
        return bool(codec._files._waiters)

    async def until(holds: Callable[[], bool], *, told: bool) -> None:
        async with asyncio.timeout(30):
            while holds() is not told:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)

    path = f"/v1/documents/{document.id}/file?type=image/tiff"
    async with AsyncExitStack() as busy:
        for number in range(AT_ONCE):
            for slow in (False, True):
                await busy.enter_async_context(codec.worker(f"{number}{slow}", slow=slow))
        for asking, waits in (
            (face.client.post("/v1/imports", data=saved("BMP"), headers=BYTES), coming),
            (face.client.get(path), queued),
        ):
            task = asyncio.ensure_future(asking)
            await until(waits, told=True)
            task.cancel()
            await until(waits, told=False)


async def test_options_are_those_of_the_format(face: Face) -> None:
    """A PNG has no password, and says so."""
    document = await face.document()
    for query in ({"password": "x"}, {"options": json.dumps({"colour": 3})}):
        status, problem = await sent(face, document.id, saved("PNG"), **query)
        assert (status, problem["code"]) == (422, "bad-settings")
    for options in ("{", "[1]", '{"a":[]}'):
        status, problem = await sent(face, document.id, saved("PNG"), options=options)
        assert (status, problem["code"]) == (422, "bad-request")
    status, _ = await sent(face, document.id, saved("PNG"), before="pg_nowhere")
    assert status == 404


async def test_pages_come_with_events(face: Face) -> None:
    """Every window that shows the document sees them come."""
    document = await face.document()
    subscription = face.service.events.subscribe(LOCAL)
    try:
        _, answer = await sent(face, document.id, saved("TIFF", picture(), picture(1)))
        seen = [await anext(subscription) for _ in answer["pages"]]
    finally:
        subscription.close()

    assert [event.data["id"] for event in seen] == [page["id"] for page in answer["pages"]]
    assert {event.data["change"] for event in seen} == {"added"}


async def test_formats_say_who_reads_and_writes_them(face: Face) -> None:
    """The page and the command line ask nothing else."""
    async with face.client.get("/v1/formats") as answer:
        items = {item["type"]: item for item in (await answer.json())["items"]}

    assert items["image/tiff"]["reads"] == items["image/tiff"]["writes"] == "images"
    assert items["image/tiff"]["many"]
    assert items["image/gif"]["writes"] is None
    assert [option["name"] for option in items["image/jpeg"]["writing"]] == ["quality"]


async def test_an_import_ends_where_the_quota_does(config: Config) -> None:
    """The whole file counts; what does not fit leaves nothing behind."""
    keeping = replace(config.keeping, quota=Quota(pages=5, mib=1))
    async with opened(replace(config, keeping=keeping)) as face:
        document = await face.document()
        big = io.BytesIO(saved("BMP", picture().resize((900, 900))))
        status, problem = await sent(face, document.id, big)
        assert (status, problem["code"]) == (507, "quota-reached")
        pages = [picture(number).convert("1") for number in range(6)]
        listening = face.service.events.subscribe(LOCAL)
        status, problem = await sent(face, document.id, saved("TIFF", *pages), watch="it")
        assert (status, problem["code"]) == (507, "quota-reached")
        assert (await anext(listening)).topic == "file", "what is seen of a file promises nothing"
        listening.close()
        assert face.service.documents._blobs.ids() == set()
