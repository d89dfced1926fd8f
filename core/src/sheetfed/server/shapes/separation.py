"""The JSON of rules that part documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.server.shapes.parts import STRICT

Template = Annotated[str, Len(1, 500)]
By = Literal["barcode", "patch", "blank", "pages"]
Patch = Literal["I", "II", "III", "IV", "VI", "T"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How pages are parted into documents, by what steps marked on them."""

    __pydantic_config__ = STRICT

    by: By
    """What separates; `pages` counts."""
    format: Annotated[str, Len(0, 100)] = ""
    """Only codes of this format separate, as `Code 39`; any where nothing is said."""
    pattern: Annotated[str, Len(1, 200)] = "*"
    """What a code must say to separate; `*` stands for anything, `?` for one letter."""
    patches: Annotated[tuple[Patch, ...], Len(0, 6)] = ()
    """The patch codes that separate; any where nothing is said."""
    every: Annotated[int, Ge(0), Le(10_000)] = 0
    """With `pages`: how many a document has."""
    drop: bool | None = None
    """Whether separators go. If nothing is said patches and blank pages do, codes stay."""
    title: Template | None = None
    """The title of each document, as `{barcode:CODE39} {date:%Y}`; numbered if nothing is said."""
    tags: Annotated[tuple[Template, ...], Len(0, 20)] = ()
    """Tags that each document gets, made as titles are."""
    fields: Annotated[dict[Annotated[str, Len(1, 100)], Template], Len(0, 20)] = field(
        default_factory=dict
    )
    """Fields of each document's info, by name, made as titles are."""


class SeparationRule(TypedDict):
    """How pages are parted into documents."""

    by: By
    format: str
    pattern: str
    patches: list[Patch]
    every: int
    drop: bool | None
    title: str | None
    tags: list[str]
    fields: dict[str, str]
