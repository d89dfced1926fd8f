"""Begins a service again and again, its imports made once.

    with Lives(os.environ) as lives:
        life = lives.begin("--home", home, "serve")
        life.kill()

Each life is a whole process of its own, forked from one that has imported what a service imports
and has done nothing with it. For tests that begin a service hundreds of times.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Self


class Life:
    """One process, from its begin to its end."""

    def __init__(self, lives: subprocess.Popen[str], pid: int) -> None:
        self._lives = lives
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return None: who waits for an answer in vain hears of the end by its own limit."""
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Tell it something."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Pull the plug."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> None:
        """Return once the process is gone; what it said nobody heard."""
        del timeout
        if self.returncode is None:
            assert self._lives.stdout
            self.returncode = int(self._lives.stdout.readline())


class Lives:
    """The process that all lives come from; one lives at a time."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__)],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._life: Life | None = None

    def begin(self, *words: str | Path) -> Life:
        """Have one more process run the command `sheetfed` with these words."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([*map(str, words)]), file=self._process.stdin, flush=True)
        self._life = Life(self._process, int(self._process.stdout.readline()))
        return self._life

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._life and self._life.returncode is None:
            self._life.kill()
        self._process.communicate()


def _main() -> None:
    from sheetfed.server.frugal import import_aiohttp

    import_aiohttp()
    for name in ("cli.serve", "server.app", "server.listen", "service"):
        import_module(f"sheetfed.{name}")
    from sheetfed.cli import main

    nothing = os.open(os.devnull, os.O_RDWR)
    for line in sys.stdin:
        if not (pid := os.fork()):
            os.dup2(nothing, 0)
            os.dup2(nothing, 1)
            sys.argv = ["sheetfed", *json.loads(line)]
            sys.exit(main())
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    _main()
