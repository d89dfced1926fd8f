"""What `sheetfed trust` says and leaves, for somebody with no browser running."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from machine import Machine
from people import PROGRAM, Person

from sheetfed.trust import authority, everywhere, places
from sheetfed.trust.firefox import FirefoxPolicy
from sheetfed.trust.stores import read_root


def profile_of(home: Path, *before: str) -> Path:
    """Make a Firefox profile as Firefox does, with any program before it."""
    folder = home / ".mozilla/firefox/abc.default"
    subprocess.run([*before, "mkdir", "-p", folder], check=True)
    subprocess.run(
        [*before, "certutil", "-N", "-d", f"sql:{folder}", "--empty-password"], check=True
    )
    return folder


def listed(folder: Path) -> str:
    """Return what NSS's own program sees."""
    words = ["certutil", "-L", "-d", f"sql:{folder}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_install_list_status_and_remove_agree(person: Person) -> None:
    """R36 (L14): what install did, list shows and remove undoes."""
    profile = profile_of(person.home)
    before = person.files()

    installed = {row["place"]: row for row in person.trust("install")}
    found = {row["place"]: row["state"] for row in person.trust("list")}
    rows = {row["name"]: row["state"] for row in person.trust("status")}
    removed = person.trust("remove")

    database = str(person.home / ".local/share/pki/nssdb")
    for place in (database, str(profile)):
        assert installed[place]["state"] == "trusted"
        assert installed[place]["changed"]
        assert found[place] == "trusted"
    assert rows == {
        "TLS certificate": "ok",
        "Chromium database": "ok",
        "Firefox profile": "ok",
    }
    assert {row["state"] for row in removed} == {"missing"}
    assert person.files() == before
    assert "sheetfed" not in listed(profile)
    assert not person.authority.exists()


def test_a_second_install_and_a_second_remove_change_nothing(person: Person) -> None:
    person.trust("install")
    root = (person.authority / places.ROOT).read_bytes()

    again = person.trust("install")

    assert not any(row["changed"] for row in again)
    assert (person.authority / places.ROOT).read_bytes() == root
    person.trust("remove")
    assert not any(row["changed"] for row in person.trust("remove"))


def test_everybodys_stores_are_left_out_and_the_way_is_told(
    person: Person, machine: Machine
) -> None:
    """Trust for everybody is never a side effect."""
    person.inside = machine.inside
    before = machine.listing()

    rows = {row["store"]: row for row in person.trust("install")}

    assert rows["Firefox policy"]["state"] == "missing"
    advice = rows["Firefox policy"]["advice"]
    assert f"--home {person.state} trust install --machine" in advice
    assert machine.listing() == before


def test_a_policy_that_does_not_parse_is_refused_and_told(person: Person, machine: Machine) -> None:
    person.inside = machine.inside
    write = "mkdir -p /etc/firefox/policies; echo '{' > /etc/firefox/policies/policies.json"
    subprocess.run([*machine.inside, "sh", "-c", write], check=True)
    before = machine.listing("/etc/firefox")

    rows = {row["store"]: row for row in person.trust("install", "--machine", code=1)}

    assert rows["Firefox policy"]["state"] == "refused"
    assert "does not parse" in rows["Firefox policy"]["text"]
    assert rows["Chromium policy"]["state"] == "trusted"
    assert machine.listing("/etc/firefox") == before


def test_without_rights_a_policy_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    authority.make(tmp_path / "trust")
    policy = FirefoxPolicy(machine=tmp_path)

    done = everywhere.install(read_root(tmp_path / "trust"), policy, machine=True)

    assert done.state == "refused"
    assert not (tmp_path / "etc").exists()


def test_a_damaged_authority_is_told_and_can_be_removed(person: Person) -> None:
    """What `status` advises must work on what it was said about."""
    profile = profile_of(person.home)
    person.trust("install")
    (person.authority / places.ROOT).write_text("nonsense")

    (first, *_) = person.trust("status", code=1)
    assert first["state"] == "broken"
    assert "trust remove" in first["advice"]
    done = subprocess.run(
        [PROGRAM, "--home", person.state, "trust", "install"],
        env=person.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "trust remove" in done.stderr

    person.trust("remove")
    person.trust("install")

    assert listed(profile).count("sheetfed loopback root") == 1


def test_an_authority_whose_state_was_lost_is_replaced_in_each_store(person: Person) -> None:
    """Somebody deleted the folder by hand: the old root is of no use to anybody."""
    profile = profile_of(person.home)
    person.trust("install")
    places.clear(person.authority)
    assert "stale" in {row["state"] for row in person.trust("list")}

    rows = person.trust("install")

    assert "replaced" in next(row["text"] for row in rows if row["place"] == str(profile))
    assert listed(profile).count("sheetfed loopback root") == 1


def test_the_table_is_for_people(person: Person) -> None:
    done = subprocess.run(
        [PROGRAM, "--home", person.state, "trust", "install"],
        env=person.environ,
        capture_output=True,
        text=True,
        check=True,
    )

    root = read_root(person.authority)
    assert "the root was added; restart the browser" in done.stdout
    assert root.fingerprint in done.stdout
    assert stat.S_IMODE(person.authority.stat().st_mode) == 0o700
