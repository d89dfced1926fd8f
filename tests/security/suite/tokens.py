"""T: tokens, owners, and asking to be approved."""

from __future__ import annotations

import base64
import re
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
