"""A document over SSH, to a host whose key is known."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import unquote, urlsplit

from sheetfed.api.errors import SheetfedError, TargetRefused, TargetUnreachable
from sheetfed.api.model import Settings
from sheetfed_uploader import addresses
from sheetfed_uploader.extras import missing
from sheetfed_uploader.shelving import Note, Shelf, Shelved, renamed

try:
    import asyncssh
except ImportError as error:
    raise missing("sftp", "asyncssh") from error

T = TypeVar("T")

PIECE = 1 << 20
BLOCK = 32 << 10
"""Bytes of one question to the server; every server must take so many."""

LARGE_BLOCK = 256 << 10
"""The same for a server that says it takes them, over a line that carries them in no time."""

QUICK = 1 << 20
"""Bytes a second that such a line carries."""

ON_THE_WAY = 2 << 20
"""Bytes that are on their way side by side."""

CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
"""Before all others: the library's ChaCha20 takes four times the processor's time."""

STALLED = 30.0
_CUT = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)


class Sftp(Shelved):
    """Puts files there by SFTP."""

    def shelf(self) -> Shelf:
        """Return the place, reached."""
        return _Remote(self.settings)


class _Remote(Shelf):
    """One connection, used by one thread."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(str(settings["url"]))
        if url.scheme != "sftp" or not url.hostname:
            raise TargetRefused("The target's address is no sftp URL, as sftp://host/folder")
        internal = bool(settings["internal"])
        addresses.check_host(url.hostname, internal=internal)
        addresses.guard_process(internal=internal)
        self._host, self._port = url.hostname, url.port or 22
        self._shown = f"[{self._host}]" if ":" in self._host else self._host
        self._base = unquote(url.path).rstrip("/") or "."
        self._runner = asyncio.Runner()
        try:
            self._connection = self._run(self._connect(url.username, settings))
            self._sftp: asyncssh.SFTPClient = self._run(self._connection.start_sftp_client())
        except BaseException:
            self._runner.close()
            raise

    async def _connect(self, user: str | None, settings: Settings) -> asyncssh.SSHClientConnection:
        known, keys = _known_hosts(settings), _client_keys(settings)
        # where none of several addresses answers, asyncio would leave out the error number
        line = socket.create_connection((self._host, self._port), STALLED)
        try:
            return await asyncssh.connect(
                self._host,
                self._port,
                sock=line,
                username=str(settings["user"] or user or ""),
                password=str(settings.get("password") or "") or None,
                known_hosts=known,
                config=None,
                agent_path=None,
                encryption_algs=CIPHERS,
                connect_timeout=STALLED,
                **keys,
            )
        except BaseException:
            line.close()
            raise

    def size(self, path: str) -> int | None:
        try:
            found = self._run(self._sftp.stat(self._at(path)))
        except FileNotFoundError:
            return None
        return None if found.size is None else int(found.size)

    def make(self, folder: str) -> None:
        self._run(self._sftp.makedirs(self._at(folder), exist_ok=True))

    def write(self, path: str, stream: BinaryIO, note: Note) -> None:
        file: Any = self._run(self._sftp.open(self._at(path), "wb", block_size=0))
        try:
            self._run(self._written(file, stream, note), clocked=False)
        finally:
            self._run(file.close())

    async def _written(self, file: Any, stream: BinaryIO, note: Note) -> None:
        """Write many blocks side by side; each that is taken shows that the line lives."""
        waiting: deque[asyncio.Task[Any]] = deque()
        offset = done = 0
        began = time.monotonic()
        large = max(BLOCK, min(LARGE_BLOCK, self._sftp.limits.max_write_len))
        try:
            while piece := await asyncio.to_thread(stream.read, PIECE):
                block = large if done > QUICK * (time.monotonic() - began) else BLOCK
                for at in range(0, len(piece), block):
                    part = piece[at : at + block]
                    waiting.append(asyncio.ensure_future(file.write(part, offset)))
                    offset += len(part)
                    while offset - done > ON_THE_WAY:
                        done += await asyncio.wait_for(waiting.popleft(), STALLED)
                note(done)
            while waiting:
                done += await asyncio.wait_for(waiting.popleft(), STALLED)
            note(done)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def read(self, path: str) -> Iterator[bytes]:
        file: Any = self._run(self._sftp.open(self._at(path), "rb"))
        try:
            while piece := self._run(file.read(PIECE)):
                yield piece
        finally:
            self._run(file.close())

    def place(self, part: str, path: str, *, over: bool) -> None:
        if not over:
            renamed(self, self._rename, part, path, over=False)
            return
        try:
            self._run(self._sftp.posix_rename(self._at(part), self._at(path)))
        except TargetRefused as error:
            if not isinstance(error.__cause__, asyncssh.SFTPOpUnsupported):
                raise
            renamed(self, self._rename, part, path, over=True)

    def _rename(self, old: str, new: str) -> None:
        self._run(self._sftp.rename(self._at(old), self._at(new)))

    def remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._run(self._sftp.remove(self._at(path)))

    def where(self, path: str) -> str:
        return f"sftp://{self._shown}{self._at(path) if path else self._base}"

    def close(self) -> None:
        self._connection.abort()
        self._runner.close()

    def _at(self, path: str) -> str:
        return f"{self._base}/{path}"

    def _run(self, work: Awaitable[T], *, clocked: bool = True) -> T:
        """Wait for one thing, unless it has a clock of its own; name what may go wrong."""

        async def wait() -> T:
            return await asyncio.wait_for(work, STALLED if clocked else None)

        try:
            return self._runner.run(wait())
        except asyncssh.SFTPNoSuchFile as error:
            raise FileNotFoundError(error.reason) from error
        except TimeoutError as error:
            raise TargetUnreachable("The server let the connection stall") from error
        except (asyncssh.Error, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise _named(error) from error
        except OSError as error:
            raise addresses.lost(error) from error


def _client_keys(settings: Settings) -> dict[str, Any]:
    """Return what opens the door. Raises TargetRefused: the library tells it as a lost line."""
    if not settings["key"]:
        return {"client_keys": None}
    key = Path(str(settings["key"])).expanduser()
    if not key.is_file():
        raise TargetRefused(
            f"There is no file {key} with a key",
            advice="Put the private key there, or say in the target's `key` where it is.",
        )
    return {"client_keys": [str(key)], "passphrase": settings.get("passphrase") or None}


def _known_hosts(settings: Settings) -> str:
    """Return the file of known hosts. Raises TargetRefused: nobody is trusted unseen."""
    known = Path(str(settings["known-hosts"] or "~/.ssh/known_hosts")).expanduser()
    if not known.is_file():
        raise TargetRefused(
            f"There is no file {known} of known hosts",
            advice="Write the host's key there: `ssh-keyscan HOST`, and compare it.",
        )
    return str(known)


def _named(error: Exception) -> SheetfedError:
    """Return what the library says as a target does."""
    words = getattr(error, "reason", "") or str(error)
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return TargetRefused(
                f"The server's key is not the one that is known: {words}",
                advice="Somebody else may answer in its place. Compare the key, then write it to"
                " the file of known hosts.",
            )
        case asyncssh.PermissionDenied():
            return TargetRefused(f"The server lets us not in: {words}")
        case asyncssh.SFTPError() if not isinstance(error, _CUT):
            # Version 3 has no word for a full disk but failure.
            later = not isinstance(error, asyncssh.SFTPPermissionDenied)
            return TargetRefused(f"The server refuses: {words}", again=later)
        case asyncssh.Error():
            return TargetUnreachable(f"The connection broke: {words}")
    return TargetRefused(f"The key cannot be used: {words}")
