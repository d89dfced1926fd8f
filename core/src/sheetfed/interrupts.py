"""Tells a person's Ctrl-C from one that code pretends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """What a person asked for meanwhile."""

    def __init__(self) -> None:
        self._heard = False

    def check(self) -> None:
        """Raise KeyboardInterrupt where a person asked to stop, whoever caught that meanwhile."""
        if self._heard:
            raise KeyboardInterrupt

    def hear(self, number: int, frame: FrameType | None) -> None:
        """Take a signal in."""
        self._heard = True
        signal.default_int_handler(number, frame)


@contextmanager
def hearing() -> Iterator[Interrupts]:
    """Hear every signal that would raise KeyboardInterrupt; only the main thread gets any."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    taken = [
        number
        for number in signal.valid_signals()
        if signal.getsignal(number) is signal.default_int_handler
    ]
    try:
        for number in taken:
            signal.signal(number, interrupts.hear)
        yield interrupts
    finally:
        for number in taken:
            signal.signal(number, signal.default_int_handler)
    interrupts.check()
