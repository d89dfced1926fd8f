"""SANE's lists of backends: what it asks for scanners."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sheetfed.system.findings import Finding

CONFIG = Path("/etc/sane.d")
LIST = "dll.conf"
MORE = "dll.d"
LIBRARIES = ("/usr/lib/*/sane", "/usr/lib/sane", "/usr/lib64/sane", "/usr/local/lib/sane")
"""Where systems keep backends."""


def findings(
    environ: Mapping[str, str] = os.environ,
    *,
    config: Path = CONFIG,
    libraries: Sequence[str] = LIBRARIES,
) -> Iterator[Finding]:
    """Say which backends SANE loads; nothing where there is no SANE (sane-dll(5))."""
    installed = {_backend(file) for pattern in libraries for file in _in(pattern)}
    if sys.platform != "linux" or not (config.is_dir() or installed):
        return
    name = "SANE backends"
    folders = _folders(environ, config)
    lists = [*_lists(folders)]
    try:
        listed = dict.fromkeys(word for file in lists for word in _words(file))
    except OSError as error:
        text = f"{error.filename} cannot be read: {error.strerror}"
        yield Finding(name=name, state="broken", text=text, advice=f"chmod a+r {error.filename}")
        return
    where = ", ".join(map(str, lists)) or f"no {LIST} in {', '.join(map(str, folders))}"
    there = [word for word in listed if word in installed]
    missing = ", ".join(word for word in listed if word not in installed)
    text = f"{len(there)} are listed ({where})"
    if missing:
        text += f"; listed, and not installed: {missing}"
    if there:
        yield Finding(name=name, state="ok", text=text)
        return
    advice = f"Without one, SANE finds no scanner. Name its backend in {folders[-1] / LIST}."
    if not installed:
        advice = "Install SANE's backends (Debian: libsane1; Fedora: sane-backends)."
    yield Finding(name=name, state="broken", text=text, advice=advice)


def _folders(environ: Mapping[str, str], usual: Path) -> list[Path]:
    """Return where SANE looks; what ends with a colon has the usual place behind it."""
    named = environ.get("SANE_CONFIG_DIR", "")
    folders = [Path(part) for part in named.split(":") if part]
    return folders if folders and not named.endswith(":") else [*folders, usual]


def _lists(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the first main list that is there, and the lists of packages in every folder."""
    yield from [file for folder in folders if (file := folder / LIST).exists()][:1]
    for folder in folders:
        yield from sorted(file for file in (folder / MORE).glob("*") if file.is_file())


def _words(file: Path) -> Iterator[str]:
    for line in file.read_text(errors="replace").splitlines():
        if word := line.partition("#")[0].strip():
            yield word


def _in(pattern: str) -> Iterator[Path]:
    folder = Path(pattern)
    return Path(folder.anchor).glob(f"{folder.relative_to(folder.anchor)}/libsane-*.so*")


def _backend(file: Path) -> str:
    return file.name.removeprefix("libsane-").partition(".so")[0]
