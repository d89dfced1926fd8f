"""Who did what, in lines that cannot be changed unseen."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sheetfed.api.errors import BadConfig
from sheetfed.chain import (
    Head,
    bind,
    file_of,
    files_of,
    first_of,
    last_line,
    read_head,
    write_head,
)
from sheetfed.disk import (
    check_private_file,
    make_last,
    open_plain,
    private_folder,
    read_at,
    room,
    sync_folder,
    write_all,
)

log = logging.getLogger(__name__)

Fact = str | int | float | bool | None

FILE_SIZE = 4 * 1024 * 1024
"""Bytes after which a new file is begun."""

FILES = 8
"""So many are kept; the oldest goes when one more is begun."""

WINDOW = 60.0
"""Seconds in which what repeats is counted, not written again."""

COUNTED = frozenset({"refuse", "token", "view"})
"""What a caller can cause without end, as all that is refused."""

STRANGE = frozenset({"refuse", "token"})
"""What somebody may try whom nobody approved."""

DISTINCT = 32
"""So many lines of one caller are told apart in one window, and of a site so many of each kind."""

STRANGERS = 4
"""So many of those that nobody approved: a page has as many names as it likes."""

SEVERAL = "(several)"
"""Who it was, where there were more."""

_LONGEST = 200
_TAIL = 64 * 1024


class Audit:
    """The audit log of one service. `note` may be called from any thread and never fails.

    A line is in the system's hands when `note` returns: no kill can lose it. A thread then makes
    it last and moves the head on. What cannot be written, because the disk is full, is counted,
    and the next line tells how many were lost.
    """

    def __init__(self, folder: Path, *, file_size: int = FILE_SIZE, window: float = WINDOW) -> None:
        self._folder = private_folder(folder)
        self._head: Head
        self._synced: int
        self._descriptor: int
        self._file_size = file_size
        self._repeats = _Repeats(window)
        self._lost = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        try:
            with room():
                self._begin()
        except OSError as error:
            raise BadConfig(
                f"The audit log in {folder} cannot be used: {error.strerror}"
            ) from error

    def note(self, who: str, what: str, result: str, **facts: Fact) -> None:
        """Write who (an origin, or "local") did what, and how that ended.

        The facts name no document's content or title, no token and no key.
        """
        line: dict[str, Fact] = {"who": who, "what": what, "result": result, **facts}
        line = {name: _short(value) for name, value in line.items()}
        with self._changed:
            if self._closed or self._repeats.holds(line):
                return
            self._write(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._live, name="audit", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Write what was only counted, make everything last, and let go. Safe twice."""
        with self._changed:
            if self._closed:
                return
            for line in self._repeats.ended(float("inf")):
                self._write(line)
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join()
        self._make_last(self._head)
        os.close(self._descriptor)

    def _live(self) -> None:
        while not self._closed:
            with self._changed:
                if self._synced == self._head.last and not self._closed:
                    self._changed.wait(self._repeats.patience())
                for line in self._repeats.ended(time.monotonic()):
                    self._write(line)
                head = self._head
            self._make_last(head)

    def _write(self, line: Mapping[str, Fact]) -> None:
        if self._lost:
            line = {**line, "lost": self._lost}
        try:
            if self._size() >= self._file_size:
                self._begin_file()
            if not self._size() and self._head.last:
                follow = {"who": "service", "what": "continue", "result": "done"}
                self._append({**follow, "after": self._head.chain})
            self._append(line)
            self._lost = 0
        except OSError as error:
            self._lost += 1
            log.warning("a line of the audit log could not be written: %s", error.strerror)

    def _append(self, line: Mapping[str, Fact]) -> None:
        number = self._head.last + 1
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        data, chain = bind(self._head.chain, {"n": number, "at": at, **line})
        before = self._size()
        try:
            write_all(self._descriptor, memoryview(data))
        except OSError:
            os.ftruncate(self._descriptor, before)  # nothing can follow half a line
            raise
        self._head = replace(self._head, last=number, chain=chain)

    def _make_last(self, head: Head) -> None:
        """Move the head on to lines that the disk has: it never names one that could be lost."""
        if self._synced == head.last:
            return
        try:
            make_last(self._descriptor)
            with self._changed:
                write_head(self._folder, replace(head, first=self._head.first))
        except OSError as error:
            log.warning("the audit log could not be made to last: %s", error.strerror)
        self._synced = head.last

    def _begin(self) -> None:
        """Go on where the last service stopped, however it did."""
        files = files_of(self._folder)
        head = read_head(self._folder)
        self._head = head or Head(first=first_of(files[0]) if files else 1)
        self._synced = self._head.last
        for file in files[-2:]:  # the last one may be empty: begun, and then killed
            last = last_line(_tail(file))
            if last and last[0] > self._head.last:  # killed before the head moved on
                self._head = replace(self._head, last=last[0], chain=last[1])
        if not files:
            write_head(self._folder, self._head)
            self._descriptor = self._new_file()
            return
        check_private_file(files[-1], os.lstat(files[-1]))
        tail = _tail(files[-1])
        self._descriptor = open_plain(files[-1], os.O_RDWR | os.O_APPEND)
        half = len(tail) - tail.rfind(b"\n") - 1
        if half:
            os.ftruncate(self._descriptor, self._size() - half)
            self._write({"who": "service", "what": "repair", "result": "half a line", "size": half})
        if head is None:
            self._write({"who": "service", "what": "repair", "result": "no head"})

    def _size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def _new_file(self) -> int:
        file = file_of(self._folder, self._head.last + 1)
        descriptor = open_plain(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL)
        sync_folder(self._folder)
        return descriptor

    def _begin_file(self) -> None:
        """Go on in a new file; the oldest goes, and the head says where the rest begins."""
        descriptor = self._new_file()
        make_last(self._descriptor)
        os.dup2(descriptor, self._descriptor, inheritable=False)
        os.close(descriptor)
        files = files_of(self._folder)
        if len(files) > FILES:
            self._head = replace(self._head, first=first_of(files[-FILES]))
            write_head(self._folder, self._head)
            for file in files[:-FILES]:
                file.unlink()


@dataclass(slots=True)
class _Repeat:
    """A line that was written, and how often it came again without being written."""

    line: Mapping[str, Fact]
    group: str
    ends: float
    written: int = 0
    times: int = 0


class _Repeats:
    """Counts what comes again within a window."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._open: dict[tuple[object, ...], _Repeat] = {}

    def holds(self, line: Mapping[str, Fact]) -> bool:
        """Count a line and return True, unless it is to be written."""
        who, what, result = str(line["who"]), line["what"], line["result"]
        short = {"who": who, "what": what, "result": result}
        if what not in COUNTED and result == "done":
            # of a person every line is written; a site could do and undo something without end
            return "://" in who and self._counts(short, "", most=DISTINCT)
        if what in STRANGE and result != "done":
            group, rest, most = SEVERAL, {**short, "who": SEVERAL}, STRANGERS
        else:
            group, rest, most = who, short, DISTINCT
        known = tuple(line.items()) in self._open
        if not known and sum(each.group == group for each in self._open.values()) >= most:
            return self._counts(rest, "", most=0)
        return self._counts(line, group, most=1)

    def _counts(self, line: Mapping[str, Fact], group: str, *, most: int) -> bool:
        """Count a line where it was written so often already."""
        ends = time.monotonic() + self._window
        found = self._open.setdefault(tuple(line.items()), _Repeat(line, group, ends))
        if found.written < most:
            found.written += 1
            return False
        found.times += 1
        return True

    def ended(self, now: float) -> list[dict[str, Fact]]:
        """Return the lines that tell what was counted in windows that are over."""
        over = [key for key, repeat in self._open.items() if repeat.ends <= now]
        ended = [self._open.pop(key) for key in over]
        return [{**repeat.line, "times": repeat.times} for repeat in ended if repeat.times]

    def patience(self) -> float | None:
        """Return the seconds until the first window ends, None where none is open."""
        ends = [repeat.ends for repeat in self._open.values()]
        return max(0.0, min(ends) - time.monotonic()) if ends else None


def _tail(file: Path) -> bytes:
    """Return the last bytes of a file, more than any line has."""
    descriptor = open_plain(file, os.O_RDONLY)
    try:
        return read_at(descriptor, _TAIL, max(0, os.fstat(descriptor).st_size - _TAIL))
    finally:
        os.close(descriptor)


def _short(value: Fact) -> Fact:
    return value[:_LONGEST] if isinstance(value, str) else value
