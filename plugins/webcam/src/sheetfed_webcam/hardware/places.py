"""What tells one camera of Windows from another."""

from __future__ import annotations


def place(path: str, name: str) -> str:
    r"""Return what a camera is known by, through whichever of Windows' ways it was found.

    DirectShow and Media Foundation end the same path with a class of their own, as in
    `\\?\usb#vid_046d&pid_082d#1#{65e8773d-…}\global`. A camera that is a program has no path.
    """
    return path.partition("#{")[0].casefold() or name
