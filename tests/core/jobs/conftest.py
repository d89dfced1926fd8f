"""An office in a temporary folder."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))
from office import Office

RIGS = Path(__file__).parents[2] / "rigs"


@pytest_asyncio.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setenv("PYTHONPATH", str(RIGS))
    (tmp_path / "store").mkdir(mode=0o700)
    made = await Office(tmp_path).open()
    yield made
    await made.close()
