"""What sites do now, so that it can be counted and ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sheetfed.server.guard.callers import Caller
from sheetfed.server.guard.rates import too_many

STREAMS = 8
"""So many streams of events a site may have open."""

JOBS = 2
"""So many jobs a site may have at once."""

End = Callable[[], object]


class Visits:
    """The requests of sites that are being answered, by origin."""

    def __init__(self) -> None:
        self._ends: dict[str, set[End]] = {}
        self._streams: Counter[str] = Counter()
        self._starts: Counter[str] = Counter()

    @contextmanager
    def of(self, caller: Caller, end: End) -> Iterator[None]:
        """Let a site's request be ended with `end` while the block runs."""
        if not caller.origin:
            yield
            return
        ends = self._ends.setdefault(caller.origin, set())
        ends.add(end)
        try:
            yield
        finally:
            ends.discard(end)
            if not ends:
                self._ends.pop(caller.origin, None)

    def end(self, origin: str) -> None:
        """End whatever a site has open."""
        for end in tuple(self._ends.get(origin, ())):
            end()

    @contextmanager
    def stream(self, caller: Caller) -> Iterator[None]:
        """Count an open stream. Raises Refusal where a site has enough of them."""
        with _one_of(self._streams, caller, STREAMS, "This site has enough streams open"):
            yield

    @contextmanager
    def start(self, caller: Caller, jobs: int) -> Iterator[None]:
        """Count the start of a job beside the `jobs` that a site has. Raises Refusal."""
        with _one_of(self._starts, caller, JOBS - jobs, "This site has enough jobs"):
            yield


@contextmanager
def _one_of(counted: Counter[str], caller: Caller, most: int, refusal: str) -> Iterator[None]:
    if not caller.origin:
        yield
        return
    if counted[caller.origin] >= most:
        raise too_many(refusal, after=5)
    counted[caller.origin] += 1
    try:
        yield
    finally:
        counted[caller.origin] -= 1
        if not counted[caller.origin]:
            del counted[caller.origin]
