"""The JSON that asks for events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from sheetfed.server.shapes.parts import STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """Which events are wanted."""

    __pydantic_config__ = STRICT

    topics: Annotated[str, Len(1, 200)] | None = None
    """Of job, page, document, device and service, with commas between; else all."""
