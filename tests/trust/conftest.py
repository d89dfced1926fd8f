"""Somebody new on a machine, and their browsers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
from machine import Machine
from people import Browsers, Person


@pytest.fixture
def play() -> Iterator[Playwright]:
    """The driver of Chromium; while it runs, no other test can have an event loop."""
    with sync_playwright() as started:
        yield started


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody who was never here before."""
    return Person(tmp_path / "home")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine whose /etc is its own."""
    with Machine(tmp_path / "etc") as made:
        yield made


@pytest.fixture
def browsers(play: Playwright, person: Person) -> Browsers:
    """The person's browsers."""
    return Browsers(play, person)
