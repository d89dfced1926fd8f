"""A server that is a process of its own, and may be killed."""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from socket import create_connection
from tempfile import gettempdir

from places import Place, bounded
from spare import free_port


class Daemon(Place):
    """A program that serves a folder."""

    def start(self) -> None:
        self.port = free_port()
        self.home = self.folder.with_name(f"{self.folder.name}.{type(self).__name__.lower()}")
        self.home.mkdir(mode=0o755)
        for folder in [self.folder, *self.folder.parents][:4]:
            if folder == Path(gettempdir()):
                break
            folder.chmod(0o755)
        self.prepare()
        self.run()

    def prepare(self) -> None:
        """Write what it is configured with."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what is run; it stays in the foreground."""

    def run(self) -> None:
        """Begin to serve; return once it answers."""
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                restore_signals=False,  # a file that may not grow is an error, not a signal
                env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"},
            )
        end = time.monotonic() + 30
        while True:
            try:
                create_connection(("127.0.0.1", self.port), 5).close()
                return
            except OSError:
                said = (self.home / "log").read_text(errors="replace")[-2000:]
                assert self.process.poll() is None, said
                assert time.monotonic() < end, said
                time.sleep(0.02)

    def stop(self) -> None:
        """Kill it and whoever it began, connections too; return once nobody listens any more."""
        with ExitStack() as stack:
            ends: list[int] = []
            for pid in self._pids():
                with suppress(ProcessLookupError):
                    ends.append(os.pidfd_open(pid))
                    stack.callback(os.close, ends[-1])
                    signal.pidfd_send_signal(ends[-1], signal.SIGKILL)
            self.process.wait()
            for end in ends:
                ended = select.poll()
                ended.register(end, select.POLLIN)
                assert ended.poll(30_000), "a process does not end"

    def restart(self) -> None:
        self.stop()
        self.run()

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let no file grow."""
        bounded(self._pids(), self.room)
        try:
            yield
        finally:
            bounded(self._pids(), resource.RLIM_INFINITY)

    def _pids(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:  # it grows with those that it leads to
            with suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found

    def close(self) -> None:
        self.stop()
