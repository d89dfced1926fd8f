"""What the page of an approved site may read, and nobody else."""

from __future__ import annotations

import aiohttp
import pytest
from face import Face

SITE = "https://scan.example"
EVIL = "https://evil.example"
LOOK_ALIKES = [
    "https://scan.example.evil.example",
    "https://evilscan.example",
    "https://scan.example.",
    "https://scan.example:8443",
    "https://scan.example:443",
    "http://scan.example",
    "https://scan.example/",
    "https://scan.exampl",
    "https://SCAN.example",
    "https://user@scan.example",
    "https://scan.example#",
    "https://scan.example https://scan.example",
    "https://sc\u0430n.example",
    "*",
    "file://",
]


def allowed(headers: object) -> list[str]:
    """Return what an answer allows pages of other sites."""
    names = [name.lower() for name in headers]  # type: ignore[attr-defined]  # any mapping
    return sorted(name for name in names if name.startswith("access-control-"))


async def preflight(face: Face, origin: str, path: str, method: str = "POST") -> tuple[int, object]:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    async with (
        aiohttp.ClientSession(base_url=f"http://{face.host}/") as browser,
        browser.options(path, headers=headers) as answer,
    ):
        return answer.status, answer.headers


async def test_an_approved_site_may_send_what_the_api_takes(face: Face) -> None:
    """R3 (O06): its own origin exactly, no cookies, no star."""
    await face.site(SITE)

    for path in ("/v1/documents", "/v1/documents/doc_x/order", "/v1/events", "/v1/pairings"):
        status, headers = await preflight(face, SITE, path)

        assert status == 204
        assert headers["Access-Control-Allow-Origin"] == SITE
        assert headers["Vary"] == "Origin"
        assert "DELETE" in headers["Access-Control-Allow-Methods"]
        assert "Authorization" in headers["Access-Control-Allow-Headers"]
        assert headers["Access-Control-Max-Age"] == "600"
        assert allowed(headers) == [
            "access-control-allow-headers",
            "access-control-allow-methods",
            "access-control-allow-origin",
            "access-control-max-age",
        ]


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/sites", "/v1/page-tokens", "/", "/x"])
async def test_a_site_that_nobody_approved_may_send_nothing(face: Face, path: str) -> None:
    """R3 (O05): also where it asks for Chromium's old private-network permission."""
    status, headers = await preflight(face, EVIL, path)

    assert status == 403
    assert allowed(headers) == []


@pytest.mark.parametrize(
    ("path", "method"),
    [("/.well-known/sheetfed", "GET"), ("/v1/pairings", "POST"), ("/v1/pairings/x", "GET")],
)
async def test_every_site_may_say_hello_and_ask(face: Face, path: str, method: str) -> None:
    """R10: and read what is said to that."""
    status, headers = await preflight(face, EVIL, path, method)

    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == EVIL


@pytest.mark.parametrize("origin", LOOK_ALIKES)
async def test_an_origin_that_looks_like_an_approved_one(face: Face, origin: str) -> None:
    """R3 (O03): compared byte for byte; its token changes nothing."""
    site = await face.site(SITE)
    lines = f"Host: {face.host}\r\nOrigin: {origin}\r\nAuthorization: Bearer {site.token}\r\n"
    head = f"GET /v1/documents HTTP/1.1\r\n{lines}\r\n"

    reply = await face.raw(head.encode())

    assert reply.status == 403
    assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


async def test_a_page_may_read_answers_and_errors_of_its_own(face: Face) -> None:
    """R3: without this a page could not tell 401 from a service that is gone."""
    site = await face.site(SITE)
    for path, headers, status in (
        ("/v1/documents", {}, 200),
        ("/v1/documents/none", {}, 404),
        ("/v1/documents", {"Authorization": "Bearer old"}, 401),
        ("/v1/sites", {}, 403),
    ):
        async with site.client.get(path, headers=headers) as answer:
            assert answer.status == status
            assert answer.headers["Access-Control-Allow-Origin"] == SITE
            assert answer.headers["Vary"] == "Origin"
            assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
            assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_our_own_page_and_tools_need_no_such_headers(face: Face) -> None:
    async with face.client.get("/v1/documents") as answer:
        assert allowed(answer.headers) == []


async def test_fetch_metadata_and_origin_must_fit(face: Face) -> None:
    """R5: no browser sends another site's Origin as its own page's request, or without mode."""
    site = await face.site(SITE)
    for metadata in (
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        async with site.client.get("/v1/documents", headers=metadata) as answer:
            assert answer.status == 403, metadata
    good = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    async with site.client.get("/v1/documents", headers=good) as answer:
        assert answer.status == 200
