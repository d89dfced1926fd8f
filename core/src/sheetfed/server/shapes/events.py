"""The JSON that asks for events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Len

from sheetfed.server.shapes.parts import STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """Which events are wanted."""

    __pydantic_config__ = STRICT

    topics: Annotated[str, Len(1, 200)] | None = None
    """Of job, page, document, delivery, device, round, file, service, commas between; else all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A later message over a WebSocket: a new token, before the last one ends."""

    __pydantic_config__ = STRICT

    token: Annotated[str, Len(1, 200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """The first message over a WebSocket."""

    __pydantic_config__ = STRICT

    token: Annotated[str, Len(1, 200)]
    topics: Annotated[tuple[Annotated[str, Len(1, 20)], ...], Len(1, 20)] | None = None
    """The topics that are wanted; else all."""
    after: Annotated[int, Ge(0)] | None = None
    """The number of the last event that was seen; what came after it is sent first."""
