"""The JSON of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len
from typing_extensions import TypedDict

from sheetfed.server.shapes import jobs
from sheetfed.server.shapes.devices import Option
from sheetfed.server.shapes.jobs import StepProblem, StepWish
from sheetfed.server.shapes.parts import STRICT, Chosen
from sheetfed.server.shapes.problems import Problem


class Step(TypedDict):
    """Something that pages can go through on their way in."""

    name: str
    title: str
    options: list[Option]
    """What a job may ask of it, each with the value in force; secrets are never told."""


class Steps(TypedDict):
    """Every step that an installed addon brings."""

    items: list[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRound:
    """Steps that pages of a document are to take now."""

    __pydantic_config__ = STRICT

    steps: Annotated[tuple[StepWish, ...], Len(1, 20)]
    pages: Chosen = "all"


class Round(TypedDict):
    """Pages of a document that take steps, as far as they are."""

    id: str
    state: Literal["running", "done", "failed", "cancelled"]
    document: str
    steps: list[jobs.Step]
    pages: int
    """How many pages take them."""
    done: int
    """How many are through."""
    problems: list[StepProblem]
    """Pages that steps failed at, the first hundred; their marks are as before."""
    error: Problem | None
    """Why it failed."""
    version: int
    """Another one after each change."""
    created: float
