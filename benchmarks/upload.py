"""Files from the outbox to servers on loopback, beside other programs with the same file.

Usage: python benchmarks/upload.py [--rounds 3] [--megabytes 100] [--receives KIB] [http https …]

Prints for each protocol, in turns: at which rate the file went, ours and the other program's (curl,
for tus the same bytes by curl's PATCH, boto3 for S3, OpenSSH's sftp for SFTP), and the ratio, with
the lowest and the highest; how much memory the service and the target's child took at most; how
long a thumbnail took in one more round; the goals, and whether they were met. The service opens
what is sealed on the disk and sends that, the others send a plain file. HTTP and HTTPS are timed at
the server, from the first byte to the last; the others from the request to the answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import secrets
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/service"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/rigs"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/plugins/uploader"))
import asyncssh
import boto3
from botocore.config import Config
from certificates import Authority
from clouds import S3
from daemons import OpenSsh
from programs import Tus
from running import Running

PIECE = 64 << 10
"""Bytes that the web server takes at a time, as Node does.

A buffer of a megabyte measures the receiver: what comes in small pieces stays in its processor's
own memory, as curl's does, and what comes in large ones goes through all of the buffer.
"""

GOALS = {"http": 0.8, "https": 0.9, "tus": 0.8, "s3": 0.9, "sftp": 0.8}
"""How much of the other program's rate ours has to reach."""

MOST_MEMORY = 120
"""MB that the service may hold, whatever the file's size."""

MOST_WAIT = 50
"""Milliseconds that nine of ten thumbnails may take while the processors are busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A target's table, its secrets, and the other program that sends the same file there.

    `timed` waits until the file is there, and returns the seconds that it took, where the server
    measures them.
    """

    table: dict[str, Any]
    secrets: dict[str, str]
    send: Callable[[Path], None]
    timed: Callable[[], float] | None = None


def sink(told: Connection, files: tuple[str, str] | None, piece: int) -> None:
    """Take requests, one after the other; tell how many bytes came and in how long."""
    listening = socket.create_server(("127.0.0.1", 0))
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    told.send(listening.getsockname()[1])
    buffer = bytearray(piece)
    while True:
        line, _ = listening.accept()
        if context:
            line = context.wrap_socket(line, server_side=True)
        head = b""
        while b"\r\n\r\n" not in head:
            head += line.recv(65536)
        first = time.perf_counter()
        head, _, rest = head.partition(b"\r\n\r\n")
        if b"100-continue" in head:
            line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        left = length - len(rest)
        while left:
            left -= line.recv_into(buffer, min(left, piece))
        seconds = time.perf_counter() - first
        line.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        line.close()
        told.send((length, seconds))


def curl(url: str, *words: str) -> Callable[[Path], None]:
    """Return what sends a file with curl."""

    def send(file: Path) -> None:
        subprocess.run(["curl", "-s", "-o", os.devnull, *words, "-T", file, url], check=True)

    return send


@contextmanager
def web(folder: Path, piece: int, *, secure: bool) -> Iterator[Peer]:
    """Give a server for PUT, and curl."""
    told, telling = multiprocessing.Pipe()
    authority = Authority(folder / "tls")
    files = tuple(map(str, authority.server("localhost"))) if secure else None
    process = multiprocessing.Process(target=sink, args=(telling, files, piece), daemon=True)
    process.start()
    url = f"http{'s' * secure}://localhost:{told.recv()}/"
    table = {"protocol": "http", "method": "PUT", "url": url, "internal": True}
    table |= {"ca": str(authority.file)} if secure else {"plain": True}
    yield Peer(
        table=table,
        secrets={},
        send=curl(url, "--cacert", str(authority.file)),
        timed=lambda: float(told.recv()[1]),
    )
    process.kill()


@contextmanager
def tus(folder: Path) -> Iterator[Peer]:
    """Give the reference server, and curl with the same two questions."""
    place = Tus(folder / "tus")
    own = place.own(place.port)
    token = own.pop("token")

    def send(file: Path) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", place.port)
        headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {token}"}
        length = str(file.stat().st_size)
        connection.request("POST", "/files", headers={**headers, "Upload-Length": length})
        where = connection.getresponse().headers["Location"]
        connection.close()
        headers |= {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        words = [word for pair in headers.items() for word in ("-H", ": ".join(pair))]
        words += ["-H", "Expect:", "-X", "PATCH"]
        curl(f"http://127.0.0.1:{place.port}{where}", *words)(file)

    yield Peer(table={"protocol": "tus", **own}, secrets={"token": token}, send=send)
    place.close()


def bucket(told: Connection, folder: Path) -> None:
    """Serve a bucket in a process of its own; tell where, and with which keys."""
    place = S3(folder)
    told.send(place.own(place.port))
    told.recv()


@contextmanager
def s3(folder: Path) -> Iterator[Peer]:
    """Give moto, and boto3."""
    told, telling = multiprocessing.Pipe()
    process = multiprocessing.Process(target=bucket, args=(telling, folder / "s3"), daemon=True)
    process.start()
    own = told.recv()
    secret = own.pop("secret-key")
    own["part-size"] = 8
    client = boto3.client(
        "s3",
        endpoint_url=own["url"],
        aws_access_key_id=own["access-key"],
        aws_secret_access_key=secret,
        region_name="us-east-1",
        # Else moto has less to do for it than for us: who names no checksum has it join all parts
        # twice more to make one.
        config=Config(request_checksum_calculation="when_required"),
    )
    yield Peer(
        table={"protocol": "s3", **own, "collision": "overwrite"},
        secrets={"secret-key": secret},
        send=lambda file: client.upload_file(str(file), own["bucket"], "theirs"),
    )
    process.kill()


@contextmanager
def sftp(folder: Path) -> Iterator[Peer]:
    """Give OpenSSH's server, and its client."""
    place = OpenSsh(folder / "sftp")
    own = place.own(place.port)
    phrase = own.pop("passphrase")
    plain = folder / "plain.key"
    asyncssh.read_private_key(own["key"], phrase).write_private_key(plain)
    plain.chmod(0o600)

    def send(file: Path) -> None:
        words = ["sftp", "-q", "-b", "-", "-P", str(place.port), "-i", str(plain)]
        words += ["-o", f"UserKnownHostsFile={place.known}", "-o", "StrictHostKeyChecking=yes"]
        job = f"put {file} {place.folder}/theirs\n"
        where = f"{own['user']}@127.0.0.1"
        subprocess.run([*words, where], input=job, text=True, check=True, capture_output=True)

    table = {"protocol": "sftp", **own, "collision": "overwrite"}
    yield Peer(table=table, secrets={"passphrase": phrase}, send=send)
    place.close()


def configured(home: Path, peer: Peer) -> None:
    """Write the target."""
    lines = ['disabled = ["sane"]', "[targets.there]", 'name = "ours"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in peer.table.items()]
    for key, value in peer.secrets.items():
        (home / key).write_text(value)
        (home / key).chmod(0o600)
        lines.append(f'{key} = {{ file = "{key}" }}')
    (home / "sheetfed.toml").write_text("\n".join(lines))


def ours(service: Running, file: Path, peer: Peer, meanwhile: Callable[[], None]) -> float:
    """Send a file from the outbox, with something to do meanwhile; return the seconds."""
    connection = service.tool.connect()
    with file.open("rb") as stream:
        connection.request(
            "POST",
            f"/v1/deliveries/files?target=there&name={file.name}",
            body=stream,
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(file.stat().st_size),
            },
        )
        answer = connection.getresponse()
        assert answer.status == 201
        delivery = json.loads(answer.read())["id"]
    began = time.time()
    while (state := service.get(f"/v1/deliveries/{delivery}").json)["state"] != "done":
        assert state["state"] in ("waiting", "sending"), state
        assert not state["error"], state
        meanwhile()
    return peer.timed() if peer.timed else float(state["history"][-1]["at"]) - began


def rest() -> None:
    """Leave the machine to the upload."""
    time.sleep(0.1)


def theirs(file: Path, peer: Peer) -> float:
    """Send the same file with the other program; return the seconds."""
    began = time.perf_counter()
    peer.send(file)
    seconds = time.perf_counter() - began
    return peer.timed() if peer.timed else seconds


def memory(pid: int, word: str) -> float:
    """Return a figure of a process's memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(word))
    return int(line.split()[1]) / 1000


def doubled(pids: Collection[int]) -> float:
    """Return how many MB of files' pages are counted more than once in the memory of processes."""
    held: defaultdict[str, list[int]] = defaultdict(list)
    for pid in pids:
        own: Counter[str] = Counter()
        path = ""
        for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
            words = line.split()
            if not words[0].endswith(":"):
                path = words[5] if len(words) > 5 else ""
            elif words[0].startswith("Shared_") and path.startswith("/"):
                own[path] += int(words[1])
        for path, size in own.items():
            held[path].append(size)
    return sum(sum(sizes) - max(sizes) for sizes in held.values()) / 1000


def scanned(service: Running) -> str:
    """Scan a page; return the address of its thumbnail."""
    settings = {"source": "flatbed", "resolution": 75, "mode": "gray", "speed": 0}
    job = service.post("/v1/jobs", {"device": "sample:paper", "settings": settings}).json
    while job["state"] not in ("done", "failed"):
        job = service.get(f"/v1/jobs/{job['id']}?wait=5").json
    assert job["state"] == "done", job
    document = service.get(f"/v1/documents/{job['document']}").json
    page = document["pages"][0]
    return f"/v1/pages/{page if isinstance(page, str) else page['id']}/image?width=180&height=180"


def seen(service: Running, thumbnail: str, found: list[float]) -> None:
    """Look at a thumbnail; note the milliseconds."""
    asked = time.perf_counter()
    assert service.get(thumbnail).status == 200
    found.append(1000 * (time.perf_counter() - asked))
    time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Return the processes that a process began."""
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def measured(name: str, folder: Path, file: Path, rounds: int, piece: int) -> None:
    """Measure one protocol: rates in turns, then one upload more while thumbnails are seen."""
    ways = {"tus": tus, "s3": s3, "sftp": sftp}
    for part in ("tus", "s3", "sftp"):
        (folder / part).mkdir(exist_ok=True)
    way = ways[name](folder) if name in ways else web(folder, piece, secure=name == "https")
    home = folder / "home"
    home.mkdir(mode=0o700)
    idle: list[float] = []
    busy: list[float] = []
    helpers = [(0.0, 0.0)]
    with way as peer:
        configured(home, peer)
        with Running(home, program=True) as service:
            thumbnail = scanned(service)
            for _ in range(50):
                seen(service, thumbnail, idle)

            def look() -> None:
                seen(service, thumbnail, busy)
                for pid in {*children(service.process.pid)} - others:
                    with suppress(OSError, StopIteration):
                        both = doubled((service.process.pid, pid))
                        helpers.append((memory(pid, "VmHWM"), both))

            pairs = []
            for number in range(rounds):
                turn = [
                    lambda: ours(service, file, peer, rest),
                    lambda: theirs(file, peer),
                ]
                found = {}
                for which in (0, 1) if number % 2 else (1, 0):
                    os.sync()  # what one left to be written is not the other's to wait for
                    found[which] = turn[which]()
                pairs.append((found[0], found[1]))
            others = {*children(service.process.pid)}  # the scanner's, not the target's
            ours(service, file, peer, look)
            peak = memory(service.process.pid, "VmHWM")
    size = file.stat().st_size / 1e6
    mine = size / statistics.median(one for one, _ in pairs)
    other = size / statistics.median(one for _, one in pairs)
    ratios = [their / our for our, their in pairs]
    ratio = statistics.median(ratios)
    goal = GOALS[name]
    child, both = max(helpers)
    whole = peak + child - both
    print(
        f"{name:6} ours {mine:5.0f} MB/s  theirs {other:5.0f} MB/s\n"
        f"       ratio {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f}),"
        f" {verdict(goal, met=ratio >= goal)}\n"
        f"       memory {whole:.0f} MB at most, {verdict(MOST_MEMORY, met=whole < MOST_MEMORY)}:"
        f" the service {peak:.0f}, the target's child {child:.0f}, of which {both:.0f} are the same"
        " pages\n"
        f"       a thumbnail meanwhile {ninth(busy):.0f} ms (90 %), without an upload"
        f" {ninth(idle):.0f} ms, {verdict(MOST_WAIT, met=ninth(busy) <= MOST_WAIT)}",
        flush=True,
    )


def verdict(goal: float, *, met: bool) -> str:
    """Say what the goal is, and whether it was met."""
    return f"goal {goal:g}: {'met' if met else 'not met'}"


def ninth(found: list[float]) -> float:
    """Return the figure below which nine of ten are."""
    return sorted(found or [0.0])[len(found) * 9 // 10]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--receives", type=int, default=PIECE >> 10, help="KiB at a time")
    parser.add_argument("protocols", nargs="*", default=[*GOALS], help=", ".join(GOALS))
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "long.bin"
        with file.open("wb") as stream:
            for _ in range(wish.megabytes):
                stream.write(secrets.token_bytes(1_000_000))
        for name in wish.protocols:
            place = Path(folder) / f"of-{name}"
            place.mkdir()
            measured(name, place, file, wish.rounds, wish.receives << 10)


if __name__ == "__main__":
    main()
