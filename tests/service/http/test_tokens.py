"""Tokens open what they were made for, and only as long as they should."""

from __future__ import annotations

import sys
import time as os_time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sheetfed.api.errors import NotFound
from sheetfed.approvals import Approvals
from sheetfed.config import load
from sheetfed.events import Events
from sheetfed.server.nonces import Nonces
from sheetfed.server.tokens import PER_SITE, SHORT, TAB, Tokens
from sheetfed.store.database import Database

SITE = "https://scan.example"
OTHER = "https://other.example"


class Time:
    """Two clocks that tests set: one that only runs, and the wall's."""

    def __init__(self) -> None:
        self.running = 1000.0
        self.wall = 1_800_000_000.0

    def pass_by(self, seconds: float) -> None:
        self.running += seconds
        self.wall += seconds

    def tokens(self, database: Database) -> Tokens:
        return Tokens(database, clock=lambda: self.running, now=lambda: self.wall)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = await Database.open(tmp_path / "store.db")
    yield found
    await found.close()


async def test_a_token_opens_what_it_was_made_for(time: Time, database: Database) -> None:
    tokens = time.tokens(database)

    site = tokens.check(tokens.issue_site(SITE).text)
    script = tokens.check(tokens.issue_local(None).text)
    acting = tokens.check(tokens.issue_local(SITE).text)
    page = tokens.check((await tokens.issue_page()).text)

    assert site
    assert (site.kind, site.origin, site.owner) == ("site", SITE, SITE)
    assert script
    assert (script.kind, script.origin, script.owner) == ("local", None, "local")
    assert acting
    assert (acting.kind, acting.origin, acting.owner) == ("local", SITE, SITE)
    assert page
    assert (page.kind, page.origin, page.owner) == ("page", None, "local")


@pytest.mark.parametrize("text", ["", "x", "ä", "\ud800", "\0", "a" * 7000])
def test_anything_else_opens_nothing(time: Time, text: str) -> None:
    """T01: whatever a header can carry is looked up, and nothing more."""
    tokens = Tokens(database=None)  # type: ignore[arg-type]  # nothing is kept here
    tokens.issue_site(SITE)

    assert tokens.check(text) is None


async def test_a_short_token_ends_after_a_quarter_of_an_hour(
    time: Time, database: Database
) -> None:
    tokens = time.tokens(database)
    token = tokens.issue_site(SITE)

    time.pass_by(SHORT - 1)
    before = tokens.check(token.text)
    time.pass_by(2)
    after = tokens.check(token.text)

    assert token.expires_in == SHORT
    assert before
    assert after is None


async def test_a_tab_lives_while_it_is_used(time: Time, database: Database) -> None:
    tokens = time.tokens(database)
    token = await tokens.issue_page()

    time.pass_by(TAB - 1)
    assert tokens.check(token.text)
    time.pass_by(TAB - 1)
    assert tokens.check(token.text)
    time.pass_by(TAB + 1)
    assert tokens.check(token.text) is None


async def test_only_a_tab_outlives_a_restart(time: Time, database: Database) -> None:
    """A person's page works on; sites and scripts ask for another token."""
    first = time.tokens(database)
    page, site, script = await first.issue_page(), first.issue_site(SITE), first.issue_local(None)
    time.pass_by(TAB - 10)
    first.check(page.text)
    await first.keep()

    time.pass_by(3600)
    second = time.tokens(database)
    await second.restore()

    assert second.check(page.text)
    assert second.check(site.text) is None
    assert second.check(script.text) is None


async def test_a_tab_that_nobody_used_does_not_come_back(time: Time, database: Database) -> None:
    page = await time.tokens(database).issue_page()

    time.pass_by(TAB + 1)
    second = time.tokens(database)
    await second.restore()

    assert second.check(page.text) is None


async def test_a_clock_set_back_prolongs_nothing(time: Time, database: Database) -> None:
    """The wall's clock may jump; nobody gets more than a fresh start."""
    page = await time.tokens(database).issue_page()

    time.wall -= 2 * 365 * 86400
    second = time.tokens(database)
    await second.restore()

    assert second.check(page.text)
    time.running += TAB + 1
    assert second.check(page.text) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other clocks count it on other systems")
async def test_what_lives_for_minutes_ends_also_while_the_computer_sleeps(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12, 5.3: a closed lid prolongs no token, no nonce and no wish to be approved."""
    asleep, awake = 0.0, os_time.clock_gettime
    monkeypatch.setattr(
        os_time,
        "clock_gettime",
        lambda which: awake(which) + (asleep if which == os_time.CLOCK_BOOTTIME else 0.0),
    )
    tokens, nonces = Tokens(database), Nonces(tmp_path)
    approvals = Approvals(database, Events(), load(home=tmp_path))
    token, nonce, late = (
        tokens.issue_site(SITE),
        nonces.issue(seconds=60),
        nonces.issue(seconds=60),
    )
    wish = approvals.ask(SITE, b"key")
    assert tokens.check(token.text)
    assert nonces.take(nonce)
    assert approvals.pairings.get(wish.id).state == "pending"

    asleep = SHORT + 1.0

    assert tokens.check(token.text) is None
    assert not nonces.take(late)
    with pytest.raises(NotFound):
        approvals.pairings.get(wish.id)


async def test_revoking_ends_every_token_of_that_origin(time: Time, database: Database) -> None:
    """R14: whoever holds a stream open for it is told at once."""
    tokens = time.tokens(database)
    told: list[str] = []
    tokens.on_revoke(told.append)
    mine = [tokens.issue_site(SITE), tokens.issue_site(SITE), tokens.issue_local(SITE)]
    others = [tokens.issue_site(OTHER), tokens.issue_local(None), await tokens.issue_page()]

    tokens.revoke(SITE)

    assert [tokens.check(token.text) for token in mine] == [None, None, None]
    assert all(tokens.check(token.text) for token in others)
    assert told == [SITE]


async def test_a_site_cannot_fill_memory_with_tokens(time: Time, database: Database) -> None:
    tokens = time.tokens(database)
    other = tokens.issue_site(OTHER)

    texts = [tokens.issue_site(SITE).text for _ in range(PER_SITE + 3)]

    good = [text for text in texts if tokens.check(text)]
    assert good == texts[3:]
    assert tokens.check(other.text)


async def test_no_token_stands_in_the_database(
    time: Time, database: Database, tmp_path: Path
) -> None:
    """A copy of the store opens nothing."""
    token = await time.tokens(database).issue_page()

    await database.close()

    assert kept(tmp_path)
    assert token.text.encode() not in kept(tmp_path)


def kept(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
