"""What every kind of camera can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, Value
from sheetfed_webcam.shots import Shot


class Camera(ABC):
    """An open camera. `shoot` is called from one thread, all else from another.

    `settles` is for how many seconds its first pictures are not right yet.
    """

    settles: float = 0.0

    @abstractmethod
    def shoot(self) -> Shot:
        """Return the next picture; block until it is there, for some seconds at most.

        Raises DeviceGone, DeviceBusy, DeviceFailed, DriverTimeout.
        """

    def options(self) -> Sequence[Option]:
        """Return what can be asked of the camera itself."""
        return ()

    def set(self, name: str, value: Value) -> None:  # noqa: ARG002 - most have no options
        """Set one of its options to a value that fits."""
        raise BadSettings(f"There is no option {name!r}", option=name)

    @abstractmethod
    def interrupt(self) -> None:
        """Have `shoot` come back soon, with whatever error."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it, once nobody shoots any more. Safe twice."""
