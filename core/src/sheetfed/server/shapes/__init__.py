"""The JSON of requests and answers, as types.

Requests are dataclasses, checked by pydantic when one arrives; answers are typed dictionaries. A
module of them is imported when one of its types is wanted first: making the types takes a tenth of
what a start may take, and most requests need none.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sheetfed.server.shapes import (
        about,
        deliveries,
        devices,
        documents,
        edits,
        events,
        figures,
        findings,
        formats,
        jobs,
        pages,
        parts,
        problems,
        separation,
        sites,
        steps,
        tokens,
    )

__all__ = (
    "about",
    "deliveries",
    "devices",
    "documents",
    "edits",
    "events",
    "figures",
    "findings",
    "formats",
    "jobs",
    "pages",
    "parts",
    "problems",
    "separation",
    "sites",
    "steps",
    "tokens",
)


def __getattr__(name: str) -> ModuleType:
    """Import a module of shapes."""
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise AttributeError(name) from error
