"""Real servers on loopback, and a line to them that can be cut."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
sys.path.insert(0, str(Path(__file__).parent))
from clouds import CLOUDS
from daemons import DAEMONS
from places import PLACES, Place
from programs import PROGRAMS
from webservers import WEBSERVERS


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[type[Place]], Place]]:
    """Return a server, started once."""
    made: dict[type[Place], Place] = {}

    def found(kind: type[Place]) -> Place:
        if kind not in made:
            made[kind] = kind(tmp_path_factory.mktemp("place"))
        return made[kind]

    yield found
    for place in made.values():
        place.close()


@pytest.fixture(
    params=(*PLACES, *PROGRAMS, *CLOUDS, *DAEMONS, *WEBSERVERS),
    ids=lambda made: made.__name__.lower(),
)
def place(request: pytest.FixtureRequest, running: Callable[[type[Place]], Place]) -> Place:
    """A server of each protocol."""
    return running(request.param)


@pytest.fixture(autouse=True)
def plain_lookups() -> Iterator[None]:
    """Targets watch the look-ups of the child they are in; here that is this process."""
    kept = socket.getaddrinfo
    yield
    socket.getaddrinfo = kept
