"""Sites are kept whole, and a store from before there were sites opens."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sheetfed.store import sites
from sheetfed.store.database import SQL, Database
from sheetfed.store.sites import SiteRow

SITE = SiteRow(
    origin="https://a.example",
    state="approved",
    any_key=False,
    decided=1.0,
    first_used=2.0,
    last_used=3.0,
    keys={b"one": 4.0, b"two": 5.0},
)


async def test_a_store_of_the_first_form_is_brought_up_to_date(folder: Path) -> None:
    """Documents, pages and events of the version before are there afterwards."""
    path = folder / "store.db"
    old = sqlite3.connect(path)
    old.executescript((SQL / "001_start.sql").read_text())
    old.execute("PRAGMA user_version = 1")
    old.execute("INSERT INTO documents VALUES (1, 'doc_a', 'local', 'Letter', 1.0, 1.0, 1)")
    old.execute("INSERT INTO events VALUES (7, 'document', '{}', 1.0, 'local')")
    old.commit()
    old.close()

    database = await Database.open(path)
    try:
        await database.write(lambda db: sites.put_site(db, SITE, 4.0))
        kept = await database.read(sites.sites)
        titles = await database.read(
            lambda db: [row["title"] for row in db.execute("SELECT title FROM documents")]
        )
        (form,) = await database.read(lambda db: db.execute("PRAGMA user_version").fetchone())
    finally:
        await database.close()

    assert kept == [SITE]
    assert titles == ["Letter"]
    assert form >= 2


async def test_what_is_kept_of_a_site_is_what_was_said_last(folder: Path) -> None:
    database = await Database.open(folder / "store.db")
    try:
        await database.write(lambda db: sites.put_site(db, SITE, 4.0))
        later = SiteRow(
            origin=SITE.origin, state="approved", any_key=True, decided=9.0, keys={b"two": 9.0}
        )
        await database.write(lambda db: sites.put_site(db, later, 9.0))
        changed = await database.read(sites.sites)
        await database.write(lambda db: sites.delete_site(db, SITE.origin))
        left = await database.read(lambda db: db.execute("SELECT * FROM site_keys").fetchall())
    finally:
        await database.close()

    assert changed == [later]
    assert left == []
