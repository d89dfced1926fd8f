"""Room set aside, so that a full disk can still be tidied."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from sheetfed.disk import PLAIN, free_bytes

FILE = "reserve"
SIZE = 2 * 1024 * 1024
"""Enough for the database's own files and many small changes."""

PLENTY = 16 * SIZE
"""It is set aside only where the disk has this much."""


class Reserve:
    """A file that holds nothing but its place on the disk."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._here = False

    def set_aside(self) -> None:
        """Take the room, unless it is taken already or the disk has little."""
        if self._here or free_bytes(self._file.parent) < PLENTY:
            return
        flags = os.O_WRONLY | os.O_CREAT | PLAIN
        try:
            descriptor = os.open(self._file, flags, 0o600)
            try:
                if sys.platform == "win32":
                    os.ftruncate(descriptor, SIZE)  # it writes what it adds
                else:
                    os.posix_fallocate(descriptor, 0, SIZE)
            finally:
                os.close(descriptor)
            self._here = True
        except OSError:
            with suppress(OSError):
                self._file.unlink()

    def give_if_needed(self) -> None:
        """Give it back where the disk is full: a start has small files to write."""
        if free_bytes(self._file.parent) < SIZE:
            self.give()

    def give(self) -> bool:
        """Give the room back to the disk; say whether there was any to give."""
        self._here = False
        try:
            self._file.unlink()
        except OSError:
            return False
        return True
