"""What a machine protects is said as it is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from sheetfed.config import load, prepare
from sheetfed.store.place import load as load_key
from sheetfed.system import folders, protection, versions
from sheetfed.worker.confinement import Confinement
from sheetfed.worker.trial import ATTEMPTS

WHOLE = Confinement(limits=True, privileges=True, landlock=7, seccomp=True)
NOTHING = dict.fromkeys(ATTEMPTS, False) | {protection.HARMLESS: True}


def test_python_and_packages_are_new_enough_here() -> None:
    assert {found.state for found in versions.findings()} == {"ok"}


@pytest.mark.parametrize(
    ("known", "needed", "older"),
    [
        ("12.9.1", "13", True),
        ("13.0.0", "13", False),
        ("3.14.5", "3.14.5", False),
        ("3.9", "3.14.5", True),
        ("13.0.0rc1", "13", False),
        ("", "1", True),
    ],
)
def test_versions_are_compared_as_numbers(known: str, needed: str, older: bool) -> None:  # noqa: FBT001
    assert versions.is_older(known, needed) is older


@pytest.mark.parametrize(
    ("landlock", "text"),
    [
        (1, "version 1: no file"),
        (4, "version 4: no file, no TCP port"),
        (7, "version 7: no file, no TCP port, no signal"),
    ],
)
def test_landlock_is_said_to_hold_what_its_version_holds(landlock: int, text: str) -> None:
    parts = protection.parts_of(replace(WHOLE, landlock=landlock))

    assert text in [part.text for part in parts]


def test_an_old_package_is_broken_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the older Pillows can be taken over by a picture."""
    real = versions.version
    monkeypatch.setattr(
        versions, "version", lambda name: "12.3.0" if name.lower() == "pillow" else real(name)
    )

    (found,) = [each for each in versions.findings() if each.name == "Packages"]

    assert found.state == "broken"
    assert "12.3.0 is older than 13" in found.text


async def test_the_box_is_tried_in_a_child() -> None:
    found = await protection.findings()

    assert [each.name for each in found][-1] == "Box, tried"
    assert {each.state for each in found} == {"ok"}


def test_a_kernel_without_the_box_is_weak_not_broken() -> None:
    """It works as before; a person has to know."""
    parts = protection.parts_of(Confinement(limits=True))
    tried = protection.judged({**NOTHING, "read a file": True}, Confinement(limits=True))

    assert [each.state for each in parts] == ["ok", "weak", "weak", "weak"]
    assert (tried.state, "read a file" in tried.text) == ("weak", True)


def test_a_hole_in_a_whole_box_is_broken() -> None:
    found = protection.judged({**NOTHING, "fork": True}, WHOLE)

    assert (found.state, "fork" in found.text) == ("broken", True)
    assert protection.judged(NOTHING, WHOLE).state == "ok"
    assert protection.judged(dict.fromkeys(ATTEMPTS, False), WHOLE).state == "broken"


def test_a_home_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    config = load(home=tmp_path / "home", environ={})

    assert folders.home(config).state == folders.key(config).state == "missing"
    assert folders.disk(config).state == "ok"
    assert not config.home.exists()


def test_a_home_of_our_own_is_well(tmp_path: Path) -> None:
    config = load(home=tmp_path / "home", environ={})
    prepare(config)
    load_key(config.store, "file")

    assert folders.home(config).state == folders.key(config).state == "ok"


@pytest.mark.parametrize(
    ("which", "mode", "state"),
    [
        ("home", 0o755, "weak"),  # the folders in it keep others out
        ("home", 0o777, "broken"),
        ("store", 0o755, "broken"),
        ("runtime", 0o711, "broken"),
    ],
)
def test_a_folder_that_others_may_enter_is_told(
    tmp_path: Path, which: str, mode: int, state: str
) -> None:
    config = load(home=tmp_path / "home", environ={})
    prepare(config)
    folder: Path = getattr(config, which)
    folder.chmod(mode)

    found = folders.home(config)

    assert found.state == state
    assert found.advice == f"chmod 700 {folder}"


def test_a_key_that_others_may_read_is_broken(tmp_path: Path) -> None:
    config = load(home=tmp_path / "home", environ={})
    prepare(config)
    load_key(config.store, "file")
    (config.store / "master.key").chmod(0o644)
    assert folders.key(config).state == "broken"

    os.unlink(config.store / "master.key")  # noqa: PTH108
    assert folders.key(config).state == "broken"


def test_a_disk_without_room_is_told_before_paper_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load(home=tmp_path / "home", environ={})

    for free, state in [(50 << 20, "broken"), (500 << 20, "weak"), (5 << 30, "ok")]:
        left = type("Left", (), {"free": free})
        monkeypatch.setattr("shutil.disk_usage", lambda _place, left=left: left)
        assert folders.disk(config).state == state


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """Of a newer sheetfed, of none, or none at all beside its pages."""
    config = load(home=tmp_path / "home", environ={})
    prepare(config)
    database = config.store / "store.db"
    none = folders.store(config)
    database.write_bytes(b"SQLite format 3\0".ljust(63, b"\0") + b"\x01".ljust(40))
    old = folders.store(config)
    database.write_bytes(b"SQLite format 3\0".ljust(62, b"\0") + b"\x03\xe7".ljust(40))
    newer = folders.store(config)
    database.write_bytes(b"no database")
    damaged = folders.store(config)
    database.unlink()
    (config.store / "blobs").mkdir()
    (config.store / "blobs/page").touch()
    gone = folders.store(config)

    assert (none.state, old.state) == ("missing", "ok")
    assert (newer.state, "form 999" in newer.text) == ("broken", True)
    assert (damaged.state, damaged.text) == ("broken", f"{database} is damaged")
    assert (gone.state, gone.text) == ("broken", f"{database} is gone")
