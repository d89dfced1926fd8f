"""Begins services and commands whose imports were made once.

    life = begin("--home", home, "serve", environ=os.environ)
    life.kill()

Each life is a whole process of its own, forked from one that has imported what a service imports
and has done nothing with it: a quarter of the work that a start of the program is. It is used as
`subprocess.Popen` is. Who says something of the start itself has to start the program.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import IO, Any

PROGRAM = Path(sys.executable).with_name("sheetfed")

LATE = (
    "cryptography.hazmat.primitives.ciphers.aead",
    "importlib.resources.readers",
    "pydantic.dataclasses",
    "pydantic.fields",
    "pydantic.json_schema",
    "pydantic.plugin._loader",
    "pydantic.type_adapter",
    "pydantic.types",
    "sheetfed.service",
    "zoneinfo",
)
"""What every service imports sooner or later, besides what its commands and its server do."""


class Life:
    """One process, from its begin to its end."""

    def __init__(self, asked: Mapping[str, Any], out: IO[Any] | None) -> None:
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        self.returncode: int | None = None
        self._said = ["", ""]
        self._readers: list[Thread] = []
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        nothing = os.open(os.devnull, os.O_RDONLY)
        handed = [theirs.detach(), nothing]
        if out is None:
            for name in ("stdout", "stderr"):
                reader, writer = os.pipe()
                setattr(self, name, open(reader))  # noqa: SIM115, PTH123
                handed.append(writer)
        else:
            handed += [os.dup(out.fileno()), os.dup(out.fileno())]
        socket.send_fds(_source(), [json.dumps(asked).encode()], handed)
        for file in handed:
            os.close(file)
        self.pid = self._told()

    def poll(self) -> int | None:
        """Return how it ended, if it did."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ends. Raises TimeoutExpired."""
        if (code := self._ended(timeout)) is None:
            raise subprocess.TimeoutExpired("sheetfed", timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return all that it says, once it has ended. Raises TimeoutExpired."""
        if not self._readers:
            for number, stream in enumerate((self.stdout, self.stderr)):
                if stream is not None and not stream.closed:
                    self._readers.append(Thread(target=self._hear, args=(number, stream)))
                    self._readers[-1].start()
        for reader in self._readers:
            reader.join(timeout)
            if reader.is_alive():
                raise subprocess.TimeoutExpired("sheetfed", timeout or 0)
        self.wait(timeout)
        return self._said[0], self._said[1]

    def send_signal(self, number: int) -> None:
        """Tell it something, if it still is."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Pull the plug."""
        self.send_signal(signal.SIGKILL)

    def _hear(self, number: int, stream: IO[str]) -> None:
        with stream:
            self._said[number] = stream.read()

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = self._told()
            except (TimeoutError, BlockingIOError):
                return None
            self._line.close()
        return self.returncode

    def _told(self) -> int:
        return int(self._line.recv(64))


def begin(
    *words: str | Path,
    environ: Mapping[str, str],
    cwd: Path | None = None,
    out: IO[Any] | None = None,
    program: Path = PROGRAM,
    leads: bool = False,
) -> Life:
    """Have a process run the command `sheetfed` with these words.

    It reads nothing. What it says goes to `out`, or else into its own two pipes. It may be another
    program in Python that is told the words, and lead a session of its own.
    """
    asked = {"program": str(program), "words": [*map(str, words)], "environ": dict(environ)}
    return Life({**asked, "cwd": str(cwd or Path.cwd()), "leads": leads}, out)


def run(
    *words: str | Path,
    environ: Mapping[str, str],
    cwd: Path | None = None,
    timeout: float = 50,
) -> subprocess.CompletedProcess[str]:
    """Run the command `sheetfed` with these words to its end."""
    life = begin(*words, environ=environ, cwd=cwd)
    try:
        said = life.communicate(timeout)
    except BaseException:
        life.kill()
        raise
    return subprocess.CompletedProcess(words, life.wait(), *said)


@cache
def _source() -> socket.socket:
    """Start what all lives come from; it ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    process = subprocess.Popen(
        [sys.executable, Path(__file__)],
        env=environ,
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _main() -> None:
    import cradle

    del sys.path[0]  # nothing else is imported from here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from sheetfed.server.frugal import import_aiohttp

    import_aiohttp()
    for name in ("sheetfed.cli", "sheetfed.server"):
        for found in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
            import_module(found.name)
    for name in LATE:
        import_module(name)
    cradle.furnish()
    gc.freeze()
    asked = _next_life(socket.socket(fileno=os.dup(0)))
    cradle.lie_beside()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environ"])
    more = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [str(Path(asked["program"]).parent), *filter(None, more)]
    sys.argv = [asked["program"], *asked["words"]]
    sys.orig_argv = [sys.executable, *sys.argv]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if asked["leads"]:
        os.setsid()
    runpy.run_path(asked["program"], run_name="__main__")


def _next_life(line: socket.socket) -> dict[str, Any]:
    """Fork for each wish that comes; return it in the child. Tell of each its id and its end."""
    watch = select.poll()
    watch.register(line, select.POLLIN)
    lives: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for file, _ in watch.poll():
            if file != line.fileno():
                watch.unregister(file)
                os.close(file)
                pid, told = lives.pop(file)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                _tell(told, code)
                told.close()
                continue
            wish, handed, _, _ = socket.recv_fds(line, 1024 * 1024, 4)
            if not wish:
                os._exit(0)
            told = socket.socket(fileno=handed[0])
            if not (pid := os.fork()):
                for number, stream in enumerate(handed[1:]):
                    os.dup2(stream, number)
                for other in (line, told, *(other for _, other in lives.values())):
                    other.close()
                os.closerange(3, 1024)
                _open_streams()
                asked: dict[str, Any] = json.loads(wish)
                return asked
            for stream in handed[1:]:
                os.close(stream)
            _tell(told, pid)
            watch.register(end := os.pidfd_open(pid), select.POLLIN)
            lives[end] = pid, told


def _tell(line: socket.socket, number: int) -> None:
    try:
        line.send(b"%d" % number)
    except OSError:  # who began it is gone, or no longer asks
        return


def _open_streams() -> None:
    """Open the three as an interpreter does that starts."""
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115
    for name, number, errors in (("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        raw = open(number, "wb", closefd=False)  # noqa: SIM115
        stream = io.TextIOWrapper(
            raw, errors=errors, line_buffering=os.isatty(number) or number == 2
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    _main()
