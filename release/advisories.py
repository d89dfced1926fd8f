"""Holes known of our libraries: kept, and held to the lock.

Usage: python release/advisories.py FOLDER

FOLDER is a checkout of the Python Packaging Authority's advisory database
(github.com/pypa/advisory-database, CC BY 4.0); what it says of the libraries that the locks name is
kept in `requirements/advisories.json`. `faults` needs no network, and tests ask it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import libraries
import yaml
from packaging.specifiers import SpecifierSet

FILE = libraries.ROOT / "requirements/advisories.json"
LOCKS = ("run", "test", "windows", "windows-addons")

_ENDS = {"fixed": "<", "last_affected": "<=", "limit": "<"}


def locked() -> list[libraries.Locked]:
    """Return the lines of all locks."""
    return [
        line
        for name in LOCKS
        for line in libraries.locked(libraries.ROOT / f"requirements/{name}.txt")
    ]


def faults(lines: Iterable[libraries.Locked]) -> list[str]:
    """Return what is known to be wrong with these versions."""
    known = json.loads(FILE.read_text())["advisories"]
    return sorted(
        {
            f"{line.name} {line.version}: {ids}"
            for line in lines
            for ids, spans in known.get(line.name, {}).items()
            if any(SpecifierSet(span).contains(line.version, prereleases=True) for span in spans)
        }
    )


def kept(folder: Path) -> dict[str, Any]:
    """Return what a checkout says of the libraries that the locks name."""
    names = {line.name for line in locked()}
    found = {name: dict(_of(folder / "vulns" / name, name)) for name in sorted(names)}
    day = subprocess.run(
        ["git", "-C", folder, "log", "-1", "--format=%cs"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "source": "github.com/pypa/advisory-database, CC BY 4.0",
        "of": day.stdout.strip(),
        "advisories": {name: holes for name, holes in found.items() if holes},
    }


def _of(folder: Path, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of each hole of a library and which versions have it; none withdrawn."""
    for path in sorted(folder.glob("*.yaml")):
        told = yaml.safe_load(path.read_text())
        if "withdrawn" in told:
            continue
        ids = ", ".join([told["id"], *told.get("aliases", ())])
        parts = [one for one in told["affected"] if libraries.key(one["package"]["name"]) == name]
        spans = [span for part in parts for each in part.get("ranges", ()) for span in _spans(each)]
        exact = [f"=={one}" for part in parts for one in part.get("versions", ())]
        yield ids, spans or exact


def _spans(told: dict[str, Any]) -> Iterator[str]:
    """Yield the versions between two events, as PEP 440 specifies them (OSV schema, events)."""
    begun = None
    for event in told["events"] if told["type"] == "ECOSYSTEM" else ():
        ((kind, version),) = event.items()
        if kind == "introduced":
            begun = version
        else:
            yield f">={begun},{_ENDS[kind]}{version}"
            begun = None
    if begun is not None:
        yield f">={begun}"


if __name__ == "__main__":
    FILE.write_text(json.dumps(kept(Path(sys.argv[1])), indent=1) + "\n")
