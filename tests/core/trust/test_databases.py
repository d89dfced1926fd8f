"""NSS databases: found in every place, filled and emptied by libnss3."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sheetfed.trust import authority, chromium, firefox
from sheetfed.trust.databases import REASONS, Account, Database
from sheetfed.trust.stores import Root, read_root

PASSWORD = "correct horse"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    """Somebody without any browser yet."""
    (tmp_path / "home").mkdir()
    return Account(home=tmp_path / "home")


def made(folder: Path, *, password: str = "") -> Path:
    """Make a database as a browser does."""
    folder.mkdir(parents=True)
    if password:
        (folder.parent / "password").write_text(password)
        guard = ["-f", str(folder.parent / "password")]
    else:
        guard = ["--empty-password"]
    subprocess.run(["certutil", "-N", "-d", f"sql:{folder}", *guard], check=True)
    return folder


def listed(folder: Path) -> str:
    """Return what NSS's own program sees."""
    words = ["certutil", "-L", "-d", f"sql:{folder}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def only(account: Account) -> Database:
    """Return the one database for Chromium."""
    (found,) = chromium.databases(account)
    return found


def test_the_root_is_trusted_for_tls_servers_and_nothing_else(account: Account, root: Root) -> None:
    database = only(account)

    done = database.install(root)

    assert (done.state, done.changed) == ("trusted", True)
    assert "restart the browser" in done.text
    line = next(row for row in listed(database.folder).splitlines() if "sheetfed" in row)
    assert line.split()[-1] == "C,,"
    assert database.status(root).state == "trusted"


def test_a_second_install_changes_nothing(account: Account, root: Root) -> None:
    database = only(account)
    database.install(root)
    before = (database.folder / "cert9.db").read_bytes()

    done = database.install(root)

    assert (done.state, done.changed) == ("trusted", False)
    assert (database.folder / "cert9.db").read_bytes() == before


def test_removal_leaves_no_database_that_only_we_made(account: Account, root: Root) -> None:
    """L14."""
    (account.home / ".local/share").mkdir(parents=True)
    before = sorted(account.home.rglob("*"))
    only(account).install(root)

    done = only(account).remove()

    assert (done.state, done.changed) == ("missing", True)
    assert sorted(account.home.rglob("*")) == before


def test_removal_leaves_the_certificates_of_others(account: Account, root: Root) -> None:
    """The database is the browser's; only ours goes."""
    folder = made(account.home / ".pki/nssdb")
    other = account.home / "other"
    authority.make(other)
    words = ["certutil", "-A", "-d", f"sql:{folder}", "-t", "C,,", "-n", "somebody's"]
    leaf_of_others = other / "leaf.pem"
    pem = leaf_of_others.read_text()
    leaf_of_others.write_text(pem[pem.index("-----BEGIN CERT") :])
    subprocess.run([*words, "-i", leaf_of_others], check=True)
    only(account).install(root)

    only(account).remove()

    assert "somebody's" in listed(folder)
    assert "sheetfed" not in listed(folder)
    assert (folder / "pkcs11.txt").exists()


def test_an_older_root_of_ours_is_replaced(account: Account, root: Root, tmp_path: Path) -> None:
    """The state folder was lost, or `trust remove` was never run."""
    authority.make(tmp_path / "older")
    older = read_root(tmp_path / "older")
    database = only(account)
    database.install(older)
    assert database.status(root).state == "stale"

    done = database.install(root)

    assert "replaced" in done.text
    assert listed(database.folder).count("sheetfed loopback root") == 1
    assert database.status(root).state == "trusted"


def test_a_database_with_a_password_is_told_and_left_as_it_was(
    account: Account, root: Root
) -> None:
    folder = made(account.home / ".pki/nssdb", password=PASSWORD)

    done = only(account).install(root)

    assert done.state == "refused"
    assert "primary password" in done.text
    assert str(root.file) in done.advice
    assert "sheetfed" not in listed(folder)


def test_a_damaged_database_is_told_and_left_as_it_was(account: Account, root: Root) -> None:
    text = b"no database" * 999
    folder = account.home / ".pki/nssdb"
    folder.mkdir(parents=True)
    (folder / "cert9.db").write_bytes(text)
    (folder / "pkcs11.txt").touch()

    assert only(account).status(root).state == "refused"
    assert only(account).install(root).state == "refused"
    assert only(account).remove().state == "refused"

    assert (folder / "cert9.db").read_bytes() == text


@pytest.mark.parametrize(
    "said",
    [
        "",
        "nonsense",
        "5",
        "[]",
        "{}",
        "[" * 100_000,
        '{"error": 7}',
        '{"error": "\\u001b[2J"}',
        '{"roots": 5, "gone": 0, "count": 0}',
        '{"roots": [{}], "gone": 0, "count": 0}',
        '{"roots": [7], "gone": 0, "count": 0}',
        '{"roots": [], "count": 0}',
        '{"roots": [{"der": 7, "trusted": true}], "gone": 0, "count": 0}',
    ],
)
def test_whatever_a_person_lets_the_child_say_stops_nothing(
    account: Account, root: Root, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    """It runs as them; root goes on with everybody after them."""
    made(account.home / ".pki/nssdb")
    (tmp_path / "said").write_text(said)
    child = tmp_path / "child"
    child.write_text(f"#!/bin/sh\ncat {tmp_path}/said\n")
    child.chmod(0o755)
    database = only(account)
    monkeypatch.setattr(sys, "executable", str(child))

    found = [database.status(root), database.install(root), database.remove()]

    assert {each.state for each in found} == {"refused"}
    assert all(each.text.isprintable() for each in found)


BORROWED = """
import sys
from sheetfed.trust import nss
nss.LIBRARIES = (sys.argv[1],)
nss.main("add", sys.argv[2])
"""


def borrowed(library: str, account: Account, root: Root) -> str:
    """Return what comes of adding the root with another library."""
    folder = account.home / "nssdb"
    folder.mkdir()
    words = [sys.executable, "-c", BORROWED, library, folder]
    return subprocess.run(words, input=root.der, capture_output=True, check=True).stdout.decode()


def test_the_library_that_firefox_brings_will_do(account: Account, root: Root) -> None:
    """Where only Firefox is installed, there may be no other; only Firefox reads its trust then."""
    said = json.loads(borrowed("/usr/lib/firefox*/libnss3.so", account, root))

    assert said["roots"][0]["trusted"]
    assert "sheetfed" in listed(account.home / "nssdb")


def test_a_library_that_another_account_could_change_is_not_loaded(
    account: Account, root: Root, tmp_path: Path
) -> None:
    """Root looks here too, and a Firefox in /opt may be a person's own."""
    (place,) = Path("/usr/lib").glob("firefox*/libnss3.so")
    theirs = tmp_path / "firefox"
    theirs.mkdir()
    for library in place.parent.glob("*.so"):
        (theirs / library.name).symlink_to(library)
    theirs.chmod(0o777)

    said = json.loads(borrowed(f"{theirs}/libnss3.so", account, root))

    assert said == {"error": "no-library"}


def test_without_any_library_it_is_said_which_package_brings_it(
    account: Account, root: Root
) -> None:
    said = json.loads(borrowed("libnot-there.so", account, root))

    assert "libnss3" in REASONS[said["error"]][1]


def test_chromium_looks_in_one_place_and_we_fill_that_one(account: Account, root: Root) -> None:
    """Making ~/.pki/nssdb would hide the person's own certificates in the newer place."""
    assert [each.folder for each in chromium.databases(account)] == [
        account.home / ".local/share/pki/nssdb"
    ]
    newer = made(account.home / ".local/share/pki/nssdb")
    assert [each.folder for each in chromium.databases(account)] == [newer]
    older = made(account.home / ".pki/nssdb")
    assert {each.folder for each in chromium.databases(account)} == {older, newer}
    shutil.rmtree(newer)
    assert [each.folder for each in chromium.databases(account)] == [older]


def test_snaps_and_flatpaks_are_found_and_never_made(account: Account) -> None:
    home = account.home
    places = {
        made(home / "snap/chromium/2890/.pki/nssdb"),
        made(home / ".var/app/org.chromium.Chromium/data/pki/nssdb"),
    }
    (home / "snap/chromium/current").symlink_to("2890")
    (home / "snap/brave/current").mkdir(parents=True)

    found = {each.folder for each in chromium.databases(account)}

    assert found == {*places, home / ".local/share/pki/nssdb"}


def test_every_profile_of_firefox_is_found_once(account: Account, root: Root) -> None:
    home = account.home
    places = {
        made(home / place / "abc.default")
        for place in (
            ".config/mozilla/firefox",
            ".mozilla/firefox",
            "snap/firefox/common/.mozilla/firefox",
            ".var/app/org.mozilla.firefox/.mozilla/firefox",
        )
    }
    (home / ".mozilla/firefox/Crash Reports").mkdir()
    (home / ".mozilla/firefox/link").symlink_to("abc.default")

    found = [*firefox.profiles(account)]

    assert {each.folder for each in found} == places
    assert len(found) == len(places)
    for each in found:
        assert each.install(root).state == "trusted"
        assert each.remove().changed
        assert "sheetfed" not in listed(each.folder)
