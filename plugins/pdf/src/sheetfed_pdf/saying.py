"""What a command says while it works."""

from __future__ import annotations

import sys


def safe(words: str) -> str:
    """Return words of a stranger without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else "�" for sign in words)


class Progress:
    """Counts on a terminal what is done; says nothing to a file or a pipe."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._seen = sys.stderr.isatty() and total > 1

    def step(self) -> None:
        """Count one more."""
        self._done += 1
        if self._seen:
            sys.stderr.write(f"\r{self._what} {self._done} of {self._total}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._seen:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def complain(words: str) -> None:
    """Say what went wrong."""
    sys.stderr.write(f"{safe(words)}\n")


def tell(words: str) -> None:
    """Say what came of it."""
    sys.stdout.write(f"{words}\n")
