"""What TWAIN calls a fault, as an error of ours."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

from collections.abc import Mapping

from sheetfed.api.errors import (
    BadSettings,
    CoverOpen,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    DoubleFeed,
    FeederEmpty,
    PaperJam,
    SheetfedError,
    TooLarge,
)
from sheetfed_twain.words import Answer

CONDITIONS: Mapping[int, tuple[type[SheetfedError], str]] = {
    1: (DeviceFailed, "The driver failed and does not say why"),
    2: (TooLarge, "The driver has no memory for an image of this size"),
    3: (DeviceGone, "TWAIN does not know this device"),
    4: (DeviceBusy, "Another program uses the device"),
    5: (DeviceFailed, "The driver reported a fault that it told the person about"),
    6: (BadSettings, "The device does not have this capability"),
    9: (DeviceFailed, "The driver does not know the call"),
    10: (BadSettings, "The device does not take this value"),
    11: (DeviceFailed, "The driver did not expect this call now"),
    12: (DeviceGone, "The driver is not open any more"),
    13: (BadSettings, "The device does not have this capability"),
    14: (BadSettings, "The device does not let this capability be set"),
    15: (BadSettings, "The device lets this be set only with others as they are not now"),
    16: (DeviceDenied, "The driver may not use a file that it needs"),
    17: (DeviceFailed, "A file that the driver would write is there already"),
    18: (DeviceFailed, "A file that the driver needs is not there"),
    19: (DeviceFailed, "A folder of the driver is not empty"),
    20: (PaperJam, "Paper is stuck in the feeder"),
    21: (DoubleFeed, "Two sheets went in at once"),
    22: (DeviceFailed, "The driver could not write its file"),
    23: (DeviceGone, "The device went away or is switched off"),
    24: (CoverOpen, "A cover of the device is open"),
    25: (PaperJam, "A sheet has a damaged corner"),
    26: (DeviceFailed, "The device could not focus"),
    27: (DeviceFailed, "The document is too light"),
    28: (DeviceFailed, "The document is too dark"),
    29: (FeederEmpty, "There is no paper in the feeder"),
}
"""By condition code (TWCC)."""

OPENING = {1, 5, 9, 11}
"""What managers and drivers say of a device that is switched off, where they should say 23."""


def error_of(answer: int, condition: int, doing: str) -> SheetfedError:
    """Return the error for an answer that is no success, with the condition behind it."""
    if answer in (Answer.BUSY, Answer.LOCKED):
        return DeviceBusy("The device is busy or locked", answer=answer)
    if answer != Answer.FAILURE:
        return DeviceFailed(f"The driver answered {answer} ({doing})", answer=answer)
    if doing == "open" and condition in OPENING:
        return DeviceGone(
            "The driver does not open: the device is switched off or unplugged", condition=condition
        )
    kind, words = CONDITIONS.get(
        condition, (DeviceFailed, f"The driver reported the condition {condition}")
    )
    return kind(f"{words} ({doing})", condition=condition)
