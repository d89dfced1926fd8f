"""C: what a page of another site can make a browser send without asking us first."""

from __future__ import annotations

from functools import partial

from suite.attack import Attacks, Tries, listed
from suite.target import Target

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)

ABROAD = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image")
NO = (400, 403, 404, 405, 415, 421)


@attack("C01", "a simple POST of text/plain", expected="415, pages unchanged", tries=1)
def simple_post(target: Target, tries: Tries) -> None:
    lines = (*target.a.lines, "Content-Type: text/plain")
    reply = target.ask("POST", "/v1/documents", *lines, body=b'{"title":"x"}')
    tries.status("text/plain", reply, 415)


@attack("C02", "the other types that need no preflight", expected="400 or 415", tries=5)
def other_types(target: Target, tries: Tries) -> None:
    for kind in (
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "X: y",
        "Content-Type: text/plain;application/json",
        "Content-Type: application/json+x",
    ):
        reply = target.ask("POST", "/v1/documents", *target.a.lines, kind, body=b'{"title":"x"}')
        tries.status(kind, reply, 400, 415)


@attack("C03", "a picture of a page, and of an open page", expected="403 both", tries=2)
def picture(target: Target, tries: Tries) -> None:
    page = f"/v1/pages/{target.a.held[0].page}/image"
    tries.status(page, target.ask("GET", page, target.script, *ABROAD), 403)
    tries.status("/", target.ask("GET", "/", *ABROAD), 403)


@attack("C04", "another port of this computer navigates to us", expected="403", tries=3)
def same_site(target: Target, tries: Tries) -> None:
    for mode, kind in (("navigate", "document"), ("navigate", "iframe"), ("no-cors", "script")):
        lines = ("Sec-Fetch-Site: same-site", f"Sec-Fetch-Mode: {mode}", f"Sec-Fetch-Dest: {kind}")
        tries.status(kind, target.ask("GET", "/", *lines), 403)


@attack("C05", "GET and HEAD where something would change", expected="403 to 405", tries=12)
def reading_changes(target: Target, tries: Tries) -> None:
    held = target.a.held[0]
    for path in (
        f"/v1/documents/{held.document}/order",
        f"/v1/documents/{held.document}/remove",
        f"/v1/jobs/{held.job}/discard",
        "/v1/pairings",
        "/v1/tokens",
        "/v1/page-tokens",
    ):
        for method in ("GET", "HEAD"):
            tries.status(path, target.ask(method, path, *target.a.lines), 403, 404, 405)


@attack("C06", "TRACE, CONNECT, odd methods, methods by header", expected="no effect", tries=7)
def odd_methods(target: Target, tries: Tries) -> None:
    document = f"/v1/documents/{target.a.held[0].document}"
    for method in ("TRACE", "CONNECT", "PROPFIND", "DELETEX", "delete"):
        tries.status(method, target.ask(method, document, *target.a.lines), *NO)
    override = (*target.a.lines, "X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE")
    tries.status("by header", target.ask("POST", document, *override, body=b""), *NO)
    reply = target.ask("POST", f"{document}?_method=DELETE", *target.a.lines, body=b"")
    tries.status("by query", reply, *NO)


@attack("C07", "a cookie in place of the token", expected="401, and never Set-Cookie", tries=4)
def cookie(target: Target, tries: Tries) -> None:
    value = f"Cookie: token={target.a.token}; Authorization={target.a.token}"
    for what, lines in {"site": (target.a.from_it,), "script": ()}.items():
        reply = target.ask("GET", "/v1/documents", *lines, value)
        tries.status(what, reply, 401)
    for path in ("/", "/v1/documents"):
        set_here = target.ask("GET", path, value, target.script).header("Set-Cookie")
        tries.expect(path, set_here is None, set_here)


@attack("C08", "what a page's bytes carry", expected="CORP, nosniff, no-store, attachment", tries=5)
def page_headers(target: Target, tries: Tries) -> None:
    page = f"/v1/pages/{target.a.held[0].page}/image"
    reply = target.ask("GET", page, *target.a.lines)
    tries.status(page, reply, 200)
    for name, wanted in {
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Disposition": "attachment",
    }.items():
        said = reply.header(name) or ""
        tries.expect(name, wanted in said, f"{name}: {said}")


@attack("C09", "our pages in a frame", expected="frame-ancestors 'none'", tries=4)
def framing(target: Target, tries: Tries) -> None:
    for path in ("/", "/open", "/docs", "/.well-known/sheetfed"):
        policy = target.ask("GET", path).header("Content-Security-Policy") or ""
        tries.expect(path, "frame-ancestors 'none'" in policy, policy[:30])
