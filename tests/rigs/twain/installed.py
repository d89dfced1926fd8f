"""The core and the addon as a Python for Windows has them installed, from this checkout."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from windows import there

ROOT = Path(__file__).parents[3]
MEMBERS = ("core", "plugins/twain")


def modules(folder: Path, *more: Path, members: Iterable[str] = MEMBERS) -> str:
    """Return where the interpreter finds them, and `more`; their entry points are written there."""
    for member in (members := tuple(members)):
        project = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]
        name, version = project["name"], project["version"]
        about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        lines = []
        for group, entries in project["entry-points"].items():
            lines += [f"[{group}]", *(f"{key} = {place}" for key, place in entries.items())]
        (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    places = [*(ROOT / member / "src" for member in members), folder, *more]
    return ";".join(map(there, places))
