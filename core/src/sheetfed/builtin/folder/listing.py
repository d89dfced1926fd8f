"""A folder's pages, in the order people expect."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from sheetfed.api.errors import DeviceDenied, DeviceFailed, DeviceGone


def files_of(folder: Path) -> list[Path]:
    """Return the files, page2 before page10; no hidden ones, none that lie elsewhere."""
    try:
        inside = folder.resolve(strict=True)
        with os.scandir(inside) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
    except PermissionError as error:
        raise DeviceDenied(f"This account may not read the folder {folder}.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DeviceGone(f"There is no folder {folder}.") from error
    except OSError as error:
        raise DeviceFailed(f"The folder {folder} cannot be read: {error.strerror}.") from error
    return list(_regular(inside, sorted(names, key=_natural)))


def _regular(inside: Path, names: list[str]) -> Iterator[Path]:
    for name in names:
        try:
            file = (inside / name).resolve(strict=True)
            if file.is_relative_to(inside) and stat.S_ISREG(file.stat().st_mode):
                yield inside / name
        except (OSError, RuntimeError):  # gone meanwhile, or a link to nowhere or to itself
            continue


def _natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a key by which numbers come before words, each in its own order."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return key, name
