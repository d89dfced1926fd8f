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
    """Return the cameras of a setting by their ids. Raises BadSettings."""
    found: dict[str, Named] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, place = (part.strip() for part in line.partition("="))
        device_id = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        if not equals or not place or not device_id:
            raise BadSettings(f"{line!r} is not NAME = ADDRESS", option="cameras")
        if device_id in found:
            raise BadSettings(f"Two cameras are called {name!r}", option="cameras")
        found[device_id] = Named(id=device_id, title=name, way=_way(place), place=_whole(place))
    return found


def _way(place: str) -> Way:
    scheme, colon, _ = place.partition("://")
    if not colon:
        return "file"
    match scheme.lower():
        case "http" | "https":
            return "http"
        case "rtsp" | "rtsps":
            return "rtsp"
    raise BadSettings(f"A camera at {scheme}:// cannot be reached", option="cameras")


def _whole(place: str) -> str:
    return place if "://" in place else str(Path(place).expanduser())
