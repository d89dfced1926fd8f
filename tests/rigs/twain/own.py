"""Our own tests under the Windows Python. `python own.py` runs all that can run there."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import elsewhere
import whole
from installed import ROOT, modules
from scanner import set_up
from windows import WINDOWS, there

PATIENCE = 3000
LAST = b"\0 this was the last line\n"
AT_ONCE = 2
MEMBERS = ("core", "plugins/barcode", "plugins/pdf", "plugins/uploader")
"""What is installed there: the tests of the command line read codes, draw PDF, and send."""


def run(prefix: Path, folder: Path, rooms: Iterable[str]) -> tuple[int, str]:
    """Run the tests of some rooms; return the exit status and what was said."""
    places = (ROOT / "tests/rigs/twain", WINDOWS.packages)
    path = modules(folder / "modules", *places, members=MEMBERS)
    return heard(
        *WINDOWS.python(prefix, path=path, program=whole.interpreter(folder / "python")),
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "elsewhere"),
        f"--basetemp={there(folder / 'tests')}",
        *("-o", "timeout=600", "-o", "timeout_method=thread", "--durations=9"),
        *(there(ROOT / "tests" / room) for room in rooms),
        folder=folder,
    )


def heard(*command: str, folder: Path) -> tuple[int, str]:
    """Run a program; return its exit status and what it said until it ended.

    The pipe may stay open for long after: in the hands of a program that hangs, or of Wine's own.
    """
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as thread, os.fdopen(reading, "rb") as pipe:
        said = thread.submit(lambda: b"".join(iter(pipe.readline, LAST)))
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.STDOUT,
        )
        try:
            status = process.wait(PATIENCE)
        finally:
            process.kill()
            os.write(writing, b"\n" + LAST)
            os.close(writing)
        return status, said.result().decode("utf-8", "replace")


def alone(rooms: Iterable[str]) -> tuple[int, str]:
    """Run the tests of some rooms in a Windows of their own."""
    with tempfile.TemporaryDirectory() as place:
        prefix = set_up(Path(place) / "windows").prefix
        try:
            return run(prefix, Path(place), rooms)
        finally:
            WINDOWS.stop(prefix)


def ends() -> tuple[int, str]:
    """Run the tests of how programs end there, which are run from outside."""
    file = Path(__file__).with_name("ends.py")
    return heard(sys.executable, "-m", "pytest", "-q", "--durations=9", str(file), folder=ROOT)


def main() -> int:
    """Run them all, some at once. Groups that are named are run alone."""
    WINDOWS.make()
    runs = {name: partial(alone, rooms) for name, rooms in elsewhere.GROUPS.items()}
    runs["ends"] = ends
    with ThreadPoolExecutor(AT_ONCE) as threads:
        picked = [(name, threads.submit(runs[name])) for name in sys.argv[1:] or runs]
        for name, running in picked:
            print(f"== {name}\n{running.result()[1]}", flush=True)
    return int(any(running.result()[0] for _, running in picked))


if __name__ == "__main__":
    sys.exit(main())
