"""Python and packages, held against what we need."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from sheetfed.system.findings import Finding

PYTHON = (3, 11)

_NEED = re.compile(r"([A-Za-z0-9._-]+).*?>=([0-9.]+)")


def findings() -> Iterator[Finding]:
    """Say how Python is, and the packages that are older than we need or not there."""
    known = platform.python_version()
    if sys.version_info < PYTHON:
        text = f"{known} is older than {'.'.join(map(str, PYTHON))}"
        yield Finding(name="Python", state="broken", text=text, advice="Install a newer Python.")
    else:
        yield Finding(name="Python", state="ok", text=known)
    faults = [fault for need in _needs() if (fault := _fault(*need))]
    if faults:
        advice = "Run `pip install --upgrade sheetfed`."
        yield Finding(name="Packages", state="broken", text="; ".join(faults), advice=advice)
    else:
        names = ("Pillow", "aiohttp", "cryptography")
        text = ", ".join(f"{name} {version(name)}" for name in names)
        yield Finding(name="Packages", state="ok", text=text)


def is_older(known: str, needed: str) -> bool:
    """Say whether a version comes before another one."""
    return _numbers(known) < _numbers(needed)


def _needs() -> Iterator[tuple[str, str]]:
    """Yield each package that every installation needs, and its lowest version."""
    for line in requires("sheetfed") or []:
        found = _NEED.match(line)
        if found and ";" not in line:
            yield found[1], found[2]


def _fault(name: str, needed: str) -> str:
    try:
        known = version(name)
    except PackageNotFoundError:
        return f"{name} is not installed"
    return f"{name} {known} is older than {needed}" if is_older(known, needed) else ""


def _numbers(text: str) -> tuple[int, ...]:
    found = re.match(r"[0-9.]*", text)
    parts = [int(part) for part in (found[0] if found else "").split(".") if part]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)
