"""Sites, their keys, and tokens of our pages, as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

SiteState = Literal["approved", "blocked", "configured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """What is kept of a site: what was decided, when it was used, and each key's last use."""

    origin: str
    state: SiteState
    any_key: bool
    decided: float
    first_used: float | None = None
    last_used: float | None = None
    keys: Mapping[bytes, float]


def sites(connection: sqlite3.Connection) -> list[SiteRow]:
    """Return every site."""
    keys: dict[str, dict[bytes, float]] = {}
    for row in connection.execute("SELECT origin, spki, last_used FROM site_keys"):
        keys.setdefault(row["origin"], {})[row["spki"]] = row["last_used"]
    return [
        SiteRow(
            origin=row["origin"],
            state=row["state"],
            any_key=bool(row["any_key"]),
            decided=row["decided"],
            first_used=row["first_used"],
            last_used=row["last_used"],
            keys=keys.get(row["origin"], {}),
        )
        for row in connection.execute("SELECT * FROM sites ORDER BY origin")
    ]


def put_site(connection: sqlite3.Connection, row: SiteRow, now: float) -> None:
    """Keep a site as this row says; keys that stay keep the time when they were added."""
    connection.execute(
        "INSERT INTO sites (origin, state, any_key, decided, first_used, last_used)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET state = excluded.state,"
        " any_key = excluded.any_key, decided = excluded.decided,"
        " first_used = excluded.first_used, last_used = excluded.last_used",
        (row.origin, row.state, row.any_key, row.decided, row.first_used, row.last_used),
    )
    kept = {
        found["spki"]
        for found in connection.execute(
            "SELECT spki FROM site_keys WHERE origin = ?", (row.origin,)
        )
    }
    connection.executemany(
        "DELETE FROM site_keys WHERE origin = ? AND spki = ?",
        [(row.origin, spki) for spki in kept - row.keys.keys()],
    )
    connection.executemany(
        "INSERT INTO site_keys (origin, spki, added, last_used) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (origin, spki) DO UPDATE SET last_used = excluded.last_used",
        [(row.origin, spki, now, used) for spki, used in row.keys.items()],
    )


def delete_site(connection: sqlite3.Connection, origin: str) -> None:
    """Forget a site and its keys."""
    connection.execute("DELETE FROM sites WHERE origin = ?", (origin,))


def delete_sites(connection: sqlite3.Connection) -> None:
    """Forget every site, and the key by which they knew this service."""
    connection.execute("DELETE FROM sites")
    connection.execute("DELETE FROM service_key")


def service_key(connection: sqlite3.Connection) -> bytes | None:
    """Return the service's own key, sealed; None where none was made."""
    row = connection.execute("SELECT sealed FROM service_key").fetchone()
    return bytes(row["sealed"]) if row else None


def put_service_key(connection: sqlite3.Connection, sealed: bytes) -> None:
    """Keep the service's own key."""
    connection.execute("INSERT INTO service_key (one, sealed) VALUES (1, ?)", (sealed,))


def page_tokens(connection: sqlite3.Connection) -> Iterable[tuple[bytes, float]]:
    """Return the hash of each token of our pages, and until when it lives."""
    return [
        (row["hash"], row["expires"]) for row in connection.execute("SELECT * FROM page_tokens")
    ]


def add_page_token(
    connection: sqlite3.Connection, digest: bytes, expires: float, now: float
) -> None:
    """Keep a token's hash; forget those whose time is up."""
    connection.execute("DELETE FROM page_tokens WHERE expires < ?", (now,))
    connection.execute("INSERT INTO page_tokens (hash, expires) VALUES (?, ?)", (digest, expires))


def extend_page_tokens(connection: sqlite3.Connection, expires: Mapping[bytes, float]) -> None:
    """Let tokens that were used live on."""
    connection.executemany(
        "UPDATE page_tokens SET expires = ? WHERE hash = ?",
        [(until, digest) for digest, until in expires.items()],
    )
