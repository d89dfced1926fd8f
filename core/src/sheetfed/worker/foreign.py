"""Tells a fault that ctypes caught from an error."""

from __future__ import annotations

import sys


def touched_foreign_memory(error: BaseException | None) -> bool:
    """Tell whether this is such a fault, which ctypes makes an ordinary error of on Windows.

    Elsewhere it ends the process, and must here, too: nobody knows in what state that is, and
    nothing of the driver may be called any more.
    """
    caught = sys.platform == "win32" and isinstance(error, OSError) and error.errno is None
    return caught and str(error).startswith("exception: ")
