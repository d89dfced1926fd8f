"""Values in memory, each for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Fleeting(Generic[K, V]):
    """Values by key, each gone when its time is up."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[K, tuple[float, V]] = {}

    def put(self, key: K, value: V, *, seconds: float) -> None:
        """Keep a value for so long, as the newest."""
        now = self._clock()
        if self._kept.pop(key, None) is None:
            self._kept = {k: kept for k, kept in self._kept.items() if kept[0] > now}
        self._kept[key] = (now + seconds, value)

    def get(self, key: K) -> V | None:
        """Return a value whose time is not up."""
        end, value = self._kept.get(key, (0.0, None))
        return value if end > self._clock() else None

    def left(self, key: K) -> float:
        """Return the seconds that a value still has, 0 where it is gone."""
        end, _ = self._kept.get(key, (0.0, None))
        return max(0.0, end - self._clock())

    def take(self, key: K) -> V | None:
        """Return a value as `get` does, and forget it: nobody gets it twice."""
        value = self.get(key)
        self._kept.pop(key, None)
        return value

    def keys(self, which: Callable[[V], bool]) -> list[K]:
        """Return the keys of some of the values, the oldest first."""
        now = self._clock()
        return [key for key, (end, value) in self._kept.items() if end > now and which(value)]
