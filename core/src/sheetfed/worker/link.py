"""The child's end of the pipe."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections import deque
from typing import Any

from sheetfed.api.errors import Cancelled, SheetfedError
from sheetfed.worker.frames import Head, Pipe
from sheetfed.worker.wire import to_json

PROGRESS_EVERY = 0.1
"""Seconds between two notes of progress on the same activity."""

TEXT_LIMIT = 16_000


class Link:
    """Talks with the parent; once `listen` was called, a thread hears of cancel and end."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._told: queue.SimpleQueue[tuple[Head, bytes]] = queue.SimpleQueue()
        self._asides: deque[Head] = deque()
        self._number = 0
        self._cancelled = 0
        self._operation = ""
        self._activity = ""
        self._noted = 0.0
        self._listens = False

    def listen(self) -> None:
        """Start the thread that listens."""
        self._listens = True
        threading.Thread(target=self._listen, daemon=True).start()

    def question(self) -> tuple[Head, bytes]:
        """Wait for the next question."""
        while True:
            head, body = self._told.get() if self._listens else self._frame()
            if "ask" in head:
                self._number = head["number"]
                self._operation = self._activity = ""
                return head, body

    def told(self) -> tuple[Head, bytes]:
        """Wait for what belongs to the question in hand. Raises Cancelled."""
        head, body = self._told.get()
        self.check()
        return head, body

    def aside(self) -> Head | None:
        """Return what was asked beside the question in hand, the oldest first."""
        return self._asides.popleft() if self._asides else None

    def check(self) -> None:
        """Raise Cancelled where the question in hand is no longer wanted."""
        if self._cancelled == self._number:
            raise Cancelled

    def doing(self, operation: str) -> None:
        """Say what is done next, so that its deadline holds."""
        if operation != self._operation:
            self._operation = operation
            self._pipe.send({"say": "doing", "operation": operation})

    def progress(self, activity: str, done: float | None) -> None:
        """Give a sign of life, at most ten times a second."""
        now = time.monotonic()
        if activity == self._activity and now - self._noted < PROGRESS_EVERY:
            return
        self._activity, self._noted = activity, now
        self._pipe.send({"say": "progress", "activity": activity, "done": done})

    def say(self, word: str, value: Any = None, body: bytes | bytearray | memoryview = b"") -> None:
        """Say a word, with the fields of a value and a body where it has them."""
        self._pipe.send({"say": word, **(to_json(value) if value is not None else {})}, body)

    def answer(self, fields: dict[str, Any]) -> None:
        """Answer the question in hand."""
        self.say("done", {**fields, "number": self._number})

    def fail(self, error: SheetfedError) -> None:
        """Answer the question in hand with an error."""
        self._pipe.send(
            {
                "say": "error",
                "number": self._number,
                "code": error.code,
                "message": error.message[:TEXT_LIMIT],
                "details": _plain(error.details),
            }
        )

    def _frame(self) -> tuple[Head, bytes]:
        frame = self._pipe.receive()
        if frame is None:
            os._exit(0)  # the parent is gone
        return frame

    def _listen(self) -> None:
        try:
            while (frame := self._pipe.receive()) is not None:
                if frame[0].get("tell") == "cancel":
                    self._cancelled = frame[0]["number"]
                if frame[0].get("tell") == "look":
                    self._asides.append(frame[0])
                    continue
                self._told.put(frame)
        finally:
            os._exit(0)  # the parent is gone


def _plain(details: dict[str, Any]) -> Any:
    """Return the details as JSON values, whatever an addon put into them."""
    try:
        return json.loads(json.dumps(details, default=str), parse_constant=str)
    except (TypeError, ValueError, RecursionError):
        return {"details": repr(details)[:TEXT_LIMIT]}
