"""Compiles the service, so that no start has to."""

from __future__ import annotations

import compileall
import importlib.util
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distributions
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_TESTS = ("tests", "test", "testing")


def compile_installed() -> bool:
    """Compile sheetfed, its addons and what they need; say whether all of it could be.

    What is compiled already costs a look. Where the files are another account's, this is the
    moment: at a start their modules would be compiled again each time, and thrown away.
    """
    done = True
    for file in _files():
        done = compileall.compile_file(file, quiet=2) and done
    return done


def _files() -> Iterator[Path]:
    for distribution in _needed():
        for file in distribution.files or ():
            if file.suffix == ".py" and not set(file.parts) & {*_TESTS}:
                yield Path(str(distribution.locate_file(file)))
    for folder in _folders():
        yield from folder.rglob("*.py")


def _folders() -> Iterator[Path]:
    """Yield the folders of sheetfed's own packages, which may be installed as links."""
    names = {"sheetfed"}
    for distribution in distributions():
        for entry in distribution.entry_points:
            if entry.group.startswith("sheetfed.v"):
                names.add(entry.module.partition(".")[0])
    for name in sorted(names):
        spec = importlib.util.find_spec(name)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(place)


def _needed() -> Iterator[Distribution]:
    waiting = [
        each.metadata["Name"]
        for each in distributions()
        if any(entry.group.startswith("sheetfed.v") for entry in each.entry_points)
    ]
    seen: set[str] = set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = Distribution.from_name(name)
        except PackageNotFoundError:  # it is for another system
            continue
        yield distribution
        waiting += [
            found[0]
            for line in distribution.requires or ()
            if "extra ==" not in line and (found := _NAME.match(line))
        ]
