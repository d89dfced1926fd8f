"""The log: one writer, five files, nothing of a page."""

from __future__ import annotations

import json
import logging
import os
import queue
import time
from io import TextIOWrapper
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

from sheetfed.discretion import discreet
from sheetfed.disk import write_whole

FILE = "sheetfed.log"
SIZE = 2_000_000
FILES = 5

BESIDE = "launchd.log"
"""What launchd keeps of what we print; it only ever adds to it."""

WAITING = 10_000
"""Lines that wait for a slow disk; more are not written, and that is written."""


class Log:
    """What the service and the stderr of its workers say, on its way to the disk.

    Only the service writes; a thread does, so that no answer waits for a disk.
    """

    def __init__(self, folder: Path, *, as_json: bool) -> None:
        self._folder = folder
        self._file = _File(folder / FILE)
        self._file.setFormatter(_AsJson() if as_json else _AsText())
        waiting: queue.Queue[logging.LogRecord] = queue.Queue(WAITING)
        self._door = _Door(waiting)
        self._writer = QueueListener(waiting, self._file)

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
        self._writer.stop()
        self._file.close()


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


class _Door(QueueHandler):
    """Takes lines without waiting, and without what they must not hold."""

    def __init__(self, waiting: queue.Queue[logging.LogRecord]) -> None:
        super().__init__(waiting)
        self._waiting = waiting
        self._lost = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is to be kept."""
        ours = record.name == "sheetfed" or record.name.startswith("sheetfed.")
        return record.levelno >= (logging.INFO if ours else logging.WARNING)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the line as it may be kept."""
        stack = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        kept = logging.LogRecord(
            record.name, record.levelno, "", 0, discreet(record.getMessage()), None, None
        )
        kept.created = record.created
        kept.process = record.process
        kept.__dict__.update(
            {key: record.__dict__[key] for key in _FACTS if key in record.__dict__}
        )
        if stack:
            kept.__dict__["stack"] = [discreet(line) for line in stack.splitlines()]
        return kept

    def enqueue(self, record: logging.LogRecord) -> None:
        """Hand a line over, or count it."""
        try:
            self._waiting.put_nowait(record)
        except queue.Full:
            self._lost += 1
            return
        if self._lost and self._waiting.qsize() < WAITING // 2:
            lost, self._lost = self._lost, 0
            logging.getLogger(__name__).warning("%d lines were not kept: the disk is slow", lost)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Go on: a log is no reason to fail."""


class _File(RotatingFileHandler):
    """Files for this account only; where the disk is full, lines are lost and nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=SIZE, backupCount=FILES - 1, encoding="utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        number = os.open(self.baseFilename, flags, 0o600)
        return os.fdopen(number, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as above
        """Go on, as above."""


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
