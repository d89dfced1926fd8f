"""The JSON of steps."""

from __future__ import annotations

from typing_extensions import TypedDict

from sheetfed.server.shapes.devices import Option


class Step(TypedDict):
    """Something that pages can go through on their way in."""

    name: str
    title: str
    options: list[Option]
    """What a job may ask of it, each with the value in force; secrets are never told."""


class Steps(TypedDict):
    """Every step that an installed addon brings."""

    items: list[Step]
