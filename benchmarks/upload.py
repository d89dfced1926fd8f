"""A file from the outbox to a server on loopback, beside curl with the same file.

Usage: python benchmarks/upload.py [--rounds 3] [--megabytes 100]

Prints, in turns: at which rate the server saw the bytes of a PUT coming, and the processor time of
each sender; how far the service's memory grew; how long a small question took meanwhile. The
service opens what is sealed on the disk and sends that, curl sends a plain file.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/service"))
from running import Running

PIECE = 1 << 20


def sink(told: Connection) -> None:
    """Take requests, one after the other; tell how many bytes came and in how long."""
    listening = socket.create_server(("127.0.0.1", 0))
    told.send(listening.getsockname()[1])
    buffer = bytearray(PIECE)
    while True:
        line, _ = listening.accept()
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
            left -= line.recv_into(buffer, min(left, PIECE))
        seconds = time.perf_counter() - first
        line.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        line.close()
        told.send((length, seconds))


def ours(service: Running, file: Path, told: Connection) -> tuple[float, float, list[float]]:
    """Send a file from the outbox; return seconds, processor seconds, and other answers' times."""
    connection = service.tool.connect()
    with file.open("rb") as stream:
        connection.request(
            "POST",
            f"/v1/deliveries/files?target=sink&name={file.name}",
            body=stream,
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(file.stat().st_size),
            },
        )
        assert connection.getresponse().status == 201
    before = processor(service.process.pid)
    others = []
    while not told.poll():
        began = time.perf_counter()
        service.get("/v1/documents")
        others.append(time.perf_counter() - began)
        time.sleep(0.02)
    _, seconds = told.recv()
    return seconds, processor(service.process.pid) - before, others


def curl(port: int, file: Path, told: Connection) -> tuple[float, float]:
    """Send the same file with curl; return seconds and processor seconds."""
    words = ["curl", "-s", "-o", os.devnull, "-T", file, f"http://127.0.0.1:{port}/"]
    before = os.times()
    subprocess.run(words, check=True)
    after = os.times()
    _, seconds = told.recv()
    spent = after.children_user + after.children_system
    return seconds, spent - before.children_user - before.children_system


def processor(pid: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int, word: str) -> float:
    """Return a figure of a process's memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(word))
    return int(line.split()[1]) / 1000


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=100)
    wish = parser.parse_args()
    told, telling = multiprocessing.Pipe()
    multiprocessing.Process(target=sink, args=(telling,), daemon=True).start()
    port = told.recv()
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "long.bin"
        home.mkdir(mode=0o700)
        (home / "sheetfed.toml").write_text(
            'disabled = ["sane"]\n[targets.sink]\nprotocol = "http"\nmethod = "PUT"\n'
            f'url = "http://127.0.0.1:{port}/"\ninternal = true\nplain = true\n'
        )
        with file.open("wb") as stream:
            for _ in range(wish.megabytes):
                stream.write(secrets.token_bytes(1_000_000))
        with Running(home) as service:
            service.get("/v1/documents")
            idle = memory(service.process.pid, "VmRSS")
            pairs = [
                (ours(service, file, told), curl(port, file, told)) for _ in range(wish.rounds)
            ]
            peak = memory(service.process.pid, "VmHWM")
    size = wish.megabytes
    mine = statistics.median(size / one[0] for one, _ in pairs)
    theirs = statistics.median(size / one[0] for _, one in pairs)
    others = sorted(seconds for (_, _, found), _ in pairs for seconds in found)
    for name, rate, place in (("ours", mine, 0), ("curl", theirs, 1)):
        spent = statistics.median(pair[place][1] for pair in pairs)
        print(f"{name}   {rate:6.0f} MB/s  {spent:.2f} s processor")
    ratios = [other[0] / one[0] for one, other in pairs]
    print(f"ratio  {statistics.median(ratios):.2f}")
    print(f"memory {idle:.0f} MB idle, {peak:.0f} MB at most")
    print(f"a list of documents meanwhile: {1000 * others[len(others) * 9 // 10]:.0f} ms (90 %)")


if __name__ == "__main__":
    main()
