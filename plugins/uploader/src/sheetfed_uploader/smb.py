"""A document to a shared folder, as Windows and NAS have it."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Literal
from urllib.parse import unquote, urlsplit

from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed.api.model import Settings
from sheetfed_uploader import addresses
from sheetfed_uploader.extras import missing
from sheetfed_uploader.shelving import Note, Shelf, Shelved, no_folder

try:
    import smbclient
    from smbprotocol.exceptions import (
        SMBAuthenticationError,
        SMBConnectionClosed,
        SMBException,
        SMBOSError,
        SMBResponseException,
    )
except ImportError as error:
    raise missing("smb", "smbprotocol") from error

PIECE = 128 << 10
STALLED = 30.0
_LATER = frozenset({0xC000007F, 0xC0000044, 0xC0000043, 0xC000009A})
"""Answers after which it may go better: no room, no quota, somebody has it open, no resources."""


class Smb(Shelved):
    """Puts files into a share."""

    def shelf(self) -> Shelf:
        """Return the place, reached."""
        return _Remote(self.settings)


class _Remote(Shelf):
    """One connection, used by one thread."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(str(settings["url"]))
        share, _, folder = unquote(url.path).strip("/").partition("/")
        if url.scheme != "smb" or not url.hostname or not share:
            raise TargetRefused("The target's address is no smb URL, as smb://host/share/folder")
        internal = bool(settings["internal"])
        addresses.check_host(url.hostname, internal=internal)
        addresses.guard_process(internal=internal)
        self._host, self._port = url.hostname, url.port or 445
        self._base = "\\\\" + "\\".join([url.hostname, share, *folder.split("/")]).rstrip("\\")
        self._cache: dict[str, Any] = {}
        self._line: Any = None
        self._gone = False
        user = str(settings["user"] or url.username or "")
        try:
            with self._watched():
                session: Any = smbclient.register_session(
                    self._host,
                    username=user or None,
                    password=str(settings.get("password") or "") or None,
                    port=self._port,
                    encrypt=bool(settings["encrypt"]) or None,
                    connection_timeout=int(STALLED),
                    connection_cache=self._cache,
                    auth_protocol="ntlm" if user else "negotiate",
                )
            self._line = session.connection.transport
            with self._watched():  # a share that is not there is told now
                smbclient.stat(self._at(""), **self._how)
        except FileNotFoundError as error:
            self.close()
            raise no_folder() from error
        except BaseException:
            self.close()
            raise

    def size(self, path: str) -> int | None:
        try:
            with self._watched():
                return int(smbclient.stat(self._at(path), **self._how).st_size)
        except FileNotFoundError:
            return None

    def make(self, folder: str) -> None:
        with self._watched():
            smbclient.makedirs(self._at(folder), exist_ok=True, **self._how)

    def write(self, path: str, stream: BinaryIO, note: Note) -> None:
        with self._watched() as moved, self._opened(path, "wb") as file:
            sent = 0
            while piece := stream.read(PIECE):
                view = memoryview(piece)
                while view:
                    written = file.write(bytes(view))
                    view = view[written:]
                    moved()
                sent += len(piece)
                note(sent)

    def read(self, path: str) -> Iterator[bytes]:
        with self._watched() as moved, self._opened(path, "rb") as file:
            while piece := file.read(PIECE):
                moved()
                yield piece

    @contextmanager
    def _opened(self, path: str, mode: Literal["rb", "wb"]) -> Iterator[Any]:
        """Open a file; one whose line is cut cannot be closed any more, and is let go."""
        file: Any = smbclient.open_file(self._at(path), mode=mode, buffering=0, **self._how)
        try:
            yield file
        except BaseException:
            with suppress(Exception):
                file.close()
            file.fd._connected = False  # noqa: SLF001 - or it warns of what nobody can close
            raise
        file.close()

    def place(self, part: str, path: str, *, over: bool) -> None:
        with self._watched():
            move = smbclient.replace if over else smbclient.rename
            move(self._at(part), self._at(path), **self._how)

    def remove(self, path: str) -> None:
        with suppress(FileNotFoundError), self._watched():
            smbclient.remove(self._at(path), **self._how)

    def where(self, path: str) -> str:
        if ":" not in self._host:
            return self._at(path)
        # So that Windows finds it: a colon has no place in such a path.
        host = f"{self._host.replace(':', '-').replace('%', 's')}.ipv6-literal.net"
        return self._at(path).replace(self._host, host, 1)

    def close(self) -> None:
        with suppress(Exception):  # whatever is left of it
            smbclient.reset_connection_cache(fail_on_error=False, connection_cache=self._cache)

    def _at(self, path: str) -> str:
        return "\\".join([self._base, *path.split("/")]).rstrip("\\")

    @property
    def _how(self) -> dict[str, Any]:
        return {"port": self._port, "connection_cache": self._cache}

    @contextmanager
    def _watched(self) -> Iterator[Callable[[], None]]:
        """Name what may go wrong; end the connection where no byte moves: the library waits.

        Once it is gone nothing more is asked: the library would connect again, unwatched.
        """
        if self._gone:
            raise TargetUnreachable("The connection broke")
        watch = _Watch(self._cut)
        try:
            with _told():
                yield watch.moved
        except (TargetUnreachable, TargetRefused) as error:
            self._gone = watch.barked or type(error.__cause__) is SMBConnectionClosed
            if watch.barked:
                raise TargetUnreachable("The server let the connection stall") from error
            raise
        finally:
            watch.stop()

    def _cut(self) -> None:
        """End the connection under the library: its own way waits for whoever sends."""
        with suppress(Exception):
            self._line._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001


class _Watch:
    """Calls for help when nothing moved for too long."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self.barked = False
        self._cut = cut
        self._moved = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def moved(self) -> None:
        """Note that a byte moved."""
        self._moved.set()

    def stop(self) -> None:
        """Watch no more."""
        self._over = True
        self._moved.set()

    def _wait(self) -> None:
        while not self._over:
            if not self._moved.wait(STALLED):
                self.barked = True
                self._cut()
                return
            self._moved.clear()


@contextmanager
def _told() -> Iterator[None]:
    """Say what the server refuses, in its own words; what is or is not there passes."""
    try:
        yield
    except (FileExistsError, FileNotFoundError):
        raise
    except SMBAuthenticationError as error:
        raise TargetRefused(f"The server lets us not in: {_line(error)}") from error
    except SMBOSError as error:
        if error.errno == errno.ENOENT:
            raise FileNotFoundError(error.filename) from error
        if error.errno == errno.EEXIST:
            raise FileExistsError(error.filename) from error
        status = int(getattr(error, "ntstatus", 0))
        words = f"The server refuses: {error.strerror}"
        raise TargetRefused(words, again=status in _LATER) from error
    except SMBResponseException as error:
        later = error.status in _LATER
        raise TargetRefused(f"The server refuses: {_line(error)}", again=later) from error
    except (SMBException, ValueError, OSError, EOFError) as error:
        if isinstance(error.__cause__, OSError):  # it says nothing of its own about the line
            raise addresses.lost(error.__cause__) from error
        raise TargetUnreachable(f"The connection broke: {_line(error)}") from error


def _line(error: BaseException) -> str:
    """Return an error's words on one line."""
    return " ".join(str(error).split())[:300]
