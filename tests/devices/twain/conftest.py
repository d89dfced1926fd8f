"""The addon in a Windows Python under Wine, with a scanner that fails when told to."""

from __future__ import annotations

import platform
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs" / "twain"))
import bits32
from scanner import Rig, set_up
from windows import WINDOWS

from sheetfed.worker.parent import Worker


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let 32 bits be asked for, as `bits32` does."""
    parser.addoption("--bits", type=int, choices=(64, 32), default=64)


@pytest.fixture(scope="session")
def rig(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Return a Windows of this run's own."""
    if platform.machine() != "x86_64":
        pytest.skip("Debian has this Wine for x86_64 only")
    windows = {64: WINDOWS, 32: bits32.WINDOWS}[pytestconfig.getoption("--bits", 64)]
    assert not windows.missing(), windows.missing()
    windows.make()
    made = set_up(tmp_path_factory.mktemp("windows"), windows)
    yield made
    windows.stop(made.prefix)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worker]:
    """Return a worker whose child runs in Windows; it is shared, as a person shares a scanner."""
    async with rig.worker(tmp_path_factory.mktemp("crashes"), patience=2.0) as made:
        yield made
