"""Real browsers trust the service for loopback, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from evil import sign_for
from machine import Machine
from people import Browsers, Person, visit
from playwright.sync_api import Playwright
from shop import HOSTS, WORKS, Shop

pytestmark = pytest.mark.timeout(180)


def test_chromium_trusts_after_install_and_not_after_removal(
    person: Person, browsers: Browsers
) -> None:
    """B12: page, fetch and WebSocket without a warning, in a profile that was never used."""
    person.trust("install")

    with Shop(person.authority) as shop:
        addresses = [f"https://{host}:{shop.port}/" for host in HOSTS]
        with browsers.chromium("first") as chromium:
            assert [visit(chromium, address) for address in addresses] == [WORKS] * 3
        person.trust("remove")
        with browsers.chromium("second") as chromium:
            assert "ERR_CERT_AUTHORITY_INVALID" in visit(chromium, addresses[0])


def test_chromium_is_met_where_it_kept_its_certificates_before(
    person: Person, browsers: Browsers
) -> None:
    """Where ~/.pki/nssdb is, as older versions made it, Chromium looks nowhere else."""
    database = person.home / ".pki/nssdb"
    database.mkdir(parents=True)
    subprocess.run(["certutil", "-N", "-d", f"sql:{database}", "--empty-password"], check=True)
    person.trust("install")

    with Shop(person.authority) as shop, browsers.chromium() as chromium:
        assert visit(chromium, f"https://127.0.0.1:{shop.port}/") == WORKS

    assert not (person.home / ".local/share/pki").exists()


def test_firefox_trusts_after_install_and_not_after_removal(
    person: Person, browsers: Browsers
) -> None:
    """B12: a profile that exists trusts without any other process, and at once."""
    with browsers.firefox():
        pass  # it makes the profile
    person.trust("install")

    with Shop(person.authority) as shop:
        addresses = [f"https://{host}:{shop.port}/" for host in HOSTS]
        with browsers.firefox() as firefox:
            assert [visit(firefox, address) for address in addresses] == [WORKS] * 3
        person.trust("remove")
        with browsers.firefox() as firefox:
            assert "insecure certificate" in visit(firefox, addresses[0])


def test_a_running_firefox_learns_of_it_at_once(person: Person, browsers: Browsers) -> None:
    """Nobody has to restart Firefox after `sheetfed trust install`."""
    with browsers.firefox() as firefox:
        person.trust("install")
        with Shop(person.authority) as shop:
            said = visit(firefox, f"https://localhost:{shop.port}/")

    assert said == WORKS


def test_a_leaf_for_another_name_is_refused_by_both(person: Person, browsers: Browsers) -> None:
    """Whoever steals the issuer's key can be nobody but this computer's loopback."""
    with browsers.firefox():
        pass
    person.trust("install")
    seen = {}

    with browsers.chromium() as chromium, browsers.firefox() as firefox:
        for name in ("localhost", "evil.example"):  # the first shows that the forgery is sound
            sign_for(name, folder=person.authority)
            with Shop(person.authority) as shop:
                address = f"https://{name}:{shop.port}/"
                seen[name] = (visit(chromium, address), visit(firefox, address))

    assert seen["localhost"] == (WORKS, WORKS)
    assert "ERR_CERT_INVALID" in seen["evil.example"][0]
    assert "insecure certificate" in seen["evil.example"][1]


OWN_PAGE = """async () => {
  const alive = await fetch("/livez");
  const opened = await new Promise((done) => {
    const socket = new WebSocket(`wss://${location.host}/v1/events/socket`);
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
  });
  return [document.title, alive.status, opened];
}"""


def test_the_service_itself_is_met_over_tls(person: Person, browsers: Browsers) -> None:
    """Its page, its answers and its socket of events, with nothing prepared but `install`."""
    with browsers.firefox():
        pass
    person.trust("install")
    seen = []

    with person.serving() as port, browsers.chromium() as chromium, browsers.firefox() as firefox:
        for host in HOSTS:
            for browser in (chromium, firefox):
                browser.goto(f"https://{host}:{port}/")
                seen.append(browser.evaluate(OWN_PAGE))

    assert seen == [["sheetfed", 200, True]] * 6


def test_policies_make_later_profiles_trust_and_leave_nothing(
    machine: Machine, play: Playwright, tmp_path: Path
) -> None:
    """For everybody: also profiles that are made after it; and /etc is as it was afterwards."""
    person = Person(tmp_path / "home", machine.inside)
    browsers = Browsers(play, person)
    before = machine.listing()
    rows = {row["store"]: row["state"] for row in person.trust("install", "--machine")}
    assert rows == {"Chromium policy": "trusted", "Firefox policy": "trusted"}

    with Shop(person.authority) as shop:
        addresses = [f"https://{host}:{shop.port}/" for host in HOSTS]
        with browsers.chromium("first") as chromium:
            assert [visit(chromium, address) for address in addresses] == [WORKS] * 3
        with browsers.firefox("later.default") as firefox:
            assert [visit(firefox, address) for address in addresses] == [WORKS] * 3
        person.trust("remove")
        with browsers.chromium("second") as chromium:
            assert "ERR_CERT_AUTHORITY_INVALID" in visit(chromium, addresses[0])
        with browsers.firefox("later.default") as firefox:
            assert "insecure certificate" in visit(firefox, addresses[0])

    assert machine.listing() == before
