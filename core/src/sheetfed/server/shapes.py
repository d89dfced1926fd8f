"""The JSON of requests and answers, as types.

Requests are dataclasses, checked by pydantic when one arrives; answers are typed dictionaries. The
types alone import nothing slow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value

_STRICT = {"extra": "forbid", "use_attribute_docstrings": True}

Name = Annotated[str, Len(1, 500)]
Id = Annotated[str, Len(1, 100)]
Title = Annotated[str, Len(0, 500)]
Ids = Annotated[tuple[Id, ...], Len(1, 20_000)]
Limit = Annotated[int, Ge(1), Le(500)]
Pixels = Annotated[int, Ge(1), Le(65_500)]


# --- requests: queries


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesQuery:
    """Which listing is wanted."""

    __pydantic_config__ = _STRICT

    refresh: bool = False
    """Ask every source again, also when it was asked a moment ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which part of a list is wanted."""

    __pydantic_config__ = _STRICT

    limit: Limit = 100
    """At most so many."""
    cursor: Annotated[str, Len(1, 200)] | None = None
    """Where to go on: the `next` of the answer before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Whether to wait for news."""

    __pydantic_config__ = _STRICT

    wait: Annotated[int, Ge(0), Le(60)] = 0
    """Answer after so many seconds at the latest, or as soon as the version is not `seen`."""
    seen: Annotated[int, Ge(0), Le(2**53)] | None = None
    """The version that is known already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageQuery:
    """Which picture of a page is wanted; with nothing said, the bytes as they were kept."""

    __pydantic_config__ = _STRICT

    width: Pixels | None = None
    """The picture need not be wider."""
    height: Pixels | None = None
    """The picture need not be higher."""
    type: Annotated[str, Len(1, 100)] | None = None
    """The media type wanted, as image/jpeg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuery:
    """Which file is wanted."""

    __pydantic_config__ = _STRICT

    type: Annotated[str, Len(1, 100)] = "application/pdf"
    """The media type wanted."""
    pages: Annotated[str, Len(1, 8000)] | None = None
    """Ids of pages, with commas between; all pages where nothing is said."""
    compression: Annotated[str, Len(1, 20)] | None = None
    """How the file packs pictures, as the codec calls it: lzw, deflate, jpeg, g4…"""
    quality: Annotated[int, Ge(1), Le(100)] | None = None
    """The quality of JPEG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """Which events are wanted."""

    __pydantic_config__ = _STRICT

    topics: Annotated[str, Len(1, 200)] | None = None
    """Of job, page, document, device and service, with commas between; else all."""


# --- requests: bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """What an operation without a body takes from clients that always send one."""

    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """Settings to try."""

    __pydantic_config__ = _STRICT

    settings: Annotated[dict[str, Value], Len(0, 500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepWish:
    """How pages that come as pixels are kept."""

    __pydantic_config__ = _STRICT

    form: Literal["lossless", "jpeg"] = "lossless"
    quality: Annotated[int, Ge(1), Le(100)] = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What to scan, how, and where the pages go."""

    __pydantic_config__ = _STRICT

    device: Name
    """The id of a device."""
    settings: Annotated[dict[str, Value], Len(0, 500)] = field(default_factory=dict)
    """Options of the device and the values wanted; the others stay as they are."""
    document: Id | None = None
    """The document that pages are added to; a new one where nothing is said."""
    title: Title | None = None
    """The title of the new document."""
    keep: KeepWish | None = None
    steps: Annotated[tuple[Name, ...], Len(0, 20)] = ()
    """Steps that pages take on their way in, by name."""
    deliver: Annotated[tuple[Name, ...], Len(0, 20)] = ()
    """Targets that the document goes to, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document without pages."""

    __pydantic_config__ = _STRICT

    title: Title = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A new title."""

    __pydantic_config__ = _STRICT

    title: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All pages of a document, in the order wanted."""

    __pydantic_config__ = _STRICT

    pages: Annotated[tuple[Id, ...], Len(0, 20_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Pages, of this or another document, and where they go."""

    __pydantic_config__ = _STRICT

    pages: Ids
    before: Id | None = None
    """The page that they come to stand before; the end where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Two pages that change places."""

    __pydantic_config__ = _STRICT

    a: Id
    b: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Pages to delete."""

    __pydantic_config__ = _STRICT

    pages: Ids


# --- answers


class Hello(TypedDict):
    """Who answers here."""

    product: Literal["sheetfed"]
    api: int


class Health(TypedDict):
    """It answers."""

    status: Literal["ok"]


class Description(TypedDict):
    """An OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


class ProblemPart(TypedDict):
    """One thing that is wrong with a request."""

    pointer: str
    """Where, as a JSON Pointer."""
    detail: str
    where: Literal["body", "query", "header"]


class Problem(TypedDict):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    """The fact."""
    code: str
    """Its name; see /docs/errors."""
    advice: str
    """What a person can do."""
    details: dict[str, Any]
    errors: NotRequired[list[ProblemPart]]


class ServiceStatus(TypedDict):
    """How the service is."""

    version: str
    home: str
    """The folder that holds its state."""
    addons_not_ready: int
    pages: int
    bytes: int
    free_bytes: int


class Addon(TypedDict):
    """How an installed addon fared."""

    name: str
    state: Literal["ready", "disabled", "incompatible", "broken"]
    reason: str
    distribution: str
    version: str
    location: str
    contract: int | None
    hooks: list[str]
    offers: dict[str, list[str]]


class Addons(TypedDict):
    """Every installed addon."""

    items: list[Addon]


class Device(TypedDict):
    """Something that pages come from."""

    id: str
    title: str
    vendor: str
    model: str
    kind: Literal["scanner", "camera", "folder"]


class SourceProblem(TypedDict):
    """A source that could not say which devices it has."""

    source: str
    error: Problem


class Devices(TypedDict):
    """The devices that are there, and the sources that failed."""

    items: list[Device]
    problems: list[SourceProblem]


class Choice(TypedDict):
    """One of the values that an option accepts."""

    value: Value
    title: str


class Option(TypedDict):
    """One thing that can be asked of a device."""

    name: str
    title: str
    kind: Literal["bool", "int", "float", "text", "choice", "secret", "action"]
    default: Value
    """The value in force."""
    description: str
    unit: str
    choices: list[Choice]
    minimum: float | None
    maximum: float | None
    step: float | None
    group: str
    advanced: bool
    readonly: bool


class Options(TypedDict):
    """What can be asked of a device."""

    options: list[Option]


class OpenDevice(Device):
    """A device and what can be asked of it."""

    options: list[Option]


class Keep(TypedDict):
    """How pages that come as pixels are kept."""

    form: Literal["lossless", "jpeg"]
    quality: int


class Job(TypedDict):
    """One capture as it stands now."""

    id: str
    state: Literal["waiting", "scanning", "paused", "done", "failed", "cancelled"]
    device: str
    settings: dict[str, Value]
    keep: Keep
    document: str | None
    pages: int
    """Pages that are safe."""
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


class Box(TypedDict):
    """A rectangle on a page, in pixels from its top left corner."""

    left: float
    top: float
    width: float
    height: float


class Mark(TypedDict):
    """What a step found on a page."""

    kind: str
    value: str
    by: str
    box: Box | None
    details: dict[str, Value]


class Page(TypedDict):
    """One captured side."""

    id: str
    document: str
    position: int
    media_type: str
    width: int
    height: int
    dpi: tuple[float, float]
    """Horizontal, then vertical; 0 where nobody knows."""
    side: Literal["", "front", "back"]
    size: int
    """Bytes of the original."""
    etag: str
    marks: list[Mark]
    created: float
    job: str | None


class DocumentHead(TypedDict):
    """A document without its pages."""

    id: str
    title: str
    created: float
    changed: float
    version: int
    page_count: int
    first_page: str | None


class Documents(TypedDict):
    """Documents, the newest first."""

    items: list[DocumentHead]
    next: str | None


class Document(TypedDict):
    """A document and its pages in order."""

    id: str
    title: str
    created: float
    changed: float
    version: int
    pages: list[Page]
