"""Real browsers, a site of the public web, and a service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from drivers import Browsers
from listener import Listener, listening
from lure import luring


@pytest.fixture
def play() -> Iterator[Playwright]:
    """The driver of Chromium; its loop ends with the test, for other tests have loops too."""
    with sync_playwright() as started:
        yield started


@pytest.fixture
def listener() -> Iterator[Listener]:
    """What is attacked on loopback."""
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the site."""
    with luring(tmp_path_factory.mktemp("lure")) as port:
        yield port


@pytest.fixture
def browsers(play: Playwright, port: int, tmp_path: Path) -> Browsers:
    """The browsers of this computer."""
    return Browsers(play, port, tmp_path)
