"""The cameras that the configuration names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sheetfed.api.errors import BadSettings

Way = Literal["http", "rtsp", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One line of the settings; `place` is an address or a path."""

    id: str
    title: str
    way: Way
    place: str


def read(text: str) -> Mapping[str, Named]:
    """Return the cameras of a setting by their ids.

    Raises BadSettings, which never says what stands in a line: sites are told, and there may be a
    password in it.
    """
    found: dict[str, Named] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, equals, place = (part.strip() for part in line.partition("="))
        device_id = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        if not equals or not place or not device_id or "://" in name:
            raise _bad(number, "is not NAME = ADDRESS")
        if device_id in found:
            raise _bad(number, "has the name of another camera")
        way = _way(place)
        if way is None:
            raise _bad(number, "has an address that is not http, https, rtsp or rtsps")
        found[device_id] = Named(id=device_id, title=name, way=way, place=_whole(place))
    return found


def _bad(number: int, what: str) -> BadSettings:
    return BadSettings(f"Line {number} of the cameras {what}", option="cameras")


def _way(place: str) -> Way | None:
    scheme, colon, _ = place.partition("://")
    if not colon:
        return "file"
    match scheme.lower():
        case "http" | "https":
            return "http"
        case "rtsp" | "rtsps":
            return "rtsp"
    return None


def _whole(place: str) -> str:
    return place if "://" in place else str(Path(place).expanduser())
