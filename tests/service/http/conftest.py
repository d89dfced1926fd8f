"""A real service on a real loopback port, with pages put straight into its store."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from sheetfed.config import Config, load
from sheetfed.server.app import make_app
from sheetfed.server.listen import listen
from sheetfed.service import Service

sys.path.insert(0, str(Path(__file__).parent))
from face import Face


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A configuration on any free port."""
    return replace(load(home=tmp_path / "home", environ={}), port=0)


@pytest.fixture
async def face(config: Config) -> AsyncIterator[Face]:
    """A running service."""
    service = await Service.start(config)
    try:
        listening = await listen(make_app(service), config, tcp=True)
        try:
            async with aiohttp.ClientSession(base_url=f"{listening.address}/") as client:
                yield Face(service=service, listening=listening, client=client)
        finally:
            await listening.close()
    finally:
        await service.close()
