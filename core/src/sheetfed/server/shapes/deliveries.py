"""The JSON of targets and deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value
from sheetfed.server.shapes.devices import Option
from sheetfed.server.shapes.parts import STRICT, WRITTEN, Id, Ids, MediaType, Name
from sheetfed.server.shapes.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """What goes where, and the fields that the target asks for."""

    __pydantic_config__ = STRICT

    document: Id
    target: Name
    """The name of a target."""
    pages: Ids | None = None
    """The pages, in the order wanted; all pages where nothing is said."""
    type: Annotated[MediaType, WRITTEN] | None = None
    """The file's type; the target's own where nothing is said."""
    options: Annotated[dict[str, Value], Len(0, 100)] = field(default_factory=dict)
    """How the file is written, as `quality` and `compression`."""
    fields: Annotated[dict[str, Value], Len(0, 100)] = field(default_factory=dict)
    """What the target asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuery:
    """Where a file goes that is sent as it stands."""

    __pydantic_config__ = STRICT

    target: Name
    """The name of a target."""
    name: Annotated[str, Len(1, 255)]
    """What the file is called."""
    type: MediaType = "application/octet-stream"
    fields: Annotated[str, Len(2, 8000)] = "{}"
    """What the target asks for, as a JSON object."""


class Target(TypedDict):
    """A place that documents can go to."""

    name: str
    title: str
    protocol: str
    type: str
    """The type that a document is sent as where nothing is said."""
    fields: list[Option]
    """What a delivery is asked for; one without a default must be filled."""
    error: Problem | None
    """Why it cannot be used now: an addon is missing."""


class Targets(TypedDict):
    """The targets that the caller may use."""

    items: list[Target]


class Trial(TypedDict):
    """What a target says: it would take a document."""

    place: str
    """Where; for the person at this computer only."""


class Receipt(TypedDict):
    """Where a document arrived, in the words of the target."""

    place: str
    """An address or a folder; for the person at this computer only."""
    details: dict[str, Value]
    """What the target answered, as far as the configuration lets it through."""


class Try(TypedDict):
    """How one try ended."""

    at: float
    outcome: str
    """An error's code, or `done`."""
    message: str
    sent: int


class Delivery(TypedDict):
    """One document on its way, as it stands now."""

    id: str
    state: Literal["waiting", "encoding", "sending", "done", "failed", "cancelled"]
    target: str
    document: str | None
    """The document it was made of; None for a file."""
    job: str | None
    name: str
    """The file's name at the target."""
    type: str
    fields: dict[str, Value]
    """As they were filled in; secrets are left out."""
    private: bool
    size: int | None
    """Bytes, once it is encoded."""
    sent: int
    """Bytes that went in this try."""
    tries: int
    next_try: float | None
    receipt: Receipt | None
    error: Problem | None
    """Why it failed, or why the last try did."""
    history: list[Try]
    version: int
    """Another one after each change."""
    created: float
    changed: float


class Deliveries(TypedDict):
    """Deliveries, the newest first."""

    items: list[Delivery]
    next: str | None
