"""How the system keeps the service, whichever system it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the service stands with the system.

    `waits` means that it is started as soon as somebody connects.
    """

    kind: str
    installed: bool
    runs: bool = False
    waits: bool = False
    pid: int | None = None
    restarts: int | None = None
    text: str = ""
    files: tuple[Path, ...] = ()


class Upkeep(Protocol):
    """What a system can be asked about the service. Each raises SystemRefused."""

    def install(self) -> None:
        """Have the service there from now on and after each logon. Safe twice."""

    def start(self) -> None:
        """Have it run now."""

    def stop(self) -> None:
        """Have it stop, and not start before it is asked to, or the next logon."""

    def remove(self) -> None:
        """Stop it and leave nothing behind. Safe twice."""

    def standing(self) -> Standing:
        """Say how it stands."""
