"""A screen that nobody sees, for what a browser shows outside of pages."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def screen() -> Iterator[str]:
    """Start an X server; give the name of its display."""
    program = shutil.which("Xvfb")
    assert program, "what a browser asks outside of pages needs xvfb"
    words = [program, "-displayfd", "1", "-screen", "0", "1100x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout
            yield f":{server.stdout.readline().decode().strip()}"
        finally:
            server.terminate()


def press(display: str, *keys: str) -> None:
    """Press keys, one after the other, as somebody at the screen does."""
    xdotool = shutil.which("xdotool")
    assert xdotool, "keys on a screen need xdotool"
    subprocess.run([xdotool, "key", *keys], env={**os.environ, "DISPLAY": display}, check=True)
