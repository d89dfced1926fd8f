"""Pieces on their way: which thread opens, and which sends."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """What a thread does next: open a piece, or send one that is open."""

    number: int
    sends: bool


class Pieces:
    """A line of pieces: opened side by side, a few ahead, and sent in their order.

    Whoever sends goes on as long as the next one is open, so that the line waits for a thread only
    where it is not; whoever has room opens. A thread sleeps only where all are open that may be.
    """

    def __init__(self, count: int, ahead: int) -> None:
        self._count = count
        self._ahead = ahead
        self._taken = 0
        self._gone = 0
        self._open: set[int] = set()
        self._sending = False
        self._over = False
        self._changed = threading.Condition(threading.Lock())

    @property
    def over(self) -> bool:
        """Whether nobody wants the rest."""
        return self._over

    def next(self) -> Task | None:
        """Return what is to be done; None where others do all that is left. Waits for room."""
        with self._changed:
            while not self._over:
                if not self._sending and self._gone in self._open:
                    self._sending = True
                    return Task(self._gone, sends=True)
                if self._taken == self._count:
                    return None
                if self._taken - self._gone < self._ahead:
                    self._taken += 1
                    return Task(self._taken - 1, sends=False)
                self._changed.wait()
            return None

    def opened(self, number: int) -> None:
        """Note that a piece is open."""
        with self._changed:
            self._open.add(number)

    def turn(self, number: int) -> bool:
        """Return once a piece that is not open yet may be sent; False where nobody wants it."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._over or (self._gone == number and not self._sending)
            )
            self._sending = True
            return not self._over

    def sent(self) -> Task | None:
        """Note that the piece is gone; return the next one to send where it is open."""
        with self._changed:
            self._open.discard(self._gone)
            self._gone += 1
            if self._gone in self._open and not self._over:
                if 2 * (self._taken - self._gone) <= self._ahead:  # to wake for each one costs time
                    self._changed.notify_all()
                return Task(self._gone, sends=True)
            self._sending = False
            self._changed.notify_all()
            return None

    def end(self) -> None:
        """Let all threads go."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
