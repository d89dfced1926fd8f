"""A page's bytes: whole, in parts, known already, and pictures of it."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from face import Face, opened
from PIL import Image

from sheetfed.api.errors import StoreDamaged
from sheetfed.config import Config
from sheetfed.events import LOCAL
from sheetfed.server.ranges import attachment, send_stream
from sheetfed.store.pages import PageRow


@asynccontextmanager
async def serving(
    config: Config, pieces: Callable[[], AsyncGenerator[bytes, None]]
) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve a stream beside what the service serves."""

    async def answer(request: web.Request) -> web.StreamResponse:
        async with aclosing(pieces()) as stream:
            return await send_stream(request, stream, media_type="text/plain", name="x")

    def furnish(app: web.Application) -> None:
        app.router.add_get("/stream", answer)

    async with opened(config, furnish) as face:
        yield face.client


@pytest.fixture
async def page(face: Face) -> PageRow:
    """A page of a document."""
    document = await face.document((400, 600))
    return await face.service.documents.page(LOCAL, document.pages[0])


def test_names_are_safe_everywhere() -> None:
    """R32, R33 (P08): nothing of a title becomes a header, a path or markup."""
    assert attachment("Letter.pdf") == 'attachment; filename="Letter.pdf"'
    assert attachment('a"b\r\nX: y/../c.pdf').count("\r") == 0
    assert attachment("../../etc/passwd") == 'attachment; filename="_.._etc_passwd"'
    assert attachment("\u202efdp.exe") == 'attachment; filename="fdp.exe"'
    assert attachment("") == 'attachment; filename="document"'
    assert attachment("Brüder.pdf") == (
        "attachment; filename=\"Bruder.pdf\"; filename*=UTF-8''Br%C3%BCder.pdf"
    )
    assert attachment("文書.pdf").endswith("filename*=UTF-8''%E6%96%87%E6%9B%B8.pdf")
    assert len(attachment("x" * 5000 + ".pdf")) < 200


async def test_the_original_comes_byte_for_byte(face: Face, page: PageRow) -> None:
    data = await face.original(page)

    status, headers, body = await face.get(f"/v1/pages/{page.id}/image")

    assert status == 200
    assert body == data
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == str(len(data))
    assert headers["ETag"] == f'"{page.etag}"'
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Disposition"] == 'attachment; filename="page-1.jpg"'


async def test_head_tells_what_get_would(face: Face, page: PageRow) -> None:
    path = f"/v1/pages/{page.id}/image"
    _, expected, _ = await face.get(path)

    async with face.client.head(path) as answer:
        told, body = answer.headers, await answer.read()

    assert body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Content-Disposition"):
        assert told[name] == expected[name]


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=10-", 10, None),
        ("bytes=-7", -7, None),
        ("bytes=5-999999999999", 5, None),
        ("bytes=0-", 0, None),
        ("bytes=-999999999", 0, None),
    ],
)
async def test_a_range_is_part_of_the_original(
    face: Face, page: PageRow, asked: str, begin: int, end: int | None
) -> None:
    data = await face.original(page)

    status, headers, body = await face.get(f"/v1/pages/{page.id}/image", Range=asked)

    assert body == data[begin:end]
    first = begin if begin >= 0 else len(data) + begin
    last = first + len(body) - 1
    assert status == 206
    assert headers["Content-Range"] == f"bytes {first}-{last}/{len(data)}"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,3-4",
        "bytes=5-2",
        "bytes=",
        "bytes=-",
        "bytes=x-y",
        "lines=0-1",
        "bytes 0-1",
        "0-1",
    ],
)
async def test_what_is_no_single_range_means_all(face: Face, page: PageRow, asked: str) -> None:
    """RFC 9110 lets a server pass over a Range that it does not serve."""
    status, _, body = await face.get(f"/v1/pages/{page.id}/image", Range=asked)

    assert status == 200
    assert body == await face.original(page)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-999999999", "bytes=-0"])
async def test_a_range_beyond_the_end_cannot_be_had(face: Face, page: PageRow, asked: str) -> None:
    status, headers, body = await face.get(f"/v1/pages/{page.id}/image", Range=asked)

    assert status == 416
    assert headers["Content-Range"] == f"bytes */{page.size}"
    assert json.loads(body)["status"] == 416


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{etag}", 206), ('"other"', 200), ("W/{etag}", 200), ("Mon, 23 Nov 2026 01:00:00 GMT", 200)],
)
async def test_a_range_of_something_else_is_not_given(
    face: Face, page: PageRow, condition: str, status: int
) -> None:
    """A download that goes on after the page changed would be two halves."""
    told = condition.format(etag=f'"{page.etag}"')

    answered, *_ = await face.get(f"/v1/pages/{page.id}/image", Range="bytes=1-2", If_Range=told)

    assert answered == status


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"a", {etag}', 304),
        ("*", 304),
        ('"a"', 200),
        ("garbage", 200),
    ],
)
@pytest.mark.parametrize("query", ["", "?width=100"])
async def test_what_the_client_has_is_not_sent_again(
    face: Face, page: PageRow, condition: str, status: int, query: str
) -> None:
    path = f"/v1/pages/{page.id}/image{query}"
    _, headers, _ = await face.get(path)

    answered, again, body = await face.get(
        path, If_None_Match=condition.format(etag=headers["ETag"]), Range="bytes=1-2"
    )

    assert answered in ({304} if status == 304 else {200, 206})
    assert again["ETag"] == headers["ETag"]
    assert (body == b"") == (status == 304)


async def test_a_large_original_comes_in_pieces(face: Face) -> None:
    """Two clients at once, each a part; neither gets the other's."""
    document = await face.document((2000, 2000))
    page = await face.service.documents.page(LOCAL, document.pages[0])
    data = await face.original(page)
    middle = len(data) // 2

    first, second = await asyncio.gather(
        face.get(f"/v1/pages/{page.id}/image", Range=f"bytes=0-{middle - 1}"),
        face.get(f"/v1/pages/{page.id}/image", Range=f"bytes={middle}-"),
    )

    assert len(data) > 1 << 19
    assert first[2] + second[2] == data


async def test_a_thumbnail_is_given_as_it_was_kept(face: Face, page: PageRow) -> None:
    """No picture is drawn for what is asked most."""
    kept = await face.service.documents.picture(LOCAL, page.id, "thumbnail")
    assert kept

    for query in ("?width=100", "?width=120&height=250", "?height=10&type=image/jpeg"):
        status, headers, body = await face.get(f"/v1/pages/{page.id}/image{query}")

        assert status == 200
        assert body == kept.data
        assert headers["Content-Type"] == "image/jpeg"


async def test_the_same_type_without_a_size_is_the_original(face: Face, page: PageRow) -> None:
    _, _, body = await face.get(f"/v1/pages/{page.id}/image?type=image/jpeg")

    assert body == await face.original(page)


@pytest.mark.parametrize(
    ("query", "media_type", "size"),
    [
        ("width=300", "image/jpeg", (300, 450)),
        ("height=300", "image/jpeg", (200, 300)),
        ("width=300&height=300&type=image/png", "image/png", (200, 300)),
        ("width=100&type=image/png", "image/png", (100, 150)),
        ("type=image/png", "image/png", (400, 600)),
        ("width=5000&type=image/png", "image/png", (400, 600)),
    ],
)
async def test_other_pictures_are_drawn(
    face: Face, page: PageRow, query: str, media_type: str, size: tuple[int, int]
) -> None:
    """No larger than asked, the shape kept; the same question again gives the same bytes."""
    path = f"/v1/pages/{page.id}/image?{query}"

    status, headers, body = await face.get(path)
    _, _, again = await face.get(path)

    assert status == 200, body
    assert headers["Content-Type"] == media_type
    picture = Image.open(io.BytesIO(body))
    assert picture.size == pytest.approx(size, abs=1)
    assert again == body


async def test_a_picture_larger_than_the_kept_ones_is_drawn_from_the_original(face: Face) -> None:
    document = await face.document((1600, 2400))

    status, _, body = await face.get(f"/v1/pages/{document.pages[0]}/image?width=1500")

    assert status == 200
    assert Image.open(io.BytesIO(body)).size == (1500, 2250)


@pytest.mark.parametrize("wanted", ["image/svg+xml", "nonsense", "a\r\nb", 'x"y'])
async def test_a_type_that_nobody_draws_is_refused(face: Face, page: PageRow, wanted: str) -> None:
    async with face.client.get(
        f"/v1/pages/{page.id}/image", params={"width": "300", "type": wanted}
    ) as answer:
        problem = await answer.json(content_type=None)

    assert answer.status in (415, 501)
    assert problem["code"] in ("unsupported-type", "addon-missing")


async def test_damage_is_told_before_the_first_byte(face: Face, page: PageRow) -> None:
    """R20 (M05): a flipped bit is no picture and no crash."""
    for file in (face.service.config.store / "blobs").rglob("*"):
        if file.is_file():
            data = bytearray(file.read_bytes())
            data[len(data) // 2] ^= 1
            file.write_bytes(data)

    status, headers, body = await face.get(f"/v1/pages/{page.id}/image")

    assert status == 410
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["code"] == "store-damaged"


async def test_damage_after_the_first_byte_breaks_the_connection(face: Face) -> None:
    """Half a page must not look like a whole one."""
    document = await face.document((2000, 2000))
    page = await face.service.documents.page(LOCAL, document.pages[0])
    (file,) = (
        file
        for file in (face.service.config.store / "blobs").rglob("*")
        if file.is_file() and file.stat().st_size > page.size
    )
    data = bytearray(file.read_bytes())
    data[page.size - 1000] ^= 1
    file.write_bytes(data)

    with pytest.raises(aiohttp.ClientError):
        await face.get(f"/v1/pages/{page.id}/image")

    assert page.size > 1 << 19


@pytest.mark.parametrize(("after", "breaks"), [(0, False), (2, False), (8, True)])
async def test_a_stream_that_fails_is_a_problem_or_a_broken_connection(
    config: Config, after: int, *, breaks: bool
) -> None:
    """A file ends well or not at all; what fails soon has a name, for nothing was sent by then."""
    closed = asyncio.Event()

    async def pieces() -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(after):
                yield b"x" * 300_000
            raise StoreDamaged
        finally:
            closed.set()

    async with serving(config, pieces) as client:
        if breaks:
            with pytest.raises(aiohttp.ClientError):
                async with client.get("/stream") as answer:
                    await answer.read()
        else:
            async with client.get("/stream") as answer:
                assert answer.status == 410
    assert closed.is_set()


async def test_a_client_that_leaves_ends_the_work_for_it(config: Config) -> None:
    closed = asyncio.Event()

    async def pieces() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x" * 300_000
                await asyncio.sleep(0)
        finally:
            closed.set()

    async with serving(config, pieces) as client:
        async with client.get("/stream") as answer:
            await answer.content.readexactly(100_000)
        await asyncio.wait_for(closed.wait(), 5)
