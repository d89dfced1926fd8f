"""M: other accounts, the disk, the certificate, the audit log."""

from __future__ import annotations

import os
import re
import socket
import ssl
import stat
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from suite import wire
from suite.attack import Attacks, Tries, listed
from suite.target import Target, as_nobody, nobody

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)

ASK = """
line = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
if sys.argv[4] == "tls":
    line = ssl._create_unverified_context().wrap_socket(line)
line.sendall(sys.argv[3].encode())
print(line.recv(65536).decode("latin-1"))
"""
KNOCK = """
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
    print("connected")
except OSError as error:
    print(error.strerror)
"""


HOLD = """
lines = []
for number in range(600):
    lines.append(socket.create_connection(("127.0.0.1", int(sys.argv[1 + number % 2])), 10))
print("held", flush=True)
sys.stdin.read()
"""


@attack("M01", "another account with a valid token", expected="403", tries=4)
def other_account(target: Target, tries: Tries) -> None:
    for host, port, path, lines in (
        ("127.0.0.1", target.port, "/v1/documents", target.a.lines),
        ("::1", target.port, "/v1/documents", (target.script,)),
        ("127.0.0.1", target.port, "/", ()),
        ("127.0.0.1", target.tls_port or 0, "/v1/documents", target.a.lines),
    ):
        named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        request = target.head("GET", path, *lines, "Connection: close", host=named) + "\r\n"
        kind = "tls" if port == target.tls_port else "plain"
        said = as_nobody(ASK, host, str(port), request, kind)
        tries.expect(f"{kind} {path}", said.startswith("HTTP/1.1 403"), said[:12])


@attack("M02", "where the service listens", expected="loopback only", tries=3)
def listening(target: Target, tries: Tries) -> None:
    places = set(_listening(target))
    ports = {port for _, port in places}
    tries.expect("known", ports == {target.port, target.tls_port or target.port}, ports)
    hosts = {host for host, _ in places}
    tries.expect("hosts", hosts and hosts <= {"127.0.0.1", "::1"}, hosts)
    reached = []
    for address in _own_addresses():
        with suppress(OSError), socket.create_connection((address, target.port), 1):
            reached.append(address)
    tries.expect("reached", not reached, reached or "nowhere else")


@attack("M03", "what other accounts may open", expected="folders 0700, files 0600", tries=2)
def modes(target: Target, tries: Tries) -> None:
    found = {path: path.lstat() for path in [target.home, *target.home.rglob("*")]}
    loose = [
        f"{path.name} {stat.S_IMODE(facts.st_mode):o}"
        for path, facts in found.items()
        if facts.st_mode & 0o077 and not stat.S_ISLNK(facts.st_mode)
    ]
    tries.expect("modes", not loose, loose or "0700 0600")
    theirs = [path.name for path, facts in found.items() if facts.st_uid != os.getuid()]
    tries.expect("owners", not theirs, theirs or "ours")


@attack("M04", "pages and titles on the disk", expected="nowhere in plain", tries=3)
def plain_text(target: Target, tries: Tries) -> None:
    held = target.a.held[0]
    title = "marker-" + os.urandom(8).hex()
    document = f"/v1/documents/{held.document}"
    target.send(document, {"title": title}, *target.a.lines, method="PATCH")
    page = target.ask("GET", f"/v1/pages/{held.page}/image", *target.a.lines).body
    middle = len(page) // 2
    marks = (page[middle : middle + 48], b"IDAT", title.encode())
    for mark in marks:
        names = [path.name for path in target.files() if mark in path.read_bytes()]
        tries.expect(repr(mark[:12]), not names, names or "absent")
    target.send(document, {"title": ""}, *target.a.lines, method="PATCH")


@attack("M05", "two sealed pages that changed places", expected="404 or 410, no content", tries=3)
def swapped(target: Target, tries: Tries) -> None:
    folder = target.home / "store" / "blobs"
    before = {path.name for path in folder.iterdir()}
    held = target.scan(target.a)
    mine = [path for path in folder.iterdir() if path.name not in before]
    (other,) = [path for path in folder.iterdir() if path.name in before][:1]
    kept = other.read_bytes()
    for path in mine:
        path.write_bytes(kept)
    image = f"/v1/pages/{held.page}/image"
    reply = target.ask("GET", image, *target.a.lines)
    tries.status("swapped", reply, 404, 410)
    small = target.ask("GET", f"{image}?width=33", *target.a.lines)
    tries.status("drawn", small, 404, 410)
    pdf = f"/v1/documents/{held.document}/file?type=application/pdf"
    made = target.ask("GET", pdf, *target.a.lines)
    whole = made.status == 200 and made.body.rstrip().endswith(b"%%EOF")
    tries.expect("file", made.status != 500 and not whole, made.status)
    target.a.held.remove(held)
    target.clear(target.a)


@attack(
    "M06", "old TLS, another name, the leaf", expected="refused; loopback, at most 30 d", tries=5
)
def tls(target: Target, tries: Tries) -> None:
    port = target.tls_port or 0
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        spoken = _speaks(port, version)
        tries.expect(version.name, not spoken, "accepted" if spoken else "refused")
    plain = socket.create_connection(("127.0.0.1", port), wire.PATIENCE)
    try:
        target.trusting.wrap_socket(plain, server_hostname="evil.example").close()
        tries.expect("name", held=False, got="another name was accepted")
    except ssl.SSLCertVerificationError:
        tries.expect("name", held=True, got="refused")
    with wire.connect(port, tls=target.trusting) as line:
        leaf = line.getpeercert() or {}  # type: ignore[attr-defined]
    names = sorted(value for _, value in leaf["subjectAltName"])
    tries.expect("names", names == ["0:0:0:0:0:0:0:1", "127.0.0.1", "localhost"], names)
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(leaf["notAfter"]), UTC)
    days = (ends - datetime.now(UTC)).days
    tries.expect("age", 0 <= days <= 30, f"{days} d" if days > 30 else "at most 30 d")


@attack("M07", "plain HTTP on the port for TLS", expected="no answer", tries=1)
def plain_on_tls(target: Target, tries: Tries) -> None:
    line = wire.connect(target.tls_port or 0)
    said = wire.exchange(line, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", quiet=2.0)
    tries.expect("plain", not said, [reply.status for reply in said] or "nothing")


@attack("M08", "the audit log", expected="refusals in it, no tokens, unbroken", tries=3)
def audit(target: Target, tries: Tries) -> None:
    target.ask("GET", "/v1/documents", "Origin: https://evil.example", target.a.bearer)
    told = "\n".join(path.read_text() for path in (target.home / "audit").glob("*.jsonl"))
    tries.expect("refusals", '"what":"refuse"' in told, "refusals")
    secrets = [target.a.token, target.b.token, target.local]
    tries.expect("tokens", not any(secret in told for secret in secrets), "no tokens")
    tries.expect("chain", target.word("audit", "verify") is not None, "unbroken")


@attack(
    "M09", "600 connections of another account, silent", expected="few held, others served", tries=3
)
def held_connections(target: Target, tries: Tries) -> None:
    places = str(target.port), str(target.tls_port or target.port)
    before = target.descriptors
    with nobody(HOLD, *places) as holding:
        tries.expect("holding", holding.stdout.readline() == "held\n", "connected")
        more = target.descriptors - before
        tries.expect("held", more < 64, f"{more} held" if more >= 64 else "few held")
        served = target.is_alive()
        tries.expect("others", served, "served" if served else "not served")


@attack("L02", "another account at the local socket", expected="Permission denied", tries=1)
def local_socket(target: Target, tries: Tries) -> None:
    said = as_nobody(KNOCK, str(target.runtime / "sheetfed.sock"))
    tries.expect("connect", said == "Permission denied", said)


@attack("L09", "tokens and keys in /proc and the log", expected="none", tries=3)
def secrets_in_proc(target: Target, tries: Tries) -> None:
    master = [path.read_bytes().strip() for path in target.home.rglob("master.key")]
    secrets = [x.encode() for x in (target.a.token, target.b.token, target.local)] + master
    for name in ("cmdline", "environ"):
        told = Path(f"/proc/{target.pid}/{name}").read_bytes()
        tries.expect(name, not any(secret in told for secret in secrets), "none")
    log = target.log.read_bytes() if target.log else b""
    tries.expect("log", not any(secret in log for secret in secrets), "none")


def _listening(target: Target) -> Iterator[tuple[str, int]]:
    """Give host and port of all that the service's process listens on."""
    said = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        if f"pid={target.pid}," in line:
            host, _, port = line.split()[3].rpartition(":")
            yield host.strip("[]").split("%")[0], int(port)


def _own_addresses() -> set[str]:
    """Return the addresses of this computer that others reach."""
    said = subprocess.run(["ip", "-o", "addr"], capture_output=True, text=True, check=True).stdout
    found = set(re.findall(r"inet6? ([0-9a-f.:]+)/", said)) - {"127.0.0.1", "::1"}
    return {address for address in found if not address.startswith("fe80")} | {"127.0.0.2"}


def _speaks(port: int, version: ssl.TLSVersion) -> bool:
    with warnings.catch_warnings(), suppress(ssl.SSLError, ConnectionError):
        warnings.simplefilter("ignore", DeprecationWarning)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        client.set_ciphers("ALL:@SECLEVEL=0")
        client.minimum_version = client.maximum_version = version
        wire.connect(port, tls=client).close()
        return True
    return False
