"""One service for all that asks it politely."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from incumbent import JOBS, Program, Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with the interface on."""
    service = Service(tmp_path_factory.mktemp("dwt") / "home")
    yield service
    service.stop()


@pytest.fixture
def program(service: Service) -> Program:
    """A program that asks it."""
    return service.program


@pytest.fixture(scope="session")
def scanned(service: Service) -> str:
    """A job that is through, with three pages."""
    uid = str(service.program.job()["jobuid"])
    assert len(service.program.pages(uid)) == 3
    return uid


@pytest.fixture
def pending(program: Program) -> Iterator[str]:
    """A job that waits."""
    uid = str(program.job(runs=False)["jobuid"])
    yield uid
    program.ask("DELETE", f"{JOBS}/{uid}")
