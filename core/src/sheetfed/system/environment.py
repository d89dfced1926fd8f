"""Our Python environment, changed whole or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sheetfed.api.errors import SystemRefused
from sheetfed.store.clock import running
from sheetfed.store.lock import lock

BEFORE = ".sheetfed-before"
"""Added to the name of the folder of packages: what it was before a change began."""

LONGEST = 7200.0
"""Seconds after which no change of ours can still go on."""

_SCRIPTS = "sheetfed-scripts"


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

        Packages' files are linked, not copied: it takes little room and about a second. Raises
        SystemRefused where another one changes it just now.
        """
        with self._alone():
            self.recover()
            self._remember()
            try:
                yield
            except BaseException:
                self._go_back()
                raise
            self._forget()

    def recover(self) -> bool:
        """Undo a change that was never finished; say whether there was one.

        Where something else has changed the packages since, as a newer version of all of it, they
        stay as they are: what was before is of no use any more.
        """
        shutil.rmtree(self._unfinished(), ignore_errors=True)
        if not self._before.is_dir():
            return False
        if self._is_out_of_date():
            self._forget()
            return False
        self._go_back()
        return True

    def _go_back(self) -> None:
        self._restore_programs()
        spoiled = self.packages.with_name(f"{self.packages.name}.sheetfed-spoiled")
        shutil.rmtree(spoiled, ignore_errors=True)
        with suppress(FileNotFoundError):  # killed between these two the last time
            self.packages.rename(spoiled)
        self._before.rename(self.packages)
        shutil.rmtree(self.packages / _SCRIPTS, ignore_errors=True)
        shutil.rmtree(spoiled, ignore_errors=True)

    def _is_out_of_date(self) -> bool:
        """Tell whether packages came after our change had ended.

        That is so long after it began, or after the computer was started, which cut it off.
        """
        began = self._before.stat().st_mtime
        newest = max(
            (each.stat().st_ctime for each in self.packages.glob("*.dist-info")), default=0
        )
        started = time.time() - running()
        return newest > began + LONGEST or began < started < newest

    @contextmanager
    def _alone(self) -> Iterator[None]:
        place = self.packages.parent / "sheetfed-addons.lock"
        held = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not lock(held):
                raise SystemRefused(
                    "Another command changes the addons just now",
                    advice="Wait until it has ended, then try again.",
                )
            yield
        finally:
            os.close(held)

    def _remember(self) -> None:
        fresh = self._unfinished()
        shutil.copytree(self.packages, fresh, copy_function=_link, symlinks=True)
        kept = fresh / _SCRIPTS
        shutil.rmtree(kept, ignore_errors=True)  # of one killed when all but this was done
        kept.mkdir()
        for program in _programs(self.scripts):  # copies: who writes into one does not reach them
            shutil.copy2(program, kept / program.name, follow_symlinks=False)
        fresh.rename(self._before)

    def _restore_programs(self) -> None:
        kept = {program.name: program for program in _programs(self._before / _SCRIPTS)}
        for program in _programs(self.scripts):
            if program.name not in kept:
                program.unlink()
        for name, program in kept.items():
            if not _same(program, self.scripts / name):  # one that runs may not be replaceable
                fresh = self.scripts / f"{name}{BEFORE}"
                shutil.copy2(program, fresh, follow_symlinks=False)
                fresh.replace(self.scripts / name)

    def _forget(self) -> None:
        self._before.rename(self._unfinished())
        shutil.rmtree(self._unfinished(), ignore_errors=True)

    def _unfinished(self) -> Path:
        return self._before.with_name(f"{self._before.name}.new")


def _programs(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_symlink() or not each.is_dir()]


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target, follow_symlinks=False)
