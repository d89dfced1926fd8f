"""The JSON of documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.server.shapes.pages import Page
from sheetfed.server.shapes.parts import STRICT, Id, Ids, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuery:
    """Which file is wanted."""

    __pydantic_config__ = STRICT

    type: Annotated[str, Len(1, 100)] = "application/pdf"
    """The media type wanted."""
    pages: Annotated[str, Len(1, 8000)] | None = None
    """Ids of pages, with commas between; all pages where nothing is said."""
    compression: Annotated[str, Len(1, 20)] | None = None
    """How the file packs pictures, as the codec calls it: lzw, deflate, jpeg, g4…"""
    quality: Annotated[int, Ge(1), Le(100)] | None = None
    """The quality of JPEG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWish:
    """Which file is wanted, of any number of pages."""

    __pydantic_config__ = STRICT

    type: Annotated[str, Len(1, 100)] = "application/pdf"
    """The media type wanted."""
    pages: Ids | None = None
    """The pages, in the order wanted; all pages where nothing is said."""
    compression: Annotated[str, Len(1, 20)] | None = None
    """How the file packs pictures, as the codec calls it: lzw, deflate, jpeg, g4…"""
    quality: Annotated[int, Ge(1), Le(100)] | None = None
    """The quality of JPEG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document without pages."""

    __pydantic_config__ = STRICT

    title: Title = ""
    private: bool = False
    """The key stays in memory: the document dies with the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A new title."""

    __pydantic_config__ = STRICT

    title: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All pages of a document, in the order wanted."""

    __pydantic_config__ = STRICT

    pages: Annotated[tuple[Id, ...], Len(0, 20_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Pages, of this or another document, and where they go."""

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

    pages: Ids


class DocumentHead(TypedDict):
    """A document without its pages."""

    id: str
    title: str
    created: float
    changed: float
    private: bool
    """It dies with the service."""
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
    private: bool
    """It dies with the service."""
    version: int
    pages: list[Page]
