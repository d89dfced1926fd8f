"""The pictures of an open camera of this computer."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sheetfed_webcam.shots import Pixels

Size = tuple[int, int]
"""Width and height in pixels."""


class Film(ABC):
    """A camera that is switched on, in one format, one size and one rate.

    `take` is called from one thread, all else from another; whoever has it sees to it that only
    one of both is in it.
    """

    format: str
    """The four letters of the format in which pictures come; empty where nobody knows."""

    @abstractmethod
    def take(self) -> bytes | Pixels | None:
        """Return the next picture, bytes where it is a JPEG file; None where none came soon.

        Raises what became of the camera, where that is known.
        """

    @abstractmethod
    def size(self) -> Size:
        """Return the size in force."""

    @abstractmethod
    def rate(self) -> float:
        """Return how many pictures a second are asked for, 0 where nobody knows."""

    @abstractmethod
    def set_rate(self, rate: float) -> None:
        """Ask for so many pictures a second."""

    @abstractmethod
    def close(self) -> None:
        """Switch it off. Safe twice."""
