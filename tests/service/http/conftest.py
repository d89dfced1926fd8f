"""A real service on a real loopback port, with pages put straight into its store."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sheetfed.config import Config, load

sys.path.insert(0, str(Path(__file__).parent))
from face import Face, opened


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A configuration on any free port, without TLS, and no looking for network scanners."""
    plain = load(home=tmp_path / "home", environ={})
    return replace(plain, port=0, tls=False, disabled=("sane",))


@pytest.fixture
async def face(config: Config) -> AsyncIterator[Face]:
    """A running service."""
    async with opened(config) as face:
        yield face
