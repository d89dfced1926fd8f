"""A log that somebody changed says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetfed.audit import Audit
from sheetfed.chain import bind, read_head, verify, write_head


def test_a_log_that_nobody_touched_is_whole(folder: Path, written: Path) -> None:
    found = verify(folder)

    assert (found.lines, found.last, found.fault) == (10, 10, "")


def test_an_edited_line_is_named(folder: Path, written: Path) -> None:
    """R37 (L15)."""
    lines = written.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"clinic", b"clown")
    written.write_bytes(b"".join(lines))

    assert verify(folder).fault == f"{written.name}, line 4: it is not as it was written"


def test_a_line_edited_with_its_own_chain_breaks_the_next(folder: Path, written: Path) -> None:
    """Whoever knows how a line is bound must bind all that follow as well."""
    lines = written.read_bytes().splitlines(keepends=True)
    chain = lines[2][-67:-3].decode()
    lines[3], _ = bind(chain, {"n": 4, "who": "nobody", "what": "scan", "result": "done"})
    written.write_bytes(b"".join(lines))

    assert verify(folder).fault == f"{written.name}, line 5: it is not as it was written"


def test_a_removed_line_is_named(folder: Path, written: Path) -> None:
    lines = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(b"".join(lines[:4] + lines[6:]))

    assert verify(folder).fault == f"{written.name}, line 5: entries 5 to 6 are missing"


def test_an_inserted_line_is_named(folder: Path, written: Path) -> None:
    lines = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(b"".join([*lines[:4], lines[1], *lines[4:]]))

    assert verify(folder).fault == f"{written.name}, line 5: this line was put in"


def test_a_tail_that_was_cut_off_is_missed(folder: Path, written: Path) -> None:
    lines = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(b"".join(lines[:8]))

    assert verify(folder).fault == f"{written.name}, line 9: entries 9 to 10 are missing"


def test_a_cut_tail_is_missed_for_ever(folder: Path, written: Path) -> None:
    """The next service goes on with the number that the head knows."""
    lines = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(b"".join(lines[:8]))
    audit = Audit(folder)
    audit.note("local", "scan", "done")
    audit.close()

    assert verify(folder).fault == f"{written.name}, line 9: entries 9 to 10 are missing"


def test_text_that_is_no_line_is_named(folder: Path, written: Path) -> None:
    with written.open("ab") as stream:
        stream.write(b'{"n":11}\n')

    assert verify(folder).fault == f"{written.name}, line 11: this is no line of the log"


@pytest.mark.parametrize("head", [None, b"", b"[]", b'{"first":"x"}', b"\0" * 160])
def test_a_head_that_is_gone_or_damaged_is_missed(
    folder: Path, written: Path, head: bytes | None
) -> None:
    (folder / "head").unlink()
    if head is not None:
        (folder / "head").write_bytes(head)

    assert "head" in verify(folder).fault


def test_a_log_that_was_deleted_is_missed(folder: Path, written: Path) -> None:
    written.unlink()

    assert verify(folder).fault == "the log: entries 1 to 10 are missing"


def test_a_new_log_does_not_hold_a_line_of_the_old_one(folder: Path, written: Path) -> None:
    """Whoever may write all files can forge them all, but not what was noted elsewhere."""
    known = verify(folder)
    written.unlink()
    (folder / "head").unlink()
    forged = Audit(folder)
    for _ in range(12):
        forged.note("local", "scan", "done")
    forged.close()

    assert verify(folder).fault == ""
    fault = verify(folder, expect=(known.last, known.chain)).fault
    assert fault == f"{written.name}, line 10: it is not the line that was there before"


def test_a_head_moved_back_accepts_what_is_there(folder: Path, written: Path) -> None:
    """A kill leaves the head behind; the lines after it hang together all the same."""
    head = read_head(folder)
    assert head
    line = written.read_bytes().splitlines()[7]
    write_head(folder, type(head)(last=8, chain=line[-66:-2].decode()))

    assert verify(folder).fault == ""
