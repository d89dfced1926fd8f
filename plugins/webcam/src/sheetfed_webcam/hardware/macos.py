"""A camera of macOS, as AVFoundation knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import AVFoundation
import CoreMedia

from sheetfed.api.errors import BadSettings, DeviceDenied, DeviceFailed, DeviceGone
from sheetfed.api.model import Option, Value
from sheetfed_webcam.hardware import words
from sheetfed_webcam.hardware.hardware import Hardware, Mode

_LOCKED, _CONTINUOUS = 0, 2
"""AVCaptureFocusMode, AVCaptureExposureMode and AVCaptureWhiteBalanceMode agree about these."""

_UNDECIDED, _DENIED = 0, frozenset({1, 2})
"""AVAuthorizationStatus: not determined; restricted, denied."""

_AUTOMATICS: Mapping[str, str] = {
    "exposure": "ExposureMode",
    "focus": "FocusMode",
    "white-balance": "WhiteBalanceMode",
}
"""What macOS can lock, or leave to the camera. It has no values of these, and nothing else."""


class MacCamera(Hardware):
    """A camera by the system's own id."""

    def __init__(self, place: str, title: str) -> None:
        self._title = title
        self._device: Any = AVFoundation.AVCaptureDevice.deviceWithUniqueID_(place)

    def modes(self) -> Sequence[Mode]:
        """Return the sizes that it has; their formats are macOS's own business."""
        found: dict[tuple[int, int], set[float]] = {}
        for each in self._device.formats() if self._device else ():
            size = CoreMedia.CMVideoFormatDescriptionGetDimensions(each.formatDescription())
            rates = [rate.maxFrameRate() for rate in each.videoSupportedFrameRateRanges()]
            found.setdefault((size.width, size.height), set()).update(
                round(rate, 2) for rate in rates
            )
        return [
            Mode(format="", width=width, height=height, rates=tuple(sorted(rates, reverse=True)))
            for (width, height), rates in found.items()
        ]

    def check(self) -> None:
        """Raise where it is not there any more, or not for us; programs may share a camera."""
        kind = AVFoundation.AVMediaTypeVideo
        allowed = AVFoundation.AVCaptureDevice.authorizationStatusForMediaType_(kind)
        if allowed in _DENIED:
            raise DeviceDenied(f"macOS lets this program use no camera: see Privacy, {self._title}")
        if allowed == _UNDECIDED:  # OpenCV has macOS ask, and does not wait for the answer
            raise DeviceDenied(
                f"macOS asks whether this program may use {self._title}",
                advice="Allow it where macOS asks, or in its settings under Privacy & Security,"
                " Camera; then try again.",
            )
        if self._device is None or not self._device.isConnected():
            raise DeviceGone(f"{self._title} was unplugged")

    def options(self) -> Sequence[Option]:
        """Return what it does by itself, or not."""
        return [
            words.automatic(name, on=self._mode(name) != _LOCKED)
            for name in words.TITLES
            if name in _AUTOMATICS and self._device and self._has(name)
        ]

    def set(self, name: str, value: Value) -> None:
        """Have the camera set something by itself, or leave it as it is now."""
        meant = name.removesuffix(words.AUTO)
        if meant == name or meant not in _AUTOMATICS:
            raise BadSettings(f"There is no option {name!r}", option=name)
        self.check()
        locked, _ = self._device.lockForConfiguration_(None)
        if not locked:
            raise DeviceFailed(f"{self._title} does not set {name}")
        try:
            put = getattr(self._device, f"set{_AUTOMATICS[meant]}_")
            put(_CONTINUOUS if value else _LOCKED)
        finally:
            self._device.unlockForConfiguration()

    def is_busy(self) -> bool | None:
        """Say whether another program looks through it."""
        return bool(self._device.isInUseByAnotherApplication()) if self._device else None

    def _mode(self, name: str) -> int:
        called = _AUTOMATICS[name]
        mode: int = getattr(self._device, called[0].lower() + called[1:])()
        return mode

    def _has(self, name: str) -> bool:
        can = getattr(self._device, f"is{_AUTOMATICS[name]}Supported_")
        return bool(can(_LOCKED) and can(_CONTINUOUS))
