"""Nobody may ask until a person, or the administrator, says so."""

from __future__ import annotations

from typing import Any

import pytest

from sheetfed.api.errors import BadRequest, Conflict, NotAllowed, NotFound
from sheetfed.approvals import UNUSED
from sheetfed.store import log

SITE = "https://scan.example"
OTHER = "https://other.example"
KEY, KEY2 = b"key one", b"key two"


async def pair(approvals: Any, origin: str = SITE, spki: bytes = KEY) -> Any:
    pairing = approvals.ask(origin, spki)
    return await approvals.approve_pairing(pairing.id, pairing.code)


async def told(office: Any) -> list[dict[str, Any]]:
    events = await office.database.read(lambda db: log.replay(db, 0, "local"))
    return [event.data for event in events if event.topic == "site"]


async def test_at_first_nobody_is_approved(office: Any) -> None:
    approvals = await office.open()

    assert not approvals.approved(SITE)
    assert not approvals.admits(SITE, KEY)
    assert approvals.all() == []


async def test_an_approval_holds_for_this_browser_and_outlives_a_restart(office: Any) -> None:
    """R12: another browser of the same site is asked about on its own."""
    approvals = await office.open()
    await pair(approvals)

    again = await office.open()

    for held in (approvals, again):
        assert held.approved(SITE)
        assert held.admits(SITE, KEY)
        assert not held.admits(SITE, KEY2)
        assert not held.admits(OTHER, KEY)
    (site,) = again.all()
    assert (site.origin, site.state, site.keys, site.decided_by) == (SITE, "approved", 1, "person")


async def test_a_second_browser_is_added(office: Any) -> None:
    approvals = await office.open()
    await pair(approvals)

    await pair(approvals, spki=KEY2)

    assert approvals.admits(SITE, KEY)
    assert approvals.admits(SITE, KEY2)


async def test_the_code_must_be_the_one_that_the_page_shows(office: Any) -> None:
    """R11: a person who compares does not approve another page."""
    approvals = await office.open()
    pairing = approvals.ask(SITE, KEY)
    wrong = f"{(int(pairing.code) + 1) % 1_000_000:06}"

    with pytest.raises(Conflict):
        await approvals.approve_pairing(pairing.id, wrong)

    assert not approvals.approved(SITE)
    assert approvals.pairings.get(pairing.id).state == "pending"


async def test_who_is_approved_is_answered_at_once(office: Any) -> None:
    approvals = await office.open()
    await pair(approvals)

    assert approvals.ask(SITE, KEY).state == "approved"
    assert approvals.ask(SITE, KEY2).state == "pending"


async def test_a_site_approved_by_name_may_use_every_browser(office: Any) -> None:
    """Administrators approve before anybody asks; who waits at that moment is let in."""
    approvals = await office.open()
    waiting = approvals.ask(SITE, KEY)

    await approvals.approve(SITE)

    assert approvals.pairings.get(waiting.id).state == "approved"
    assert approvals.admits(SITE, KEY2)
    assert (await office.open()).admits(SITE, KEY2)


async def test_a_blocked_site_is_not_asked_about_again(office: Any) -> None:
    approvals = await office.open()
    await pair(approvals)
    waiting = approvals.ask(SITE, KEY2)

    await approvals.block_pairing(waiting.id)

    assert approvals.pairings.get(waiting.id).state == "blocked"
    for held in (approvals, await office.open()):
        assert held.state(SITE) == "blocked"
        assert not held.admits(SITE, KEY)
        with pytest.raises(NotAllowed):
            held.ask(SITE, KEY)


async def test_revoking_forgets_the_keys_as_well(office: Any) -> None:
    """Who is approved again starts afresh: an old key stays out."""
    approvals = await office.open()
    await pair(approvals)

    await approvals.revoke(SITE)
    await pair(approvals, spki=KEY2)

    for held in (approvals, await office.open()):
        assert held.admits(SITE, KEY2)
        assert not held.admits(SITE, KEY)


async def test_only_what_was_decided_can_be_revoked(office: Any) -> None:
    approvals = await office.open()

    with pytest.raises(NotFound):
        await approvals.revoke(SITE)


async def test_revoking_all_leaves_what_the_configuration_says(office: Any) -> None:
    approvals = await office.open(approved=(OTHER,))
    await pair(approvals)
    await approvals.use(OTHER, KEY)

    assert await approvals.revoke_all() == [OTHER, SITE]

    assert not approvals.approved(SITE)
    assert approvals.approved(OTHER)


async def test_the_configuration_decides_for_good(office: Any) -> None:
    """An administrator's word cannot be undone by a click; the message says where it stands."""
    approvals = await office.open(approved=(SITE,), blocked=(OTHER,))

    for change in (approvals.approve, approvals.block, approvals.revoke):
        for origin in (SITE, OTHER):
            with pytest.raises(Conflict) as told:
                await change(origin)
            assert "Change it there" in told.value.details["advice"]

    assert approvals.admits(SITE, KEY)
    assert approvals.state(OTHER) == "blocked"
    assert {site.decided_by for site in approvals.all()} == {"configuration"}


async def test_the_configuration_wins_over_what_a_person_said_before(office: Any) -> None:
    before = await office.open()
    await before.approve(SITE)
    await before.block(OTHER)

    after = await office.open(approved=(OTHER,), blocked=(SITE,))

    assert not after.approved(SITE)
    assert after.approved(OTHER)


async def test_what_leaves_the_configuration_is_approved_no_more(office: Any) -> None:
    """That it was used is remembered; it gives nothing."""
    before = await office.open(approved=(SITE,))
    await before.use(SITE, KEY)

    after = await office.open()

    assert not after.approved(SITE)
    assert after.all() == []


async def test_an_approval_ends_after_ninety_days_without_use(office: Any) -> None:
    """R14; and what a site used before then does not come back with the next approval."""
    approvals = await office.open()
    await pair(approvals)
    office.pass_by(UNUSED - 1)
    await approvals.use(SITE, KEY)
    office.pass_by(UNUSED - 1)
    assert approvals.admits(SITE, KEY)

    office.pass_by(2)

    for held in (approvals, await office.open()):
        assert held.state(SITE) == "expired"
        assert not held.admits(SITE, KEY)
        with pytest.raises(NotAllowed):
            await held.use(SITE, KEY)
    await pair(approvals, spki=KEY2)
    assert not approvals.admits(SITE, KEY)


async def test_a_browser_that_nobody_used_for_ninety_days_is_out(office: Any) -> None:
    """The site is used daily in another browser; a lost profile does not live on with it."""
    approvals = await office.open()
    await pair(approvals)
    await pair(approvals, spki=KEY2)

    office.pass_by(UNUSED - 1)
    await approvals.use(SITE, KEY2)
    office.pass_by(2)

    assert approvals.admits(SITE, KEY2)
    assert not approvals.admits(SITE, KEY)


async def test_first_and_last_use_are_told(office: Any) -> None:
    approvals = await office.open()
    await pair(approvals)
    (fresh,) = approvals.all()

    await approvals.use(SITE, KEY)
    first = office.wall
    office.pass_by(100)
    await approvals.use(SITE, KEY)

    (used,) = (await office.open()).all()
    assert (fresh.first_used, fresh.last_used) == (None, None)
    assert (used.first_used, used.last_used) == (first, first + 100)


async def test_the_configuration_s_sites_do_not_grow_old(office: Any) -> None:
    approvals = await office.open(approved=(SITE,))

    await approvals.use(SITE, KEY)
    office.pass_by(2 * UNUSED)

    assert approvals.admits(SITE, KEY)


async def test_a_clock_set_back_ends_nothing(office: Any) -> None:
    approvals = await office.open()
    await pair(approvals)

    office.wall -= 2 * 365 * 86400

    assert approvals.admits(SITE, KEY)


@pytest.mark.parametrize("origin", ["", "null", "*", "http://scan.example", "https://a.example/"])
async def test_only_origins_of_the_web_can_be_decided_about(office: Any, origin: str) -> None:
    approvals = await office.open()

    for change in (approvals.approve, approvals.block):
        with pytest.raises(BadRequest) as told:
            await change(origin)
        assert "is no origin of a site" in told.value.message


async def test_decisions_are_told_to_the_person_only(office: Any) -> None:
    approvals = await office.open()
    await pair(approvals)
    await approvals.block(OTHER)
    await approvals.revoke(SITE)

    assert await told(office) == [
        {"site": SITE, "what": "approve"},
        {"site": OTHER, "what": "block"},
        {"site": SITE, "what": "revoke"},
    ]
    assert await office.database.read(lambda db: log.replay(db, 0, SITE)) == []
