"""A worker on the hostile rig, with short deadlines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deadlines, Recipe

RIGS = Path(__file__).parents[2] / "rigs"

SHORT = Deadlines(
    devices=0.7,
    open=0.7,
    options=0.7,
    set=0.7,
    first_row=0.7,
    row=0.7,
    page=0.7,
    close=0.7,
    codec=0.7,
    grace=0.5,
    rest=0.0,
)

Make = Callable[..., Worker]


@pytest_asyncio.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Return a function that makes workers, which are closed in the end."""
    monkeypatch.setenv("PYTHONPATH", str(RIGS))
    made: list[Worker] = []

    def new(
        name: str = "Hostile",
        kind: str = "source",
        deadlines: Deadlines = SHORT,
        **settings: object,
    ) -> Worker:
        recipe = Recipe(kind=kind, name="hostile", factory=f"hostile:{name}", settings=settings)
        made.append(Worker(recipe, crashes=tmp_path / "crashes", deadlines=deadlines))
        return made[-1]

    yield new

    for worker in made:
        await worker.close()
