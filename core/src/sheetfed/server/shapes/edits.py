"""The JSON of edits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value
from sheetfed.server.shapes.devices import Option
from sheetfed.server.shapes.parts import STRICT, Chosen, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class EditWish:
    """Something to be done to a page."""

    __pydantic_config__ = STRICT

    name: Name
    options: Annotated[dict[str, Value], Len(0, 100)] = field(default_factory=dict)
    """Its options and the values wanted; the others are as configured, or found in the page."""


Wishes = Annotated[tuple[EditWish, ...], Len(1, 50)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """What is to be done to a page, in order."""

    __pydantic_config__ = STRICT

    edits: Wishes
    replace: bool = False
    """They take the place of the last edit, as while something is dragged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """How far to go back, or forth again."""

    __pydantic_config__ = STRICT

    all: bool = False
    """To the end, not one edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditingMany:
    """What is to be done to pages of a document, in order."""

    __pydantic_config__ = STRICT

    edits: Wishes
    pages: Chosen = "all"
    replace: bool = False
    """They take the place of each page's last edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningMany:
    """How far to go back, or forth again, and on which pages."""

    __pydantic_config__ = STRICT

    pages: Chosen = "all"
    all: bool = False
    """To the end, not one edit."""


class EditOffer(TypedDict):
    """Something that can be done to a page."""

    name: str
    title: str
    options: list[Option]
    """What it can be asked, each with the value in force; null is found in the page."""
    hides: bool
    """While it is in force nobody is given the page without it."""


class EditOffers(TypedDict):
    """Every edit that an installed addon brings."""

    items: list[EditOffer]
