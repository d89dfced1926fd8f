"""The standard streams, as every command needs them."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any


def have_them() -> None:
    """Have all three, of which output takes any letter, and tells when nobody reads it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:  # a file of the store would get its number
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
    out = sys.stdout
    if not isinstance(out, io.TextIOWrapper):
        return
    if sys.platform == "win32" and not out.isatty():
        pipe = io.BufferedWriter(WindowsPipe(out.fileno(), "w", closefd=False))
        sys.stdout = io.TextIOWrapper(pipe, encoding=out.encoding, errors="replace")
    out.reconfigure(errors="replace")  # a title may have letters that a locale has not


class WindowsPipe(io.FileIO):
    """Output on Windows, which calls it an invalid argument that whoever read it has left."""

    def write(self, data: Any, /) -> int:
        """Write some bytes. Raises BrokenPipeError as everywhere else."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from error
