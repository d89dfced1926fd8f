"""The master key is ours alone, or we do not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig, StoreDamaged
from sheetfed.disk import private_folder
from sheetfed.store.folder import Store
from sheetfed.store.keys import FILE, Master
from sheetfed.store.place import NOTE, load


def master(folder: Path) -> Master:
    """Return a store's master key as the store has it."""
    return Master(load(folder, "file"))


def test_the_key_file_is_made_once_and_private(folder: Path) -> None:
    sealed = master(folder).wrap(b"k" * 32, b"here")

    assert master(folder).unwrap(sealed, b"here") == b"k" * 32
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600
    assert {entry.name for entry in folder.iterdir()} == {FILE, NOTE}


def test_a_sealed_key_opens_in_its_context_only(folder: Path) -> None:
    sealed = master(folder).wrap(b"k" * 32, b"here")

    for wrong in (sealed[:-1], sealed[:5], b"", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(StoreDamaged):
            master(folder).unwrap(wrong, b"here")
    with pytest.raises(StoreDamaged):
        master(folder).unwrap(sealed, b"there")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(folder: Path, mode: int) -> None:
    master(folder)
    (folder / FILE).chmod(mode)

    with pytest.raises(BadConfig, match="chmod go-rwx"):
        master(folder)


def test_a_key_behind_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(bytes(32))
    (tmp_path / "theirs").chmod(0o600)
    (folder / FILE).symlink_to(tmp_path / "theirs")

    with pytest.raises(BadConfig):
        master(folder)


@pytest.mark.parametrize("size", [0, 31, 33, 5000])
def test_a_key_of_another_size_is_damage(folder: Path, size: int) -> None:
    (folder / FILE).write_bytes(bytes(size))
    (folder / FILE).chmod(0o600)

    with pytest.raises(StoreDamaged):
        master(folder)


def test_half_a_key_from_a_crash_is_replaced(folder: Path) -> None:
    (folder / "master.new").write_bytes(b"half")

    master(folder)

    assert (folder / FILE).stat().st_size == 32


async def test_a_lost_key_is_not_replaced_in_silence(folder: Path) -> None:
    """With a new key every page would be noise; the old file may be in a backup."""
    await (await Store.open(folder)).close()
    (folder / FILE).unlink()

    with pytest.raises(StoreDamaged, match="restore it"):
        await Store.open(folder)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)

    with pytest.raises(BadConfig, match="chmod go-rwx"):
        private_folder(tmp_path / "open")


def test_a_folder_behind_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)

    with pytest.raises(BadConfig, match="not a plain folder"):
        private_folder(tmp_path / "link")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BadConfig):
        private_folder(tmp_path / "file")
    with pytest.raises(BadConfig):
        private_folder(tmp_path / "file" / "below")


def test_the_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """As an ordinary user / is somebody else's; as root we give a folder away."""
    theirs = Path("/")
    if os.getuid() == 0:
        theirs = tmp_path / "theirs"
        theirs.mkdir(mode=0o700)
        os.chown(theirs, 12345, -1)

    with pytest.raises(BadConfig, match="belongs to user"):
        private_folder(theirs)


def test_an_idle_store_has_no_cryptography_loaded(tmp_path: Path) -> None:
    """It costs memory and start time that a service without pages need not pay."""
    program = (
        "import asyncio, pathlib, sys\n"
        "from sheetfed.documents import Documents\n"
        "from sheetfed.store.folder import Store\n"
        "async def main():\n"
        "    store = await Store.open(pathlib.Path(sys.argv[1]))\n"
        "    await Documents(store).list('me')\n"
        "    await store.close()\n"
        "    print(sorted({'cryptography', 'numpy', 'PIL', 'aiohttp'} & set(sys.modules)))\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "store"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
