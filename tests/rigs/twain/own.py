"""Our own tests under the Windows Python. `python own.py` runs all that can run there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import elsewhere
import whole
import windows
from installed import ROOT, modules
from scanner import set_up

PATIENCE = 3000


def run(prefix: Path, folder: Path, rooms: Iterable[str]) -> tuple[int, str]:
    """Run the tests of some rooms; return the exit status and what was said."""
    places = (ROOT / "tests/rigs/twain", windows.PACKAGES)
    words = windows.python(prefix, path=modules(folder / "modules", *places))
    done = subprocess.run(
        [
            *(*words[:-1], str(whole.interpreter(folder / "python"))),
            *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "elsewhere"),
            *("-o", "timeout=120", "-o", "timeout_method=thread", "--durations=9"),
            *(windows.there(ROOT / "tests" / room) for room in rooms),
        ],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=PATIENCE,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def main() -> int:
    """Run them all in a Windows of their own."""
    windows.make()
    with tempfile.TemporaryDirectory() as place:
        prefix = set_up(Path(place) / "windows").prefix
        try:
            status, said = run(prefix, Path(place), (*elsewhere.QUICK, *elsewhere.SLOW))
        finally:
            windows.stop(prefix)
    print(said)
    return status


if __name__ == "__main__":
    sys.exit(main())
