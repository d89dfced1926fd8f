"""The master key in a real keyring: kept, locked, gone, moved."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sheetfed.api.errors import KeyUnavailable, StoreDamaged
from sheetfed.documents import Documents
from sheetfed.store import keys, place, vault
from sheetfed.store.folder import Store
from sheetfed.store.place import NOTE, Wish

sys.path.insert(0, str(Path(__file__).parent))
from secrets_service import Secrets

PROGRAM = Path(sys.executable).with_name("sheetfed")


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secrets]:
    with Secrets(tmp_path / "s") as secrets:
        for name, value in secrets.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(vault, "QUICK", 10.0)  # two processors for everybody here
        secrets.start()
        yield secrets


async def made(folder: Path, key: Wish = "auto") -> str:
    """Make a store with a document in it; return that one's id."""
    store = await Store.open(folder, key=key)
    row = await Documents(store).create("me", "a title under the key")
    await store.close()
    return row.id


async def title_of(folder: Path, document: str) -> str:
    store = await Store.open(folder)
    try:
        return (await Documents(store).get("me", document)).title
    finally:
        await store.close()


async def key_command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "--home", home, "key", *words]
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )


def place_of(folder: Path) -> str:
    note = place.read_note(folder)
    assert note
    return note.place


@pytest.mark.parametrize("key", ["auto", "keyring"])
async def test_a_new_store_has_its_key_in_the_keyring(
    folder: Path, secrets: Secrets, key: Wish
) -> None:
    document = await made(folder, key)

    assert place_of(folder) == "keyring"
    assert not (folder / keys.FILE).exists()
    assert await title_of(folder, document) == "a title under the key"


async def test_the_key_is_there_after_the_person_came_back(folder: Path, secrets: Secrets) -> None:
    document = await made(folder)
    secrets.stop()
    secrets.start()

    assert await title_of(folder, document) == "a title under the key"


async def test_an_older_store_stays_with_its_file(folder: Path, secrets: Secrets) -> None:
    """Nobody looks for a key that moved by itself."""
    document = await made(folder, "file")

    for wish in ("auto", "keyring"):
        store = await Store.open(folder, key=wish)  # type: ignore[arg-type]
        await store.close()

    assert place_of(folder) == "file"
    assert await title_of(folder, document) == "a title under the key"


async def test_a_locked_keyring_is_said_and_nothing_is_lost(folder: Path, secrets: Secrets) -> None:
    document = await made(folder)
    secrets.stop()
    secrets.start(password=None)

    with pytest.raises(KeyUnavailable, match="is locked") as caught:
        await Store.open(folder)

    assert caught.value.details["reason"] == "locked"
    assert "Unlock the keyring" in caught.value.advice
    secrets.stop()
    secrets.start()
    assert await title_of(folder, document) == "a title under the key"


async def test_a_keyring_that_is_gone_is_said_and_no_new_key_is_made(
    folder: Path, secrets: Secrets
) -> None:
    document = await made(folder)
    secrets.stop()

    with pytest.raises(KeyUnavailable):
        await Store.open(folder)
    assert not (folder / keys.FILE).exists()

    secrets.start()
    assert await title_of(folder, document) == "a title under the key"


async def test_a_new_store_does_without_a_locked_keyring(folder: Path, secrets: Secrets) -> None:
    """Nobody is there to answer a question that a service asks at login."""
    await made(folder / "first")
    secrets.stop()
    secrets.start(password=None)

    await made(folder / "second")

    assert place_of(folder / "second") == "file"


async def test_a_keyring_that_must_be_is_not_replaced_by_a_file(
    folder: Path, secrets: Secrets
) -> None:
    secrets.stop()

    with pytest.raises(KeyUnavailable):
        await Store.open(folder, key="keyring")

    assert not (folder / keys.FILE).exists()


async def test_a_copy_on_another_computer_says_which_key_it_needs(
    folder: Path, secrets: Secrets, tmp_path: Path
) -> None:
    """There the keyring is another one."""
    await made(folder)
    note = place.read_note(folder)
    assert note
    vault.drop(note.name, patience=10)

    with pytest.raises(KeyUnavailable, match=f"sheetfed, {note.name}") as caught:
        await Store.open(folder)

    assert caught.value.details["reason"] == "missing"


async def test_the_key_moves_there_and_back_and_no_page_is_lost(
    folder: Path, secrets: Secrets
) -> None:
    document = await made(folder, "file")

    place.move(folder, "keyring")
    assert not (folder / keys.FILE).exists()
    assert await title_of(folder, document) == "a title under the key"
    there = place.read_note(folder)
    assert there

    place.move(folder, "file")
    assert await title_of(folder, document) == "a title under the key"
    with pytest.raises(KeyUnavailable, match="does not hold"):
        vault.get(there.name, patience=10)


@pytest.mark.parametrize("to", ["keyring", "file"])
@pytest.mark.parametrize("step", ["write_whole", "unlink", "drop"])
async def test_a_move_that_is_cut_off_loses_nothing(
    folder: Path, secrets: Secrets, to: place.Place, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Power may go at every step; the note says which of two whole keys counts."""
    document = await made(folder, "file" if to == "keyring" else "keyring")

    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        target = {"write_whole": place, "unlink": Path, "drop": vault}[step]
        patch.setattr(target, step, cut_off)
        with suppress(KeyboardInterrupt):
            place.move(folder, to)

    assert await title_of(folder, document) == "a title under the key"
    place.move(folder, to)
    assert await title_of(folder, document) == "a title under the key"
    assert (folder / keys.FILE).exists() == (to == "file")


async def test_the_command_moves_the_key(folder: Path, secrets: Secrets, tmp_path: Path) -> None:
    home = tmp_path / "home"
    document = await made(home / "store", "file")

    moved = await key_command(home, "move", "keyring")
    shown = await key_command(home, "show")

    assert moved.stderr == ""
    assert moved.stdout == shown.stdout
    assert shown.stdout.startswith("The key is in the keyring, under sheetfed, ")
    assert await title_of(home / "store", document) == "a title under the key"


async def test_the_command_leaves_a_running_store_alone(folder: Path, tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "home" / "store", key="file")
    done = await key_command(tmp_path / "home", "move", "keyring")
    await store.close()

    assert done.returncode == 4
    assert str(os.getpid()) in done.stderr


async def test_the_key_of_another_store_is_refused(folder: Path) -> None:
    """With it, new pages would be sealed that the right one cannot open."""
    await made(folder / "one", "file")
    await made(folder / "two", "file")
    shutil.copy(folder / "two" / keys.FILE, folder / "one" / keys.FILE)

    with pytest.raises(StoreDamaged, match="another store"):
        await Store.open(folder / "one")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"place":"moon","name":"x","check":"y"}', "\0"])
async def test_a_damaged_note_is_said(folder: Path, text: str) -> None:
    await made(folder, "file")
    (folder / NOTE).write_text(text)

    with pytest.raises(StoreDamaged, match=NOTE):
        await Store.open(folder)


async def test_a_store_from_before_notes_opens_with_its_file(folder: Path) -> None:
    document = await made(folder, "file")
    (folder / NOTE).unlink()

    assert await title_of(folder, document) == "a title under the key"
    assert place_of(folder) == "file"


async def test_the_note_says_nothing_of_the_key(folder: Path) -> None:
    await made(folder, "file")
    key = (folder / keys.FILE).read_bytes()

    note = json.loads((folder / NOTE).read_text())

    assert key.hex() not in json.dumps(note)
    assert (folder / NOTE).stat().st_mode & 0o777 == 0o600


def test_the_service_itself_loads_no_keyring(tmp_path: Path, secrets: Secrets) -> None:
    code = (
        "import asyncio, pathlib, sys\n"
        "from sheetfed.store.folder import Store\n"
        "async def main():\n"
        "    store = await Store.open(pathlib.Path(sys.argv[1]), key='keyring')\n"
        "    await store.close()\n"
        "    print(sorted({'keyring', 'secretstorage', 'jeepney'} & set(sys.modules)))\n"
        "asyncio.run(main())\n"
    )

    done = subprocess.check_output([sys.executable, "-c", code, tmp_path / "store"], text=True)

    assert done == "[]\n"


def test_nothing_that_lies_in_the_working_folder_gets_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service may be started in a folder where others put files."""
    theirs = tmp_path / "sheetfed" / "store"
    theirs.mkdir(parents=True)
    for package in (theirs, theirs.parent):
        (package / "__init__.py").touch()
    (theirs / "vault_child.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'x')\nprint('{{}}')\n")
    monkeypatch.chdir(tmp_path)

    with suppress(KeyUnavailable):  # whatever the keyring of this machine says
        vault.put("a name", b"k" * keys.SIZE, patience=10.0)

    assert not (tmp_path / "ran").exists()


def test_the_child_has_no_compiler_look_for_libraries_of_other_systems(tmp_path: Path) -> None:
    """It took longer than the question, at each start of a service."""
    compiler = tmp_path / "gcc"
    compiler.write_text('#!/bin/sh\n: > "$0.ran"\n')
    compiler.chmod(0o700)

    done = subprocess.run(
        [sys.executable, "-P", "-m", "sheetfed.store.vault_child"],
        input='{"do": "get", "name": "x"}',
        env={**os.environ, "PATH": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {"error": "gone"}
    assert [file.name for file in tmp_path.iterdir()] == ["gcc"]
