"""The JSON of documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value
from sheetfed.server.shapes.pages import Page
from sheetfed.server.shapes.parts import STRICT, WRITTEN, Chosen, Id, Ids, Line, Tag, Tags, Title
from sheetfed.store.order import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuery:
    """Which file is wanted."""

    __pydantic_config__ = STRICT

    type: Annotated[str, Len(1, 100), WRITTEN] = "application/pdf"
    """The media type wanted."""
    pages: Annotated[str, Len(1, 8000)] | None = None
    """Ids of pages, with commas between; all pages where nothing is said."""
    compression: Annotated[str, Len(1, 20)] | None = None
    """How the file packs pictures, as the codec calls it: lzw, deflate, jpeg, g4…"""
    quality: Annotated[int, Ge(1), Le(100)] | None = None
    """The quality of JPEG."""
    zip: bool = False
    """Each page as a file of its own, all of them in a ZIP file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWish:
    """Which file is wanted, of any number of pages."""

    __pydantic_config__ = STRICT

    type: Annotated[str, Len(1, 100), WRITTEN] = "application/pdf"
    """The media type wanted."""
    pages: Ids | None = None
    """The pages, in the order wanted; all pages where nothing is said."""
    compression: Annotated[str, Len(1, 20)] | None = None
    """How the file packs pictures, as the codec calls it: lzw, deflate, jpeg, g4…"""
    quality: Annotated[int, Ge(1), Le(100)] | None = None
    """The quality of JPEG."""
    options: dict[Annotated[str, Len(1, 100)], Value] | None = None
    """More of what the format can be asked; see the list of formats."""
    zip: bool = False
    """Each page as a file of its own, all of them in a ZIP file."""
    after: Id | None = None
    """A document whose pages come first: that is how a file is appended to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document without pages, or with copies of another one's."""

    __pydantic_config__ = STRICT

    title: Title = ""
    private: bool = False
    """The key stays in memory: the document dies with the service."""
    copy_of: Id | None = None
    """A document that it is a copy of, with its tags and info, and its title for want of one."""
    pages: Chosen = "all"
    """The pages of that document to copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInfo:
    """What a document says about itself; what is not named stays."""

    __pydantic_config__ = STRICT

    author: Line | None = None
    subject: Line | None = None
    keywords: Line | None = None
    fields: Annotated[dict[Annotated[str, Len(1, 100)], Line], Len(0, 50)] | None = None
    """Names and values of your own, all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words about a document; what is not named stays."""

    __pydantic_config__ = STRICT

    title: Title | None = None
    tags: Tags | None = None
    """All of its tags."""
    info: NewInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All pages of a document, in the order wanted."""

    __pydantic_config__ = STRICT

    pages: Annotated[tuple[Id, ...], Len(0, 20_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """An order without naming each page."""

    __pydantic_config__ = STRICT

    rule: Rule
    """`interleave` puts each front before its back where all fronts come first and then all backs;
    `reversed` where the backs came last sheet first. `deinterleave` is the way back."""
    pages: Chosen = "all"
    """The pages that change places with one another."""
    fronts: Annotated[int, Ge(0), Le(20_000)] | None = None
    """How many of them are fronts; half of them where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Pages, of this or another document, and where they go."""

    __pydantic_config__ = STRICT

    pages: Ids
    before: Id | None = None
    """The page that they come to stand before; the end where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Pages, of this or another document, and where copies of them go."""

    __pydantic_config__ = STRICT

    pages: Ids
    before: Id | None = None
    """The page that they come to stand before; the end where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Two pages that change places."""

    __pydantic_config__ = STRICT

    a: Id
    b: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Pages to delete."""

    __pydantic_config__ = STRICT

    pages: Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Retag:
    """Tags that pages get, and tags that they lose."""

    __pydantic_config__ = STRICT

    pages: Chosen = "all"
    having: Tag | None = None
    """Only those of the pages that have this tag: so a tag gets another name, in one change."""
    add: Tags = ()
    remove: Tags = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRename:
    """A tag, and what it is called from now on wherever it is."""

    __pydantic_config__ = STRICT

    tag: Tag
    to: Tag | None = None
    """Its new name; with nothing said it is taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPart:
    """Where a new document begins."""

    __pydantic_config__ = STRICT

    first: Id
    """The page that it begins with."""
    title: Title | None = None
    """Its title; that of the document and a number where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Where a document is parted."""

    __pydantic_config__ = STRICT

    parts: Annotated[tuple[SplitPart, ...], Len(1, 2_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Documents whose pages come into this one; they are deleted then."""

    __pydantic_config__ = STRICT

    documents: Annotated[tuple[Id, ...], Len(1, 500)]
    before: Id | None = None
    """The page that they come to stand before; the end where nothing is said."""
    rule: Rule | None = None
    """How all are arranged then; the pages of this document are the fronts."""


class Info(TypedDict):
    """What a document says about itself besides its title."""

    author: str
    subject: str
    keywords: str
    fields: dict[str, str]


class DocumentHead(TypedDict):
    """A document without its pages."""

    id: str
    title: str
    created: float
    changed: float
    private: bool
    """It dies with the service."""
    version: int
    tags: list[str]
    info: Info
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
    private: bool
    """It dies with the service."""
    version: int
    tags: list[str]
    info: Info
    pages: list[Page]


class Pages(TypedDict):
    """Pages of a document in their order."""

    items: list[Page]
    next: str | None
    version: int
    """The document's; where it is not that of the first answer, begin again."""


class Parts(TypedDict):
    """The documents that one was split into, the first of them itself."""

    items: list[DocumentHead]


class TagUse(TypedDict):
    """A tag, and how much of yours has it."""

    tag: str
    documents: int
    pages: int


class TagUses(TypedDict):
    """Tags in their order."""

    items: list[TagUse]
