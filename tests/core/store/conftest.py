"""A folder for a store, and blobs in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetfed.disk import private_folder
from sheetfed.store.blobs import Blobs
from sheetfed.store.room import Room


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return private_folder(tmp_path / "store")


@pytest.fixture
def blobs(folder: Path) -> Blobs:
    return Blobs(folder, Room(folder, lambda _: None))
