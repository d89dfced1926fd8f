"""A driver's options by name, checked before they are set."""

from __future__ import annotations

from collections.abc import Iterator

from sheetfed.api.errors import BadSettings, SheetfedError
from sheetfed_sane.binding import Descriptor, Handle, Info, Kind, Word

WIDEST = 32767.9999
"""The largest number that fits a SANE_Fixed; beyond it a driver sees something else."""

LONGEST = 256
"""Longer arrays (fine gamma tables) are no option that a person sets."""


class Driver:
    """An open device's options, read again whenever the driver says that they changed."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.all: list[Descriptor] = []
        self._named: dict[str, Descriptor] = {}
        self.reload()

    def reload(self) -> None:
        """Ask the driver for its options afresh."""
        self.all = [each for each in self.handle.descriptors() if each.count <= LONGEST]
        self._named = {each.name: each for each in self.all if each.name}

    def find(self, *names: str) -> Descriptor | None:
        """Return the first of these that has a meaning now."""
        for name in names:
            found = self._named.get(name)
            if found is not None and found.active and found.kind != Kind.GROUP:
                return found
        return None

    def dial(self, *names: str) -> Descriptor | None:
        """Return the first of these that can be both set and read now."""
        found = self.find(*names)
        return found if found is not None and found.settable and found.readable else None

    def get(self, descriptor: Descriptor) -> Word:
        """Return the value in force."""
        return self.handle.get(descriptor)

    def number(self, descriptor: Descriptor) -> float:
        """Return the value in force of a number."""
        value = self.get(descriptor)
        return float(value) if isinstance(value, int | float) else 0.0

    def set(self, descriptor: Descriptor, value: Word) -> None:
        """Set a value unless it is in force already: some drivers start over when told twice."""
        if descriptor.kind != Kind.BUTTON and descriptor.readable and self.get(descriptor) == value:
            return
        _refuse_overflow(descriptor, value)
        info = self.handle.set(descriptor, value)
        if info & Info.RELOAD_OPTIONS or descriptor.kind == Kind.BUTTON:
            self.reload()

    def values(self) -> Iterator[tuple[str, Descriptor, Word]]:
        """Yield the group, the option and its value for each option that has a meaning now."""
        group = ""
        for each in self.all:
            if each.kind == Kind.GROUP:
                group = each.title
            elif each.name and each.active and (each.readable or each.settable):
                yield group, each, self._value(each)

    def _value(self, descriptor: Descriptor) -> Word:
        if not descriptor.readable:
            return None
        try:
            return self.get(descriptor)
        except SheetfedError:  # some drivers offer what they cannot tell; the rest still counts
            return None


def _refuse_overflow(descriptor: Descriptor, value: Word) -> None:
    limit = WIDEST if descriptor.kind == Kind.FIXED else 2**31 - 1
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int | float) and abs(each) > limit:
            raise BadSettings(
                f"{descriptor.name} takes numbers up to {limit:g}, not {each:g}",
                option=f"raw.{descriptor.name}",
            )
