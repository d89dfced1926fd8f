"""Logs how a child died that was asked one question."""

from __future__ import annotations

import logging
import signal
import sys

log = logging.getLogger(__name__)

_BEGINS = "Fatal Python error"
_LINES, _LONGEST = 60, 300
_FAULT = 0xC0000000
"""What Windows counts from where a process left by a fault."""


def command(module: str, *words: str) -> list[str]:
    """Return what starts a module in a child that writes where it was when it dies."""
    return [sys.executable, "-X", "faulthandler", "-P", "-m", module, *words]


def examine(module: str, code: int | None, said: bytes) -> str:
    """Return how a child died, logged with where it was; nothing where it ended by itself.

    Nothing else of what it said is logged: it may be a keyring's.
    """
    if code is None or 0 <= code < _FAULT:
        return ""
    how = f"it was ended by {_name(-code)}" if code < 0 else f"it left with {code:#x}"
    _, begins, stack = said.decode("utf-8", "replace").partition(_BEGINS)
    lines = [line[:_LONGEST] for line in f"{begins}{stack}".splitlines()[:_LINES]]
    log.error("%s: %s", module, "\n".join([how, *lines]))
    return how


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
