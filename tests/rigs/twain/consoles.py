"""A Windows at which somebody works: consoles, commands, and services."""

from __future__ import annotations

import fcntl
import os
import re
import select
import socket
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from windows import there

PATIENCE = 300


class Console:
    """A window of text, and the program that was started in it."""

    def __init__(self, words: Sequence[str], folder: Path) -> None:
        self._ours, inside = os.openpty()
        termios.tcsetwinsize(inside, (25, 200))  # Wine makes no console of none
        keys = termios.tcgetattr(inside)
        keys[0] &= ~termios.ICRNL  # Enter is itself, also before Wine asks for keys
        termios.tcsetattr(inside, termios.TCSANOW, keys)
        self.process = subprocess.Popen(
            words,
            cwd=folder,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            # Or Ctrl-C is for nobody; no thread of the tests holds what this needs.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(inside)

    def heard(self, pattern: bytes) -> re.Match[bytes]:
        """Return what it shows next that is like this."""
        shown = b""
        while not (found := re.search(pattern, shown)):
            piece = self._read()
            assert piece, shown
            shown += piece
        return found

    def press_ctrl_c(self) -> None:
        """Ask the program to stop, as a person does."""
        self._press(b"\x03")

    def answer(self, words: bytes) -> None:
        """Type some words, and Enter."""
        self._press(words + b"\r")

    def end(self) -> int:
        """Return the exit code, once the program has ended."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Close the window, whatever still runs in it."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _press(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def _read(self) -> bytes:
        ready, _, _ = select.select([self._ours], [], [], PATIENCE)
        assert ready, "it shows nothing more, and does not end"
        try:
            return os.read(self._ours, 4096)
        except OSError:  # nobody holds the other side
            return b""


class Desk:
    """The account of somebody whose files are in one folder, each service with a home there."""

    def __init__(self, python: Sequence[str], folder: Path, config: str) -> None:
        self._python = (*python, "-W", "ignore")
        self._config = config
        self.folder = folder

    def console(self, home: str, *words: str) -> Console:
        """Run a command of ours in a console."""
        return Console([*self._python, *self._words(home), *words], self.folder)

    def begin(self, home: str, *words: str) -> subprocess.Popen[str]:
        """Start a command of ours without a console."""
        return self.start(*self._words(home), *words)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a program of Python's."""
        pipes: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([*self._python, *words], cwd=self.folder, text=True, **pipes)

    def run(self, home: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours to its end."""
        return subprocess.run(
            [*self._python, *self._words(home), *words],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def _words(self, home: str) -> tuple[str, ...]:
        place = self.folder / home
        if not place.exists():
            place.mkdir()
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            (place / "sheetfed.toml").write_text(f"port = {port}\ntls = false\n{self._config}")
        return ("-c", "from sheetfed.cli import main; main()", "--home", there(place))
