"""Our own addons prove themselves with the kit that is there for everybody's."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

TESTS = Path(__file__).parents[1]
PROVEN = re.compile(r'^class \w+\(AddonContract\):.*?return "([\w-]+)"', re.MULTILINE | re.DOTALL)


def test_each_addon_of_ours_passes_the_kit() -> None:
    installed = {
        entry.name
        for entry in entry_points(group="sheetfed.v1")
        if entry.dist and entry.dist.name.startswith("sheetfed")
    }
    proven = {
        name for file in TESTS.rglob("*.py") for name in PROVEN.findall(file.read_text("utf-8"))
    }

    assert {"sample", "sane", "pdf", "uploader"} <= installed
    assert installed <= proven
