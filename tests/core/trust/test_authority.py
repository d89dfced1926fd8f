"""What the authority can sign, and what it cannot."""

from __future__ import annotations

import json
import os
import ssl
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from evil import sign_for

from sheetfed.api.errors import TrustBroken
from sheetfed.trust import authority, leaf, places
from sheetfed.trust.leaf import LeafUnfit
from sheetfed.trust.stores import Root


def certificates(file: Path) -> list[x509.Certificate]:
    """Return every certificate in a file."""
    return x509.load_pem_x509_certificates(file.read_bytes())


def test_the_key_of_the_root_is_nowhere(folder: Path) -> None:
    """What was never written cannot be stolen."""
    root = certificates(folder / places.ROOT)[0]
    keys = []
    for file in folder.iterdir():
        text = file.read_bytes()
        if b"PRIVATE KEY" in text:
            keys.append(serialization.load_pem_private_key(text, password=None).public_key())

    assert {file.name for file in folder.iterdir()} == {places.ROOT, places.ISSUER, places.LEAF}
    assert len(keys) == 2
    assert root.public_key() not in keys


@pytest.mark.parametrize("name", [places.ROOT, places.ISSUER])
def test_every_authority_is_held_to_loopback(folder: Path, name: str) -> None:
    """On both: a verifier need not look at the constraints of the one that it trusts."""
    found = certificates(folder / name)[0].extensions
    constraints = found.get_extension_for_class(x509.NameConstraints)
    usage = found.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert constraints.critical
    assert constraints.value.excluded_subtrees is None
    assert {str(each.value) for each in constraints.value.permitted_subtrees or ()} == {
        "localhost",
        "127.0.0.1/32",
        "::1/128",
    }
    assert [each.dotted_string for each in usage] == ["1.3.6.1.5.5.7.3.1"]
    assert found.get_extension_for_class(x509.BasicConstraints).critical


def test_the_leaf_is_young_and_for_loopback(folder: Path) -> None:
    """M06."""
    shown, issuer = certificates(folder / places.LEAF)
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert shown.not_valid_after_utc - shown.not_valid_before_utc < timedelta(days=30)
    assert [str(each.value) for each in names] == ["localhost", "127.0.0.1", "::1"]
    assert issuer == certificates(folder / places.ISSUER)[0]


def test_openssl_accepts_the_chain_and_refuses_a_leaf_for_another_name(folder: Path) -> None:
    """What curl and most servers use."""
    words = ["openssl", "verify", "-purpose", "sslserver", "-CAfile", folder / places.ROOT]
    words += ["-untrusted", folder / places.LEAF, folder / places.LEAF]

    ours = subprocess.run(words, capture_output=True, text=True, check=False)
    sign_for("evil.example", folder=folder)
    evil = subprocess.run(words, capture_output=True, text=True, check=False)

    assert ours.returncode == 0, ours.stderr
    assert evil.returncode != 0
    assert "permitted subtree violation" in evil.stderr


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "notlocalhost"])
def test_python_refuses_a_leaf_for_another_name(folder: Path, name: str) -> None:
    sign_for("localhost", name, folder=folder)

    with pytest.raises(LeafUnfit, match="permitted subtree violation"):
        leaf.meet(folder)


def test_only_this_account_can_read_it(folder: Path) -> None:
    """M03."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_second_make_changes_nothing(folder: Path) -> None:
    """A root that is installed must not be replaced behind anybody's back."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    authority.make(folder)

    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_two_that_make_at_once_share_one_authority(tmp_path: Path) -> None:
    """The service starts while `sheetfed trust install` runs."""
    place = tmp_path / "trust"
    threads = [threading.Thread(target=authority.make, args=[place]) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert leaf.meet(place)
    assert [file.name for file in tmp_path.iterdir()] == ["trust"]


def test_a_disk_that_takes_nothing_leaves_nothing(tmp_path: Path) -> None:
    """Half an authority must not look like one; and the parent is told why."""
    words = [sys.executable, "-m", "sheetfed.trust.authority", "make", tmp_path / "trust"]

    done = subprocess.run(
        ["prlimit", "--fsize=100", *words], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "trust-broken"
    assert "File too large" in json.loads(done.stdout)["message"]
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("years", [-2, 2])
def test_an_authority_outlives_a_clock_that_was_two_years_off(tmp_path: Path, years: int) -> None:
    """Only the leaf is made anew when the clock is set right; nobody has to install again."""
    then = datetime.now(UTC) + timedelta(days=365 * years)
    authority.make(tmp_path / "trust", now=then)
    root = (tmp_path / "trust" / places.ROOT).read_bytes()
    with pytest.raises(LeafUnfit, match="clock"):
        leaf.meet(tmp_path / "trust")

    authority.renew(tmp_path / "trust")

    assert leaf.meet(tmp_path / "trust")
    assert (tmp_path / "trust" / places.ROOT).read_bytes() == root


def test_an_authority_of_another_time_is_told_with_both_dates(tmp_path: Path) -> None:
    authority.make(tmp_path / "trust", now=datetime.now(UTC) - timedelta(days=20 * 365))

    with pytest.raises(TrustBroken, match="clock says") as caught:
        authority.renew(tmp_path / "trust")

    assert "Set the clock" in caught.value.details["advice"]


def test_a_leaf_is_due_after_two_thirds_of_its_life(folder: Path) -> None:
    life = leaf.meet(folder)
    day = 86400

    assert not life.is_due(life.begins + 19.9 * day)
    assert life.is_due(life.begins + 20.1 * day)
    assert life.is_due(life.begins - 1)


def test_tls_before_1_2_is_not_spoken() -> None:
    """M06."""
    assert leaf.serving_context().minimum_version == ssl.TLSVersion.TLSv1_2


def forged(**changes: bool) -> bytes:
    """Return a root that looks like ours and is held to loopback a little less."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{places.TITLE} 12345678")])
    today = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
    )
    if changes:
        names = [x509.DNSName("localhost"), x509.DNSName("bank.example")]
        constraints = x509.NameConstraints(names, excluded_subtrees=None)
        builder = builder.add_extension(constraints, **changes)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("changes", [{}, {"critical": True}, {"critical": False}])
def test_nobody_is_led_to_trust_a_root_for_other_computers(
    folder: Path, tmp_path: Path, changes: dict[str, bool]
) -> None:
    """An administrator installs for everybody what a person, or a program of theirs, put there."""
    (folder / places.ROOT).write_bytes(forged(**changes))
    (tmp_path / "home").mkdir()

    done = subprocess.run(
        [Path(sys.executable).with_name("sheetfed"), "--home", folder.parent, "trust", "install"],
        env={"HOME": str(tmp_path / "home"), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "could speak for other computers" in done.stderr
    assert [*(tmp_path / "home").rglob("cert9.db")] == []


def test_our_own_root_is_taken_for_ours(root: Root) -> None:
    authority.check_root(root.der)
