"""Plants real distributions in a folder and asks a child interpreter about them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
import lives


class Garden:
    """A folder on the path of a child interpreter, with distributions as pip leaves them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "site"
        self.home = folder / "home"
        self.path.mkdir()

    def plant(
        self,
        distribution: str,
        code: str,
        *,
        addon: str = "",
        version: str = "1.0",
        group: str = "sheetfed.v1",
        points: str = "",
        also: Mapping[str, str] | None = None,
    ) -> None:
        """Install a distribution with one module of this code, behind one entry point."""
        module = distribution.replace("-", "_")
        (self.path / f"{module}.py").write_text(HEAD + dedent(code))
        for name, text in (also or {}).items():
            (self.path / name).write_text(dedent(text))
        info = self.path / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        point = points or f"[{group}]\n{addon or distribution} = {module}\n"
        (info / "entry_points.txt").write_text(point)

    def start(self, *words: str) -> lives.Life:
        """Start the command line where these distributions are installed."""
        return lives.begin("--home", self.home, *words, environ=self._environ)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line to its end."""
        return lives.run("--home", self.home, *words, environ=self._environ)

    @property
    def _environ(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.path)}

    def rows(self) -> list[dict[str, Any]]:
        """Return what `sheetfed addons --json` says, core and workspace left out."""
        done = self.run("addons", "--json")
        assert done.returncode == 0, done.stderr
        items: list[dict[str, Any]] = json.loads(done.stdout)["items"]
        return [item for item in items if not item["distribution"].startswith("sheetfed")]


HEAD = """\
from sheetfed.api.hooks import CodecSpec, CommandSpec, EditSpec, SourceSpec, StepSpec, hookimpl
from sheetfed.api.model import Choice, Option
"""


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    return Garden(tmp_path)


@pytest.fixture(scope="module")
def shared_garden(tmp_path_factory: pytest.TempPathFactory) -> Garden:
    return Garden(tmp_path_factory.mktemp("garden"))
