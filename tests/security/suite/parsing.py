"""P: what is no request, too large, too many, or not what it seems."""

from __future__ import annotations

import gzip
import itertools
import json
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from suite import wire
from suite.attack import Attacks, Tries, listed
from suite.target import DEVICE, SLOW, Target

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)

FLAT = 16 << 10
"""Kibibytes that the service's memory may grow while it is attacked."""

TRAVERSALS = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc/passwd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%252f..%252f..%252fetc/passwd",
    "....//....//....//etc/passwd",
    "..\\..\\..\\etc\\passwd",
    "..%5c..%5c..%5cetc%5cpasswd",
    "..%c0%af..%c0%afetc/passwd",
    "..;/..;/etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "index.html%00.js",
    "file:///etc/passwd",
    "../../api/model.py",
)

NAMES = ("a\r\nSet-Cookie: stolen=1", 'x"; filename="evil.exe', "<script>alert(1)</script>")
MARK = "<script>mark</script>"


def flat(target: Target, tries: Tries, before: int) -> None:
    """Write down how much memory an attack cost."""
    grown = target.memory - before
    tries.expect("memory", grown < FLAT, f"{grown} KiB more" if grown >= FLAT else "flat")


@attack("P01", "nine ways to hide a request in another", expected="400, never answered", tries=9)
def smuggling(target: Target, tries: Tries) -> None:
    hidden = target.head("GET", "/livez") + "\r\n"
    size, chunked = f"Content-Length: {len(hidden)}", "Transfer-Encoding: chunked"
    chunk = f"0\r\n\r\n{hidden}"
    for name, lines, body in (
        ("both", (size, chunked), chunk),
        ("two lengths", ("Content-Length: 2", size), "{}" + hidden),
        ("xchunked", ("Content-Length: 5", "Transfer-Encoding: xchunked"), chunk),
        ("not last", ("Transfer-Encoding: chunked, identity",), chunk),
        ("twice", (chunked, chunked), chunk),
        ("sign", ("Content-Length: +2",), "{}" + hidden),
        ("folded", ("Transfer-Encoding:", " chunked"), chunk),
        ("space", ("Content-Length: 5", "Transfer-Encoding : chunked"), chunk),
        ("chunk", (chunked,), f"2;\n\r\n{{}}\r\n0x0\r\n\r\n{hidden}"),
    ):
        said = (*target.a.lines, "Content-Type: application/json", *lines)
        data = target.head("POST", "/v1/documents", *said) + "\r\n" + body
        told = [reply.status for reply in target.raw(data.encode(), quiet=0.5)]
        tries.expect(name, told == [400], told)


@attack("P02", "heads of 1 MiB, 5000 lines, 100 KB", expected="4xx, memory flat", tries=4)
def heads(target: Target, tries: Tries) -> None:
    before = target.memory
    for name, data in {
        "1 MiB": target.head("GET", "/livez", "X: " + "a" * (1 << 20)),
        "5000": target.head("GET", "/livez", *(f"X{n}: y" for n in range(5000))),
        "100 KB": target.head("GET", "/livez?" + "a" * 100_000),
    }.items():
        replies = target.raw(f"{data}\r\n".encode(), quiet=1.0)
        told = [reply.status for reply in replies]
        tries.expect(name, told and all(400 <= status < 500 for status in told), told)
    flat(target, tries, before)


@attack("P03", "bodies of 8 MiB, told and in chunks", expected="413, memory flat", tries=3)
def bodies(target: Target, tries: Tries) -> None:
    before = target.memory
    kind = "Content-Type: application/json"
    head = target.head("POST", "/v1/documents", *target.a.lines, kind)
    block = b" " * (1 << 16)

    def chunks() -> Iterator[bytes]:
        yield f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
        for _ in range(128):
            yield b"10000\r\n" + block + b"\r\n"

    told = itertools.chain([f"{head}Content-Length: {8 << 20}\r\n\r\n".encode()], [block] * 128)
    for name, data in {"told": told, "chunks": chunks()}.items():
        replies = target.raw(data, quiet=2.0)
        tries.expect(
            name, [one.status for one in replies] == [413], [one.status for one in replies]
        )
    flat(target, tries, before)


@attack("P04", "60 MiB of nothing, by gzip", expected="4xx, memory flat", tries=3)
def bomb(target: Target, tries: Tries) -> None:
    before = target.memory
    space = b"{" + b" " * (60 << 20) + b"}"
    for name, data in {"gzip": gzip.compress(space), "deflate": zlib.compress(space, 9)}.items():
        lines = (*target.a.lines, "Content-Type: application/json", f"Content-Encoding: {name}")
        tries.status(name, target.ask("POST", "/v1/documents", *lines, body=data), 400, 413, 415)
    flat(target, tries, before)


@attack("P05", "JSON that two parsers read in two ways", expected="400, all 11", tries=11)
def odd_json(target: Target, tries: Tries) -> None:
    for body in (
        b"",
        b"{",
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b'{"title": 1e999999}',
        b'{"title": "a", "title": "b"}',
        b'{"title": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b'{"title":' + b"9" * 5000 + b"}",
    ):
        lines = (*target.a.lines, "Content-Type: application/json")
        tries.status(
            body[:20].decode("latin-1"), target.ask("POST", "/v1/documents", *lines, body=body), 400
        )


@attack("P06", "sixty requests that are never finished", expected="others within 2 s", tries=2)
def half_open(target: Target, tries: Tries) -> None:
    halves = [wire.connect(target.port) for _ in range(60)]
    try:
        for half in halves:
            half.sendall(b"GET /livez HTTP/1.1\r\nHost:")
        for path in ("/livez", "/v1/documents"):
            began = time.monotonic()
            reply = target.ask("GET", path, *(target.b.lines if path != "/livez" else ()))
            took = time.monotonic() - began
            tries.expect(path, reply.status == 200 and took < 2, f"{reply.status}")
    finally:
        for half in halves:
            half.close()


@attack("P07", "15 paths out of the folder, on two routes", expected="404, never a file", tries=30)
def traversal(target: Target, tries: Tries) -> None:
    for route, path in itertools.product(("/app/", "/docs/"), TRAVERSALS):
        reply = target.ask("GET", route + path)
        leak = b"root:" in reply.body or b"import" in reply.body
        tries.expect(route + path, reply.status in (400, 404) and not leak, reply.status)


@attack("P08", "line ends and markup in names", expected="in no header, one log line each", tries=8)
def names(target: Target, tries: Tries) -> None:
    held, before = target.a.held[0], target.log.stat().st_size if target.log else 0
    document = f"/v1/documents/{held.document}"
    for name in NAMES:
        target.send(document, {"title": name}, *target.a.lines, method="PATCH")
        reply = target.ask("GET", f"{document}/file?type=image/tiff", *target.a.lines)
        shown = reply.header("Content-Disposition") or ""
        safe = reply.status == 200 and reply.header("Set-Cookie") is None and "<" not in shown
        once = shown.count('"') <= 2 and "\n" not in shown
        tries.expect(
            name, safe and once, f"{reply.status} {shown}" if not safe or not once else "200"
        )
    target.send(document, {"title": ""}, *target.a.lines, method="PATCH")
    for path in (f"/v1/{MARK}", f"/app/%0d%0aSet-Cookie:%20stolen=1{MARK}"):
        reply = target.ask("GET", path, f"User-Agent: {MARK}", f"Referer: {MARK}")
        tries.expect(
            path, reply.status in (400, 404) and not reply.header("Set-Cookie"), reply.status
        )
    lines = [
        x for file in (target.home / "audit").glob("*.jsonl") for x in file.read_text().splitlines()
    ]
    tries.expect("audit", all(isinstance(json.loads(x), dict) for x in lines), "JSON")
    told = "\n".join(lines)
    tries.expect("marks", MARK not in told and "stolen" not in told, "no mark in the audit log")
    log = target.log.read_bytes()[before:].decode() if target.log else ""
    tries.expect("log", MARK not in log and "stolen" not in log, "none in the log")


@attack("P09", "markup that comes back in our own pages", expected="escaped, strict CSP", tries=9)
def reflected(target: Target, tries: Tries) -> None:
    for path in (
        f"/?q={MARK}",
        f"/docs?{MARK}",
        f"/open?{MARK}",
        f"/v1/{MARK}",
        f"/docs/errors?{MARK}",
    ):
        reply = target.ask("GET", path)
        kind = reply.header("Content-Type") or ""
        back = MARK.encode() in reply.body and "html" in kind
        tries.expect(
            path, reply.status and not back, f"{reply.status} {kind}" if back else reply.status
        )
    for path in ("/", "/docs", "/open", "/v1/nothing"):
        policy = target.ask("GET", path).header("Content-Security-Policy") or ""
        strict = policy.startswith("default-src 'none'") and "unsafe" not in policy
        scripts = next((p for p in policy.split("; ") if p.startswith("script-src")), "")
        tries.expect(path, strict and scripts in ("", "script-src 'self'"), policy[:18])


@attack(
    "P10", "40 scans and 400 questions of one site at once", expected="429, at most 2 run", tries=5
)
def flood(target: Target, tries: Tries) -> None:
    time.sleep(2.2)  # so that what was asked before does not count
    lines = (*target.a.lines, "Content-Type: application/json")
    slow = {"device": DEVICE, "settings": {**SLOW, "speed": 1}}
    body = json.dumps(slow).encode()

    def scan(_: int) -> tuple[int, bytes]:
        reply = target.at_once("POST", "/v1/jobs", *lines, body=body)
        return reply.status, reply.body

    # Two devices, so that a site has as many jobs as it may for as long as the flood takes.
    begun = [
        target.send("/v1/jobs", wish, *target.a.lines) for wish in ({"device": target.second}, slow)
    ]
    tries.expect("two", [one.status for one in begun] == [201, 201], [x.status for x in begun])
    with ThreadPoolExecutor(20) as people:
        told = list(people.map(scan, range(40)))
    jobs = target.ask("GET", "/v1/jobs", *target.a.lines).json["items"]
    running = [job["id"] for job in jobs if job["state"] in ("waiting", "scanning")]
    for job in running:
        target.ask("POST", f"/v1/jobs/{job}/cancel", *target.a.lines)
    enough = sum(status == 429 and b"jobs" in said for status, said in told)
    tries.expect("jobs", enough > 0, f"{enough} heard 429")
    tries.expect("running", len(running) == 2, f"{len(running)} run")
    tries.expect("answers", {status for status, _ in told} == {429}, {said[0] for said in told})
    target.settle(target.a)
    target.clear(target.a)
    path = f"/v1/jobs/{target.a.held[0].job}/cancel"
    question = target.head("POST", path, *target.a.lines, "Content-Length: 0") + "\r\n"
    # All in one piece: how fast they come is ours to say, however busy the machine.
    often = [reply.status for reply in target.raw(question.encode() * 400, quiet=5.0)]
    tries.expect("rate", often.count(429) > 0, f"{often.count(429)} of 400 heard 429")


@attack(
    "P11",
    "lines that end in half, and requests in a body",
    expected="refused, one answer",
    tries=12,
)
def shapes(target: Target, tries: Tries) -> None:
    host, hidden = f"Host: {target.host}", target.head("GET", "/livez") + "\r\n"
    size = f"Content-Length: {len(hidden)}"
    asked = {
        "bare LF": f"GET /livez HTTP/1.1\n{host}\n\n",
        "bare CR": f"GET /livez HTTP/1.1\r\n{host}\r\nX: a\rHost: evil\r\n\r\n",
        "folded Host": f"GET /livez HTTP/1.1\r\nHost:\r\n {target.host}\r\n\r\n",
        "space in name": f"GET /livez HTTP/1.1\r\nHost : {target.host}\r\n\r\n",
        "two in one Host": f"GET /livez HTTP/1.1\r\n{host}, evil.example\r\n\r\n",
        "asterisk": f"OPTIONS * HTTP/1.1\r\n{host}\r\n\r\n",
        "authority": f"CONNECT {target.host} HTTP/1.1\r\n{host}\r\n\r\n",
        "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "refused": target.head("POST", "/v1/documents", size) + f"\r\n{hidden}",
        "nowhere": target.head("GET", "/v1/nothing", size) + f"\r\n{hidden}",
        "encoded": target.head("GET", "/v1/%64ocuments", target.a.from_it) + "\r\n",
        "dots": target.head("GET", "/v1/x/%2e%2e/documents", target.a.from_it) + "\r\n",
    }

    def said(name: str) -> list[int]:
        return [reply.status for reply in target.raw(asked[name].encode(), quiet=2.0)]

    with ThreadPoolExecutor(len(asked)) as people:
        for name, told in zip(asked, people.map(said, asked), strict=True):
            tries.expect(name, len(told) == 1 and 400 <= told[0] < 500, told)


@attack("L05", "10 000 requests that are nonsense", expected="log under 64 KiB, alive", tries=2)
def log_flood(target: Target, tries: Tries) -> None:
    if target.log is None:
        raise FileNotFoundError("say with --log where the service's log is")
    before = target.log.stat().st_size
    evil = (target.head("GET", "/", host="evil.example") + "\r\n").encode()
    statuses = set()
    for number in range(200):
        with suppress(OSError):
            statuses |= {reply.status for reply in target.raw(b"\0nonsense %d\r\n\r\n" % number)}
    for _ in range(10):
        statuses |= {reply.status for reply in target.raw(evil * 1000, quiet=1.0)}
    tries.expect("answers", statuses == {400, 421}, statuses)
    grown = target.log.stat().st_size - before
    tries.expect("log", grown < 64 << 10, f"{grown} bytes" if grown >= 64 << 10 else "bounded")
