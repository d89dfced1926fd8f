"""O: the page that asks; its origin is compared byte for byte."""

from __future__ import annotations

from functools import partial

from suite.attack import Attacks, Tries, listed
from suite.target import EVIL, Target
from suite.wire import Reply

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)


def refused(tries: Tries, what: str, reply: Reply, *wanted: int) -> None:
    """Write down a try that must be refused, and that no page may read."""
    shown = reply.names("access-control-")
    tries.expect(
        what, reply.status in wanted and not shown, f"{reply.status} {shown or ''}".strip()
    )


@attack("O01", "a site that nobody approved, with valid tokens", expected="403, no CORS", tries=3)
def unapproved(target: Target, tries: Tries) -> None:
    for name, bearer in {"A's": target.a.bearer, "local": target.script, "no": "X: y"}.items():
        reply = target.ask("GET", "/v1/documents", f"Origin: {EVIL}", bearer)
        refused(tries, f"{name} token", reply, 403)


@attack("O02", "Origin: null", expected="403", tries=3)
def null(target: Target, tries: Tries) -> None:
    for path in ("/v1/documents", "/.well-known/sheetfed", "/"):
        refused(tries, path, target.ask("GET", path, "Origin: null", target.a.bearer), 403)


@attack("O03", "look-alikes of an approved origin", expected="refused, all 15", tries=15)
def look_alikes(target: Target, tries: Tries) -> None:
    own = target.a.origin
    name = own.removeprefix("https://")
    for origin in (
        f"{own}.evil.example",
        f"https://evil-{name}",
        f"{own}:8443",
        f"http://{name}",
        f"{own}/",
        f"{own}.",
        f"https://user@{name}",
        f"{own}#x",
        f"{own} x",
        own.replace("a.", "\u0430.", 1),
        f"{own}, {EVIL}",
        "*",
        "file://",
        own.upper(),
        f"{own}:443",
    ):
        reply = target.ask("GET", "/v1/documents", f"Origin: {origin}", target.a.bearer)
        refused(tries, origin, reply, 400, 403)


@attack("O04", "two Origins", expected="400 or 403", tries=3)
def two(target: Target, tries: Tries) -> None:
    own, evil = target.a.from_it, f"Origin: {EVIL}"
    for lines in ((own, own), (own, evil), (evil, own)):
        reply = target.ask("GET", "/v1/documents", *lines, target.a.bearer)
        refused(tries, str(lines), reply, 400, 403)


@attack("O05", "the preflight of a site that nobody approved", expected="403, no CORS", tries=8)
def preflight_of_evil(target: Target, tries: Tries) -> None:
    for method, path in (
        ("POST", "/v1/jobs"),
        ("GET", "/v1/documents"),
        ("DELETE", f"/v1/pages/{target.a.held[0].page}"),
        ("GET", "/"),
    ):
        for more in ("Private-Network: true", "Local-Network: true"):
            reply = target.ask(
                "OPTIONS",
                path,
                f"Origin: {EVIL}",
                f"Access-Control-Request-Method: {method}",
                "Access-Control-Request-Headers: authorization",
                f"Access-Control-Request-{more}",
            )
            refused(tries, path, reply, 403)


@attack("O06", "the preflight of an approved site", expected="its origin and no other", tries=4)
def preflight(target: Target, tries: Tries) -> None:
    lines = (target.a.from_it, "Access-Control-Request-Method: POST")
    reply = target.ask("OPTIONS", "/v1/jobs", *lines)
    allowed = reply.header("Access-Control-Allow-Origin")
    tries.status("status", reply, 200, 204)
    tries.expect("origin", allowed == target.a.origin, allowed)
    tries.expect("vary", "Origin" in (reply.header("Vary") or ""), reply.header("Vary"))
    text = str([v for n, v in reply.headers if n.startswith("access-control-")]).lower()
    credentials = reply.header("Access-Control-Allow-Credentials")
    tries.expect("credentials", credentials is None and "*" not in text, credentials)
