"""Approvals over a real database, with clocks that tests set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sheetfed.approvals import Approvals
from sheetfed.config import Config, Sites, load
from sheetfed.events import Events
from sheetfed.store.database import Database


class Office:
    """One computer on which sites ask; the clocks stand still until they are moved."""

    def __init__(self, database: Database, config: Config) -> None:
        self.database = database
        self.config = config
        self.events = Events()
        self.wall = 1_800_000_000.0
        self.running = 1000.0

    async def open(
        self, *, approved: tuple[str, ...] = (), blocked: tuple[str, ...] = ()
    ) -> Approvals:
        """Start, with what the configuration says."""
        approvals = Approvals(
            self.database,
            self.events,
            replace(self.config, sites=Sites(approved=approved, blocked=blocked)),
            now=lambda: self.wall,
            clock=lambda: self.running,
        )
        await approvals.load()
        return approvals

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = await Database.open(tmp_path / "store.db")
    yield Office(database, load(home=tmp_path / "home", environ={}))
    await database.close()
