"""What the shapes of requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, Len

STRICT = {"extra": "forbid", "use_attribute_docstrings": True}

Name = Annotated[str, Len(1, 500)]
Id = Annotated[str, Len(1, 100)]
Title = Annotated[str, Len(0, 500)]
Line = Annotated[str, Len(0, 1000)]
MediaType = Annotated[str, Len(3, 200)]
OF_FORMAT = "x-of-format"


@dataclass(frozen=True, slots=True)
class OfFormat:
    """Marks a text that names a type of files; which types there are, the addons say."""

    use: Literal["written", "shown"]

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the text's schema with the mark, which `openapi.describe` makes a list of."""
        return {**handler(schema), OF_FORMAT: self.use}


WRITTEN = OfFormat("written")
SHOWN = OfFormat("shown")
"""Of a picture: what is written, or what the page came as."""

Ids = Annotated[tuple[Id, ...], Len(1, 20_000)]
Chosen = Ids | Literal["all", "odd", "even"]
"""Pages by their ids, or by their places in the document."""

Tag = Annotated[str, Len(1, 100)]
Tags = Annotated[tuple[Tag, ...], Len(0, 50)]
Limit = Annotated[int, Ge(1), Le(500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which part of a list is wanted."""

    __pydantic_config__ = STRICT

    limit: Limit = 100
    """At most so many."""
    cursor: Annotated[str, Len(1, 200)] | None = None
    """Where to go on: the `next` of the answer before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedQuery:
    """Which part of a list is wanted, and with which tag."""

    __pydantic_config__ = STRICT

    limit: Limit = 100
    """At most so many."""
    cursor: Annotated[str, Len(1, 200)] | None = None
    """Where to go on: the `next` of the answer before."""
    tag: Tag | None = None
    """Only what has this tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """What an operation without a body takes from clients that always send one."""

    __pydantic_config__ = STRICT
