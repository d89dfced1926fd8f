"""Sealed files hold what was written, or say that they do not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetfed.api.errors import DiskFull, ServiceGone, StoreDamaged
from sheetfed.store.blobs import CHUNK, Blobs

KEY = bytes(range(32))
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]


def written(blobs: Blobs, name: str, data: bytes, context: bytes = b"mine") -> bytes:
    writer = blobs.writer(name, KEY, context)
    writer.write(data)
    assert writer.finish() == len(data)
    return data


@pytest.mark.parametrize("size", EDGES)
def test_what_was_written_is_read(blobs: Blobs, size: int) -> None:
    data = written(blobs, "a", random.Random(size).randbytes(size))

    with blobs.reader("a", KEY, b"mine") as reader:
        assert reader.size == size
        assert reader.read(0, size + 100) == data


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    pieces=st.lists(st.integers(0, 2 * CHUNK), max_size=6),
    offset=st.integers(0, 8 * CHUNK),
    length=st.integers(0, 3 * CHUNK),
)
def test_any_range_of_any_pieces_is_what_was_written(
    blobs: Blobs, pieces: list[int], offset: int, length: int
) -> None:
    """Pages come in pieces of any size and browsers ask for any range."""
    chance = random.Random(str((pieces, offset, length)))
    name = f"a{chance.getrandbits(64)}"
    writer = blobs.writer(name, KEY, b"mine")
    whole = bytearray()
    for size in pieces:
        piece = chance.randbytes(size)
        writer.write(piece)
        whole += piece
    writer.finish()

    with blobs.reader(name, KEY, b"mine") as reader:
        assert reader.read(offset, length) == whole[offset : offset + length]
    blobs.delete(name)


def test_nothing_of_the_content_is_in_the_file(folder: Path, blobs: Blobs) -> None:
    written(blobs, "a", b"the letter says hello" * 50_000)

    assert b"hello" not in (folder / "a").read_bytes()


@pytest.mark.parametrize("size", EDGES)
def test_a_flipped_bit_anywhere_is_noticed(folder: Path, blobs: Blobs, size: int) -> None:
    """Whoever changed the disk gets no content out of us and no way to crash us."""
    written(blobs, "a", random.Random(size).randbytes(size))
    sealed = (folder / "a").read_bytes()
    chance = random.Random(size)
    places = {0, 4, 11, 12, len(sealed) - 1, *(chance.randrange(len(sealed)) for _ in range(20))}

    for place in places:
        broken = bytearray(sealed)
        broken[place] ^= 1 << chance.randrange(8)
        (folder / "a").write_bytes(broken)
        with pytest.raises(StoreDamaged), blobs.reader("a", KEY, b"mine") as reader:
            reader.read(0, size)


@pytest.mark.parametrize("size", EDGES)
def test_a_file_cut_short_or_grown_is_noticed_when_opened(
    folder: Path, blobs: Blobs, size: int
) -> None:
    """A cut on a chunk's border looks like a shorter file that is whole."""
    written(blobs, "a", random.Random(size).randbytes(size))
    sealed = (folder / "a").read_bytes()
    borders = range(12, len(sealed), CHUNK + 16)
    cuts = {0, 1, 11, 12, 27, 28, len(sealed) // 2, len(sealed) - 1, *borders}

    for cut in cuts - {len(sealed)}:
        (folder / "a").write_bytes(sealed[:cut])
        with pytest.raises(StoreDamaged):
            blobs.reader("a", KEY, b"mine")
    for more in (b"\0", sealed, bytes(CHUNK + 16)):
        (folder / "a").write_bytes(sealed + more)
        with pytest.raises(StoreDamaged):
            blobs.reader("a", KEY, b"mine")


def test_chunks_cannot_change_places(folder: Path, blobs: Blobs) -> None:
    written(blobs, "a", bytes(CHUNK) + b"\1" * CHUNK + b"\2")
    sealed = (folder / "a").read_bytes()
    one, two, step = 12, 12 + CHUNK + 16, CHUNK + 16
    (folder / "a").write_bytes(
        sealed[:one] + sealed[two : two + step] + sealed[one:two] + sealed[two + step :]
    )

    with pytest.raises(StoreDamaged), blobs.reader("a", KEY, b"mine") as reader:
        reader.read(0, CHUNK)


def test_a_file_cannot_stand_in_for_another(folder: Path, blobs: Blobs) -> None:
    """Even under the same key a file belongs to one context."""
    written(blobs, "a", b"for A", b"A")
    (folder / "b").write_bytes((folder / "a").read_bytes())

    with pytest.raises(StoreDamaged):
        blobs.reader("b", KEY, b"B")


def test_a_missing_file_is_damage(blobs: Blobs) -> None:
    with pytest.raises(StoreDamaged):
        blobs.reader("a", KEY, b"mine")


@pytest.mark.parametrize("name", ["../master", "", "a/b", "a.part"])
def test_a_name_from_outside_is_damage(blobs: Blobs, name: str) -> None:
    """A changed database must not make us touch other files."""
    with pytest.raises(StoreDamaged):
        blobs.delete(name)


def test_a_reader_goes_on_after_the_file_was_deleted(blobs: Blobs) -> None:
    data = written(blobs, "a", random.Random(1).randbytes(3 * CHUNK))

    with blobs.reader("a", KEY, b"mine") as reader:
        blobs.delete("a")
        assert reader.read(0, 3 * CHUNK) == data
    assert blobs.ids() == set()


def test_a_closed_reader_says_so(blobs: Blobs) -> None:
    written(blobs, "a", bytes(2 * CHUNK))
    reader = blobs.reader("a", KEY, b"mine")
    reader.close()
    reader.close()

    with pytest.raises(ServiceGone):
        reader.read(0, 1)


def test_an_aborted_file_leaves_nothing(folder: Path, blobs: Blobs) -> None:
    writer = blobs.writer("a", KEY, b"mine")
    writer.write(bytes(CHUNK * 2))
    writer.abort()
    writer.abort()

    assert list(folder.iterdir()) == []
    with pytest.raises(ServiceGone):
        writer.write(b"more")


def test_a_forgotten_writer_leaves_nothing(folder: Path, blobs: Blobs) -> None:
    writer = blobs.writer("a", KEY, b"mine")
    writer.write(bytes(CHUNK * 2))
    del writer

    assert list(folder.iterdir()) == []


def test_abort_after_finish_keeps_the_file(blobs: Blobs) -> None:
    writer = blobs.writer("a", KEY, b"mine")
    writer.finish()
    writer.abort()

    assert blobs.ids() == {"a"}


def test_the_last_of_the_disk_is_not_for_pages(
    folder: Path, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left lets the database go on, and lets a person delete."""
    writer = blobs.writer("a", KEY, b"mine")
    for place in ("blobs", "room"):
        monkeypatch.setattr(f"sheetfed.store.{place}.RESERVE", 1 << 60)

    with pytest.raises(DiskFull):
        writer.finish()
    with pytest.raises(DiskFull):
        blobs.writer("b", KEY, b"mine")
    assert list(folder.iterdir()) == []


def test_sweep_leaves_only_what_is_known(folder: Path, blobs: Blobs) -> None:
    written(blobs, "known", b"1")
    written(blobs, "unknown", b"2")
    (folder / "half.part").write_bytes(b"3")

    assert sorted(blobs.sweep({"known"})) == ["half.part", "unknown"]
    assert [entry.name for entry in folder.iterdir()] == ["known"]


def test_files_are_for_their_owner_only(folder: Path, blobs: Blobs) -> None:
    written(blobs, "a", b"1")

    assert (folder / "a").stat().st_mode & 0o777 == 0o600
