"""Writes the table of addons: which version works with which.

Usage: python release/versions.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from libraries import ROOT, members, project
from packaging.requirements import Requirement

FILE = ROOT / "docs/addons/versions.md"

HEAD = """\
# Versions

Every addon has a version of its own. It says in its package which versions of `sheetfed` it works with, and in the name of its entry point which version of the
[contract](index.md#how-one-is-found) it was written for; pip refuses the first where it does not fit, and `sheetfed addons` says `incompatible` for the second.

| package | version | works with `sheetfed` | contract | Python | systems |
|---|---|---|---|---|---|
"""
TAIL = """
What all of them are made of, library by library, is in the [bill of materials](../reference/sbom.cdx.json) (CycloneDX).
"""

SYSTEMS = {"win32": "Windows", "linux": "Linux", "darwin": "macOS"}


def text() -> str:
    """Return the page as it is kept."""
    lines = [_line(project(member)) for member in members()]
    return HEAD + "\n".join(lines) + "\n" + TAIL


def _line(about: Mapping[str, Any]) -> str:
    cells = (
        f"`{about['name']}`",
        about["version"],
        _core(about),
        ", ".join(sorted(group.removeprefix("sheetfed.") for group in _groups(about))),
        about["requires-python"],
        _systems(about),
    )
    return f"| {' | '.join(cells)} |"


def _core(about: Mapping[str, Any]) -> str:
    wishes = [Requirement(need) for need in about["dependencies"]]
    found = next((str(wish.specifier) for wish in wishes if wish.name == "sheetfed"), "")
    return ", ".join(sorted(found.split(","), reverse=True)) if found else "-"


def _groups(about: Mapping[str, Any]) -> Iterator[str]:
    return (group for group in about["entry-points"] if group.startswith("sheetfed.v"))


def _systems(about: Mapping[str, Any]) -> str:
    """Return where the sources of an addon work, as its hooks say it."""
    modules = [import_module(name) for name in about["entry-points"]["sheetfed.v1"].values()]
    hooks = [module.sheetfed_sources for module in modules if hasattr(module, "sheetfed_sources")]
    where = {spec.platforms for hook in hooks for spec in hook()}
    if None in where or not where:
        return "all"
    return ", ".join(SYSTEMS[name] for names in where for name in names)


if __name__ == "__main__":
    FILE.write_text(text())
