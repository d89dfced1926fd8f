"""One camera's filter in DirectShow.

To be imported and used in one and the same thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from ctypes import byref, create_string_buffer, memmove, string_at
from dataclasses import dataclass
from typing import Any, Literal

from comtypes import CLSCTX_INPROC_SERVER, CoCreateInstance, CoInitialize, COMError
from comtypes.automation import VARIANT
from comtypes.persist import IPropertyBag

from sheetfed.api.errors import DeviceBusy, DeviceDenied, DeviceFailed, DeviceGone, SheetfedError
from sheetfed_webcam.hardware import mediatypes, strmif
from sheetfed_webcam.hardware.hardware import MJPG, Mode
from sheetfed_webcam.hardware.places import place
from sheetfed_webcam.hardware.samples import Wish
from sheetfed_webcam.hardware.words import Range

Part = Literal["lens", "light"]

_PARTS: Mapping[Part, Any] = {"lens": strmif.CameraControl, "light": strmif.VideoProcAmp}

MOST = 500
"""So many ways of sending pictures are asked for."""

_DENIED = 0x80070005
_GONE = frozenset({0x80070002, 0x800701B1, 0x8007048F, 0x80070651})
"""No such file, no such device, not connected, removed."""

_BUSY = frozenset({0x80070020, 0x800700AA, 0x800705AA})
"""A sharing violation, busy, no more resources: another program has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """What a control can be set to, what it is set to, and whether by whom."""

    span: Range
    now: int
    is_auto: bool
    can_auto: bool
    can_manual: bool


class Filter:
    """A camera's filter. It is opened beside whoever streams from the camera."""

    def __init__(self, wanted: str, title: str) -> None:
        self._wanted = wanted
        self.title = title
        CoInitialize()  # in this thread; Windows tidies up after it when it ends
        try:
            self.base = (
                self._moniker()
                .BindToObject(None, None, byref(strmif.BaseFilter._iid_))
                .QueryInterface(strmif.BaseFilter)
            )
        except (COMError, OSError) as error:
            raise self.refused(error) from error
        self._parts = {part: self._part(each) for part, each in _PARTS.items()}

    def check(self) -> None:
        """Raise DeviceGone where the camera is not there any more."""
        try:
            self._moniker()
        except (COMError, OSError) as error:
            raise self.refused(error) from error

    def modes(self) -> list[Mode]:
        """Return the ways in which it sends pictures."""
        found: list[Mode] = []
        for config in self._configs():
            for index in range(_count(config)):
                with _way(config, index) as (mode, _):
                    if mode is not None and mode not in found:
                        found.append(mode)
        return found

    def ready(self, wish: Wish) -> Any:
        """Have it send JPEG files of a size; return the pin that does. Raises DeviceFailed."""
        for config in self._configs():
            for index in range(_count(config)):
                with _way(config, index) as (mode, told):
                    if (
                        mode is None
                        or (mode.format, mode.width, mode.height) != (MJPG, *wish.size)
                        or (wish.rate and wish.rate not in mode.rates)
                    ):
                        continue
                    if wish.rate:
                        memmove(told.contents.at + mediatypes.TIME, mediatypes.asked(wish.rate), 8)
                    config.SetFormat(told)
                    return config
        raise DeviceFailed(f"{self.title} sends no JPEG files of this size")

    def knob(self, part: Part, number: int) -> Knob | None:
        """Return one of its controls; None where it has none, or says nonsense of it."""
        controls = self._parts[part]
        if controls is None:
            return None
        try:
            least, most, step, usual, can = controls.GetRange(number)
            now, flags = controls.Get(number)
        except COMError:
            return None
        if not least < most or step < 1 or not least <= usual <= most:
            return None
        return Knob(
            span=Range(minimum=least, maximum=most, step=step, usual=usual),
            now=now,
            is_auto=bool(flags & strmif.AUTO),
            can_auto=bool(can & strmif.AUTO),
            can_manual=bool(can & strmif.MANUAL),
        )

    def turn(self, part: Part, number: int, value: int, *, auto: bool) -> None:
        """Set a control. Raises what became of the camera."""
        controls = self._parts[part]
        try:
            if controls is not None:
                controls.Set(number, value, strmif.AUTO if auto else strmif.MANUAL)
        except COMError as error:
            self.check()
            raise self.refused(error) from error

    def close(self) -> None:
        """Let go of it. Safe twice."""
        self.base = None
        self._parts = dict.fromkeys(_PARTS)

    def _moniker(self) -> Any:
        for moniker in _monikers():
            if place(_told(moniker, "DevicePath"), _told(moniker, "FriendlyName")) == self._wanted:
                return moniker
        raise DeviceGone(f"{self.title} was unplugged")

    def _part(self, interface: Any) -> Any:
        try:
            return self.base.QueryInterface(interface)
        except COMError:
            return None

    def _configs(self) -> Iterator[Any]:
        """Yield what tells how each of its pins sends pictures."""
        if self.base is None:
            return
        with suppress(COMError):
            pins = self.base.EnumPins()
            while (pin := pins.Next(1)[0]) and pin:
                with suppress(COMError):
                    yield pin.QueryInterface(strmif.StreamConfig)

    def refused(self, error: COMError | OSError) -> SheetfedError:
        """Return what became of the camera."""
        told = getattr(error, "winerror", None) or getattr(error, "hresult", None) or 0
        return self.refused_by(told)

    def refused_by(self, told: int) -> SheetfedError:
        """Return what a number of Windows' means."""
        code = told & 0xFFFFFFFF
        if code in _GONE:
            return DeviceGone(f"{self.title} was unplugged")
        if code in _BUSY:
            return DeviceBusy(f"Another program uses {self.title}")
        if code == _DENIED:
            return DeviceDenied(
                f"Windows lets no program use {self.title}: see its privacy settings"
            )
        return DeviceFailed(f"{self.title} fails with error {code:08x} of Windows")


def _monikers() -> Iterator[Any]:
    """Yield the cameras that DirectShow lists."""
    devices = CoCreateInstance(
        strmif.DEVICE_ENUM, interface=strmif.CreateDevEnum, clsctx=CLSCTX_INPROC_SERVER
    )
    listed = devices.CreateClassEnumerator(byref(strmif.VIDEO_INPUTS), 0)
    while listed and (moniker := listed.Next(1)[0]):
        yield moniker


def _told(moniker: Any, name: str) -> str:
    """Return a property of a camera's, empty where it has none."""
    try:
        bag = moniker.BindToStorage(None, None, byref(IPropertyBag._iid_))
        value = bag.QueryInterface(IPropertyBag).Read(name, VARIANT(), None)
    except COMError:
        return ""
    return value if isinstance(value, str) else ""


def _count(config: Any) -> int:
    try:
        count: int = config.GetNumberOfCapabilities()[0]
    except COMError:
        return 0
    return min(count, MOST)


@contextmanager
def _way(config: Any, index: int) -> Iterator[tuple[Mode | None, Any]]:
    """Give one way of sending pictures, and where DirectShow tells of it."""
    capabilities = create_string_buffer(mediatypes.CAPABILITIES)
    found = None
    with suppress(COMError):
        found = config.GetStreamCaps(index, capabilities)
    if not found:
        yield None, None
        return
    told = found.contents
    try:
        head = string_at(told.at, told.length) if told.at else b""
        mode = mediatypes.mode(bytes(told.subtype), bytes(told.kind), head, capabilities.raw)
        yield mode, found
    finally:
        strmif.free(told.at)
        strmif.free(found)
