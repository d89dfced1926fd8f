"""Every status of libsane as one of our typed errors."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from sheetfed.api.errors import (
    BadSettings,
    Cancelled,
    CoverOpen,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    DriverLied,
    FeederEmpty,
    PaperJam,
    SheetfedError,
    TooLarge,
)

Operation = Literal["init", "list", "open", "describe", "get", "set", "start", "read"]


class Status(IntEnum):
    """What a call of libsane ends with."""

    GOOD = 0
    UNSUPPORTED = 1
    CANCELLED = 2
    DEVICE_BUSY = 3
    INVAL = 4
    EOF = 5
    JAMMED = 6
    NO_DOCS = 7
    COVER_OPEN = 8
    IO_ERROR = 9
    NO_MEM = 10
    ACCESS_DENIED = 11
    WARMING_UP = 12
    HW_LOCKED = 13


class WarmingUp(DeviceBusy):
    """The lamp is not ready; ask again in a while."""


_ERRORS: dict[int, tuple[type[SheetfedError], str]] = {
    Status.UNSUPPORTED: (DeviceFailed, "The driver does not support this"),
    Status.CANCELLED: (Cancelled, "The scan was cancelled at the device"),
    Status.DEVICE_BUSY: (DeviceBusy, "The device is busy"),
    Status.INVAL: (DeviceFailed, "The driver calls this invalid"),
    Status.EOF: (DriverLied, "The driver ended before it began"),
    Status.JAMMED: (PaperJam, "Paper is stuck in the feeder"),
    Status.NO_DOCS: (FeederEmpty, "The feeder is empty"),
    Status.COVER_OPEN: (CoverOpen, "A cover of the device is open"),
    Status.IO_ERROR: (DeviceFailed, "The driver lost its connection to the device"),
    Status.NO_MEM: (TooLarge, "The driver has not enough memory for this scan"),
    Status.ACCESS_DENIED: (DeviceDenied, "This account may not use the device"),
    Status.WARMING_UP: (WarmingUp, "The lamp is still warming up"),
    Status.HW_LOCKED: (DeviceFailed, "The scanner is locked for transport; unlock it"),
}
_AT: dict[tuple[str, int], tuple[type[SheetfedError], str]] = {
    ("open", Status.INVAL): (DeviceGone, "SANE does not know this device"),
    ("open", Status.IO_ERROR): (DeviceGone, "The device cannot be reached"),
    ("set", Status.INVAL): (BadSettings, "The driver refuses this value"),
    ("start", Status.INVAL): (BadSettings, "The device cannot scan with these settings together"),
}
"""What a status means where the operation tells more."""


def failure(status: int, operation: Operation, about: str = "") -> SheetfedError:
    """Return the error for a status; `about` names the device or option it concerns."""
    unknown = DeviceFailed, f"The driver ended with status {status}"
    kind, fact = _AT.get((operation, status)) or _ERRORS.get(status, unknown)
    name = Status(status).name if status in _ERRORS else str(status)
    details = {"operation": operation, "status": f"SANE_STATUS_{name}"}
    if operation in {"get", "set"}:
        details["option"] = f"raw.{about}"
    return kind(f"{fact}: {about}" if about else fact, **details)
