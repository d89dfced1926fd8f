"""Scanners as they call them: a name, a bit, and a string."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sheetfed.api.contracts import Client
from sheetfed_dwt import values
from sheetfed_dwt.faults import GONE, Fault

BITS = {"twain": 0x40, "twain32": 0x10, "wia": 0x20, "ica": 0x80, "sane": 0x100, "escl": 0x200}
"""The bit of each of our sources that they have a protocol for."""

_PLATFORM = {"win32": 0x40, "darwin": 0x80}
USUAL = 0x10 | 0x20 | 0x40 | 0x80 | 0x100
"""What is listed where no type is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """A device of ours; `id` is the string that clients hand back."""

    id: str
    name: str

    @property
    def type(self) -> int:
        """Its bit: that of its source, else of what this system has."""
        source = self.id.partition(":")[0]
        return BITS.get(source, _PLATFORM.get(sys.platform, 0x100))

    def data(self) -> dict[str, Any]:
        """Return it as it is answered."""
        return {"name": self.name, "type": self.type, "device": self.id}


async def there(client: Client) -> Sequence[Scanner]:
    """Return the scanners that are there; cameras and folders are none."""
    listed = await client.ask("GET", "/v1/devices")
    return [
        Scanner(id=found["id"], name=found["title"])
        for found in listed["items"]
        if found["kind"] == "scanner"
    ]


async def listed(client: Client, kinds: str) -> list[dict[str, Any]]:
    """Return the scanners of some kinds, as they are answered. Raises Fault."""
    mask = values.whole(kinds, "type", low=0) if kinds else USUAL
    return [scanner.data() for scanner in await there(client) if scanner.type & mask]


async def wanted(client: Client, device: str, last: str) -> Scanner:
    """Return the scanner that is named, else the one used last, else the first. Raises Fault."""
    known = await there(client)
    for name in (device, last) if not device else (device,):
        for scanner in known:
            if scanner.id == name:
                return scanner
    if device or not known:
        raise Fault(400, GONE, "The source could not be found: list the scanners again.")
    return known[0]
