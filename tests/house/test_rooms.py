"""The house stands: floors, first lines, rooms that open alone."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "core/src", *sorted(ROOT.glob("plugins/*/src"))]
FILES = [file for source in SOURCES for file in sorted(source.rglob("*.py"))]
MODULES = sorted(
    ".".join(file.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
    for source in SOURCES
    for file in source.rglob("*.py")
    if file.name != "__main__.py"
)
ELSEWHERE = {
    f"sheetfed_webcam.hardware.{name}"
    for name in ("directshow", "graph", "macos", "quartz", "strmif")
}
"""Rooms whose library is on Windows or on macOS alone: nothing opens them here."""
BEHIND_DOORS = {
    "pluggy": {"sheetfed.api.hooks", "sheetfed.addons"},
    "aiohttp": {"sheetfed.server"},
    "cryptography": {"sheetfed.store", "sheetfed.trust", "sheetfed.server.pairing"},
    "PIL": {
        "sheetfed.api.deep",
        "sheetfed.api.pieces",
        "sheetfed.api.rare",
        "sheetfed.api.samples",
        "sheetfed.api.wavelets",
        "sheetfed.worker",
        "sheetfed.builtin",
        "sheetfed.testing",
    },
    "numpy": {
        "sheetfed.api.deep",
        "sheetfed.api.levels",
        "sheetfed.api.pieces",
        "sheetfed.api.rare",
        "sheetfed.api.samples",
        "sheetfed.worker",
        "sheetfed.builtin",
        "sheetfed.testing",
    },
    "click": {"sheetfed.cli"},
    "pydantic": {"sheetfed.server"},
    "subprocess": {
        "sheetfed.worker.parent",
        "sheetfed.store.vault",
        "sheetfed.system",
        "sheetfed.trust",
        "sheetfed.testing",
        "sheetfed.cli",
    },
}


def test_the_first_line_says_what_the_room_is_for() -> None:
    """A list of first lines is the map of the house."""
    texts = {file: ast.get_docstring(ast.parse(file.read_text())) or "" for file in FILES}
    lines = {str(file.relative_to(ROOT)): text.partition("\n")[0] for file, text in texts.items()}

    assert lines
    wrong = {file: line for file, line in lines.items() if not line.endswith(".")}
    assert wrong == {}, "no sentence"
    long = {file: line for file, line in lines.items() if len(line) >= 60}
    assert long == {}


def test_every_room_opens_alone() -> None:
    """A module that needs another one to be imported first is part of a circle."""
    assert circles(*sorted({*MODULES} - ELSEWHERE)) == ""


def test_a_circle_is_seen(tmp_path: Path) -> None:
    """This one opens from one side only, and so does no harm until somebody begins at the other."""
    (tmp_path / "sheetfed_one.py").write_text("name = 1\nfrom sheetfed_two import name as other\n")
    (tmp_path / "sheetfed_two.py").write_text("from sheetfed_one import name\n")

    assert circles("sheetfed_one", path=tmp_path) == "sheetfed_two imports sheetfed_one\n"


def circles(*modules: str, path: Path | None = None) -> str:
    """Return what is told of imports that meet a module in the middle of its own."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("circles.py"), *modules],
        env={**os.environ, "PYTHONPATH": str(path or "")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("library", BEHIND_DOORS)
def test_a_library_is_used_behind_its_door_only(library: str) -> None:
    """Few doors keep a library replaceable, and the service light."""
    doors = BEHIND_DOORS[library]
    through = set()
    for module, libraries in imported().items():
        behind = any(module == door or module.startswith(f"{door}.") for door in doors)
        if library in libraries and not behind:
            through.add(module)

    assert through <= {"sheetfed.api.contracts"} if library == "aiohttp" else not through


@cache
def imported() -> dict[str, set[str]]:
    """Return what each module of the core imports, wherever in it."""
    found: dict[str, set[str]] = {}
    for file in sorted((ROOT / "core/src").rglob("*.py")):
        module = ".".join(file.relative_to(ROOT / "core/src").with_suffix("").parts)
        names: list[str] = []
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.append(node.module or "")
        found[module] = {name.split(".")[0] for name in names}
    return found


def test_imports_fall() -> None:
    """A module imports only from lower floors."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_the_design_shows_the_floors_as_they_are() -> None:
    """Who reads it plans by it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = [set(floor.split(" | ")) for floor in contracts["contracts"][0]["layers"]]
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", (ROOT / "docs/design.md").read_text(), re.MULTILINE)

    assert [set(re.findall(r"`(\w+)`", rooms)) for _, rooms in rows] == floors
    assert [int(number) for number, _ in rows] == [*range(len(floors), 0, -1)]
