"""What holds a child, and which children nothing holds."""

from __future__ import annotations

from dataclasses import dataclass

FREE = frozenset({"source", "target"})
"""Kinds of children without a box: a driver needs its device, a target the network, keys, folders.
Neither opens what strangers made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What holds a child, as it says itself; `landlock` is the version, 0 for none."""

    limits: bool = False
    privileges: bool = False
    landlock: int = 0
    seccomp: bool = False
    user: int = 0
