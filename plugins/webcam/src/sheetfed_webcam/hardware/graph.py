"""Takes a camera's JPEG files out of a DirectShow graph.

To be imported and used in the thread of the camera's filter.
"""

# mypy: disable-error-code="misc"
# comtypes is there on Windows only, so that elsewhere nobody knows its types.

from __future__ import annotations

from contextlib import suppress
from ctypes import byref, string_at
from typing import Any

from comtypes import CLSCTX_INPROC_SERVER, CoCreateInstance, COMError, COMObject

from sheetfed.api.errors import DeviceFailed, DeviceGone
from sheetfed_webcam.hardware import quartz, strmif
from sheetfed_webcam.hardware.directshow import Filter
from sheetfed_webcam.hardware.samples import Newest, Wish

_OUTWARDS = 1
_BUFFERS = 1
"""PINDIR_OUTPUT, and the second method of a callback."""

_NOTHING = 0x80004004
"""E_ABORT: no event is there."""


class Graph:
    """Camera, grabber, and an end that keeps nothing. It runs from the start until it is stopped.

    The grabber takes nothing but JPEG files, so that there is no place for a filter that unpacks.
    Raises what keeps the camera from it; DeviceFailed where it cannot be built.
    """

    def __init__(self, camera: Filter, wish: Wish, newest: Newest) -> None:
        self._camera = camera
        self._parts: list[Any] = []
        self._builder: Any = None
        self._control: Any = None
        self._events: Any = None
        self._grabber: Any = None
        self._heard: Any = None
        try:
            self._build(wish, newest)
        except (COMError, OSError) as error:
            self.stop()
            raise camera.refused(error) from error
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Raise what the graph was told of its camera's end."""
        while self._control is not None:
            try:
                code, first, second = self._events.GetEvent(0)
            except COMError as error:
                if error.hresult & 0xFFFFFFFF != _NOTHING:
                    raise self._camera.refused(error) from error
                return
            with suppress(COMError):
                self._events.FreeEventParams(code, first, second)
            if code == quartz.LOST:
                raise DeviceGone(f"{self._camera.title} was unplugged")
            if code == quartz.ABORTED:
                raise self._camera.refused_by(first)
            if code == quartz.COMPLETE:
                raise DeviceGone(f"{self._camera.title} ended its pictures")

    def stop(self) -> None:
        """Switch the camera off. Safe twice."""
        if self._control is not None:
            with suppress(COMError):
                self._control.Stop()
        if self._grabber is not None:
            with suppress(COMError):
                self._grabber.SetCallback(None, _BUFFERS)
        for part in reversed(self._parts):  # the graph owns them, and the camera outlives it
            with suppress(COMError):
                self._builder.RemoveFilter(part)
        self._parts.clear()
        self._control = self._grabber = self._events = self._builder = self._heard = None

    def _build(self, wish: Wish, newest: Newest) -> None:
        self._builder = _made(quartz.FILTER_GRAPH, quartz.GraphBuilder)
        source = self._camera.ready(wish)
        grabs, ends = (
            _made(each, strmif.BaseFilter) for each in (quartz.SAMPLE_GRABBER, quartz.NULL_RENDERER)
        )
        for name, part in (("camera", self._camera.base), ("grabber", grabs), ("end", ends)):
            self._builder.AddFilter(part, name)
            self._parts.append(part)
        self._grabber = grabs.QueryInterface(quartz.SampleGrabber)
        wanted = strmif.MediaType(major=quartz.VIDEO, subtype=quartz.JPEG)
        self._grabber.SetMediaType(byref(wanted))
        self._grabber.SetBufferSamples(0)
        self._heard = _Heard(newest).QueryInterface(quartz.SampleGrabberCallback)
        self._grabber.SetCallback(self._heard, _BUFFERS)
        into, out = _pins(grabs)
        end, _ = _pins(ends)
        self._builder.ConnectDirect(source.QueryInterface(quartz.Pin), into, None)
        self._builder.ConnectDirect(out, end, None)
        self._builder.QueryInterface(quartz.MediaFilter).SetSyncSource(None)  # each at once
        self._events = self._builder.QueryInterface(quartz.MediaEvent)
        self._control = self._builder.QueryInterface(quartz.MediaControl)
        self._control.Run()


class _Heard(COMObject):
    """What the grabber calls in a thread of DirectShow's."""

    _com_interfaces_ = [quartz.SampleGrabberCallback]  # noqa: RUF012 - comtypes asks for a list

    def __init__(self, newest: Newest) -> None:
        super().__init__()
        self._newest = newest

    def SampleCB(self, this: Any, time: float, sample: Any) -> int:  # noqa: N802, ARG002
        """Do nothing: it is not asked for."""
        return 0

    def BufferCB(self, this: Any, time: float, at: int, length: int) -> int:  # noqa: N802, ARG002
        """Keep a file."""
        if length > 0:
            self._newest.put(string_at(at, length))
        return 0


def _made(what: Any, interface: Any) -> Any:
    return CoCreateInstance(what, interface=interface, clsctx=CLSCTX_INPROC_SERVER)


def _pins(part: Any) -> tuple[Any, Any]:
    """Return the first pin inwards and the first one outwards."""
    found: dict[bool, Any] = {}
    pins = part.EnumPins()
    while (pin := pins.Next(1)[0]) and pin:
        pin = pin.QueryInterface(quartz.Pin)
        found.setdefault(pin.QueryDirection() == _OUTWARDS, pin)
    if False not in found:
        raise DeviceFailed("A filter of DirectShow lacks its pins")
    return found[False], found.get(True)
