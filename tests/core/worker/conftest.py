"""A worker on the hostile rig, with short deadlines."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sheetfed.api.errors import SheetfedError
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import (
    Deadlines,
    Keep,
    PageBegun,
    PageData,
    PageDone,
    PicturePart,
    Recipe,
)

RIGS = Path(__file__).parents[2] / "rigs"

SHORT = Deadlines(
    devices=0.7,
    open=0.7,
    options=0.7,
    set=0.7,
    first_row=10.0,  # the first page imports numpy, and test machines are busy
    row=1.0,
    page=0.7,
    close=0.7,
    codec=0.7,
    grace=0.7,
    rest=0.0,
)

Make = Callable[..., Worker]


@dataclass
class Kept:
    """A page as a service would gather it."""

    begun: PageBegun
    data: bytes = b""
    pictures: list[PicturePart] = field(default_factory=list)
    done: PageDone | None = None


@dataclass
class Scanned:
    """What came of a scan."""

    pages: list[Kept]
    error: SheetfedError | None = None

    @property
    def whole(self) -> list[Kept]:
        return [page for page in self.pages if page.done]


@pytest_asyncio.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Return a function that makes workers, which are closed in the end."""
    monkeypatch.setenv("PYTHONPATH", str(RIGS), prepend=os.pathsep)
    made: list[Worker] = []

    def new(
        name: str = "Hostile",
        kind: Any = "source",
        memory: int | None = None,
        deadlines: dict[str, float] | None = None,
        **settings: Any,
    ) -> Worker:
        recipe = Recipe(
            kind=kind, name="hostile", factory=f"hostile:{name}", settings=settings, memory=memory
        )
        patience = replace(SHORT, **(deadlines or {}))
        made.append(Worker(recipe, crashes=tmp_path / "crashes", deadlines=patience))
        return made[-1]

    yield new

    for worker in made:
        await worker.close()


@pytest.fixture
def scan() -> Callable[..., Awaitable[Scanned]]:
    """Return a function that scans a device and gathers what comes."""

    async def run(worker: Worker, device: str, keep: Keep = Keep(), **settings: Any) -> Scanned:  # noqa: B008
        scanned = Scanned(pages=[])
        try:
            await worker.open(device)
            async with aclosing(worker.scan(settings, keep)) as events:
                async for event in events:
                    match event:
                        case PageBegun():
                            scanned.pages.append(Kept(event))
                        case PageData():
                            scanned.pages[-1].data += event.data
                        case PicturePart():
                            scanned.pages[-1].pictures.append(event)
                        case PageDone():
                            scanned.pages[-1].done = event
        except SheetfedError as error:
            scanned.error = error
        return scanned

    return run
