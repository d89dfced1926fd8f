"""An authority, and what stands in for other people's files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "trust"))

from sheetfed.trust import authority
from sheetfed.trust.stores import Root, read_root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an authority was made today."""
    place = tmp_path / "state" / "trust"
    place.parent.mkdir()
    authority.make(place)
    return place


@pytest.fixture
def root(folder: Path) -> Root:
    """Its root."""
    return read_root(folder)
