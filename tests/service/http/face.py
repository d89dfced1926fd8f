"""What tests hold of a running service: its outside, and its inside to prepare things."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp import web
from PIL import Image

from sheetfed.config import Config
from sheetfed.events import LOCAL
from sheetfed.server.app import make_app
from sheetfed.server.listen import Listening, listen
from sheetfed.server.tokens import TOKENS
from sheetfed.service import Service
from sheetfed.store.documents import DocumentRow
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import PageBegun, PicturePart


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True, kw_only=True)
class Site:
    """The page of an approved site."""

    origin: str
    token: str
    client: aiohttp.ClientSession


@dataclass(frozen=True, kw_only=True)
class Face:
    """The service as clients meet it, and its inside to prepare tests."""

    service: Service
    listening: Listening
    app: web.Application
    client: aiohttp.ClientSession
    bearer: str
    """What a script of the person at this computer sends as Authorization."""
    guests: list[aiohttp.ClientSession] = field(default_factory=list)

    @property
    def port(self) -> int:
        """The port on loopback."""
        assert self.listening.port
        return self.listening.port

    @property
    def host(self) -> str:
        """What a Host header has to say."""
        return f"127.0.0.1:{self.port}"

    async def site(self, origin: str) -> Site:
        """Approve a site and return what asks as its page does."""
        if not self.service.approvals.approved(origin):
            await self.service.approvals.approve(origin)
        token = self.app[TOKENS].issue_local(origin).text
        headers = {"Origin": origin, "Authorization": f"Bearer {token}"}
        client = aiohttp.ClientSession(base_url=f"http://{self.host}/", headers=headers)
        self.guests.append(client)
        return Site(origin=origin, token=token, client=client)

    def head(self, method: str, path: str) -> str:
        """Return how a script's request begins."""
        return f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: {self.bearer}\r\n"

    async def document(
        self, *sizes: tuple[int, int], title: str = "", owner: str = LOCAL
    ) -> DocumentRow:
        """Make a document with a page of each size."""
        row = await self.service.documents.create(owner, title=title)
        for size in sizes:
            await self.page(row.id, size, owner=owner)
        return await self.service.documents.get(owner, row.id)

    async def page(
        self, document: str, size: tuple[int, int] = (400, 600), *, owner: str = LOCAL
    ) -> PageRow:
        """Add a page with both of its small pictures."""
        width, height = size
        begun = PageBegun(
            number=1,
            media_type="image/jpeg",
            width=width,
            height=height,
            mode=None,
            dpi=(100.0, 100.0),
            side="",
        )
        incoming = await self.service.documents.receive(owner, document, job=None, begun=begun)
        await incoming.write(jpeg(size))
        kinds: tuple[tuple[Literal["preview", "thumbnail"], int], ...] = (
            ("preview", 1200),
            ("thumbnail", 250),
        )
        for kind, longest in kinds:
            small = fitted(size, longest)
            await incoming.picture(
                PicturePart(
                    kind=kind,
                    media_type="image/jpeg",
                    width=small[0],
                    height=small[1],
                    data=jpeg(small),
                )
            )
        return await incoming.keep(width=width, height=height, marks=())

    async def original(self, page: PageRow) -> bytes:
        """Return a page's bytes, past HTTP."""
        original = await self.service.documents.original(LOCAL, page.id)
        try:
            return bytes(await original.read(0, original.size))
        finally:
            await original.close()

    async def get(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        """Read a path; underscores in names of headers stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(path, headers=named) as answer:
            return answer.status, answer.headers, await answer.read()

    async def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Send JSON and return status and JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(method, path, json=body, headers=named) as answer:
            data = await answer.read()
            return answer.status, await answer.json(content_type=None) if data else None

    async def raw(self, request: str | bytes) -> Reply:
        """Send bytes as they stand and return what comes back before the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request.encode("latin-1") if isinstance(request, str) else request)
            return await asyncio.wait_for(read_reply(reader), 10)
        finally:
            writer.close()


@asynccontextmanager
async def opened(
    config: Config, furnish: Callable[[web.Application], None] = lambda _: None
) -> AsyncIterator[Face]:
    """Run a service, with what a test puts into its application."""
    service = await Service.start(config)
    try:
        app = make_app(service)
        furnish(app)
        listening = await listen(app, config, tcp=True)
        bearer = f"Bearer {app[TOKENS].issue_local(None).text}"
        try:
            async with aiohttp.ClientSession(
                base_url=f"{listening.address}/", headers={"Authorization": bearer}
            ) as client:
                face = Face(
                    service=service, listening=listening, app=app, client=client, bearer=bearer
                )
                yield face
                for guest in face.guests:
                    await guest.close()
        finally:
            await listening.close()
    finally:
        await service.close()


async def read_reply(reader: asyncio.StreamReader) -> Reply:
    """Read one answer."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = [
        (name.lower(), value.strip())
        for name, _, value in (ln.partition(":") for ln in lines[1:-2])
    ]
    length = int(dict(headers).get("content-length", "0"))
    status = int(lines[0].split()[1])
    return Reply(status=status, headers=headers, body=await reader.readexactly(length))


def jpeg(size: tuple[int, int]) -> bytes:
    """Return a picture that packs badly."""
    data = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(data, "JPEG", quality=90)
    return data.getvalue()


def fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return a size with the same shape and no side longer."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
