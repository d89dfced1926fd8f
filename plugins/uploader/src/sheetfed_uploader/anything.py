"""A document to whatever fsspec knows."""

from __future__ import annotations

import ftplib
import json
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from sheetfed.api.errors import AddonMissing, SheetfedError, TargetRefused, TargetUnreachable
from sheetfed.api.model import Settings
from sheetfed_uploader import addresses
from sheetfed_uploader.extras import missing
from sheetfed_uploader.options import lines
from sheetfed_uploader.shelving import PIECE, Note, Shelf, Shelved, renamed

try:
    import fsspec
    from fsspec.core import url_to_fs
except ImportError as error:
    raise missing("fsspec", "fsspec") from error


class Anything(Shelved):
    """Puts files where one of fsspec's file systems leads."""

    def shelf(self) -> Shelf:
        """Return the place, reached."""
        return _Remote(self.settings)


class _Remote(Shelf):
    """One file system."""

    def __init__(self, settings: Settings) -> None:
        url = str(settings["url"])
        protocol, found, _ = url.partition("://")
        if not found or "::" in url:
            raise TargetRefused("The target's address is no URL that fsspec knows")
        internal = bool(settings["internal"])
        addresses.check_host(urlsplit(url).hostname or "", internal=internal)
        addresses.guard_process(internal=internal)
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            del os.environ[name]  # nobody looked at that one, and some libraries take it
        how = _options(settings)
        _seen(protocol, how)
        with _told():
            try:
                fsspec.get_filesystem_class(protocol)
            except ImportError as error:
                raise AddonMissing(
                    f"fsspec's {protocol!r} needs a library of its own: {error}",
                    advice="Install it beside sheetfed-uploader, then try again.",
                ) from error
            self._fs, base = url_to_fs(
                url, skip_instance_cache=True, use_listings_cache=False, **how
            )
            self._base = str(base).rstrip("/")
            self._protocol = protocol
            if not self._fs.exists(self._base or "/"):
                self._fs.makedirs(self._base, exist_ok=True)

    def size(self, path: str) -> int | None:
        with _told():
            self._fs.invalidate_cache()
            try:
                return int(self._fs.info(self._at(path))["size"])
            except FileNotFoundError:
                return None

    def make(self, folder: str) -> None:
        with _told():
            self._fs.makedirs(self._at(folder), exist_ok=True)

    def write(self, path: str, stream: BinaryIO, note: Note) -> None:
        with _told():
            file: Any = self._fs.open(self._at(path), "wb")
            try:
                sent = 0
                while piece := stream.read(PIECE):
                    file.write(piece)
                    sent += len(piece)
                    note(sent)
            except BaseException:
                with suppress(Exception):  # a library may say anything here; the first error counts
                    file.close()
                raise
            file.close()

    def read(self, path: str) -> Iterator[bytes]:
        with _told(), self._fs.open(self._at(path), "rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def place(self, part: str, path: str, *, over: bool) -> None:
        renamed(self, self._rename, part, path, over=over)

    def _rename(self, old: str, new: str) -> None:
        with _told():
            self._fs.mv(self._at(old), self._at(new))

    def remove(self, path: str) -> None:
        if self.size(path) is not None:  # they disagree about what is said where it is not there
            with _told():
                self._fs.rm_file(self._at(path))

    def where(self, path: str) -> str:
        return f"{self._protocol}://{self._at(path) if path else self._base}"

    def close(self) -> None:
        with suppress(Exception):  # few file systems have it, and each in a way of its own
            self._fs.close()

    def _at(self, path: str) -> str:
        return f"{self._base}/{path}"


def _seen(protocol: str, how: Mapping[str, Any]) -> None:
    """Refuse what would take anybody for the server. Raises TargetRefused."""
    if protocol == "ftp" and how.get("tls"):
        raise TargetRefused(
            "fsspec looks at no certificate of an FTP server",
            advice="Use the protocol `ftp`, and an address as ftps://host/folder.",
        )
    if protocol in ("sftp", "ssh") and how.get("host_key_policy") != "reject":
        raise TargetRefused(
            "fsspec looks at no key of an SFTP server",
            advice="Use the protocol `sftp`, which does.",
        )


def _options(settings: Settings) -> dict[str, Any]:
    """Return what the file system is made with: words, and values that are JSON."""
    found: dict[str, Any] = {}
    for line in lines(settings["options"]):
        name, _, text = line.partition(":")
        try:
            found[name.strip()] = json.loads(text)
        except ValueError:
            found[name.strip()] = {"True": True, "False": False}.get(text.strip(), text.strip())
    if secret := settings.get("secret"):
        found[str(settings["secret-option"])] = str(secret)
    return found


@contextmanager
def _told() -> Iterator[None]:
    """Say what a file system refuses; each raises what its own library does."""
    try:
        yield
    except (SheetfedError, FileExistsError, FileNotFoundError):
        raise
    except PermissionError as error:
        raise TargetRefused(f"The place lets us not in: {_line(error)}") from error
    except Exception as error:
        if fault := _untrusted(error):
            words = f"The server's certificate is not trusted: {fault.verify_message}"
            raise TargetUnreachable(words) from error
        if isinstance(error, OSError | EOFError | ftplib.error_temp):
            raise TargetUnreachable(f"The place cannot be reached: {_line(error)}") from error
        words = f"The place refuses: {type(error).__name__}: {_line(error)}"
        raise TargetRefused(words, again=False) from error


def _untrusted(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return what was wrong with a certificate: each library wraps it in errors of its own."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
