"""What was found about this machine, in rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "weak", "missing", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing, how it is, and what to do about it.

    `weak` works with less protection than there could be, `missing` is not there and need not be,
    `broken` does not work.
    """

    name: str
    state: State
    text: str
    advice: str = ""
