"""The JSON about the machine."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict


class MachineFinding(TypedDict):
    """One thing, how it is, and what to do about it."""

    name: str
    state: Literal["ok", "weak", "missing", "broken"]
    """`weak` works, but less well or less safely; `missing` is not there and need not be."""
    text: str
    advice: str
    """Empty where there is nothing to do."""


class MachineFindings(TypedDict):
    """What was found."""

    items: list[MachineFinding]
