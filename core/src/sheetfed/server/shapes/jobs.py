"""The JSON of jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value
from sheetfed.server.shapes.parts import STRICT, WRITTEN, Id, MediaType, Name, Tags, Title
from sheetfed.server.shapes.problems import Problem
from sheetfed.server.shapes.separation import Separation, SeparationRule


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Whether to wait for news."""

    __pydantic_config__ = STRICT

    wait: Annotated[int, Ge(0), Le(60)] = 0
    """Answer after so many seconds at the latest, or as soon as the version is not `seen`."""
    seen: Annotated[int, Ge(0), Le(2**53)] | None = None
    """The version that is known already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepWish:
    """How pages that come as pixels are kept."""

    __pydantic_config__ = STRICT

    form: Literal["lossless", "jpeg"] = "lossless"
    quality: Annotated[int, Ge(1), Le(100)] = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWish:
    """A step that pages take on their way in."""

    __pydantic_config__ = STRICT

    name: Name
    options: Annotated[dict[str, Value], Len(0, 100)] = field(default_factory=dict)
    """Its options and the values wanted; the others are as configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWish:
    """Where the document goes when the job is done."""

    __pydantic_config__ = STRICT

    target: Name
    """The name of a target."""
    type: Annotated[MediaType, WRITTEN] | None = None
    """The file's type; the target's own where nothing is said."""
    options: Annotated[dict[str, Value], Len(0, 100)] = field(default_factory=dict)
    """How the file is written, as `quality` and `compression`."""
    fields: Annotated[dict[str, Value], Len(0, 100)] = field(default_factory=dict)
    """What the target asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What to scan, how, and where the pages go."""

    __pydantic_config__ = STRICT

    device: Name
    """The id of a device."""
    settings: Annotated[dict[str, Value], Len(0, 500)] = field(default_factory=dict)
    """Options of the device and the values wanted; the others stay as they are."""
    hold: Id | None = None
    """The hold under which the device was kept for this."""
    document: Id | None = None
    """The document that pages are added to; a new one where nothing is said."""
    before: Id | None = None
    """The page of that document which new pages come to stand before; the end if it goes."""
    title: Title | None = None
    """The title of the new document."""
    private: bool = False
    """The new document's key stays in memory: it dies with the service."""
    keep: KeepWish | None = None
    tags: Tags = ()
    """Tags that each page has from the beginning."""
    steps: Annotated[tuple[StepWish, ...], Len(0, 20)] = ()
    """Steps that each page takes, in this order, while later pages still scan."""
    split: Separation | None = None
    """Where one document ends and the next begins, once the pages took their steps."""
    deliver: Annotated[tuple[DeliveryWish, ...], Len(0, 20)] = ()
    """Targets that the document goes to once the job is done."""


class Keep(TypedDict):
    """How pages that come as pixels are kept."""

    form: Literal["lossless", "jpeg"]
    quality: int


class Step(TypedDict):
    """A step that pages take."""

    name: str
    options: dict[str, Value]


class StepProblem(TypedDict):
    """A page that a step failed at; it is kept as it came."""

    page: str
    step: str
    error: Problem


class Deliver(TypedDict):
    """A target that the document goes to once the job is done."""

    target: str
    type: str


class Job(TypedDict):
    """One capture as it stands now."""

    id: str
    state: Literal["waiting", "scanning", "paused", "done", "failed", "cancelled"]
    device: str
    settings: dict[str, Value]
    keep: Keep
    document: str | None
    before: str | None
    """The page that its pages come to stand before."""
    documents: list[str]
    """The documents that its pages are in, in their order: more than one after a split."""
    private: bool
    tags: list[str]
    """Tags that its pages have from the beginning."""
    steps: list[Step]
    deliver: list[Deliver]
    split: SeparationRule | None
    pages: int
    """Pages that are safe."""
    problems: list[StepProblem]
    """Pages that steps failed at, the first hundred; all others took all steps."""
    error: Problem | None
    """Why it paused or failed."""
    activity: str
    done: float | None
    """How far the page is, from 0 to 1."""
    version: int
    """Another one after each change."""
    created: float
    changed: float


class Jobs(TypedDict):
    """Jobs, the newest first."""

    items: list[Job]
    next: str | None
