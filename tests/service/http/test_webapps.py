"""Addons' own HTTP interfaces: behind the same guard as everything else."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from face import Face, opened

from sheetfed.api.errors import ServiceGone
from sheetfed.config import Config
from sheetfed.server.guard import peers
from sheetfed.server.guard.callers import TOOL
from sheetfed.server.inside import Inside
from sheetfed.server.tokens import TOKENS

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from kiosk import plant

SITE = "https://scan.example"
EVIL = "https://evil.example"


@pytest.fixture
def planted(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A configuration of a machine where the kiosk's addon is installed."""
    plant(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    for name in ("kiosk", "kiosk_app"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return config


@pytest.fixture
async def kiosk(planted: Config) -> AsyncIterator[Face]:
    """A running service with it."""
    async with opened(planted) as face:
        yield face


def at(face: Face) -> str:
    """Return where the old protocol is answered."""
    return f"http://127.0.0.1:{face.listening.beside['kiosk-old']}"


async def asked(url: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Ask as somebody who sends these headers and no other."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as client,
        client.request(method, url, headers=named) as answer,
    ):
        return answer.status, await answer.read()


async def test_an_app_answers_under_its_name_with_a_token_only(kiosk: Face) -> None:
    """R4: what an addon answers is guarded as what we answer ourselves."""
    await kiosk.document((40, 60), title="mine")

    status, _, body = await kiosk.get("/addons/kiosk/documents")
    stranger, _ = await asked(f"http://{kiosk.host}/addons/kiosk/documents")
    elsewhere, _ = await asked(f"http://{kiosk.host}/addons/kiosk/documents", Origin=EVIL)

    assert (status, json.loads(body)) == (200, ["mine"])
    assert (stranger, elsewhere) == (401, 403)


async def test_an_app_acts_as_who_asked_it(kiosk: Face) -> None:
    """R13: a site finds its own documents through an addon, never the person's."""
    page = (await kiosk.document((40, 60), title="the person's")).pages[0]
    site = await kiosk.site(SITE)

    async with site.client.post("/addons/kiosk/documents") as made:
        assert made.status == 200
    async with site.client.get("/addons/kiosk/documents") as answer:
        seen = await answer.json()
    async with site.client.get(f"/addons/kiosk/pages/{page}") as answer:
        foreign = answer.status, (await answer.json())["code"]
    status, _, data = await kiosk.get(f"/addons/kiosk/pages/{page}")

    assert seen == ["from the kiosk"]
    assert foreign == (404, "not-found")
    assert status == 200
    assert data.startswith(b"\xff\xd8")


async def test_no_cookie_and_no_star_leaves(kiosk: Face) -> None:
    """R7 (C07), R3 (O06): an addon's app cannot hand out more than we do."""
    _, headers, _ = await kiosk.get("/addons/kiosk/documents")

    assert "Set-Cookie" not in headers
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_an_app_that_fails_tells_nobody_why(kiosk: Face) -> None:
    """Details are for the log: an addon's fault may hold anything."""
    status, _, body = await kiosk.get("/addons/kiosk/explode")

    assert status == 500
    assert b"secret" not in body


async def test_an_app_that_cannot_be_made_is_a_broken_addon(kiosk: Face) -> None:
    """A broken addon is a row, and the others of it work on."""
    _, _, body = await kiosk.get("/v1/addons")
    row = next(row for row in json.loads(body)["items"] if row["name"] == "kiosk")

    assert (row["state"], row["reason"]) == (
        "broken",
        "its web app 'kiosk-broken' cannot be made: no till",
    )
    assert (await kiosk.get("/addons/kiosk/documents"))[0] == 200


async def test_an_old_protocol_lets_in_approved_pages_without_a_token(kiosk: Face) -> None:
    """R3, R13: exactly the approved origin, and only what is its own."""
    await kiosk.document((40, 60), title="the person's")
    await kiosk.service.approvals.approve(SITE)

    approved = await asked(f"{at(kiosk)}/documents", Origin=SITE)
    refused = [
        (await asked(f"{at(kiosk)}/documents", Origin=origin))[0]
        for origin in (EVIL, "null", f"{SITE}.evil.example", "http://scan.example")
    ]

    assert approved == (200, b"[]")
    assert refused == [403, 403, 403, 403]


async def test_an_old_protocol_refuses_programs_until_the_person_says_so(
    planted: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4: whoever sends no Origin may be any program, so that is off.

    It stays off where the system does not tell whose program it is.
    """
    async with opened(planted) as shut:
        refused, _ = await asked(f"{at(shut)}/documents")
    told = replace(planted, addons={"kiosk": {"programs": True}})
    async with opened(told) as face:
        await face.document((40, 60), title="mine")
        program = await asked(f"{at(face)}/documents")
        browser = [
            (await asked(f"{at(face)}/documents", Sec_Fetch_Site=site, Sec_Fetch_Mode=mode))[0]
            for site, mode in (("none", "navigate"), ("cross-site", "no-cors"))
        ]

    monkeypatch.setattr(peers, "are_told", lambda: False)
    async with opened(told) as face:
        untold, _ = await asked(f"{at(face)}/documents")

    assert refused == untold == 401
    assert program == (200, b'["mine"]')
    assert browser == [401, 403]


async def test_an_app_that_looks_at_every_request_gets_nothing_for_a_stranger(kiosk: Face) -> None:
    """R4: what is not there needs no token to be missed, and gives an addon nobody's name."""
    await kiosk.document((40, 60), title="the person's")

    found = [
        await asked(url)
        for url in (f"{at(kiosk)}/nowhere", f"http://{kiosk.host}/addons/kiosk/nowhere")
    ]

    assert all(status >= 400 and b"person's" not in body for status, body in found), found


async def test_an_app_does_for_its_caller_what_they_may_do_themselves(planted: Config) -> None:
    """R4: asked by a script it is a script, by our page our page; neither becomes a local tool."""
    told = replace(planted, addons={"kiosk": {"programs": True}})
    async with opened(told) as face:
        token = await face.app[TOKENS].issue_page()
        page = {"Authorization": f"Bearer {token.text}", "Sec_Fetch_Site": "same-origin"}
        found = {
            who: [
                (await asked(f"{place}/ask/{way}", **headers))[0]
                for way in ("documents", "sites", "local-tokens")
            ]
            for who, place, headers in (
                ("script", f"http://{face.host}/addons/kiosk", {"Authorization": face.bearer}),
                ("program", at(face), {}),
                ("page", f"http://{face.host}/addons/kiosk", page),
            )
        }

    assert found == {
        "script": [200, 403, 404],
        "program": [200, 403, 404],
        "page": [200, 200, 404],
    }


async def test_a_public_path_is_for_everybody_but_other_sites(kiosk: Face) -> None:
    """A person who types the address is told where they are."""
    seen = [
        await asked(f"{at(kiosk)}/door", **headers)
        for headers in (
            {},
            {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"},
            {"Origin": EVIL},
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        )
    ]

    assert seen[:2] == [(200, b"come in")] * 2
    assert [status for status, _ in seen[2:]] == [403, 403]


async def test_an_app_that_is_not_enabled_is_not_there(planted: Config) -> None:
    """A port of its own says which app it is for, where an addon has several."""
    async with opened(planted) as shut:
        before = set(shut.listening.beside)
    async with opened(replace(planted, addons={"kiosk": {"enabled": True}})) as face:
        port = face.listening.beside["kiosk-side"]
        refused, _ = await asked(f"http://127.0.0.1:{port}/documents")

    assert before == {"kiosk-old"}
    assert refused == 401


async def test_an_old_protocol_is_called_by_its_own_address_only(kiosk: Face) -> None:
    """R2 (H01): rebinding ends here too, and another port's name is another's."""
    await kiosk.service.approvals.approve(SITE)

    statuses = [
        (await asked(f"{at(kiosk)}/documents", Origin=SITE, Host=host))[0]
        for host in ("evil.example", kiosk.host)
    ]

    assert statuses == [421, 421]


async def test_a_page_may_send_the_headers_that_the_protocol_needs(kiosk: Face) -> None:
    """A browser asks first, and only pages that are approved hear a yes."""
    await kiosk.service.approvals.approve(SITE)
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-kiosk-key"}

    async with aiohttp.ClientSession() as client:
        async with client.options(f"{at(kiosk)}/documents", headers=ask | {"Origin": SITE}) as yes:
            allowed = yes.headers["Access-Control-Allow-Headers"]
        async with client.options(f"{at(kiosk)}/documents", headers=ask | {"Origin": EVIL}) as no:
            status = no.status

    assert "X-Kiosk-Key" in allowed
    assert status == 403


async def test_pages_may_ask_with_credentials_where_an_old_protocol_needs_that(
    kiosk: Face,
) -> None:
    """R7: no cookie is looked at; an approved page may read, nobody else, and not what is ours."""
    await kiosk.service.approvals.approve(SITE)
    site = await kiosk.site(SITE)
    ask = {"Access-Control-Request-Method": "POST"}
    name = "Access-Control-Allow-Credentials"

    async with aiohttp.ClientSession() as client:
        found = []
        for way, origin in (("options", SITE), ("get", SITE), ("options", EVIL), ("get", EVIL)):
            headers = (ask if way == "options" else {}) | {"Origin": origin}
            async with client.request(way, f"{at(kiosk)}/documents", headers=headers) as answer:
                found.append((answer.headers.get(name), "Set-Cookie" in answer.headers))
    async with site.client.get("/addons/kiosk/documents") as ours:
        assert name not in ours.headers

    assert found == [("true", False), ("true", False), (None, False), (None, False)]


async def test_an_old_protocol_tells_refusals_in_its_own_words(kiosk: Face) -> None:
    """The status stays the guard's; what the app leaves alone, and all under /addons, is ours."""
    async with aiohttp.ClientSession(headers={"Origin": EVIL}) as client:
        async with client.get(f"{at(kiosk)}/pages/x") as own:
            words = own.status, await own.text(), own.headers["X-Till"]
        async with client.get(f"{at(kiosk)}/documents") as left:
            code = (await left.json())["code"]
        async with client.get(f"http://{kiosk.host}/addons/kiosk/pages/x") as ours:
            assert ours.content_type == "application/problem+json"
    async with aiohttp.ClientSession() as client, client.get(f"{at(kiosk)}/pages/x") as stranger:
        challenge = stranger.headers["WWW-Authenticate"]

    assert words == (403, "till says not-allowed", "1")
    assert (code, stranger.status, challenge) == ("not-allowed", 401, "Bearer")


async def test_a_revoked_site_is_out_at_once(kiosk: Face) -> None:
    """R14: no token has to run out where there is none."""
    await kiosk.service.approvals.approve(SITE)
    before, _ = await asked(f"{at(kiosk)}/documents", Origin=SITE)

    await kiosk.service.approvals.revoke(SITE)

    assert before == 200
    assert (await asked(f"{at(kiosk)}/documents", Origin=SITE))[0] == 403


async def test_a_taken_port_is_told_in_the_addons_row(planted: Config) -> None:
    """The incumbent may hold the port; everything else works on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with opened(replace(planted, addons={"kiosk": {"port": port}})) as face:
            _, _, body = await face.get("/v1/addons")
            fine = (await face.get("/addons/kiosk/documents"))[0]

    row = next(row for row in json.loads(body)["items"] if row["name"] == "kiosk")
    assert f"Another program listens on port {port}; it may be an older till" in row["reason"]
    assert fine == 200


async def test_a_service_that_is_gone_is_told_to_an_addon_as_everything_is(config: Config) -> None:
    """An addon waits for news of a job when the service stops; it knows our errors only."""
    async with opened(config) as face:
        inside = Inside(config, face.app[TOKENS])
        client = inside.of(TOOL)
        assert (await client.ask("GET", "/v1/devices"))["items"]

    try:
        with pytest.raises(ServiceGone):
            await client.ask("GET", "/v1/devices")
    finally:
        await inside.line().close()
