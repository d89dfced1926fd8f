"""When a picture becomes a page."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

from sheetfed.api.errors import DeviceFailed
from sheetfed.api.model import Progress
from sheetfed_webcam.dials import Dials
from sheetfed_webcam.reel import Numbered, Reel
from sheetfed_webcam.sharpness import is_black, moved, sharpness, small
from sheetfed_webcam.shots import Pixels, Shot

STILL = 0.7
"""Seconds for which nothing may move before a page lies still."""

APART = 0.15
"""Seconds between two pictures that are compared: a slow hand moves enough meanwhile."""

RESTLESS = 0.005
"""Part of the picture that changes where something moves."""

TURNED = 0.02
"""Part of the picture that differs once another page lies there."""

DARK = 2.0
"""Seconds that a camera may need to see something."""


def shots(reel: Reel, dials: Dials, *, settles: float) -> Iterator[Shot | Progress]:
    """Yield the pictures that are pages, and between them signs of life.

    A camera that was not looked through needs `settles` seconds until exposure and focus are right.
    """
    if not reel.number:
        yield from _settle(reel, settles)
    most = dials.number("pages")
    best_of = dials.number("best-of")
    waits = _Waits(reel, dials)
    taken = 0
    while not most or taken < most:
        seen = yield from waits.next(taken)
        shot = yield from _taken(reel, best_of, seen)
        taken += 1
        waits.have(shot)
        yield shot


class _Waits:
    """What is waited for before each page."""

    def __init__(self, reel: Reel, dials: Dials) -> None:
        self._reel = reel
        self._capture = dials.capture
        self._interval = dials.interval
        self._due = time.monotonic()
        self._last: Pixels | None = None

    def next(self, taken: int) -> Generator[Progress, None, Numbered | None]:
        """Yield signs of life until it is time; return the picture that was waited for, if any."""
        match self._capture:
            case "timed":
                yield from self._time(taken)
            case "still":
                return (yield from self._stillness())
            case _:
                yield Progress(activity="Taking a picture")
        return None

    def have(self, shot: Shot) -> None:
        """Note what was taken: the same page is not taken again."""
        self._due = max(self._due + self._interval, time.monotonic())
        if self._capture == "still":
            self._last = small(shot)

    def _time(self, taken: int) -> Iterator[Progress]:
        while taken and (left := self._due - time.monotonic()) > 0:
            seen = self._reel.newer(self._reel.number)
            yield Progress(activity=f"Next picture in {left:.0f} s", done=1 - left / self._interval)
            del seen

    def _stillness(self) -> Generator[Progress, None, Numbered]:
        """Wait until another page than the last lies there, and nothing moves; return that picture.

        On the one after it a hand may be back.
        """
        before = self._reel.newer(0)
        compared, since = small(before.shot), before.shot.time
        still = before.shot.time
        while True:
            now = self._reel.newer(before.number)
            before = now
            if now.shot.time - since < APART:
                yield Progress(activity="Waiting until the page lies still")
                continue
            seen = small(now.shot)
            if moved(compared, seen) > RESTLESS:
                still = now.shot.time
            compared, since = seen, now.shot.time
            is_new = self._last is None or moved(self._last, seen) > TURNED
            if is_new and now.shot.time - still >= STILL:
                return now
            wanted = "the page lies still" if is_new else "another page lies there"
            yield Progress(activity=f"Waiting until {wanted}")


def _settle(reel: Reel, seconds: float) -> Iterator[Progress]:
    yield Progress(activity="The camera starts")
    newest = reel.newer(0)
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        newest = reel.newer(newest.number)
        yield Progress(activity="The camera adjusts")


def _taken(reel: Reel, best_of: int, seen: Numbered | None) -> Generator[Progress, None, Shot]:
    """Return the sharpest of some pictures, from what was seen on or, without that, from now on."""
    newest = yield from _seeing(reel, seen)
    best, best_score = newest.shot, -1.0
    for number in range(1, best_of):
        if best_score < 0:
            best_score = sharpness(best)
        newest = reel.newer(newest.number)
        score = sharpness(newest.shot)
        if score > best_score:
            best, best_score = newest.shot, score
        yield Progress(activity="Looking for the sharpest", done=number / best_of)
    return best


def _seeing(reel: Reel, seen: Numbered | None) -> Generator[Progress, None, Numbered]:
    """Return the first picture on which there is anything. Raises DeviceFailed."""
    limit = time.monotonic() + DARK
    newest = seen or reel.newer(reel.number)
    while is_black(newest.shot):
        if time.monotonic() > limit:
            raise DeviceFailed("The camera sees only black: is its cover closed?")
        yield Progress(activity="Waiting for light")
        newest = reel.newer(newest.number)
    return newest
