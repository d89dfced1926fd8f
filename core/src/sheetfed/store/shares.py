"""How much of the store owners and documents may fill."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from functools import partial

from sheetfed.api.errors import QuotaReached
from sheetfed.keeping import Quota
from sheetfed.store import files
from sheetfed.store.files import Usage
from sheetfed.store.pages import PageRow

_MIB = 1 << 20


class Shares:
    """Counts what is kept and what is on its way. May be asked from any thread."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._coming: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def take(
        self, connection: sqlite3.Connection, owner: str, document: str, *, pages: int = 1
    ) -> Share:
        """Allow more pages in a document, or with none of them more bytes. Raises QuotaReached."""
        with self._lock:
            more = Usage(pages=pages, bytes=0)
            self._check_owner(connection, owner, more)
            self._check_document(connection, document, more)
            self._coming[owner, document] += pages
        return Share(self, owner, document, pages)

    def give_back(self, owner: str, document: str, pages: int) -> None:
        """Count pages no longer as on their way."""
        with self._lock:
            self._coming[owner, document] -= pages
            self._coming += Counter()  # forgets what came

    def room(self, connection: sqlite3.Connection, owner: str, document: str) -> float:
        """Return how many more bytes may be kept."""
        quota = self._quota
        limits = (
            (quota.mib, partial(files.usage, connection, owner)),
            (quota.total_mib, partial(files.usage, connection)),
            (quota.document_mib, partial(files.usage_of, connection, document)),
        )
        return min((mib * _MIB - held().bytes for mib, held in limits if mib), default=math.inf)

    def check_new(
        self, connection: sqlite3.Connection, owner: str, document: str, new: Sequence[PageRow]
    ) -> None:
        """Refuse new pages that are more than owner and document may have. Raises QuotaReached."""
        with self._lock:
            self._check_owner(connection, owner, _usage(new))
            self._check_document(connection, document, _usage(new))

    def check_moved(
        self, connection: sqlite3.Connection, document: str, moved: Sequence[PageRow]
    ) -> None:
        """Refuse pages that are more than a document may hold. Raises QuotaReached."""
        with self._lock:
            self._check_document(connection, document, _usage(moved))

    def _check_owner(self, connection: sqlite3.Connection, owner: str, more: Usage) -> None:
        quota = self._quota
        coming = sum(count for (whose, _), count in self._coming.items() if whose == owner)
        own = files.usage(connection, owner)
        _check("You have", own, coming, more, pages=quota.pages, mib=quota.mib)
        if quota.total_pages or quota.total_mib:
            kept, coming = files.usage(connection), self._coming.total()
            _check(
                "The store has", kept, coming, more, pages=quota.total_pages, mib=quota.total_mib
            )

    def _check_document(self, connection: sqlite3.Connection, document: str, more: Usage) -> None:
        quota = self._quota
        if quota.document_pages or quota.document_mib:
            coming = sum(count for (_, where), count in self._coming.items() if where == document)
            held = files.usage_of(connection, document)
            pages, mib = quota.document_pages, quota.document_mib
            _check("The document has", held, coming, more, pages=pages, mib=mib, kind="document_")


class Share:
    """The place of pages that are on their way."""

    def __init__(self, shares: Shares, owner: str, document: str, pages: int) -> None:
        self._shares: Shares | None = shares
        self._owner = owner
        self._document = document
        self._pages = pages

    def give_back(self) -> None:
        """Count the pages no longer as coming: they are kept, or will not come. Safe twice."""
        shares, self._shares = self._shares, None
        if shares:
            shares.give_back(self._owner, self._document, self._pages)


def _usage(pages: Sequence[PageRow]) -> Usage:
    sizes = {page.blob: page.size for page in pages}
    return Usage(pages=len(pages), bytes=sum(sizes.values()))


def _check(
    who: str, held: Usage, coming: int, more: Usage, *, pages: int, mib: int, kind: str = ""
) -> None:
    """Refuse what comes on top; the page that crosses a limit in bytes is known by its size."""
    count = held.pages + coming
    if pages and more.pages and count + more.pages > pages:
        told = f"{who} {count} of {pages} pages"
        raise QuotaReached(told, quota=f"{kind}pages", limit=pages)
    if mib and max(held.bytes + more.bytes, held.bytes + 1) > mib * _MIB:
        told = f"{who} {held.bytes // _MIB} of {mib} MiB"
        raise QuotaReached(told, quota=f"{kind}mib", limit=mib)
