"""The system's own program that changes its store."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

LIMIT = 300.0
"""Seconds: the system may ask a person, in a window of its own."""


class Refused(Exception):
    """The program did not do it; the message is the last line that it said."""


def run(*command: str | Path) -> str:
    """Run a program and return what it prints. Raises Refused."""
    argv: Sequence[str] = [*map(str, command)]
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            errors="replace",  # certutil has its own way to write what is no ASCII
            timeout=LIMIT,
            check=False,
        )
    except FileNotFoundError as error:
        raise Refused(f"{argv[0]} is not there") from error
    except OSError as error:
        raise Refused(f"{argv[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{argv[0]} waited for an answer too long") from error
    if done.returncode:
        lines = (done.stderr + done.stdout).strip().splitlines()
        raise Refused(lines[-1] if lines else f"{argv[0]} ended with {done.returncode}")
    return done.stdout
