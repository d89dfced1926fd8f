"""A document by FTP, with TLS where it leaves the network."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed.api.model import Settings
from sheetfed_uploader import addresses, tls
from sheetfed_uploader.shelving import PIECE, Note, Shelf, Shelved, renamed

STALLED = 30.0
SLICE = 64 << 10
"""Bytes that have so many seconds together: a slow line is no dead one."""

ON_THE_WAY = 256 << 10
"""Bytes that the system may take from us before they are sent."""

PATIENCE = 120.0
"""Seconds for those, and for the server to say that it has all."""


class Ftp(Shelved):
    """Puts files there by FTP."""

    def shelf(self) -> Shelf:
        """Return the place, reached."""
        return _Remote(self.settings)


class _Remote(Shelf):
    """One connection."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(str(settings["url"]))
        if url.scheme not in ("ftp", "ftps") or not url.hostname:
            raise TargetRefused("The target's address is no ftp or ftps URL")
        internal = bool(settings["internal"])
        if url.scheme == "ftp" and not (settings["plain"] and internal):
            raise TargetRefused(
                "The target's address has no TLS",
                advice="Use ftps, or set `plain` and `internal` for a target in your own network.",
            )
        addresses.check_host(url.hostname, internal=internal)
        addresses.guard_process(internal=internal)
        self._host = url.hostname
        self._base = unquote(url.path).rstrip("/")
        with _told():
            self._ftp = self._connected(url.scheme == "ftps", url.port or 21, settings)
        user = str(settings["user"] or url.username or "anonymous")
        try:
            with _told():
                self._ftp.login(user, str(settings.get("password") or ""))
                if isinstance(self._ftp, ftplib.FTP_TLS):
                    self._ftp.prot_p()
                self._ftp.voidcmd("TYPE I")
        except BaseException:
            self._ftp.close()
            raise

    def _connected(self, secure: bool, port: int, settings: Settings) -> ftplib.FTP:  # noqa: FBT001
        ftp: ftplib.FTP = ftplib.FTP(timeout=STALLED, encoding="utf-8")  # noqa: S321 - as allowed
        if secure:
            ftp = _Secure(context=tls.trusting(settings), timeout=STALLED, encoding="utf-8")
        ftp.connect(self._host, port)
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.auth()
        return ftp

    def size(self, path: str) -> int | None:
        try:
            with _told():
                return self._ftp.size(self._at(path))
        except TargetRefused as error:
            if error.details.get("reply") == "550":
                return None
            raise

    def make(self, folder: str) -> None:
        parts = folder.split("/")
        for depth in range(1, len(parts) + 1):
            with suppress(TargetRefused), _told():  # it may be there; if not, writing tells
                self._ftp.mkd(self._at("/".join(parts[:depth])))

    def write(self, path: str, stream: BinaryIO, note: Note) -> None:
        with _told():
            line = self._ftp.transfercmd(f"STOR {self._at(path)}")
            try:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ON_THE_WAY)
                sent = 0
                while piece := stream.read(PIECE):
                    view = memoryview(piece)
                    for at in range(0, len(view), SLICE):
                        line.sendall(view[at : at + SLICE])
                    sent += len(piece)
                    note(sent)
                if isinstance(line, ssl.SSLSocket):
                    line.settimeout(PATIENCE)  # what is on its way has to arrive first
                    line.unwrap()
            except BaseException as error:
                line.close()
                self._why(error)
                raise
            line.close()
            self._ended()

    def _why(self, fault: BaseException) -> None:
        """Take the answer to what was broken off, or it would be taken for another one's.

        Raises what the server says where it was the server who ended the line.
        """
        try:
            self._ftp.voidresp()
        except (OSError, EOFError):
            pass
        except ftplib.Error:
            if isinstance(fault, OSError) and not isinstance(fault, TimeoutError):
                raise

    def _ended(self) -> None:
        """Wait for the server's word that it has all."""
        assert self._ftp.sock
        self._ftp.sock.settimeout(PATIENCE)
        self._ftp.voidresp()
        self._ftp.sock.settimeout(STALLED)

    def read(self, path: str) -> Iterator[bytes]:
        with _told():
            line = self._ftp.transfercmd(f"RETR {self._at(path)}")
            try:
                while piece := line.recv(PIECE):
                    yield piece
            finally:
                line.close()
                with suppress(ftplib.error_temp):  # whoever asked has seen enough
                    self._ftp.voidresp()

    def place(self, part: str, path: str, *, over: bool) -> None:
        renamed(self, self._rename, part, path, over=over)

    def _rename(self, old: str, new: str) -> None:
        with _told():
            self._ftp.rename(self._at(old), self._at(new))

    def remove(self, path: str) -> None:
        try:
            with _told():
                self._ftp.delete(self._at(path))
        except TargetRefused as error:
            if error.details.get("reply") != "550":
                raise

    def where(self, path: str) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ftp://{host}{self._at(path)}"

    def close(self) -> None:
        self._ftp.close()

    def _at(self, path: str) -> str:
        if any(ord(letter) < 32 for letter in path):
            raise TargetRefused("A name with line ends cannot be said by FTP")
        return f"{self._base}/{path}"


class _Secure(ftplib.FTP_TLS):
    """FTP with TLS whose data goes over the session of the commands, as servers ask for."""

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        """Open a line for data."""
        line, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - TLS is put over it
        if self._prot_p:  # type: ignore[attr-defined] # the library offers no other way to say it
            session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
            line = self.context.wrap_socket(line, server_hostname=self.host, session=session)
        return line, size


@contextmanager
def _told() -> Iterator[None]:
    """Say what the server refuses, in its own words."""
    try:
        yield
    except ftplib.error_temp as error:
        raise TargetUnreachable(f"The server says: {error}") from error
    except ftplib.error_perm as error:
        reply = str(error)[:3]
        later = reply == "552"  # no room
        raise TargetRefused(f"The server says: {error}", reply=reply, again=later) from error
    except ftplib.Error as error:
        raise TargetUnreachable(f"The server says what FTP does not know: {error}") from error
    except ssl.SSLCertVerificationError as error:
        words = f"The server's certificate is not trusted: {error.verify_message}"
        raise TargetUnreachable(words) from error
    except TimeoutError as error:
        raise TargetUnreachable("The server let the connection stall") from error
    except (OSError, EOFError) as error:
        raise addresses.lost(error) from error
