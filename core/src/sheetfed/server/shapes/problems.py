"""The JSON of what went wrong."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


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
