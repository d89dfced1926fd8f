"""Our Python environment, changed whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sheetfed.api.errors import SystemRefused

BEFORE = ".sheetfed-before"
"""Added to the name of the folder of packages: what it was before a change began."""

_SCRIPTS = "sheetfed-scripts.json"


class Environment:
    """A folder of packages and one of programs."""

    def __init__(self, packages: Path | None = None, scripts: Path | None = None) -> None:
        self.packages = packages or Path(sysconfig.get_path("purelib"))
        self.scripts = scripts or Path(sysconfig.get_path("scripts"))
        self._before = self.packages.with_name(self.packages.name + BEFORE)

    def check(self) -> None:
        """Raise SystemRefused where it is not ours to change."""
        if sys.prefix == sys.base_prefix:
            raise SystemRefused(
                f"{sys.prefix} is the Python of the system, not an environment of sheetfed's own",
                advice="Install the package of your system, or sheetfed with pipx, uv or a venv.",
            )
        if not os.access(self.packages, os.W_OK):
            raise SystemRefused(
                f"This account may not change {self.packages}",
                advice="Run it as the account that installed sheetfed, often with sudo.",
            )

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """Put everything back where the block fails, or where it was cut off the last time.

        Files that stay the same are linked, not copied: it takes no room and about a second.
        """
        self.recover()
        self._remember()
        try:
            yield
        except BaseException:
            self.recover()
            raise
        self._forget()

    def recover(self) -> bool:
        """Undo a change that was never finished; say whether there was one."""
        shutil.rmtree(self._unfinished(), ignore_errors=True)
        if not self._before.is_dir():
            return False
        known = set(json.loads((self._before / _SCRIPTS).read_text()))
        spoiled = self.packages.with_name(f"{self.packages.name}.sheetfed-spoiled")
        shutil.rmtree(spoiled, ignore_errors=True)
        with suppress(FileNotFoundError):  # killed between these two the last time
            self.packages.rename(spoiled)
        self._before.rename(self.packages)
        (self.packages / _SCRIPTS).unlink()
        for program in self.scripts.iterdir():
            if program.name not in known:
                program.unlink()
        shutil.rmtree(spoiled, ignore_errors=True)
        return True

    def _remember(self) -> None:
        fresh = self._unfinished()
        shutil.copytree(self.packages, fresh, copy_function=_link, symlinks=True)
        programs = [program.name for program in self.scripts.iterdir()]
        (fresh / _SCRIPTS).write_text(json.dumps(programs))
        fresh.rename(self._before)

    def _forget(self) -> None:
        self._before.rename(self._unfinished())
        shutil.rmtree(self._unfinished(), ignore_errors=True)

    def _unfinished(self) -> Path:
        return self._before.with_name(f"{self._before.name}.new")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target, follow_symlinks=False)
