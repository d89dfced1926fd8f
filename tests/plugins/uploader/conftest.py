"""Real servers on loopback, and a line to them that can be cut."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
sys.path.insert(0, str(Path(__file__).parent))
from places import PLACES, Place


@pytest.fixture(scope="module", params=PLACES, ids=lambda made: made.__name__.lower())
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A server of each protocol."""
    made: Place = request.param(tmp_path_factory.mktemp("place"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def plain_lookups() -> Iterator[None]:
    """Targets watch the look-ups of the child they are in; here that is this process."""
    kept = socket.getaddrinfo
    yield
    socket.getaddrinfo = kept
