"""The JSON of numbers."""

from __future__ import annotations

from typing_extensions import TypedDict


class Figures(TypedDict):
    """How much there is. A site is told its own, and nothing about the computer."""

    jobs: dict[str, int]
    """Jobs that are remembered, by state."""
    deliveries: dict[str, int]
    """Deliveries that are remembered, by state."""
    pages: int
    bytes: int
    free_bytes: int
    workers: int
    """Child processes that live, where the system tells; 0 for a site."""
    crashes: int
    """Records of crashes that are kept, the newest twenty; 0 for a site."""
    addons: dict[str, int]
    """Installed addons by state; empty for a site."""
    started: float
    """When the service began, in seconds since 1970; 0 for a site."""
