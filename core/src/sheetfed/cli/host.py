"""The service, codecs and steps as a command sees them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sheetfed.addons import Addons
from sheetfed.api.contracts import NO_QUERY, NOTHING, Opened, Query
from sheetfed.api.model import Device, Mark, Page, Settings
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.loops import across, over_there, there
from sheetfed.cli.reach import reach
from sheetfed.config import Config

if TYPE_CHECKING:  # imports numpy and all that pages need, which a word for devices does not
    from sheetfed.cli.workshop import Workshop


class _Elsewhere:
    """An opened file whose children are in another loop."""

    def __init__(self, opened: Opened, loop: asyncio.AbstractEventLoop) -> None:
        self.media_type = opened.media_type
        self.about = opened.about
        self.pages = opened.pages
        self._opened = opened
        self._loop = loop

    async def marks(self, index: int) -> Sequence[Mark]:
        """Return what the file knows of a page."""
        return await there(self._opened.marks(index), self._loop)

    async def page(self, index: int, *, as_type: str | None = None) -> Page:
        """Return a page drawn."""
        return await there(self._opened.page(index, as_type=as_type), self._loop)


class LocalHost:
    """A Host that acts as the person at this computer.

    A service is reached, or started, when something is asked that only it knows. Files need none.
    """

    def __init__(self, config: Config, addons: Addons) -> None:
        self._config = config
        self._addons = addons
        self._parts = ExitStack()
        self._reached: Client | None = None
        self._workshop: Workshop | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._parts.close()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: Mapping[str, Any] | None = None,
        file: bytes | None = None,
    ) -> Any:
        """Return the JSON that is answered, None where nothing is."""
        if file is not None:
            words: dict[str, Any] = {**query}
            return self._client().send(path, io.BytesIO(file), len(file), **words)
        return self._client().ask(method, path, query=query, body=body)

    async def stream(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the bytes that are answered, piece by piece."""
        with self._client().stream(path, body, method=method, query=query) as pieces:
            for piece in pieces:
                yield piece

    async def devices(self) -> Sequence[Device]:
        """Return the devices that are there now."""
        fields = ("id", "title", "vendor", "model", "kind")
        items = self._client().get("/v1/devices")["items"]
        return [Device(**{name: item[name] for name in fields}) for item in items]

    async def start_job(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Start a job and return it."""
        job: Mapping[str, Any] = self._client().post("/v1/jobs", request)
        return job

    async def job(self, job_id: str) -> Mapping[str, Any]:
        """Return a job."""
        job: Mapping[str, Any] = self._client().get(f"/v1/jobs/{quoted(job_id)}")
        return job

    async def documents(self) -> Sequence[Mapping[str, Any]]:
        """Return the documents of this person."""
        return [*self._client().items("/v1/documents")]

    async def read(self, path: Path, options: Settings = NOTHING) -> AsyncGenerator[Page, None]:
        """Yield the pages of a file."""
        shop = self._shop()
        async with aclosing(across(shop.bench.read(path, options), shop.loop)) as pages:
            async for page in pages:
                yield page

    @asynccontextmanager
    async def look(self, path: Path, options: Settings = NOTHING) -> AsyncIterator[Opened]:
        """Open a file until the block ends."""
        shop = self._shop()
        async with over_there(shop.bench.look(path, options), shop.loop) as opened:
            yield _Elsewhere(opened, shop.loop)

    async def take(self, page: Page, step: str, options: Settings = NOTHING) -> Sequence[Page]:
        """Return what a step makes of a page."""
        shop = self._shop()
        return await there(shop.bench.take(page, step, options), shop.loop)

    async def write(
        self, pages: AsyncIterator[Page], media_type: str, options: Settings = NOTHING
    ) -> AsyncGenerator[bytes, None]:
        """Yield a file made of pages."""
        shop = self._shop()
        given = across(pages, asyncio.get_running_loop())
        written = shop.bench.write(given, media_type, options)
        async with aclosing(across(written, shop.loop)) as pieces:
            async for piece in pieces:
                yield piece

    def _client(self) -> Client:
        if self._reached is None:
            self._reached = self._parts.enter_context(reach(self._config))
        return self._reached

    def _shop(self) -> Workshop:
        if self._workshop is None:
            from sheetfed.cli.workshop import Workshop  # noqa: PLC0415 - as above

            self._workshop = self._parts.enter_context(Workshop(self._config, self._addons))
        return self._workshop
