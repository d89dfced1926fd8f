"""The log: one writer, five files, nothing of a page."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import time
from contextlib import suppress
from pathlib import Path

from sheetfed.discretion import discreet
from sheetfed.disk import PLAIN, write_all, write_whole

FILE = "sheetfed.log"
SIZE = 2_000_000
FILES = 5

BESIDE = "launchd.log"
"""What launchd keeps of what we print; it only ever adds to it."""

WAITING = 10_000
"""Lines that wait for a slow disk; more are not written, and that is written."""


class Log:
    """What the service and the stderr of its workers say, on its way to the disk.

    Only the service writes; a thread does, so that no answer waits for a disk. What Python has for
    this loads a room for pickles, half a megabyte.
    """

    def __init__(self, folder: Path, *, as_json: bool) -> None:
        self._folder = folder
        self._files = _Files(folder / FILE)
        self._form = _AsJson() if as_json else _AsText()
        self._waiting: queue.Queue[logging.LogRecord | None] = queue.Queue(WAITING)
        self._door = _Door(self._waiting)
        self._writer = threading.Thread(target=self._write, name="log", daemon=True)

    def begin(self) -> None:
        """Write from now on what is told: of ours from INFO, of libraries from WARNING."""
        _shorten(self._folder / BESIDE)
        ours, everybody = logging.getLogger("sheetfed"), logging.getLogger()
        ours.setLevel(min(ours.getEffectiveLevel(), logging.INFO))
        everybody.setLevel(min(everybody.level, logging.WARNING))
        everybody.addHandler(self._door)
        self._writer.start()

    def end(self) -> None:
        """Write what waits and close the file."""
        logging.getLogger().removeHandler(self._door)
        self._waiting.put(None)
        self._writer.join()
        self._files.close()

    def _write(self) -> None:
        while (record := self._waiting.get()) is not None:
            self._files.add(f"{self._form.format(record)}\n".encode(errors="replace"))


def _shorten(file: Path) -> None:
    """Put what a log has into one other file, where it has grown, so that both stay small.

    Whoever writes to it has it open to add at its end, wherever that is.
    """
    try:
        if file.stat().st_size <= SIZE:
            return
        with file.open("rb+") as opened:
            opened.seek(-SIZE, os.SEEK_END)
            write_whole(file.with_name(f"{file.name}.1"), opened.read(SIZE))
            opened.truncate(0)
    except OSError:  # a log is no reason to fail
        return


class _Door(logging.Handler):
    """Takes lines without waiting, and without what they must not hold."""

    def __init__(self, waiting: queue.Queue[logging.LogRecord | None]) -> None:
        super().__init__()
        self._waiting = waiting
        self._lost = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is to be kept."""
        ours = record.name == "sheetfed" or record.name.startswith("sheetfed.")
        return record.levelno >= (logging.INFO if ours else logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a line over, or count it."""
        with suppress(Exception):  # a log is no reason to fail: words that fit no pattern
            self._hand_over(_kept(record))

    def _hand_over(self, record: logging.LogRecord) -> None:
        try:
            self._waiting.put_nowait(record)
        except queue.Full:
            self._lost += 1
            return
        if self._lost and self._waiting.qsize() < WAITING // 2:
            lost, self._lost = self._lost, 0
            logging.getLogger(__name__).warning("%d lines were not kept: the disk is slow", lost)


def _kept(record: logging.LogRecord) -> logging.LogRecord:
    """Return the line as it may be kept."""
    stack = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
    kept = logging.LogRecord(
        record.name, record.levelno, "", 0, discreet(record.getMessage()), None, None
    )
    kept.created = record.created
    kept.process = record.process
    kept.__dict__.update({key: record.__dict__[key] for key in _FACTS if key in record.__dict__})
    if stack:
        kept.__dict__["stack"] = [discreet(line) for line in stack.splitlines()]
    return kept


class _Files:
    """Files for this account only; where the disk is full, lines are lost and nothing else."""

    def __init__(self, newest: Path) -> None:
        self._newest = newest
        self._descriptor: int | None = None

    def add(self, line: bytes) -> None:
        """Write a line, into a new file where it does not fit any more."""
        with suppress(OSError):
            if self._descriptor is None:
                self._open()
            elif os.fstat(self._descriptor).st_size + len(line) > SIZE:
                self._turn()
            if self._descriptor is not None:
                write_all(self._descriptor, memoryview(line))

    def close(self) -> None:
        """Let go of the file. Safe twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | PLAIN
        self._descriptor = os.open(self._newest, flags, 0o600)

    def _turn(self) -> None:
        self.close()
        for number in range(FILES - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._numbered(number - 1).replace(self._numbered(number))
        self._open()

    def _numbered(self, number: int) -> Path:
        return self._newest.with_name(f"{self._newest.name}.{number}") if number else self._newest


_FACTS = ("worker", "pid", "device", "job")
"""What a line may say beside its words, where the caller names it."""


class _AsText(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = f"{_moment(record.created)} {record.levelname} {record.name}: {record.msg}"
        return "\n  ".join([line, *getattr(record, "stack", ())])


class _AsJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": _moment(record.created),
            "level": record.levelname.lower(),
            "room": record.name,
            "event": record.msg,
        }
        facts = (*_FACTS, "stack")
        told |= {key: record.__dict__[key] for key in facts if key in record.__dict__}
        return json.dumps(told, ensure_ascii=False)


def _moment(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds * 1000) % 1000:03d}Z"
