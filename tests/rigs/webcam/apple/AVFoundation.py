"""Stands for Apple's library as PyObjC shows it: one camera, written after Apple's documentation.

It can set exposure by itself and lock it, has a lens that it focuses by itself and never locks, and
knows nothing of white balance.
"""

# ruff: noqa: N802 - these are Apple's names

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

AVMediaTypeVideo = "vide"
_LOCKED, _CONTINUOUS = 0, 2


@dataclass
class AVFrameRateRange:
    rate: float

    def maxFrameRate(self) -> float:
        return self.rate


@dataclass
class AVCaptureDeviceFormat:
    size: tuple[int, int]
    rates: tuple[float, ...]

    def formatDescription(self) -> tuple[int, int]:
        return self.size

    def videoSupportedFrameRateRanges(self) -> list[AVFrameRateRange]:
        return [AVFrameRateRange(rate) for rate in self.rates]


class AVCaptureDevice:
    connected: ClassVar = True
    busy: ClassVar = False
    allowed: ClassVar = 3
    log: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.exposure = _CONTINUOUS

    @classmethod
    def deviceWithUniqueID_(cls, name: str) -> AVCaptureDevice | None:
        return cls() if name == "0x1234" else None

    @classmethod
    def authorizationStatusForMediaType_(cls, _kind: str) -> int:
        return cls.allowed

    def formats(self) -> list[AVCaptureDeviceFormat]:
        return [
            AVCaptureDeviceFormat((1280, 720), (30.00003, 15)),
            AVCaptureDeviceFormat((1920, 1080), (30.00003,)),
            AVCaptureDeviceFormat((1280, 720), (60,)),
        ]

    def isConnected(self) -> bool:
        return self.connected

    def isInUseByAnotherApplication(self) -> bool:
        return self.busy

    def lockForConfiguration_(self, _error: None) -> tuple[bool, None]:
        self.log.append("lock")
        return True, None

    def unlockForConfiguration(self) -> None:
        self.log.append("unlock")

    def isExposureModeSupported_(self, mode: int) -> bool:
        return mode in (_LOCKED, _CONTINUOUS)

    def exposureMode(self) -> int:
        return self.exposure

    def setExposureMode_(self, mode: int) -> None:
        assert self.log[-1] == "lock", "Apple's raises an exception then"
        self.exposure = mode

    def isFocusModeSupported_(self, mode: int) -> bool:
        return mode == _CONTINUOUS

    def focusMode(self) -> int:
        return _CONTINUOUS

    def isWhiteBalanceModeSupported_(self, _mode: int) -> bool:
        return False
