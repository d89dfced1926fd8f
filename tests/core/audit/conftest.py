"""A log with ten lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetfed.audit import Audit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def written(folder: Path) -> Path:
    """The file of a log that was closed after ten lines."""
    audit = Audit(folder)
    for number in range(10):
        audit.note("https://clinic.example", "scan", "done", pages=number)
    audit.close()
    return next(folder.glob("*.jsonl"))
