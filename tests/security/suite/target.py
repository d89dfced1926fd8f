"""What is attacked: a service that runs, two sites, and what is to stay as it is."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from suite import wire
from suite.wire import Reply

from sheetfed.config import load

SITES = ("https://a.attack.example", "https://b.attack.example")
EVIL = "https://evil.example"

DEVICE = "sample:paper"
QUICK = {"source": "flatbed", "resolution": 75, "mode": "gray", "speed": 0}
SLOW = {**QUICK, "speed": 5}

TRIES = 8

BECOME = """
import encodings.idna, os, socket, ssl, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
"""
"""After its imports: the other account may not be able to read where Python is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A page that a site scanned."""

    document: str
    page: str
    job: str


@dataclass(kw_only=True)
class Site:
    """An approved origin and its token."""

    origin: str
    token: str
    held: list[Held] = field(default_factory=list)

    @property
    def from_it(self) -> str:
        """The line that a browser adds on this site's pages."""
        return f"Origin: {self.origin}"

    @property
    def bearer(self) -> str:
        """The line that the site's own script adds."""
        return f"Authorization: Bearer {self.token}"

    @property
    def lines(self) -> tuple[str, str]:
        """What a right request of this site carries."""
        return self.from_it, self.bearer


class Target:
    """A running service, known by its home folder and its command line only."""

    def __init__(self, home: Path, *, program: Sequence[str], log: Path | None = None) -> None:
        self.home = home
        self.log = log
        self._program = (*program, "--home", str(home))
        self.runtime = load(home=home).runtime
        self.port = int((self.runtime / "port").read_text())
        told = self.runtime / "tls-port"
        self.tls_port = int(told.read_text()) if told.exists() else None
        self.pid = int((home / "store" / "store.lock").read_text().split()[0])
        self.local = self._token({})
        self.a, self.b = (self._site(origin) for origin in SITES)

    @property
    def host(self) -> str:
        """The Host that is right."""
        return f"127.0.0.1:{self.port}"

    @property
    def script(self) -> str:
        """The line that a script of the person adds."""
        return f"Authorization: Bearer {self.local}"

    @property
    def memory(self) -> int:
        """Kibibytes that the service has in memory now."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    @property
    def descriptors(self) -> int:
        """How many files and connections the service has open."""
        return len([*Path(f"/proc/{self.pid}/fd").iterdir()])

    @cached_property
    def second(self) -> str:
        """Another device than the sample scanner: a folder of pictures, the more the better."""
        devices = self.ask("GET", "/v1/devices", *self.a.lines).json["items"]
        folders = [device["id"] for device in devices if device["id"].startswith("folder:")]
        if not folders:
            raise FileNotFoundError("name a folder with many pictures in the settings of `folder`")
        return str(folders[0])

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        """What trusts our authority and nobody else."""
        return ssl.create_default_context(cafile=self.home / "trust" / "root.pem")

    def word(self, *words: str) -> str:
        """Run the command line, as the person does, and return what it prints."""
        done = subprocess.run(
            [*self._program, *words], capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"sheetfed {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def head(self, method: str, path: str, *lines: str, host: str | None = None) -> str:
        """Return the head of a request, its last empty line not yet there."""
        named = self.host if host is None else host
        return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {named}", *lines, ""])

    def ask(
        self,
        method: str,
        path: str,
        *lines: str,
        body: bytes | None = None,
        host: str | None = None,
    ) -> Reply:
        """Send one request; where it is told to come back later it does."""
        more = ["Connection: close"] + (
            [f"Content-Length: {len(body)}"] if body is not None else []
        )
        head = self.head(method, path, *lines, *more, host=host) + "\r\n"
        for _ in range(TRIES):
            reply = wire.ask(wire.connect(self.port), head.encode("utf-8") + (body or b""))
            wait = reply.header("retry-after")
            if reply.status != 429 or not wait:
                break
            time.sleep(min(int(wait), 5))
        return reply

    def send(self, path: str, value: Any, *lines: str, method: str = "POST") -> Reply:
        """Send JSON."""
        said = (*lines, "Content-Type: application/json")
        return self.ask(method, path, *said, body=json.dumps(value).encode())

    def at_once(self, method: str, path: str, *lines: str, body: bytes = b"") -> Reply:
        """Send one request and return the answer, also one that says: later."""
        more = ("Connection: close", f"Content-Length: {len(body)}")
        head = self.head(method, path, *lines, *more) + "\r\n"
        return wire.ask(wire.connect(self.port), head.encode() + body)

    def raw(self, data: bytes | Iterable[bytes], *, quiet: float = 2.0) -> list[Reply]:
        """Send bytes as they are and return all that is answered."""
        return wire.exchange(wire.connect(self.port), data, quiet=quiet)

    def socket(self, *lines: str, host: str | None = None) -> wire.Socket:
        """Ask for a WebSocket; where it is told to come back later it does."""
        for _ in range(TRIES):
            line = self.socket_at_once(*lines, host=host)
            wait = line.reply.header("retry-after")
            if line.reply.status != 429 or not wait:
                break
            line.line.close()
            time.sleep(min(int(wait), 5))
        return line

    def socket_at_once(self, *lines: str, host: str | None = None) -> wire.Socket:
        """Ask for a WebSocket once."""
        named = f"Host: {self.host if host is None else host}"
        return wire.Socket(
            wire.connect(self.port), wire.upgrade("/v1/events/socket", named, *lines)
        )

    def tool(self, method: str, path: str, value: Any = None) -> Reply:
        """Ask through the local socket, as the command line does."""
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(wire.PATIENCE)
        line.connect(str(self.runtime / "sheetfed.sock"))
        body = b"" if value is None else json.dumps(value).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return wire.ask(line, "\r\n".join([*lines, "", ""]).encode() + body)

    def scan(self, site: Site) -> Held:
        """Let a site scan a page."""
        job = self.send("/v1/jobs", {"device": DEVICE, "settings": QUICK}, *site.lines)
        if job.status != 201:
            raise RuntimeError(f"no scan: {job.status} {job.body!r}")
        self.settle(site)
        document = job.json["document"]
        page = self.ask("GET", f"/v1/documents/{document}", *site.lines).json["pages"][0]["id"]
        held = Held(document=document, page=page, job=job.json["id"])
        site.held.append(held)
        return held

    def renew(self, site: Site) -> None:
        """Approve a site that was revoked; it gets another token."""
        site.token = self._site(site.origin).token

    def refuse_all(self) -> None:
        """Refuse every site that waits for a person, and forget it."""
        for wish in self.tool("GET", "/v1/sites").json["pending"]:
            self.tool("POST", f"/v1/pairings/{wish['id']}/block")
            self.tool("DELETE", f"/v1/sites?origin={wish['origin']}")

    def settle(self, site: Site) -> None:
        """Wait until no job of a site runs."""
        for _ in range(600):
            jobs = self.ask("GET", "/v1/jobs", *site.lines).json["items"]
            if not any(job["state"] in ("waiting", "scanning") for job in jobs):
                return
            time.sleep(0.1)
        raise RuntimeError("a job does not end")

    def clear(self, site: Site) -> None:
        """Delete what a site has, but for the page that all attacks need."""
        needed = {held.document for held in site.held}
        for document in self.ask("GET", "/v1/documents", *site.lines).json["items"]:
            if document["id"] not in needed:
                self.ask("DELETE", f"/v1/documents/{document['id']}", *site.lines)

    def leave(self) -> None:
        """Delete all that the sites have, and forget them."""
        for site in (self.a, self.b):
            site.held.clear()
            self.settle(site)
            self.clear(site)
            self.tool("DELETE", f"/v1/sites?origin={site.origin}")

    def counts(self) -> list[tuple[str, int]]:
        """Return what everybody has: each document and how many pages are in it."""
        lists = [self.tool("GET", "/v1/documents")]
        lists += [self.ask("GET", "/v1/documents", *site.lines) for site in (self.a, self.b)]
        return [(d["id"], d["page_count"]) for reply in lists for d in reply.json["items"]]

    def is_alive(self) -> bool:
        """Tell whether the service answers, and soon."""
        began = time.monotonic()
        return self.ask("GET", "/livez").status == 200 and time.monotonic() - began < 2

    def files(self) -> list[Path]:
        """Return every file of the home folder."""
        return [path for path in self.home.rglob("*") if path.is_file() and not path.is_symlink()]

    def _site(self, origin: str) -> Site:
        self.tool("POST", "/v1/sites", {"origin": origin, "state": "approved"})
        return Site(origin=origin, token=self._token({"origin": origin}))

    def _token(self, wish: dict[str, str]) -> str:
        """Get a token, as `sheetfed token` does."""
        reply = self.tool("POST", "/v1/local-tokens", wish)
        if reply.status != 201:
            raise RuntimeError(f"no token: {reply.status} {reply.body!r}")
        return str(reply.json["token"])


def new_key() -> str:
    """Return the public half of a new key, as a site's page sends it."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
    )

    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def as_nobody(code: str, *words: str) -> str:
    """Run Python as another account of this computer and return what it prints.

    Only root can become somebody else. Raises PermissionError.
    """
    with nobody(code, *words) as process:
        told, _ = process.communicate(timeout=30)
    return str(told).strip()


@contextmanager
def nobody(code: str, *words: str) -> Iterator[Any]:
    """Run Python as another account while the block runs. Raises PermissionError."""
    if os.geteuid() != 0:
        raise PermissionError("only root can try this: it needs a second account")
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", f"{BECOME}{code}", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        yield process
