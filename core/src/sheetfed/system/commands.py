"""Programs of the system, asked for one thing each."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from sheetfed.api.errors import SystemRefused

PATIENCE = 90.0
"""Seconds for one answer: stopping the service may take its time."""


def ask(words: Sequence[str], *, environ: Mapping[str, str | None] | None = None) -> str:
    """Run a program and return what it prints. Raises SystemRefused with what it says."""
    done = attempt(words, environ=environ)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        reason = said[-1] if said else f"it ended with {done.returncode}"
        raise SystemRefused(f"`{' '.join(words)}`: {reason}", command=[*words])
    return done.stdout


def attempt(
    words: Sequence[str],
    *,
    environ: Mapping[str, str | None] | None = None,
    patience: float = PATIENCE,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. Raises SystemRefused where there is none, or it never ends.

    It gets our environment, with what `environ` says; a variable that is None there it does not.
    What it says goes into files: a pipe may be held by what it started and left behind, and on
    Windows that would be waited for without an end.
    """
    program = shutil.which(words[0])
    if program is None:
        raise SystemRefused(
            f"There is no program {words[0]} on this computer",
            advice="Start it by hand with `sheetfed serve`, or with `sheetfed monitor`.",
        )
    asked = {**os.environ, "LC_ALL": "C", **(environ or {})}
    with _said() as out, _said() as err:
        try:
            done = subprocess.run(
                [program, *words[1:]],
                env={name: value for name, value in asked.items() if value is not None},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SystemRefused(f"`{' '.join(words)}` does not end") from error
        return subprocess.CompletedProcess(done.args, done.returncode, _read(out), _read(err))


def _said() -> IO[str]:
    """Return a file in memory, where the system has such: its disk may be full."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("said"), "w+", errors="replace")
    return tempfile.TemporaryFile("w+", errors="replace")


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
