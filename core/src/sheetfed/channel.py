"""Dials what local tools use: a socket, on Windows a pipe."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

if sys.platform == "win32":
    from sheetfed.pipes import Pipe, dial
else:
    Pipe = socket.socket

    def dial(path: Path, timeout: float | None) -> Pipe:
        """Return a line to who listens there. Raises what the system raises."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(timeout)
        try:
            line.connect(str(path))
        except BaseException:
            line.close()
            raise
        return line
