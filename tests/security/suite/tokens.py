"""T: tokens, owners, and asking to be approved."""

from __future__ import annotations

import base64
import itertools
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from suite import wire
from suite.attack import Attacks, Tries, listed
from suite.target import EVIL, Target, new_key

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)

LEAKS = re.compile(
    rb"Traceback|File \"|\.py\b|aiohttp|pydantic|python/|sqlite|\d+\.\d+\.\d+(?!\.\d)",
    re.IGNORECASE,
)
"""What an error says to no stranger: code, libraries, versions."""


@attack("T01", "six bad tokens", expected="401, all 6", tries=6)
def bad_tokens(target: Target, tries: Tries) -> None:
    for name, line in {
        "none": "X: y",
        "empty": "Authorization: Bearer ",
        "Basic": f"Authorization: Basic {base64.b64encode(b'a:b').decode()}",
        "wrong": "Authorization: Bearer " + "A" * len(target.a.token),
        "bytes": "Authorization: Bearer \u00ff\u00fe\u0080",
        "7 KB": "Authorization: Bearer " + "A" * 7000,
    }.items():
        tries.status(name, target.ask("GET", "/v1/documents", target.a.from_it, line), 401)


@attack("T02", "the token in the address", expected="401", tries=3)
def in_address(target: Target, tries: Tries) -> None:
    for name in ("token", "access_token", "Authorization"):
        path = f"/v1/documents?{name}={target.a.token}"
        tries.status(name, target.ask("GET", path, target.a.from_it), 401)


@attack("T03", "A's token from B's page", expected="401", tries=2)
def from_another(target: Target, tries: Tries) -> None:
    for bearer in (target.a.bearer, target.script):
        reply = target.ask("GET", "/v1/documents", target.b.from_it, bearer)
        tries.status(bearer[:24], reply, 401)


@attack("T04", "A's token from no page, and from ours", expected="401", tries=2)
def from_none(target: Target, tries: Tries) -> None:
    tries.status("none", target.ask("GET", "/v1/documents", target.a.bearer), 401)
    ours = ("Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors")
    tries.status("ours", target.ask("GET", "/v1/documents", target.a.bearer, *ours), 401)


@attack("T05", "B reads what is A's", expected="404, as for what never was", tries=5)
def read_of_another(target: Target, tries: Tries) -> None:
    held = target.a.held[0]
    for path, own in {
        "/v1/pages/{}": held.page,
        "/v1/pages/{}/image": held.page,
        "/v1/documents/{}": held.document,
        "/v1/documents/{}/file?type=application/pdf": held.document,
        "/v1/jobs/{}": held.job,
    }.items():
        other = own[:-6] + "aaaaaa"
        theirs = target.ask("GET", path.format(own), *target.b.lines)
        never = target.ask("GET", path.format(other), *target.b.lines)
        told = theirs.body.replace(own.encode(), other.encode())
        same = theirs.status == never.status == 404 and told == never.body
        tries.expect(path, same, f"{theirs.status}/{never.status}")


@attack("T06", "B lists documents, jobs and past events", expected="none of A's", tries=3)
def lists(target: Target, tries: Tries) -> None:
    held = target.a.held[0]
    theirs = [text.encode() for text in (held.document, held.page, held.job)]
    for path in ("/v1/documents", "/v1/jobs"):
        reply = target.ask("GET", path, *target.b.lines)
        found = [text for text in theirs if text in reply.body]
        tries.expect(path, reply.status == 200 and not found, found or reply.status)
    head = target.head("GET", "/v1/events", *target.b.lines, "Last-Event-ID: 0") + "\r\n"
    (reply,) = wire.exchange(wire.connect(target.port), head.encode(), quiet=0.7)
    found = [text for text in theirs if text in reply.body]
    tries.expect("events", reply.status == 200 and not found, found or reply.status)


@attack("T07", "ids that can be guessed", expected="128 bits, all different", tries=3)
def ids(target: Target, tries: Tries) -> None:
    made = [target.send("/v1/documents", {}, *target.a.lines).json["id"] for _ in range(24)]
    target.clear(target.a)
    parts = [name.partition("_")[2] for name in made]
    bits = min(len(part) for part in parts) * 6
    tries.expect("length", bits >= 128, f"{bits} bits")
    tries.expect("twice", len(set(parts)) == len(parts), len(set(parts)))
    fixed = [at for at in range(min(map(len, parts))) if len({part[at] for part in parts}) < 4]
    tries.expect("order", not fixed, f"{len(fixed)} signs that hardly change")


@attack("T08", "twelve sites ask to be approved at once", expected="429, at most 5 wait", tries=3)
def pairing_flood(target: Target, tries: Tries) -> None:
    said = []
    for number in range(12):
        body = f'{{"key":"{new_key()}"}}'.encode()
        lines = (f"Origin: https://flood{number}.attack.example", "Content-Type: application/json")
        said.append(target.at_once("POST", "/v1/pairings", *lines, body=body).status)
    tries.expect(
        "flood", said.count(429) >= 2, f"{said.count(202)} heard 202, {said.count(429)} 429"
    )
    tries.expect("nonsense", set(said) <= {202, 429}, set(said))
    waiting = len(target.tool("GET", "/v1/sites").json["pending"])
    tries.expect("waiting", waiting <= 5, f"{waiting} wait")
    target.refuse_all()


@attack("T09", "pages that no site may have ask to be approved", expected="403, all 7", tries=7)
def pairing_of_none(target: Target, tries: Tries) -> None:
    for origin in (
        "http://plain.attack.example",
        "null",
        "https://path.attack.example/page",
        "javascript:alert(1)",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "https://xn--pypal-4ve.example",  # the second letter is Cyrillic, the others are Latin
        "file://",
    ):
        body = f'{{"key":"{new_key()}"}}'.encode()
        lines = (f"Origin: {origin}", "Content-Type: application/json")
        reply = target.at_once("POST", "/v1/pairings", *lines, body=body)
        tries.status(origin, reply, 403)


@attack("T10", "what errors tell", expected="the same for all; no code, no version", tries=12)
def errors(target: Target, tries: Tries) -> None:
    wrong = "Authorization: Bearer " + "A" * 43
    a, b = target.a, target.b
    asked = [
        target.ask("GET", "/v1/documents", *lines)
        for lines in ((a.from_it,), (a.from_it, wrong), (b.from_it, a.bearer), (wrong,), ())
    ]
    tries.expect("one body", len({(one.status, one.body) for one in asked}) == 1, asked[0].status)
    heads = {tuple(n for n, _ in one.headers if n != "date") for one in asked[:3]}
    tries.expect("one head", len(heads) == 1, len(heads))
    for name, reply in {
        "401": asked[0],
        "403": target.ask("GET", "/v1/documents", f"Origin: {EVIL}"),
        "404": target.ask("GET", "/v1/nothing"),
        "405": target.ask("PUT", "/v1/documents", *a.lines),
        "415": target.ask("POST", "/v1/documents", *a.lines, body=b"x"),
        "421": target.ask("GET", "/", host="evil"),
        "400": target.raw(b"nonsense\r\n\r\n")[0],
        "422": target.send("/v1/documents", {"titel": 1}, *a.lines),
        "hello": target.ask("GET", "/.well-known/sheetfed", f"Origin: {EVIL}"),
        "device": target.send("/v1/jobs", {"device": "nope:x"}, *a.lines),
    }.items():
        told = b"\n".join(f"{n}: {v}".encode() for n, v in reply.headers if n != "date")
        leak = LEAKS.search(told + b"\n" + reply.body)
        tries.expect(name, reply.status and not leak, leak[0] if leak else reply.status)


@attack("T11", "a nonce that eight use at once, and again", expected="201 once, else 401", tries=2)
def nonce_twice(target: Target, tries: Tries) -> None:
    nonce = target.tool("POST", "/v1/page-nonces", {"lasts": 60, "page": None}).json["nonce"]
    ours = (f"Origin: http://{target.host}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors")
    lines = (*ours, "Content-Type: application/json")
    body = json.dumps({"nonce": nonce}).encode()

    def use(_: int) -> int:
        return target.at_once("POST", "/v1/page-tokens", *lines, body=body).status

    with ThreadPoolExecutor(8) as people:
        told = sorted(people.map(use, range(8)))
    tries.expect("at once", told == [201] + [401] * 7, told)
    tries.expect("again", (last := use(0)) == 401, last)


@attack("T12", "a site does what only the person may", expected="401, 403 or 404", tries=15)
def in_the_persons_place(target: Target, tries: Tries) -> None:
    origin = "https://wishful.attack.example"
    wish = target.send("/v1/pairings", {"key": new_key()}, f"Origin: {origin}").json
    asked = f"/v1/pairings/{wish['id']}"
    for name, lines in {
        "a site": target.a.lines,
        "who asks": (f"Origin: {origin}",),
        "a script": (target.script,),
    }.items():
        for method, path, value in (
            ("POST", f"{asked}/approve", {"code": wish["code"]}),
            ("POST", "/v1/sites", {"origin": origin, "state": "approved"}),
            ("DELETE", f"/v1/sites?origin={target.b.origin}", {}),
            ("POST", "/v1/local-tokens", {"origin": target.b.origin}),
            ("POST", "/v1/page-nonces", {"lasts": 60, "page": None}),
        ):
            reply = target.send(path, value, *lines, method=method)
            tries.status(f"{name}: {method} {path}", reply, 401, 403, 404)
    target.refuse_all()


@attack("T13", "B asks by other means for what is A's", expected="as for what never was", tries=30)
def oracles(target: Target, tries: Tries) -> None:
    held = target.a.held[0]
    image = f"/v1/pages/{held.page}/image"
    tag = f'"{(target.ask("GET", image, *target.a.lines).header("ETag") or "").strip(chr(34))}"'
    kinds = (f"If-None-Match: {tag}", "Range: bytes=0-3", "Range: bytes=999999999-")
    for method, line in itertools.product(("GET", "HEAD"), (*kinds, "If-None-Match: *", "X: y")):
        for path, own in (
            ("/v1/pages/{}/image", held.page),
            ("/v1/documents/{}", held.document),
            ("/v1/jobs/{}", held.job),
        ):
            told = []
            for name in (own, own[:-6] + "aaaaaa"):
                reply = target.ask(method, path.format(name), *target.b.lines, line)
                heads = [pair for pair in reply.headers if pair[0] != "date"]
                told.append((reply.status, heads, reply.body.replace(name.encode(), b"")))
            what = f"{method} {path} {line}"
            tries.expect(what, told[0] == told[1] and told[0][0] == 404, told[0][0])


@attack("T14", "a site is revoked amid all that it does", expected="all ended, for good", tries=6)
def revoked(target: Target, tries: Tries) -> None:
    site = target.b
    lines = (*site.lines, "Content-Type: application/json", "Content-Length: 9")
    half, stream = wire.connect(target.port), wire.connect(target.port)
    line = target.socket(site.from_it)
    with half, stream, line:
        half.sendall(f'{target.head("POST", "/v1/documents", *lines)}\r\n{{"ti'.encode())
        stream.sendall(f"{target.head('GET', '/v1/events', *site.lines)}\r\n".encode())
        stream.recv(64)
        line.say({"token": site.token})
        tries.expect("a socket", line.frames(0.5), "open")
        target.tool("DELETE", f"/v1/sites?origin={site.origin}&documents=keep")
        soon = time.monotonic() + 5  # all is ended before the answer; what we see may be late
        for name, open_line in {"half a body": half, "a stream": stream}.items():
            ended = wire.is_over(open_line, soon)
            tries.expect(name, ended, "ended" if ended else "open")
        ended, _ = line.ended(max(0.1, soon - time.monotonic()))
        tries.expect("the socket", ended, "ended" if ended else "open")
    tries.status("its token", target.ask("GET", "/v1/documents", *site.lines), 403)
    old = site.lines
    target.renew(site)
    tries.status("its old token", target.ask("GET", "/v1/documents", *old), 401)
