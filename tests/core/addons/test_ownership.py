"""Whoever can write an addon's file acts as the person who scans."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from sheetfed.ownership import owner_of, strangers

ADDON = """
@hookimpl
def sheetfed_sources():
    return [SourceSpec(name="pear", title="Pear", factory="pear:Pear")]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    package = tmp_path / "pear"
    package.mkdir(mode=0o755)
    for name in ("__init__.py", "source.py"):
        (package / name).write_text("")
        (package / name).chmod(0o644)
    return package / "__init__.py"


def test_a_file_of_our_own_has_no_strangers(place: Path) -> None:
    assert strangers(place) == ""
    assert owner_of(place) == pwd.getpwuid(os.getuid()).pw_name


def test_a_file_that_everybody_may_write_is_told(place: Path) -> None:
    place.chmod(0o666)

    assert strangers(place) == f"everybody may write {place}"


def test_a_file_beside_it_counts_too(place: Path) -> None:
    beside = place.with_name("source.py")
    beside.chmod(0o666)

    assert strangers(place) == f"everybody may write {beside}"


def test_a_folder_above_it_counts_too(place: Path) -> None:
    """Whoever may rename the folder puts another one in its place."""
    place.parent.parent.chmod(0o777)

    assert strangers(place) == f"everybody may write {place.parent.parent}"


def test_a_folder_where_only_owners_may_rename_is_well(place: Path) -> None:
    """As /tmp is."""
    place.parent.parent.chmod(0o1777)

    assert strangers(place) == ""


def test_a_link_leads_to_the_file_that_counts(place: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(place.with_name("source.py"))
    place.with_name("source.py").chmod(0o666)

    assert "everybody may write" in strangers(link)


def test_an_addon_says_where_it_is_and_who_could_change_it(garden) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """R28 (L10): it is loaded, for it is installed; but a person is told."""
    garden.plant("pear", ADDON)
    (garden.path / "pear.py").chmod(0o666)

    (row,) = garden.rows()
    told = garden.run("addons")
    doctor = garden.run("doctor", "--json")

    assert row["state"] == "ready"
    assert row["location"] == str(garden.path / "pear.py")
    assert row["owner"] == pwd.getpwuid(os.getuid()).pw_name
    assert row["warning"] == f"everybody may write {row['location']}"
    assert f"warning: addon pear: {row['warning']}" in told.stderr
    assert '"Addon pear",\n      "state": "weak"' in doctor.stdout
