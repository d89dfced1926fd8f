"""Two services never share a store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig, StoreLocked
from sheetfed.store.folder import Store
from sheetfed.store.lock import FILE, StoreLock

HOLDER = (
    "import pathlib, sys, time\n"
    "from sheetfed.store.lock import StoreLock\n"
    "lock = StoreLock(pathlib.Path(sys.argv[1]))\n"
    "lock.take()\n"
    "print('taken', flush=True)\n"
    "time.sleep(60)\n"
)


def test_the_second_process_is_told_who_the_first_one_is(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, folder], stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline().strip() == b"taken"
            with pytest.raises(StoreLocked) as caught:
                StoreLock(folder).take()
        finally:
            holder.kill()  # or its end would be waited for

    assert f"Process {holder.pid} uses the store {folder}" in caught.value.message
    assert caught.value.details["pid"] == holder.pid
    assert " -c " in caught.value.details["command"]


def test_a_killed_holder_leaves_no_lock(folder: Path) -> None:
    """What it wrote down stays in the file and must not count."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, folder], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        holder.kill()
    assert str(holder.pid) in (folder / FILE).read_text()

    lock = StoreLock(folder)
    lock.take()

    assert (folder / FILE).read_text().startswith(f"{os.getpid()}\n")
    lock.release()
    lock.release()


@pytest.mark.parametrize("note", [b"", b"\xff\xfe", b"12x\n"])
def test_a_holder_without_a_readable_note_still_holds(folder: Path, note: bytes) -> None:
    lock = StoreLock(folder)
    lock.take()
    (folder / FILE).write_bytes(note)

    with pytest.raises(StoreLocked, match="Another process uses the store"):
        StoreLock(folder).take()
    lock.release()


def test_a_link_in_the_place_of_the_lock_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / FILE).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BadConfig):
        StoreLock(folder).take()


async def test_a_store_that_did_not_open_is_not_locked(folder: Path) -> None:
    (folder / "store.db").write_bytes(b"")
    with pytest.raises(Exception, match="restore it"):
        await Store.open(folder)
    (folder / "store.db").unlink()

    store = await Store.open(folder)
    with pytest.raises(StoreLocked):
        await Store.open(folder)
    await store.close()
    await (await Store.open(folder)).close()
