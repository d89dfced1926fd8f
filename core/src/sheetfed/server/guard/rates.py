"""How often a site may ask."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sheetfed.api.errors import TooMany
from sheetfed.server.guard.callers import Caller
from sheetfed.server.problems import Refusal

Kind = Literal["control", "reading", "pairing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many requests a second, and so many at once after a rest."""

    second: float
    burst: float


RATES: dict[Kind, Rate] = {
    "control": Rate(second=20, burst=40),
    "reading": Rate(second=200, burst=400),
    "pairing": Rate(second=1, burst=10),
}

STRANGERS = ""
"""All sites that nobody approved: together they have one rate."""

SITES = 1000
"""So many sites are told apart; the one that asked longest ago starts afresh."""


class Rates:
    """What is left to each site."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[tuple[str, Kind], tuple[float, float]] = OrderedDict()

    def take(self, origin: str, kind: Kind) -> float:
        """Return 0 and take one request where one is left, else the seconds until one is."""
        rate, now = RATES[kind], self._clock()
        left, at = self._left.pop((origin, kind), (rate.burst, now))
        left = min(rate.burst, left + (now - at) * rate.second)
        wait = 0.0 if left >= 1 else (1 - left) / rate.second
        self._left[origin, kind] = (left if wait else left - 1, now)
        if len(self._left) > SITES:
            self._left.popitem(last=False)
        return wait


def check(rates: Rates, caller: Caller, kind: Kind, *, approved: bool) -> None:
    """Refuse a site that asks too often; the person at this computer is not counted.

    Raises Refusal.
    """
    if not caller.origin:
        return
    if approved and kind == "pairing":  # it renews its token
        kind = "control"
    wait = rates.take(caller.origin if approved else STRANGERS, kind)
    if wait:
        raise too_many("This site asks too often", after=wait)


def too_many(message: str, *, after: float) -> Refusal:
    """Return the refusal of what may be asked again later."""
    return Refusal(429, TooMany(message), headers={"Retry-After": str(math.ceil(after))})
