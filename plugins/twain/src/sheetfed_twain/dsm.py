"""TWAIN's data source manager, through pytwain."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import ctypes
import importlib
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sheetfed.api.errors import AddonMissing, DeviceGone
from sheetfed_twain.conditions import error_of
from sheetfed_twain.window import Window
from sheetfed_twain.words import CONTROL, Answer, Data, Message

EVERY = tuple(range(16))
"""All that a call may return: pytwain is to judge nothing."""

BITS = struct.calcsize("P") * 8
NO_SOURCES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A data source as its manager lists it."""

    name: str
    maker: str
    family: str
    identity: Any


class Dsm:
    """An open data source manager, and the window that drivers are told of."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.users = 0
        self.twain: Any = None
        self.window = Window()
        try:
            self._choose(library)
        except BaseException:
            self.window.close()
            raise

    def sources(self) -> Iterator[Listed]:
        """Yield the data sources of this process's bitness; one name is listed once."""
        seen: set[str] = set()
        message = Message.FIRST
        while True:
            identity = _pytwain("lowlevel.structs").TW_IDENTITY()
            answer = self.ask(None, Data.IDENTITY, message, identity)
            if answer == Answer.END_OF_LIST:
                return
            if answer != Answer.SUCCESS:
                condition = self.condition(None)
                if condition == NO_SOURCES:
                    return
                raise error_of(answer, condition, "list")
            found = self._listed(identity)
            if found.name and found.name not in seen:
                seen.add(found.name)
                yield found
            message = Message.NEXT

    def open(self, name: str) -> Any:
        """Open a data source and return pytwain's object for it. Raises DeviceGone."""
        found = next((each for each in self.sources() if each.name == name), None)
        if found is None:
            raise DeviceGone(f"TWAIN does not know this device ({BITS}-bit): {name!r}", device=name)
        module = _pytwain("lowlevel.constants")
        answer = self.ask(None, Data.IDENTITY, module.MSG_OPENDS, found.identity)
        if answer != Answer.SUCCESS:
            raise error_of(answer, self.condition(None), "open")
        return _pytwain().Source(self.twain, found.identity)

    def ask(self, source: Any, data: int, message: int, about: Any) -> int:
        """Call the manager, or a source through it, in the group for control."""
        answer: int = self.twain._call(  # noqa: SLF001 - the thin part of pytwain that is used
            source, CONTROL, data, message, ctypes.byref(about), EVERY
        )
        return answer

    def condition(self, source: Any) -> int:
        """Return why the last call failed."""
        status = _pytwain("lowlevel.structs").TW_STATUS()
        if self.ask(source, Data.STATUS, Message.GET, status) != Answer.SUCCESS:
            return 0
        found: int = status.ConditionCode
        return found

    def close(self) -> None:
        """Let go of it; with its last user it is closed, and the window."""
        self.users -= 1
        if self.users > 0:
            return
        _open.pop(self.library, None)
        try:
            self.twain.close()
        finally:
            self.window.close()

    def _choose(self, library: str) -> None:
        """Open the library that is named, else the first that there is and that lists something."""
        first = None
        for name in (library,) if library else _libraries():
            found = _loaded(name, self.window.handle)
            if found is None:
                continue
            self.twain = found
            if any(True for _ in self.sources()):
                if first is not None:
                    first.close()
                return
            first = first or found
        if first is None:
            raise AddonMissing(_without(library), package="TWAINDSM.dll")
        if self.twain is not first:
            self.twain.close()
        self.twain = first

    def _listed(self, identity: Any) -> Listed:
        texts = (identity.ProductName, identity.Manufacturer, identity.ProductFamily)
        name, maker, family = (_text(text) for text in texts)
        return Listed(name=name, maker=maker, family=family, identity=identity)


_open: dict[str, Dsm] = {}
"""By library: a process cannot open a manager twice, whoever asks."""


def opened(library: str) -> Dsm:
    """Return a manager, open; who asks for one closes it. Raises AddonMissing."""
    dsm = _open.get(library)
    if dsm is None:
        dsm = _open[library] = Dsm(library)
    dsm.users += 1
    return dsm


@cache
def names() -> dict[int, str]:
    """Return what the specification calls each capability, by its number."""
    constants = vars(_pytwain("lowlevel.constants"))
    return {
        number: name
        for name, number in constants.items()
        if name.startswith(("CAP_", "ICAP_")) and not name.endswith("CUSTOMBASE")
    }


def _libraries() -> tuple[str, str]:
    """Return the working group's manager and Windows' own.

    That one lies in Windows' folder and has 32 bits; a bare name is not looked for there.
    """
    own = Path(os.environ.get("WINDIR", r"C:\Windows"), "twain_32.dll")
    return "TWAINDSM.dll", str(own) if BITS == 32 and own.exists() else own.name


def _loaded(library: str, window: int) -> Any:
    """Return pytwain's object for a library; None where it cannot be loaded or opened."""
    if not hasattr(ctypes, "WinDLL"):
        raise AddonMissing(
            f"TWAIN needs an interpreter for Windows; this one is for {sys.platform}",
            package="a Python for Windows",
        )
    twain = _pytwain()
    try:
        return twain.SourceManager(window, dsm_name=library, ProductName="sheetfed")
    except (OSError, twain.exceptions.TwainError):
        return None


def _without(library: str) -> str:
    """Say that there is no data source manager, and where one comes from."""
    if library:
        return f"The data source manager {library!r} cannot be loaded by a {BITS}-bit process"
    if BITS == 64:
        return (
            "There is no 64-bit TWAIN data source manager: 64-bit Windows comes without one."
            " Install TWAINDSM.dll, or give 'twain32' a 32-bit Python under [interpreters]"
        )
    return "There is no TWAIN data source manager: neither TWAINDSM.dll nor twain_32.dll"


def _pytwain(module: str = "") -> Any:
    """Import pytwain, or a module of it, where it is first needed."""
    try:
        return importlib.import_module(f"twain.{module}" if module else "twain")
    except ImportError as error:
        raise AddonMissing(
            f"pytwain is not installed for the interpreter {sys.executable}", package="pytwain"
        ) from error


def _text(data: bytes) -> str:
    """Return a name of an identity: those of version 2 are UTF-8, older ones mostly ASCII."""
    try:
        found = data.decode()
    except UnicodeDecodeError:
        found = data.decode("cp1252", "replace")
    return "".join(each for each in found if each.isprintable()).strip()
