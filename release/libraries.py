"""Which libraries the product is made of, by the lock."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements/run.txt"
HERE: Mapping[str, str] = MappingProxyType({})
"""What a lock's markers ask about, where that is as here."""

INSTALLER = "pip"
"""What adds and removes addons later, in the environment that we ship."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One line of the lock: an exact version, and the SHA-256 of each of its files."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def counts_here(self) -> bool:
        """Tell whether it is for this system and this Python."""
        return self.counts_for({})

    def counts_for(self, system: Mapping[str, str]) -> bool:
        """Tell whether it is for a system; what is not said of that is as here."""
        marker = Requirement(f"{self.name}; {self.marker}" if self.marker else self.name).marker
        return marker is None or marker.evaluate(dict(system))


def locked(file: Path = LOCK) -> list[Locked]:
    """Return what a lock names, in its order."""
    lines = file.read_text().replace("\\\n", " ").splitlines()
    return [_locked(line) for line in lines if line and not line.startswith("#")]


def members() -> list[Path]:
    """Return the packages of the workspace."""
    return [ROOT / "core", *sorted((ROOT / "plugins").iterdir())]


def project(member: Path) -> Mapping[str, Any]:
    """Return what a member says about itself."""
    table: Mapping[str, Any] = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    return table


def needed(chosen: Iterable[Path], system: Mapping[str, str] = HERE) -> set[str]:
    """Return the names of what these members need on a system, and what that needs."""
    wishes = (need for member in chosen for need in project(member)["dependencies"])
    return closure(wishes, system)


def tools() -> set[str]:
    """Return the names of what only builds us, as far as the product does not need it too."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    return closure(groups["build"]) - needed(members())


def closure(wishes: Iterable[str], system: Mapping[str, str] = HERE) -> set[str]:
    """Return the names of packages that are asked for, and of those that they need on a system."""
    waiting = [*wishes]
    found: set[str] = set()
    while waiting:
        wish = Requirement(waiting.pop())
        name = key(wish.name)
        if name in found or name.startswith("sheetfed"):
            continue
        found.add(name)
        waiting += _needs(name, system)
    return found


def copy(distribution: Distribution, folder: Path) -> None:
    """Copy what a package installed, each file held against the hash in its own list.

    Programs of libraries and what was compiled stay behind. Raises ValueError where a file was
    changed since it was installed.
    """
    for file in distribution.files or ():
        if file.parts[0] == ".." or file.suffix == ".pyc":
            continue
        source = Path(str(file.locate()))
        if file.hash and _digest(source, file.hash.mode) != file.hash.value:
            raise ValueError(f"{source} is not what was installed")
        if source.exists():
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def key(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(line: str) -> Locked:
    wish, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
    pin, _, marker = wish.partition(";")
    name, _, version = pin.strip().partition("==")
    return Locked(name=key(name), version=version, marker=marker.strip(), hashes=tuple(hashes))


def _needs(name: str, system: Mapping[str, str]) -> Iterator[str]:
    """Yield what an installed package needs; nothing of one that is not installed here."""
    try:
        lines = Distribution.from_name(name).requires or ()
    except PackageNotFoundError:
        return
    for line in lines:
        wish = Requirement(line)
        if wish.marker is None or wish.marker.evaluate({"extra": "", **system}):
            yield line


def _digest(file: Path, mode: str) -> str:
    digest = hashlib.new(mode, file.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
