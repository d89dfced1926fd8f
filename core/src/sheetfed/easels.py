"""Easels: children that show pages through their edits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sheetfed.benches import Bench
from sheetfed.imaging import Imaging
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Tool

MEMORY = 4 << 30
"""Address space of an easel: a page of 200 million pixels before an edit, and after it."""


class Easels:
    """Children that hold the codec for a type and the edits asked for.

    The edits of one addon come together. The core's are always there; an addon's only where a page
    needs them, so that one that cannot be loaded spoils no other page.
    """

    def __init__(self, imaging: Imaging, kits: Sequence[Sequence[Tool]], *, crashes: Path) -> None:
        self._imaging = imaging
        self._kits = [tuple(kit) for kit in kits]
        self._crashes = crashes
        self._benches: dict[tuple[str, frozenset[int]], Bench] = {}

    @asynccontextmanager
    async def easel(
        self, media_type: str, names: Collection[str], *, document: str, slow: bool = False
    ) -> AsyncIterator[Worker]:
        """Give a child that draws this type and has these edits to one user until the block ends.

        Raises UnsupportedType, AddonMissing where nothing draws the type.
        """
        recipe = self._imaging.recipe(media_type)
        needed = frozenset(
            place
            for place, kit in enumerate(self._kits)
            if place == 0 or any(tool.name in names for tool in kit)
        )
        bench = self._benches.get((recipe.name, needed))
        if bench is None:
            tools = tuple(tool for place in sorted(needed) for tool in self._kits[place])
            recipe = replace(recipe, kind="edit", tools=tools, memory=MEMORY)
            bench = self._benches[recipe.name, needed] = Bench(recipe, self._crashes)
        async with bench.worker(document, slow=slow) as worker:
            yield worker

    async def close(self) -> None:
        """End every child."""
        await asyncio.gather(*(bench.close() for bench in self._benches.values()))
