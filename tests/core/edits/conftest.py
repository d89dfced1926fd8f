"""An easel that stays for the tests of a module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetfed.worker.wire import Deadlines

sys.path.insert(0, str(Path(__file__).parent))
from desk import Desk

RIGS = Path(__file__).parents[2] / "rigs"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An easel that stays for the tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(RIGS))
        desk = Desk(tmp_path_factory.mktemp("crashes"))
        yield desk
        desk.close()


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """One whose edits have a second and a half."""
    monkeypatch.setenv("PYTHONPATH", str(RIGS))
    desk = Desk(tmp_path, Deadlines(codec=1.5, grace=0.1))
    yield desk
    desk.close()
