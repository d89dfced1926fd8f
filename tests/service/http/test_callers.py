"""Who may do what: every operation of the table, asked by everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import aiohttp
import pytest
from aiohttp import web
from face import Face, opened

from sheetfed.config import Config
from sheetfed.server.app import OPS
from sheetfed.server.guard.access import TOKENLESS, Access
from sheetfed.server.guard.door import CALLER
from sheetfed.server.table import Op
from sheetfed.server.tokens import TOKENS

APPROVED = "https://scan.example"
PASSED = 0
EXPECTED: Mapping[str, Mapping[Access, int]] = {
    "tool": {"pairing": 403, "own": 403, "socket": 403},
    "script": {"pairing": 403, "own": 403, "person": 403, "tool": 404, "socket": 403},
    "page": {"pairing": 403, "tool": 404},
    "site": {"open": 403, "own": 403, "person": 403, "tool": 404},
    "approved, no token": {"open": 403, "own": 403, "owner": 401, "person": 401, "tool": 404},
    "approved, another's token": {
        "open": 403,
        "own": 403,
        "owner": 401,
        "person": 401,
        "tool": 404,
    },
    "unapproved, a good token": {
        "open": 403,
        "own": 403,
        "owner": 403,
        "person": 403,
        "tool": 403,
        "socket": 403,
    },
    "our page, no token": {"pairing": 403, "owner": 401, "person": 401, "tool": 404},
    "our page, a script's token": {"pairing": 403, "owner": 401, "person": 401, "tool": 404},
    "nobody": {
        "pairing": 403,
        "own": 403,
        "owner": 401,
        "person": 401,
        "tool": 404,
        "socket": 403,
    },
    "a page's token, no browser": {
        "pairing": 403,
        "own": 403,
        "owner": 401,
        "person": 401,
        "tool": 404,
        "socket": 403,
    },
    "a site's token, no Origin": {
        "pairing": 403,
        "own": 403,
        "owner": 401,
        "person": 401,
        "tool": 404,
        "socket": 403,
    },
}
"""The status that each caller gets; what is not named gets through to the operation."""


@dataclass(frozen=True, kw_only=True)
class Everybody:
    """Each caller's headers; the tool's come through the socket."""

    headers: Mapping[str, Mapping[str, str]]
    client: aiohttp.ClientSession
    tool: aiohttp.ClientSession

    async def ask(self, who: str, op: Op) -> tuple[int, str]:
        """Return the status that a caller gets, 0 where the operation itself answered."""
        path = re.sub(r"{\w+(:[^{}]*)?}", "x", op.path)
        client = self.tool if who == "tool" else self.client
        async with client.request(op.method, path, headers=self.headers[who]) as answer:
            if answer.content_type != "application/problem+json":
                return PASSED, ""
            problem = await answer.json(content_type=None)
        detail = problem["detail"]
        if "no such target" in detail:  # the operation's own refusal
            return PASSED, detail
        refused = answer.status in (401, 403) or "nothing at this path" in detail
        return (answer.status if refused else PASSED), detail


@pytest.fixture
async def everybody(face: Face, config: Config) -> Everybody:
    site = await face.site(APPROVED)
    tokens = face.app[TOKENS]
    page = f"Bearer {(await tokens.issue_page()).text}"
    other = f"Bearer {tokens.issue_local('https://other.example').text}"
    own = {"Origin": f"http://{face.host}", "Sec-Fetch-Site": "same-origin"}
    headers: dict[str, dict[str, str]] = {
        "tool": {},
        "script": {"Authorization": face.bearer},
        "page": {**own, "Authorization": page},
        "site": {"Origin": APPROVED, "Authorization": f"Bearer {site.token}"},
        "approved, no token": {"Origin": APPROVED, "Sec-Fetch-Site": "cross-site"},
        "approved, another's token": {"Origin": APPROVED, "Authorization": other},
        "unapproved, a good token": {"Origin": "https://x.example", "Authorization": face.bearer},
        "our page, no token": own,
        "our page, a script's token": {**own, "Authorization": face.bearer},
        "nobody": {},
        "a page's token, no browser": {"Authorization": page},
        "a site's token, no Origin": {"Authorization": f"Bearer {site.token}"},
    }
    headers["approved, no token"]["Sec-Fetch-Mode"] = "cors"
    client = aiohttp.ClientSession(base_url=f"http://{face.host}/")
    connector = aiohttp.UnixConnector(path=str(config.socket))
    tool = aiohttp.ClientSession(base_url="http://localhost/", connector=connector)
    face.guests.extend((client, tool))
    return Everybody(headers=headers, client=client, tool=tool)


@pytest.mark.parametrize("who", EXPECTED)
async def test_each_caller_gets_as_far_as_the_table_says(everybody: Everybody, who: str) -> None:
    """R3, R4, R9, R10 (O01, T01, T03, T04): no route is open because nobody thought of it."""
    expected = EXPECTED[who]

    found = {op.id: await everybody.ask(who, op) for op in OPS}

    right = {op.id: expected.get(op.access, PASSED) for op in OPS}
    assert {name: status for name, (status, _) in found.items()} == right


def test_the_table_has_routes_of_every_kind() -> None:
    """Those that need no token are never ours: an addon has to ask for them."""
    assert {op.access for op in OPS} == set(get_args(Access)) - TOKENLESS


async def test_a_route_that_nobody_described_needs_a_token(config: Config) -> None:
    """Deny by default: also in an application that is mounted in ours."""

    async def secret(request: web.Request) -> web.Response:
        return web.Response(text=request[CALLER].owner)

    def furnish(app: web.Application) -> None:
        mounted = web.Application()
        mounted.router.add_get("/secret", secret)
        app.add_subapp("/addons/x/", mounted)

    async with opened(config, furnish) as face:
        site = await face.site(APPROVED)
        async with aiohttp.ClientSession(base_url=f"http://{face.host}/") as nobody:
            async with nobody.get("/addons/x/secret") as answer:
                assert answer.status == 401
            async with nobody.get("/addons/x/nothing") as answer:
                assert answer.status == 404
        async with face.client.get("/addons/x/secret") as answer:
            assert await answer.text() == "local"
        async with site.client.get("/addons/x/secret") as answer:
            assert await answer.text() == APPROVED
            assert answer.headers["Access-Control-Allow-Origin"] == APPROVED
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_a_site_hears_what_is_not_there_where_it_has_a_token(face: Face) -> None:
    """What we have or not, by path or by method, is for those who were let in."""
    site = await face.site(APPROVED)
    bare = {"Origin": APPROVED, "Authorization": ""}
    unknown = {"Origin": "https://x.example"}
    for method, path, status in (("GET", "/v1/nothing", 404), ("DELETE", "/v1/devices", 405)):
        async with site.client.request(method, path) as answer:
            assert answer.status == status
            assert answer.headers["Access-Control-Allow-Origin"] == APPROVED
        async with site.client.request(method, path, headers=bare) as answer:
            assert answer.status == 401
        async with site.client.request(method, path, headers=unknown) as answer:
            assert answer.status == 403
            assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer wrong",
        "Bearer \xff\xfe",
        "Bearer " + "a" * 7000,
        "TOKEN",
        "Token TOKEN",
        "Bearer TOKEN TOKEN",
        "Bearer TOKEN, Bearer TOKEN",
    ],
)
async def test_without_a_good_token_the_answer_is_always_the_same(
    face: Face, authorization: str | None
) -> None:
    """R4 (T01, T10): nobody learns whether a token was missing, wrong or old."""
    token = face.bearer.removeprefix("Bearer ")
    line = ""
    if authorization is not None:
        line = f"Authorization: {authorization.replace('TOKEN', token)}\r\n"

    reply = await face.raw(f"GET /v1/documents HTTP/1.1\r\nHost: {face.host}\r\n{line}\r\n")
    missing = await face.raw(f"GET /v1/documents HTTP/1.1\r\nHost: {face.host}\r\n\r\n")

    assert reply.status == 401
    assert reply.header("WWW-Authenticate") == "Bearer"
    assert reply.body == missing.body


async def test_two_tokens_are_none(face: Face) -> None:
    """R4."""
    head = face.head("GET", "/v1/documents")

    assert (await face.raw(f"{head}Authorization: {face.bearer}\r\n\r\n")).status == 401


async def test_a_token_stands_in_no_address_and_no_cookie(face: Face) -> None:
    """R7 (C07, T02): what a browser sends or remembers by itself opens nothing."""
    token = face.bearer.removeprefix("Bearer ")
    line = f"Host: {face.host}\r\nCookie: token={token}; Authorization={token}\r\n\r\n"

    for query in (f"token={token}", f"access_token={token}", f"Authorization=Bearer%20{token}"):
        reply = await face.raw(f"GET /v1/documents?{query} HTTP/1.1\r\n{line}")

        assert reply.status == 401
        assert reply.header("Set-Cookie") is None


async def test_the_landing_page_is_all_that_another_page_may_lead_to(face: Face) -> None:
    """R5 (C04): the file that `sheetfed open` writes is another site to the browser."""
    lines = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    asked = [
        ("/open", {}, 200),
        ("/open", {"Sec-Fetch-Dest": "iframe"}, 403),
        ("/open", {"Sec-Fetch-Mode": "no-cors"}, 403),
        ("/open", {"Origin": "https://evil.example"}, 403),
        ("/", {}, 403),
        ("/open/", {}, 403),
        ("/app/open.js", {}, 403),
    ]
    async with aiohttp.ClientSession(base_url=f"http://{face.host}/") as browser:
        for path, more, status in asked:
            async with browser.get(path, headers={**lines, **more}) as answer:
                assert answer.status == status, (path, more)
