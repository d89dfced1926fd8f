"""Numbered events, told to those who listen."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Topic = Literal["job", "page", "document", "device", "delivery", "round", "file", "service", "site"]

LOCAL = "local"
"""The owner that the person at this computer is; every other owner is a site's origin."""

WAITING = 1000
"""So many events may wait for a reader before it is taken for asleep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened. `owner` is empty where it concerns everybody.

    The number is the database's; 0 for what is told but not kept, like progress.
    """

    number: int
    topic: Topic
    data: Mapping[str, Any]
    at: float
    owner: str


class Subscription:
    """The events of one owner from now on. It ends when closed or too far behind."""

    def __init__(self, owner: str, listening: set[Subscription]) -> None:
        self._owner = owner
        self._listening = listening
        self._waiting: deque[Event] = deque()
        self._news = asyncio.Event()
        listening.add(self)

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self not in self._listening:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    def offer(self, event: Event) -> None:
        """Take an event if it is for this owner; end where too many wait."""
        if event.owner and event.owner != self._owner:
            return
        if len(self._waiting) == WAITING:
            self.close()
            return
        self._waiting.append(event)
        self._news.set()

    def close(self) -> None:
        """End the iteration, after what waits already. Safe twice."""
        self._listening.discard(self)
        self._news.set()


class Events:
    """Tells events to subscriptions, each once and in the order of their numbers."""

    def __init__(self, last: int = 0) -> None:
        self.last = last
        self._listening: set[Subscription] = set()

    def publish(self, events: Iterable[Event]) -> None:
        """Tell events that are safe already; one that was told before is left out."""
        for event in events:
            if 0 < event.number <= self.last:
                continue
            self.last = max(self.last, event.number)
            for subscription in tuple(self._listening):
                subscription.offer(event)

    def subscribe(self, owner: str) -> Subscription:
        """Listen for one owner's events."""
        return Subscription(owner, self._listening)

    def close(self) -> None:
        """End every subscription."""
        for subscription in tuple(self._listening):
            subscription.close()
