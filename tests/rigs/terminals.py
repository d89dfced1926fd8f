"""A command in a terminal, as a person sees it."""

from __future__ import annotations

import os
from typing import Any


class Terminal:
    """A pseudo terminal with a command in it."""

    def __init__(self, shell: Any, *words: str, **environ: str) -> None:
        self._ours, theirs = os.openpty()
        self.process = shell.start(
            *words,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            environ={"TERM": "xterm-256color", "COLUMNS": "100", **environ},
        )
        os.close(theirs)
        self.seen = ""

    def wait_for(self, text: str) -> None:
        """Read until this text was shown."""
        while text not in self.seen:
            self.read()

    def read(self) -> None:
        """Read what is shown next."""
        self.seen += os.read(self._ours, 4096).decode()

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Read to the end; return the exit code."""
        try:
            while piece := os.read(self._ours, 4096):
                self.seen += piece.decode()
        except OSError:  # the other side is closed
            pass
        os.close(self._ours)
        return int(self.process.wait(20))
