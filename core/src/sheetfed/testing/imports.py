"""Prints the native libraries that importing a module loads."""

from __future__ import annotations

import importlib
import sys
import sysconfig
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import sheetfed.api.hooks


def main() -> None:
    """Import the module that is named, and print one library a line."""
    assert sheetfed.api.hooks  # what every hook module needs is there before
    modules, mapped = set(sys.modules), set(_mapped())
    importlib.import_module(sys.argv[1])
    found = {
        name
        for name in set(sys.modules) - modules
        if _is_foreign(getattr(sys.modules[name], "__file__", None))
    }
    if "ctypes" in sys.modules:
        found |= {path for path in set(_mapped()) - mapped if not _is_standard(Path(path))}
    print(*sorted(found), sep="\n", end="\n" if found else "")  # noqa: T201 - its answer


def _is_foreign(file: str | None) -> bool:
    if file is None or not file.endswith(tuple(EXTENSION_SUFFIXES)):
        return False
    return not _is_standard(Path(file))


def _is_standard(file: Path) -> bool:
    """Whether a file belongs to Python itself, and not to a package that was installed."""
    homes = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")]
    inside = any(file.resolve().is_relative_to(home) for home in homes)
    return inside and not {"site-packages", "dist-packages"} & set(file.parts)


def _mapped() -> Iterator[str]:
    maps = Path("/proc/self/maps")
    if maps.exists():
        for line in maps.read_text().splitlines():
            path = line.partition("/")[2]
            if ".so" in path:
                yield f"/{path}"


if __name__ == "__main__":
    main()
