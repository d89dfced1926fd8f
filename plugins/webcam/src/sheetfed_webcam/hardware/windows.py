"""A camera of Windows, as DirectShow knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sheetfed.api.errors import BadSettings, DeviceFailed, DeviceGone, SheetfedError
from sheetfed.api.model import Option, Value
from sheetfed_webcam.hardware import words
from sheetfed_webcam.hardware.film import Film, Size
from sheetfed_webcam.hardware.hardware import Hardware, Mode
from sheetfed_webcam.hardware.samples import Newest, Samples, Wish

if TYPE_CHECKING:  # its libraries are there on Windows only
    from sheetfed_webcam.hardware.directshow import Filter, Part
    from sheetfed_webcam.hardware.graph import Graph

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a control is found: CameraControlProperty and VideoProcAmpProperty of strmif.h."""

    part: Part
    number: int
    about: str = ""


PLACES: Mapping[str, Place] = {
    "exposure": Place(part="lens", number=4, about="As a power of two, in seconds: -5 is 1/32 s."),
    "gain": Place(part="light", number=9),
    "iris": Place(part="lens", number=5),
    "focus": Place(part="lens", number=6),
    "zoom": Place(part="lens", number=3),
    "pan": Place(part="lens", number=0, about="In degrees."),
    "tilt": Place(part="lens", number=1, about="In degrees."),
    "roll": Place(part="lens", number=2, about="In degrees."),
    "white-balance": Place(part="light", number=7, about="In kelvin."),
    "brightness": Place(part="light", number=0),
    "contrast": Place(part="light", number=1),
    "saturation": Place(part="light", number=3),
    "hue": Place(part="light", number=2),
    "gamma": Place(part="light", number=5),
    "sharpness": Place(part="light", number=4),
    "backlight": Place(part="light", number=8),
    "color": Place(part="light", number=6),
}


SWITCHES = frozenset({"color"})
"""Controls that are on or off."""


class WindowsCamera(Hardware):
    """A camera by its place, which has a filter of its own beside the one that gives pictures.

    Only one thread ever meets it: COM asks for that, and what OpenCV has agreed with COM for its
    own thread stays as it is.
    """

    def __init__(self, place: str, title: str) -> None:
        self._place = place
        self._title = title
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="directshow")
        self._filter: Filter | None = None
        self._graph: Graph | None = None
        self._is_closed = False

    def modes(self) -> Sequence[Mode]:
        """Return what the camera can send; nothing where DirectShow does not know."""
        with suppress(SheetfedError):
            return self._asked(lambda it: it.modes())
        return ()

    def check(self) -> None:
        """Raise where it is not there any more, or not for us."""
        self._asked(lambda it: it.check())

    def options(self) -> Sequence[Option]:
        """Return the controls that it has."""
        with suppress(SheetfedError):
            return self._asked(_options)
        return ()

    def set(self, name: str, value: Value) -> None:
        """Set a control; what would set it by itself is switched off."""
        self._asked(lambda it: _turn(it, name, value))

    def film(self, size: Size, rate: float) -> Film | None:
        """Return its JPEG files as they come; None where no graph for them can be built.

        Raises what keeps the camera from it, as that another program has it.
        """
        with suppress(DeviceFailed):
            return Samples(
                Wish(size=size, rate=rate),
                start=lambda wish, newest: self._asked(lambda it: self._run(it, wish, newest)),
                check=lambda: self._asked(lambda _: self._checked()),
                stop=lambda: self._thread.submit(self._stop).result(),
            )
        return None

    def close(self) -> None:
        """Let go of it."""
        if not self._is_closed:
            self._is_closed = True
            self._thread.submit(self._let_go).result()
            self._thread.shutdown()

    def _asked(self, question: Callable[[Filter], Answer]) -> Answer:
        if self._is_closed:
            raise DeviceGone(f"{self._title} was closed")
        return self._thread.submit(lambda: question(self._opened())).result()

    def _opened(self) -> Filter:
        if self._filter is None:
            from sheetfed_webcam.hardware import directshow  # noqa: PLC0415 - in its own thread

            self._filter = directshow.Filter(self._place, self._title)
        return self._filter

    def _run(self, camera: Filter, wish: Wish, newest: Newest) -> None:
        from sheetfed_webcam.hardware import graph  # noqa: PLC0415 - in its own thread

        self._stop()
        self._graph = graph.Graph(camera, wish, newest)

    def _checked(self) -> None:
        if self._graph is not None:
            self._graph.check()

    def _stop(self) -> None:
        if self._graph is not None:
            self._graph.stop()
            self._graph = None

    def _let_go(self) -> None:
        self._stop()
        if self._filter is not None:
            self._filter.close()
            self._filter = None


def _options(camera: Filter) -> list[Option]:
    found: list[Option] = []
    for name in words.TITLES:
        place = PLACES[name]
        knob = camera.knob(place.part, place.number)
        if knob is None or not knob.can_manual:
            continue
        if name in SWITCHES:
            found.append(words.switch(name, words.TITLES[name], on=bool(knob.now)))
            continue
        if knob.can_auto:
            found.append(words.automatic(name, on=knob.is_auto))
        found.append(words.control(name, knob.span, knob.now, about=place.about))
    return found


def _turn(camera: Filter, name: str, value: Value) -> None:
    meant = name.removesuffix(words.AUTO)
    place = PLACES.get(meant)
    knob = camera.knob(place.part, place.number) if place else None
    if place is None or knob is None or not isinstance(value, int | float):
        camera.check()
        raise BadSettings(f"There is no option {name!r}", option=name)
    auto = meant != name and bool(value)
    number = round(value) if meant == name else knob.now
    camera.turn(place.part, place.number, number, auto=auto)
