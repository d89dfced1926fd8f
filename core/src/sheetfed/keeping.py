"""How long pages are kept, how many, and under which key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from sheetfed.api.errors import BadConfig

KEYS: Mapping[str, str] = {
    "retention": 'how long a document is kept unused, as "90m", "12h", "1d", 0 or "forever"',
    "quota": "a table, as [quota]",
    "key": '"auto", "file" or "keyring"',
}
"""What the configuration may say about it, and in which form."""

Place = Callable[..., str]
"""Returns where a setting is, named part by part."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much is kept: of each owner, in all, and in a document. 0 is no limit but the disk's."""

    pages: int = 10_000
    mib: int = 20_480
    total_pages: int = 0
    total_mib: int = 0
    document_pages: int = 0
    document_mib: int = 0

    @property
    def bytes(self) -> int:
        """The bytes of each owner."""
        return self.mib * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What the configuration says; `retention` is in seconds, None for ever, 0 with the service."""

    retention: float | None = 86_400.0
    quota: Quota = Quota()
    key: Literal["auto", "file", "keyring"] = "auto"


def read(table: Mapping[str, Any], place: Place) -> Keeping:
    """Return what the configuration's table says about `KEYS`.

    Raises BadConfig, with the place of the key that is wrong.
    """
    found: dict[str, Any] = {}
    if "retention" in table:
        found["retention"] = _retention(table["retention"], place)
    if "quota" in table:
        found["quota"] = _quota(table["quota"], place)
    if "key" in table:
        if table["key"] not in ("auto", "file", "keyring"):
            raise _wrong("key", KEYS["key"], table["key"], place)
        found["key"] = table["key"]
    return Keeping(**found)


def retention_text(seconds: float | None) -> str | int:
    """Return the time as the configuration says it."""
    if seconds is None:
        return "forever"
    if not seconds:
        return 0
    unit = next(unit for unit in "wdhms" if not seconds % _SECONDS[unit])
    return f"{int(seconds) // _SECONDS[unit]}{unit}"


def _retention(value: object, place: Place) -> float | None:
    if value == "forever":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value == 0:
        return 0.0
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", value) if isinstance(value, str) else None
    if not found:
        raise _wrong("retention", KEYS["retention"], value, place)
    return float(int(found[1]) * _SECONDS[found[2]])


def _quota(table: Mapping[str, Any], place: Place) -> Quota:
    known = [field.name for field in fields(Quota)]
    for name, value in table.items():
        if name not in known:
            raise BadConfig(
                f"{place('quota', name)}: there is no setting 'quota.{name}'; "
                f"known are: {', '.join(known)}"
            )
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 40:
            raise _wrong(f"quota.{name}", "a number from 0 on", value, place)
    return Quota(**table)


def _wrong(name: str, must: str, value: object, place: Place) -> BadConfig:
    return BadConfig(f"{place(*name.split('.'))}: '{name}' must be {must}, not {value!r}")
