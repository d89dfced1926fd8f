"""A server of a protocol, and what lies there; the simplest ones."""

from __future__ import annotations

import asyncio
import logging
import resource
import shutil
import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from line import FtpLine, Line

from sheetfed.api.model import Settings
from sheetfed_uploader import sheetfed_targets

USER, PASSWORD = "clerk", "hunter2"
ROOM = 300_000
"""Bytes that a file may have where the disk is full."""

SPECS = {spec.name: spec for spec in sheetfed_targets()}


def account(url: str, **more: Any) -> dict[str, Any]:
    """Return the settings of a target on this machine, for the account that each place has."""
    return {"url": url, "user": USER, "password": PASSWORD, "internal": True, **more}


class Place(ABC):
    """A server on loopback, and a folder of what it took where it has one."""

    protocol: str
    port: int
    room = ROOM
    """Bytes that a file may have where the disk is full; the server's own must not be larger."""
    reads = 0
    """How often a document is read before it is on its way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    @property
    def factory(self) -> str:
        """The target's class."""
        return SPECS[self.protocol].factory

    def settings(self, **changes: Any) -> Settings:
        """Return what the class is made with; by `port` through another line."""
        defaults = {option.name: option.default for option in SPECS[self.protocol].options}
        return {**defaults, **self.own(int(changes.pop("port", self.port))), **changes}

    @abstractmethod
    def start(self) -> None:
        """Begin to serve."""

    @abstractmethod
    def own(self, port: int) -> dict[str, Any]:
        """Return what differs from the defaults."""

    def line(self, **how: Any) -> Line:
        """Return a line to it that can be cut, or be slow."""
        return Line(self.port, **how)

    def wrong(self) -> dict[str, Any]:
        """Return settings with credentials that are wrong."""
        return {"password": "letmein"}

    def arrived(self) -> Mapping[str, bytes]:
        """Return names and bytes of all that lies there."""
        return {
            str(file.relative_to(self.folder)): file.read_bytes()
            for file in sorted(self.folder.rglob("*"))
            if file.is_file()
        }

    def clear(self) -> None:
        """Take everything away."""
        for entry in self.folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    @abstractmethod
    def restart(self) -> None:
        """Die with all connections, and begin again on the same port, with what lies there."""

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let no file grow: a disk that is full, for servers that are threads of ours."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def close(self) -> None:  # noqa: B027 - a folder has nothing to stop
        """Stop."""


def bounded(pids: Iterable[int], most: int) -> None:
    """Let no file of some processes, and of those that they begin, grow larger."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):  # it ends, or has become another's
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, work: Any) -> Any:
        async def wait() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(wait(), self.loop).result(20)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


class Folder(Place):
    """A folder of this computer; no line, no credentials."""

    protocol = "folder"
    port = 0

    def start(self) -> None:
        pass

    def restart(self) -> None:
        pass

    def own(self, port: int) -> dict[str, Any]:
        return {"path": str(self.folder if port == 0 else self.folder / "nowhere")}

    def wrong(self) -> dict[str, Any]:
        return {}


class Ftp(Place):
    """pyftpdlib, without TLS."""

    protocol = "ftp"
    port = 0
    rights = "elradfmwMT"
    moves = True
    """Whether a file that is renamed takes another one's place."""

    def start(self) -> None:
        with warnings.catch_warnings(action="ignore"):  # it stands on an old part of Python
            from pyftpdlib.authorizers import DummyAuthorizer
            from pyftpdlib.filesystems import AbstractedFS, FilesystemError
            from pyftpdlib.handlers import FTPHandler
            from pyftpdlib.ioloop import IOLoop
            from pyftpdlib.servers import ThreadedFTPServer
        logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
        users = DummyAuthorizer()
        users.add_user(USER, PASSWORD, str(self.folder), perm=self.rights)
        moves = self.moves

        class Disk(AbstractedFS):
            def rename(self, src: str, dst: str) -> None:
                if self.lexists(dst) and not moves:
                    raise FilesystemError("There is such a file")
                super().rename(src, dst)

        own = {"authorizer": users, "auth_failed_timeout": 0, "abstracted_fs": Disk}
        handler = type("Handler", (FTPHandler,), own)
        self._server = ThreadedFTPServer(("127.0.0.1", self.port), handler, ioloop=IOLoop())
        self.port = self._server.address[1]
        self._thread = threading.Thread(
            target=lambda: self._server.serve_forever(timeout=0.1, handle_exit=False), daemon=True
        )
        self._thread.start()

    def own(self, port: int) -> dict[str, Any]:
        return account(f"ftp://127.0.0.1:{port}/", plain=True)

    def line(self, **how: Any) -> Line:
        return FtpLine(self.port, **how)

    def restart(self) -> None:
        self.close()
        Ftp.start(self)

    def close(self) -> None:
        self._server.close_all()
        self._thread.join(5)


class StiffFtp(Ftp):
    """The same as Windows has it: a name that is taken is not given once more."""

    moves = False


class FixedFtp(Ftp):
    """The same where nobody may rename."""

    rights = "elradmwMT"


PLACES = (Folder, Ftp)
