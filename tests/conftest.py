"""What holds for every test."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "rigs"))
from cradle import CRADLE

# A run in the background is started with Ctrl-C ignored, and so would be every program that a test
# starts and then stops.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Thousands of programs are started here: what each of them imports is compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if sys.platform == "linux":
    CRADLE.rock()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start the children of a test that says something of their start."""
    CRADLE.rests = item.get_closest_marker("started") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest: one that began last would keep the whole run waiting."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
