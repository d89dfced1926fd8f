"""What holds for every test."""

from __future__ import annotations

import os
import signal
import sys
from itertools import islice
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "rigs"))
from cradle import CRADLE

LONG = 180
"""Seconds that only a test is given that may take long."""

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what may take long: what began last would keep the whole run waiting.

    Each of several processes is given an equal part of this list, and each part begins with some of
    the folders of such tests, whose tests share what they need.
    """
    folders: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if patience(item) >= LONG:
            folders.setdefault(item.path.parent, []).append(item)
    ranked = sorted(folders.values(), key=lambda folder: -max(map(patience, folder)))
    short = iter([item for item in items if patience(item) < LONG])
    parts = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    ordered: list[pytest.Item] = []
    for part in range(parts):
        ordered += [item for folder in ranked[part::parts] for item in folder]
        ordered += islice(short, max(0, len(items) * (part + 1) // parts - len(ordered)))
    items[:] = [*ordered, *short]


def patience(item: pytest.Item) -> float:
    """Return how many seconds a test may take, where it says so itself."""
    marker = item.get_closest_marker("timeout")
    return marker.args[0] if marker else 0
