"""A real service for each file, and the two sites that attack it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from suite.serving import serving
from suite.target import Target


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The service that is attacked."""
    with serving(tmp_path_factory.mktemp("attacked") / "home") as target:
        yield target
