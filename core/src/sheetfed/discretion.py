"""Takes out of a line what no log may keep."""

from __future__ import annotations

import io
import re
import threading
from contextlib import suppress
from typing import TextIO

LONGEST = 2000
"""Characters of a line that are kept."""

_ADDRESS = re.compile(
    r"\b([a-z][a-z0-9+.-]{1,15}://)(?=[^\s/?#'\"<>)])(?:[^\s\"<>]*@)?([^\s/?#'\"<>)]*)[^\s'\"<>)]*",
    re.IGNORECASE,
)
"""A password may hold any sign, so the host begins after the last `@`."""

_SECRET = re.compile(
    r"""
    ( \bbearer\s+
    | (?: token | nonce | password | passwd | secret | api[_-]?key | authorization )
      \\*['"]? \s*[=:]\s* )
    (?: (?:basic|bearer)\s+ )?
    (?: [bru]{0,2} (?P<quote>\\*['"]) .*? (?: (?<!\\)(?P=quote) | \Z )
      | digest\s.*
      | (?: [^\s,;&'"\\] | [,;&\\](?=[^\s'"]) )+ )
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""A name with a value, quoted or not, also where JSON has quoted both once more."""

_BULK = re.compile(r"[A-Za-z0-9+/_=-]{160,}")
"""No word is so long; bytes of a picture in base64 are, or a certificate."""


def discreet(text: str) -> str:
    """Return a line without secrets, without what follows the host of an address, and not endless.

    A secret is known by the name before it. What could steer a terminal or begin another line is
    a blank.
    """
    text = _BULK.sub("(…)", text[: 4 * LONGEST])
    text = _SECRET.sub(r"\1\g<quote>(…)\g<quote>", text)
    text = _ADDRESS.sub(_host_only, text)
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}(…)"


class Discreet(io.TextIOBase):
    """A stream on which whole lines go out, each without what it must not hold.

    What we print others keep: the journal, launchd, the monitor. May be written by any thread.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._turn = threading.RLock()  # a signal may come while a line goes out
        self._line = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed: as if it could be set
        """How the lines are written."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Take text; its last line waits for its end, or until it is long."""
        with self._turn:
            *lines, self._line = (self._line + text).split("\n")
            if len(self._line) > LONGEST:
                lines, self._line = [*lines, self._line], ""
            with suppress(OSError):  # who kept it is gone, or has no room; we are here for others
                self._stream.write("".join(f"{discreet(line)}\n" for line in lines))
                self._stream.flush()
        return len(text)

    def close(self) -> None:
        """Let out what waits; the stream below stays open. Safe twice."""
        if self._line:
            self.write("\n")
        super().close()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def isatty(self) -> bool:
        """Say whether a person reads along."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the descriptor below, for what writes without us."""
        return self._stream.fileno()


def _host_only(found: re.Match[str]) -> str:
    whole, scheme, host = found[0], found[1], found[2]
    return whole if whole == f"{scheme}{host}" else f"{scheme}{host}/(…)"
