"""One camera's filter in DirectShow.

To be imported and used in one and the same thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from ctypes import byref, create_string_buffer, string_at
from dataclasses import dataclass
from typing import Any, Literal

from comtypes import CLSCTX_INPROC_SERVER, CoCreateInstance, CoInitialize, COMError
from comtypes.automation import VARIANT
from comtypes.persist import IPropertyBag

from sheetfed.api.errors import DeviceBusy, DeviceDenied, DeviceFailed, DeviceGone, SheetfedError
from sheetfed_webcam.hardware import mediatypes, strmif
from sheetfed_webcam.hardware.hardware import Mode
from sheetfed_webcam.hardware.places import place
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
        self._title = title
        CoInitialize()  # in this thread; Windows tidies up after it when it ends
        try:
            self._filter = (
                self._moniker()
                .BindToObject(None, None, byref(strmif.BaseFilter._iid_))
                .QueryInterface(strmif.BaseFilter)
            )
        except (COMError, OSError) as error:
            raise self._refused(error) from error
        self._parts = {part: self._part(each) for part, each in _PARTS.items()}

    def check(self) -> None:
        """Raise DeviceGone where the camera is not there any more."""
        try:
            self._moniker()
        except (COMError, OSError) as error:
            raise self._refused(error) from error

    def modes(self) -> list[Mode]:
        """Return the ways in which it sends pictures."""
        found: list[Mode] = []
        for config in self._configs():
            for index in range(_count(config)):
                mode = _mode(config, index)
                if mode is not None and mode not in found:
                    found.append(mode)
        return found

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
            raise self._refused(error) from error

    def close(self) -> None:
        """Let go of it. Safe twice."""
        self._filter = None
        self._parts = dict.fromkeys(_PARTS)

    def _moniker(self) -> Any:
        for moniker in _monikers():
            if place(_told(moniker, "DevicePath"), _told(moniker, "FriendlyName")) == self._wanted:
                return moniker
        raise DeviceGone(f"{self._title} was unplugged")

    def _part(self, interface: Any) -> Any:
        try:
            return self._filter.QueryInterface(interface)
        except COMError:
            return None

    def _configs(self) -> Iterator[Any]:
        """Yield what tells how each of its pins sends pictures."""
        if self._filter is None:
            return
        with suppress(COMError):
            pins = self._filter.EnumPins()
            while (pin := pins.Next(1)[0]) and pin:
                with suppress(COMError):
                    yield pin.QueryInterface(strmif.StreamConfig)

    def _refused(self, error: COMError | OSError) -> SheetfedError:
        told = getattr(error, "winerror", None) or getattr(error, "hresult", None) or 0
        code = told & 0xFFFFFFFF
        if code in _GONE:
            return DeviceGone(f"{self._title} was unplugged")
        if code in _BUSY:
            return DeviceBusy(f"Another program uses {self._title}")
        if code == _DENIED:
            return DeviceDenied(
                f"Windows lets no program use {self._title}: see its privacy settings"
            )
        return DeviceFailed(f"{self._title} fails with error {code:08x} of Windows")


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


def _mode(config: Any, index: int) -> Mode | None:
    capabilities = create_string_buffer(mediatypes.CAPABILITIES)
    try:
        found = config.GetStreamCaps(index, capabilities)
    except COMError:
        return None
    if not found:
        return None
    told = found.contents
    try:
        head = string_at(told.at, told.length) if told.at else b""
        return mediatypes.mode(bytes(told.subtype), bytes(told.kind), head, capabilities.raw)
    finally:
        strmif.free(told.at)
        strmif.free(found)
