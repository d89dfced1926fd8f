"""Documents on their way out, as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sheetfed.api.errors import NotFound, SheetfedError, from_json, to_json
from sheetfed.api.model import Receipt, Settings

State = Literal["waiting", "encoding", "sending", "done", "failed", "cancelled"]
UNFINISHED: tuple[State, ...] = ("waiting", "encoding", "sending")

KEPT = 1000
"""Deliveries of one owner that are remembered after their end."""

KEPT_FILES = 100
"""Of those that failed, so many of one owner can still be retried."""

_ROW = (
    "SELECT deliveries.*, opened(words) AS told, opened(resume) AS left, opened(outcome) AS ended"
    " FROM deliveries"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """How one try ended: `outcome` is an error's code, or "done"."""

    at: float
    outcome: str
    message: str
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One delivery as it stands.

    `resume` is what the target saved last. `blob` names its file, None before it is encoded and
    after it has gone. `hidden` names the fields that are told to nobody.
    """

    id: str
    owner: str
    state: State
    target: str
    name: str
    media_type: str
    private: bool
    created: float
    changed: float
    document: str | None = None
    job: str | None = None
    pages: tuple[str, ...] | None = None
    options: Settings = field(default_factory=dict)
    fields: Settings = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    resume: Mapping[str, Any] = field(default_factory=dict)
    receipt: Receipt | None = None
    error: SheetfedError | None = None
    history: tuple[Try, ...] = ()
    blob: str | None = None
    size: int | None = None
    tries: int = 0
    version: int = 1


def add(connection: sqlite3.Connection, row: DeliveryRow, key: str | None, mark: str) -> None:
    """Keep a new delivery; `mark` stands for the request that an Idempotency-Key belongs to."""
    connection.execute(
        "INSERT INTO deliveries (id, owner, state, target, document, job, words, private, created,"
        " changed, idempotency_key, idempotency_hash)"
        " VALUES (:id, :owner, :state, :target, :document, :job, sealed(:words, :private),"
        " :private, :created, :changed, :key, :mark)",
        {
            "id": row.id,
            "owner": row.owner,
            "state": row.state,
            "target": row.target,
            "document": row.document,
            "job": row.job,
            "words": _words(row),
            "private": row.private,
            "created": row.created,
            "changed": row.changed,
            "key": key,
            "mark": mark,
        },
    )


def put(connection: sqlite3.Connection, row: DeliveryRow) -> None:
    """Write down how a delivery stands; without a file it has no key either."""
    connection.execute(
        "UPDATE deliveries SET state = :state, outcome = sealed(:outcome, :private), blob = :blob,"
        " size = :size, tries = :tries, version = :version, changed = :changed,"
        " resume = sealed(:resume, :private), key = CASE WHEN :blob IS NULL THEN NULL ELSE key END"
        " WHERE id = :id",
        {
            "id": row.id,
            "state": row.state,
            "outcome": _outcome(row),
            "private": row.private,
            "blob": row.blob,
            "size": row.size,
            "tries": row.tries,
            "version": row.version,
            "changed": row.changed,
            "resume": json.dumps(dict(row.resume)) if row.resume else None,
        },
    )


def set_key(connection: sqlite3.Connection, delivery_id: str, sealed: bytes) -> None:
    """Keep the key of a delivery's file, sealed."""
    connection.execute("UPDATE deliveries SET key = ? WHERE id = ?", (sealed, delivery_id))


def key(connection: sqlite3.Connection, delivery_id: str) -> bytes:
    """Return the sealed key of a delivery's file."""
    (sealed,) = connection.execute(
        "SELECT key FROM deliveries WHERE id = ?", (delivery_id,)
    ).fetchone()
    return bytes(sealed)


def get(connection: sqlite3.Connection, owner: str, delivery_id: str) -> DeliveryRow:
    """Return a delivery of this owner. Raises NotFound."""
    row = connection.execute(f"{_ROW} WHERE id = ? AND owner = ?", (delivery_id, owner)).fetchone()
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id}")
    return _delivery(row)


def listed(
    connection: sqlite3.Connection, owner: str, *, before: int, limit: int
) -> list[tuple[int, DeliveryRow]]:
    """Return deliveries with their numbers, the newest first, below a number."""
    rows = connection.execute(
        f"{_ROW} WHERE owner = ? AND number < ? ORDER BY number DESC LIMIT ?",
        (owner, before, limit),
    ).fetchall()
    return [(row["number"], _delivery(row)) for row in rows]


def made_by(connection: sqlite3.Connection, owner: str, key: str) -> tuple[DeliveryRow, str] | None:
    """Return the delivery that an Idempotency-Key made, and the mark of its request."""
    row = connection.execute(
        f"{_ROW} WHERE owner = ? AND idempotency_key = ?", (owner, key)
    ).fetchone()
    return None if row is None else (_delivery(row), row["idempotency_hash"])


def unfinished(connection: sqlite3.Connection) -> list[DeliveryRow]:
    """Return every delivery that has not ended, the oldest first."""
    rows = connection.execute(
        f"{_ROW} WHERE state IN (?, ?, ?) ORDER BY number", UNFINISHED
    ).fetchall()
    return [_delivery(row) for row in rows]


def usage(connection: sqlite3.Connection, owner: str) -> tuple[int, int]:
    """Return how many deliveries of an owner have not ended, and the bytes of all its files."""
    count, size = connection.execute(
        "SELECT coalesce(sum(state IN (?, ?, ?)), 0), coalesce(sum(size), 0) FROM deliveries"
        " WHERE owner = ? AND (blob IS NOT NULL OR state IN (?, ?, ?))",
        (*UNFINISHED, owner, *UNFINISHED),
    ).fetchone()
    return int(count), int(size)


def forget_old(connection: sqlite3.Connection, owner: str) -> list[str]:
    """Forget the oldest that have ended; return the files that nothing needs now."""
    ended = connection.execute(
        "SELECT id, blob FROM deliveries WHERE owner = ? AND state NOT IN (?, ?, ?)"
        " ORDER BY number DESC",
        (owner, *UNFINISHED),
    ).fetchall()
    with_file = [row for row in ended if row["blob"]]
    gone = {row["id"]: row["blob"] for row in (*ended[KEPT:], *with_file[KEPT_FILES:])}
    connection.executemany(
        "UPDATE deliveries SET blob = NULL, key = NULL WHERE id = ?", [(name,) for name in gone]
    )
    connection.executemany(
        "DELETE FROM deliveries WHERE id = ?", [(row["id"],) for row in ended[KEPT:]]
    )
    return [blob for blob in gone.values() if blob]


def _words(row: DeliveryRow) -> str:
    return json.dumps(
        {
            "name": row.name,
            "media_type": row.media_type,
            "pages": row.pages,
            "options": dict(row.options),
            "fields": dict(row.fields),
            "hidden": sorted(row.hidden),
        }
    )


def _outcome(row: DeliveryRow) -> str:
    return json.dumps(
        {
            "receipt": None if row.receipt is None else asdict(row.receipt),
            "error": None if row.error is None else to_json(row.error),
            "history": [asdict(one) for one in row.history],
        }
    )


def _delivery(row: sqlite3.Row) -> DeliveryRow:
    words = json.loads(row["told"])
    outcome: Mapping[str, Any] = json.loads(row["ended"] or "{}")
    receipt, error = outcome.get("receipt"), outcome.get("error")
    history: Sequence[Mapping[str, Any]] = outcome.get("history", ())
    return DeliveryRow(
        id=row["id"],
        owner=row["owner"],
        state=row["state"],
        target=row["target"],
        name=words["name"],
        media_type=words["media_type"],
        private=bool(row["private"]),
        created=row["created"],
        changed=row["changed"],
        document=row["document"],
        job=row["job"],
        pages=None if words["pages"] is None else tuple(words["pages"]),
        options=words["options"],
        fields=words["fields"],
        hidden=frozenset(words.get("hidden", words["fields"])),  # all where nobody wrote it down
        resume=json.loads(row["left"] or "{}"),
        receipt=None if receipt is None else Receipt(**receipt),
        error=None if error is None else from_json(error),
        history=tuple(Try(**one) for one in history),
        blob=row["blob"],
        size=row["size"],
        tries=row["tries"],
        version=row["version"],
    )
