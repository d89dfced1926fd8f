"""Live pictures: the newest one, for one owner, until nobody looks."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from face import Face, opened
from PIL import Image

from sheetfed.api.errors import DeviceFailed
from sheetfed.api.model import Frame
from sheetfed.config import Config
from sheetfed.server import live
from sheetfed.server.tokens import TOKENS

CAMERA = "/v1/devices/webcam:shelf"
ALICE = "https://alice.example"
BOB = "https://bob.example"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a preview."""

    headers: dict[str, str]
    body: bytes

    @property
    def size(self) -> tuple[int, int]:
        """The true size of its picture."""
        return Image.open(io.BytesIO(self.body)).size


class Preview:
    """Reads the parts of a preview."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def part(self) -> Part:
        """Return the next part."""
        async with asyncio.timeout(20):
            head = (await self._answer.content.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            assert first == "--sheetfed-frame"
            headers = dict(line.split(": ", 1) for line in lines)
            body = await self._answer.content.readexactly(int(headers["Content-Length"]))
            assert await self._answer.content.readexactly(2) == b"\r\n"
            return Part(headers=headers, body=body)

    async def ends(self) -> bool:
        """Wait until there is nothing more."""
        async with asyncio.timeout(20):
            try:
                while await self._answer.content.readany():
                    pass
            except aiohttp.ClientError:
                return True
            return True


@asynccontextmanager
async def looking(
    client: aiohttp.ClientSession, query: str = "", status: int = 200
) -> AsyncIterator[Preview]:
    async with client.get(f"{CAMERA}/preview{query}") as answer:
        assert answer.status == status, await answer.text()
        yield Preview(answer)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one photograph."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    Image.effect_noise((640, 480), 60).convert("RGB").save(folder / "one.jpg", quality=85)
    return folder


@pytest.fixture
async def face(config: Config, folder: Path) -> AsyncIterator[Face]:
    """A service with a folder of photographs as its camera."""
    addons = {"webcam": {"cameras": f"Shelf = {folder}\n"}}
    async with opened(replace(config, addons=addons)) as face:
        yield face


async def job(client: aiohttp.ClientSession, **settings: Any) -> dict[str, Any]:
    """Scan with the camera and return the job when it is over."""
    wish = {"device": "webcam:shelf", "settings": settings}
    async with client.post("/v1/jobs", json=wish) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status == 201, told
    while told["state"] in ("waiting", "scanning"):
        path = f"/v1/jobs/{told['id']}?wait=20&seen={told['version']}"
        async with client.get(path) as answer:
            told = await answer.json()
    return told


async def test_one_owner_looks_sets_and_scans_at_the_same_time(face: Face, folder: Path) -> None:
    """A camera is aimed while one sees what it sees, and goes on after the page is taken."""
    original = (folder / "one.jpg").read_bytes()
    async with (
        looking(face.client) as whole,
        looking(face.client, "?width=320&sheet=true") as small,
    ):
        first, little = await whole.part(), await small.part()
        assert first.body == original  # the camera's own bytes
        assert first.headers["Content-Type"] == "image/jpeg"
        assert first.headers["Sheetfed-Size"] == "640x480"
        assert json.loads(first.headers["Sheetfed-Marks"]) == []
        assert float(first.headers["Sheetfed-Time"]) > 0
        assert little.size == (320, 240)

        turned = await face.send("PATCH", f"{CAMERA}/options", {"settings": {"rotate": 90}})
        assert turned[0] == 200
        assert {o["name"]: o["default"] for o in turned[1]["options"]}["rotate"] == 90
        while (await whole.part()).size != (480, 640):
            pass
        wrong = await face.send("PATCH", f"{CAMERA}/options", {"settings": {"rotate": 45}})
        assert (wrong[0], wrong[1]["code"]) == (422, "bad-settings")

        done = await job(face.client, pages=2, rotate=0)
        assert (done["state"], done["pages"]) == ("done", 2), done
        row = await face.service.documents.get("local", done["document"])
        for page in row.pages:
            kept = await face.service.documents.page("local", page)
            assert (kept.width, kept.height) == (640, 480)
            assert await face.original(kept) == original
        assert (await whole.part()).size == (480, 640)  # its settings were that scan's

        status, headers, body = await face.get(f"{CAMERA}/frame?height=100")
        assert (status, headers["Sheetfed-Size"]) == (200, "75x100")
        assert Image.open(io.BytesIO(body)).size == (75, 100)

    late = await face.send("PATCH", f"{CAMERA}/options", {"settings": {"rotate": 0}})
    assert (late[0], late[1]["code"]) == (409, "conflict")


async def test_live_pictures_go_on_while_a_scan_waits_for_its_time(face: Face) -> None:
    """A person turns the page and must see where it lies."""
    async with looking(face.client) as preview:
        await preview.part()
        taking = asyncio.create_task(job(face.client, capture="timed", interval=1.5, pages=2))
        seen = 0
        while not taking.done():
            await preview.part()
            seen += 1

        assert (await taking)["pages"] == 2
        assert seen >= 5


async def test_another_owner_finds_the_camera_busy(face: Face) -> None:
    """R13, R15: what one site looks at no other sees, scans or sets."""
    alice, bob = await face.site(ALICE), await face.site(BOB)
    async with looking(alice.client) as preview:
        await preview.part()
        async with alice.client.patch(
            f"{CAMERA}/options", json={"settings": {"mirror": True}}
        ) as answer:
            assert answer.status == 200, await answer.text()
        async with bob.client.get(CAMERA) as answer:
            told = {each["name"]: each["default"] for each in (await answer.json())["options"]}
            assert told["mirror"] is False

        async with looking(bob.client, status=409):
            pass
        async with bob.client.get(f"{CAMERA}/frame") as answer:
            said = await answer.text()
            assert (answer.status, json.loads(said)["code"]) == (409, "device-busy")
            assert ALICE not in said
        for path, body in (
            ("/v1/jobs", {"device": "webcam:shelf"}),
            (f"{CAMERA}/options", {"settings": {"rotate": 90}}),
        ):
            async with bob.client.post(path, json=body) as answer:
                assert answer.status == 409, path
        async with bob.client.patch(f"{CAMERA}/options", json={"settings": {}}) as answer:
            assert answer.status == 409
        assert (await preview.part()).size == (640, 480)

    async with asyncio.timeout(20):  # the service notices a moment later that she left
        status = 409
        while status == 409:
            async with bob.client.get(f"{CAMERA}/frame") as answer:
                status = answer.status
    assert status == 200


async def test_a_preview_ends_with_the_approval_or_the_token(face: Face) -> None:
    """R15: not one more picture once a person has changed their mind."""
    alice = await face.site(ALICE)
    async with looking(alice.client) as preview:
        await preview.part()
        face.app[TOKENS].revoke(ALICE)
        async with asyncio.timeout(1):
            assert await preview.ends()


async def test_without_an_approval_nobody_sees_anything(face: Face) -> None:
    """R15: neither a stranger nor a site that is not approved."""
    url = f"http://{face.host}{CAMERA}"
    async with aiohttp.ClientSession() as stranger:
        for path in ("/preview", "/frame"):
            async with stranger.get(url + path) as answer:
                assert answer.status == 401
            async with stranger.get(url + path, headers={"Origin": ALICE}) as answer:
                assert answer.status in (401, 403)
                assert "Access-Control-Allow-Origin" not in answer.headers


async def test_what_fails_is_told_before_the_first_picture_or_as_the_last_part(
    face: Face, folder: Path
) -> None:
    """A page shows the same words whenever it happens."""
    async with face.client.get("/v1/devices/sample:paper/preview") as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "not-found")
    async with face.client.get("/v1/devices/webcam:attic/frame") as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "device-gone")
    for query in ("?width=3", "?fps=0", "?fps=nan", "?color=red"):
        async with looking(face.client, query, status=422):
            pass

    async with looking(face.client) as preview:
        await preview.part()
        (folder / "one.jpg").rename(folder.parent / "gone.jpg")
        while (part := await preview.part()).headers["Content-Type"] == "image/jpeg":
            pass
        assert part.headers["Content-Type"] == "application/problem+json"
        assert json.loads(part.body)["code"] == "device-failed"
        assert await preview.ends()

    (folder.parent / "gone.jpg").rename(folder / "one.jpg")
    async with looking(face.client) as preview:
        assert (await preview.part()).size == (640, 480)


async def test_a_service_that_stops_ends_its_previews(config: Config, folder: Path) -> None:
    """It does not wait for viewers."""
    addons = {"webcam": {"cameras": f"Shelf = {folder}\n"}}
    async with opened(replace(config, addons=addons)) as face, looking(face.client) as preview:
        await preview.part()
        stopping = asyncio.create_task(face.listening.close())
        assert await preview.ends()
        async with asyncio.timeout(10):
            await stopping


async def test_who_stopped_reading_is_cut_off_at_the_last_part_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client that neither reads nor leaves must not keep a camera from others."""
    monkeypatch.setattr(live, "STALLED", 0.2)
    over = asyncio.Event()

    async def frames() -> AsyncGenerator[Frame, None]:
        yield Frame(data=b"a picture", width=8, height=8)
        raise DeviceFailed("x" * 20_000_000)

    async def play(request: web.Request) -> web.StreamResponse:
        try:
            return await live.play(request, frames(), owner="", left=lambda: 60.0)
        finally:
            over.set()

    app = web.Application()
    app.router.add_get("/", play)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
    port = site.name.rpartition(":")[2]
    with socket.create_connection(("127.0.0.1", int(port))) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(20):
            await over.wait()
    await runner.cleanup()
