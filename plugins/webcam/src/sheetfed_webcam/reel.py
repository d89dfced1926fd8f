"""Takes pictures all the time, and keeps the newest."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from sheetfed.api.errors import DeviceFailed, DriverTimeout, SheetfedError
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.shots import Shot

PATIENCE = 8.0
"""Seconds in which a camera must give a picture."""

FAREWELL = 2.0
"""Seconds that a camera may take to let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A shot and its number; a newer one has a higher number."""

    number: int
    shot: Shot


class Reel:
    """The pictures of one camera, taken in a thread of its own from the first question on.

    A camera that is read late gives pictures that are old; so it is read at once, and what nobody
    asks for is forgotten.
    """

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._news = threading.Condition()
        self._newest: Numbered | None = None
        self._error: SheetfedError | None = None
        self._ended = False
        self._thread: threading.Thread | None = None

    @property
    def number(self) -> int:
        """The number of the newest picture, 0 where there is none."""
        return self._newest.number if self._newest else 0

    def newer(self, than: int, *, patience: float = PATIENCE) -> Numbered:
        """Return the newest picture; wait for one whose number is above `than`.

        Raises what the camera failed with, DriverTimeout where none comes.
        """
        self._start()
        limit = time.monotonic() + patience
        with self._news:
            while self._newest is None or self._newest.number <= than:
                if self._error is not None:
                    raise self._error
                if not self._news.wait(max(0.0, limit - time.monotonic())):
                    raise DriverTimeout(
                        f"The camera gave no picture for {patience:g} seconds", operation="frame"
                    )
            return self._newest

    def close(self) -> None:
        """Take no more; wait until the camera is not read any more."""
        self._ended = True
        self._camera.interrupt()
        if self._thread is not None:
            self._thread.join(FAREWELL)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="reel", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._ended:
            try:
                shot = self._camera.shoot()
            except SheetfedError as error:
                self._fail(error)
                return
            except Exception as error:  # noqa: BLE001 - said to who asks, not to the thread's end
                self._fail(DeviceFailed(f"{type(error).__name__}: {error}"))
                return
            with self._news:
                self._newest = Numbered(number=self.number + 1, shot=shot)
                self._news.notify_all()

    def _fail(self, error: SheetfedError) -> None:
        with self._news:
            self._error = error
            self._news.notify_all()
