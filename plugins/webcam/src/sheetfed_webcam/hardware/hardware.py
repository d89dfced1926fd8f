"""A camera as its system knows it, beside its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, Value
from sheetfed_webcam.hardware.film import Film, Size

MJPG = "MJPG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way in which a camera sends pictures: a format of four letters, a size.

    Plain pixels have no letters on Windows. `rates` are how many pictures a second it has, the
    most first.
    """

    format: str
    width: int
    height: int
    rates: tuple[float, ...] = ()


class Hardware:
    """A camera of a system that tells nothing of it.

    `hands_over_jpeg` says whether OpenCV gives the JPEG files of such a system's cameras as they
    came.
    """

    hands_over_jpeg = False

    def modes(self) -> Sequence[Mode]:
        """Return what the camera can send. Raises where it cannot be opened."""
        return ()

    def check(self) -> None:
        """Raise DeviceGone, DeviceDenied or DeviceBusy where that can be told."""

    def options(self) -> Sequence[Option]:
        """Return its controls, with their ranges and the values in force."""
        return ()

    def set(self, name: str, value: Value) -> None:  # noqa: ARG002 - it has none
        """Set a control; what would set it by itself is switched off."""
        raise BadSettings(f"There is no option {name!r}", option=name)

    def is_busy(self) -> bool | None:
        """Say whether another program looks through it, None where nobody knows.

        To be asked only while nobody here does.
        """
        return None

    def film(self, size: Size, rate: float) -> Film | None:  # noqa: ARG002 - it has no such way
        """Return its JPEG files as they come, past OpenCV; None where there is no such way."""
        return None

    def close(self) -> None:
        """Let go of it. Safe twice."""
