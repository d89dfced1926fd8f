"""How much of the store each owner may fill."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter

from sheetfed.api.errors import QuotaReached
from sheetfed.keeping import Quota
from sheetfed.store import files

_MIB = 1 << 20


class Shares:
    """Counts what is kept and what is on its way. May be asked from any thread."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._coming: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, connection: sqlite3.Connection, owner: str) -> Share:
        """Allow one more page. Raises QuotaReached."""
        quota = self._quota
        with self._lock:
            coming = self._coming[owner]
            of_all = self._coming.total()
            own = files.usage(connection, owner)
            _check("You have", own.pages + coming, quota.pages, own.bytes, quota.mib)
            if quota.total_pages or quota.total_mib:
                kept = files.usage(connection)
                total = (quota.total_pages, kept.bytes, quota.total_mib)
                _check("The store has", kept.pages + of_all, *total)
            self._coming[owner] += 1
        return Share(self, owner)

    def give_back(self, owner: str) -> None:
        """Count a page no longer as on its way."""
        with self._lock:
            self._coming[owner] -= 1


class Share:
    """The place of one page that is on its way."""

    def __init__(self, shares: Shares, owner: str) -> None:
        self._shares: Shares | None = shares
        self._owner = owner

    def give_back(self) -> None:
        """Count the page no longer as coming: it is kept, or will not come. Safe twice."""
        shares, self._shares = self._shares, None
        if shares:
            shares.give_back(self._owner)


def _check(who: str, count: int, most: int, size: int, most_mib: int) -> None:
    if most and count >= most:
        raise QuotaReached(f"{who} {count} of {most} pages", quota="pages", limit=most)
    if most_mib and size >= most_mib * _MIB:
        told = f"{who} {size // _MIB} of {most_mib} MiB"
        raise QuotaReached(told, quota="mib", limit=most_mib)
