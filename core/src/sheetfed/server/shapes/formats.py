"""The JSON of formats and imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len
from typing_extensions import TypedDict

from sheetfed.server.shapes.devices import Option
from sheetfed.server.shapes.pages import Page
from sheetfed.server.shapes.parts import STRICT, Id, Title

Password = Annotated[str, Len(0, 200)]
Watch = Annotated[str, Len(1, 100)]
Words = Annotated[str, Len(2, 4000)]
TagsInQuery = Annotated[str, Len(1, 5000)]


class Format(TypedDict):
    """A type of files."""

    type: str
    """Its media type."""
    title: str
    endings: list[str]
    """What names of its files end in, without a dot; the usual one first."""
    many: bool
    """A file may hold more than one page."""
    gathers: bool
    """Any number of pages is written into one file."""
    reads: str | None
    """The codec that reads it."""
    writes: str | None
    """The codec that writes it."""
    reading: list[Option]
    """What can be asked when a file comes in."""
    writing: list[Option]
    """What can be asked when a file is made."""


class Formats(TypedDict):
    """Every type that is read or written."""

    items: list[Format]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportQuery:
    """Where the pages of a file go, and how it is opened."""

    __pydantic_config__ = STRICT

    before: Id | None = None
    """The page that they come to stand before; the end where nothing is said."""
    tags: TagsInQuery | None = None
    """Tags that each page has from the beginning, as a JSON list."""
    password: Password | None = None
    """What opens the file, where it is locked."""
    options: Words | None = None
    """More of what its format can be asked, as a JSON object; see the list of formats."""
    watch: Watch | None = None
    """A word of your own, by which a `file` event shows the first page before any is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDocumentQuery:
    """What the document of a file is called, and how the file is opened."""

    __pydantic_config__ = STRICT

    title: Title = ""
    private: bool = False
    """The key stays in memory: the document dies with the service."""
    tags: TagsInQuery | None = None
    """Tags that each page has from the beginning, as a JSON list."""
    password: Password | None = None
    """What opens the file, where it is locked."""
    options: Words | None = None
    """More of what its format can be asked, as a JSON object; see the list of formats."""
    watch: Watch | None = None
    """A word of your own, by which a `file` event shows the first page before any is kept."""


class Imported(TypedDict):
    """The pages that a file has become."""

    document: str
    version: int
    pages: list[Page]
