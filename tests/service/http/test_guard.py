"""Who may talk to us. Rule ids are those of the project's security rules."""

from __future__ import annotations

import json
import logging
import socket

import pytest
from face import Face

from sheetfed.server import requests

NOWHERE = "Connection: close\r\n\r\n"


def get(host: str, path: str = "/v1/service", *lines: str) -> str:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *lines, NOWHERE])


async def test_this_computer_s_tools_and_our_own_page_are_let_in(face: Face) -> None:
    """R2, R3: three names for loopback; our page sends its own origin or same-origin."""
    token = f"Authorization: {face.bearer}"
    for name in ("127.0.0.1", "localhost", "[::1]"):
        host = f"{name}:{face.port}"
        assert (await face.raw(get(host, "/v1/service", token))).status == 200
        assert (await face.raw(get(host, "/", f"Origin: http://{host}"))).status in (200, 404)
        assert (await face.raw(get(host, "/", "Sec-Fetch-Site: same-origin"))).status == 200
        assert (await face.raw(get(host, "/", "Sec-Fetch-Site: none"))).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "localhost.:{port}",
        "LOCALHOST:{port}",
        "user@127.0.0.1:{port}",
        "127.0.0.1.nip.io:{port}",
        "0.0.0.0:{port}",
        "[::]:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "127.1:{port}",
        "2130706433:{port}",
        "127.0.0.1:{port} ,evil",
        "sheetfed",
        "",
    ],
)
async def test_another_name_is_misdirected(face: Face, host: str) -> None:
    """R2 (H01, H02): a page that rebinds its name to loopback gets nothing, whatever the path."""
    for path in ("/v1/service", "/", "/nowhere", "/.well-known/sheetfed"):
        reply = await face.raw(get(host.format(port=face.port), path))

        assert reply.status == 421
        assert json.loads(reply.body)["code"] == "not-allowed"


@pytest.mark.parametrize(
    "request_",
    [
        "GET /livez HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        "GET /livez HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/1.0\r\n\r\n",
        "GET http://evil/livez HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        "GET http://127.0.0.1:{port}/livez HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        "CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
    ],
)
async def test_host_stands_once_and_the_target_is_a_path(face: Face, request_: str) -> None:
    """R2 (H03, H04): two names, none, or a name in the target are refused."""
    assert (await face.raw(request_.format(port=face.port))).status in (400, 421)


async def test_forwarded_names_have_no_effect(face: Face) -> None:
    """R2 (H05)."""
    lines = ("X-Forwarded-Host: evil", "Forwarded: host=evil", "X-Forwarded-For: 8.8.8.8")

    assert (await face.raw(get(face.host, "/livez", *lines))).status == 200
    assert (await face.raw(get("evil", "/livez", f"X-Forwarded-Host: {face.host}"))).status == 421


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:{port}@evil.example",
        "http://localhost:{port}",
        "HTTP://127.0.0.1:{port}",
        "http://127.0.0.1:{port} http://127.0.0.1:{port}",
        "*",
        "file://",
        "",
    ],
)
async def test_a_foreign_origin_is_refused(face: Face, origin: str) -> None:
    """R3 (O01 to O03): compared byte for byte; and no answer ever allows it to read."""
    reply = await face.raw(
        get(face.host, "/v1/service", f"Origin: {origin.format(port=face.port)}")
    )

    assert reply.status == 403
    assert reply.header("Access-Control-Allow-Origin") is None
    assert reply.header("Set-Cookie") is None


async def test_two_origins_are_refused(face: Face) -> None:
    """R3 (O04)."""
    lines = [f"Origin: http://{face.host}", f"Origin: http://{face.host}"]

    assert (await face.raw(get(face.host, "/livez", *lines))).status == 403


async def test_a_preflight_is_not_granted(face: Face) -> None:
    """R3 (O05)."""
    request = (
        f"OPTIONS /v1/jobs HTTP/1.1\r\nHost: {face.host}\r\nOrigin: https://evil.example\r\n"
        "Access-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Private-Network: true\r\n\r\n"
    )

    reply = await face.raw(request)

    assert reply.status == 403
    assert not [name for name, _ in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "same-origin, cross-site"])
@pytest.mark.parametrize("mode", ["no-cors", "navigate", "cors"])
async def test_what_another_site_sends_is_refused(face: Face, site: str, mode: str) -> None:
    """R5 (C03, C04): pictures, frames and links of other sites carry no Origin, but this."""
    lines = (f"Sec-Fetch-Site: {site}", f"Sec-Fetch-Mode: {mode}")

    for path in ("/", "/livez", "/v1/documents", "/docs"):
        assert (await face.raw(get(face.host, path, *lines))).status == 403


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain;application/json",
        "application/json+x",
        "application/jsonp",
        "application/json; charset=utf-16",
        "application/octet-stream",
    ],
)
async def test_a_body_must_say_that_it_is_json(face: Face, content_type: str | None) -> None:
    """R6 (C01, C02): any other type can be sent by a page of another site without asking us."""
    before = await face.service.documents.list("local")
    head = f"{face.head('POST', '/v1/documents')}Content-Length: 2\r\n"
    head += f"Content-Type: {content_type}\r\n" if content_type else ""

    reply = await face.raw(f"{head}\r\n{{}}")

    assert reply.status == 415
    assert await face.service.documents.list("local") == before


async def test_two_content_types_are_refused(face: Face) -> None:
    """R6."""
    head = f"{face.head('POST', '/v1/documents')}Content-Length: 2\r\n"
    types = "Content-Type: application/json\r\nContent-Type: text/plain\r\n"

    assert (await face.raw(f"{head}{types}\r\n{{}}")).status in (400, 415)


async def test_reading_changes_nothing(face: Face) -> None:
    """R6 (C05): what changes something has no GET."""
    document = await face.document((40, 60))

    for verb in ("order", "move", "swap", "remove"):
        status, headers, _ = await face.get(f"/v1/documents/{document.id}/{verb}")

        assert status == 405
        assert headers["Allow"] in ("POST", "PUT")


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "OPTIONS", "PUT"])
async def test_odd_methods_are_not_allowed(face: Face, method: str) -> None:
    """R6 (C06): and a header cannot turn one method into another."""
    request = (
        f"{face.head(method, '/v1/documents')}X-HTTP-Method-Override: GET\r\n"
        "Connection: close\r\n\r\n"
    )

    reply = await face.raw(request)

    assert reply.status == 405
    assert reply.header("Allow") == "DELETE, GET, HEAD, POST"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b'{"title": 1e999999}',
        b'{"title": "a", "title": "b"}',
        b'{"title": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b'{"title":' + b"9" * 5000 + b"}",
        b'"' + b'\\"' * 30_000,
    ],
)
async def test_odd_json_is_a_bad_request(face: Face, body: bytes) -> None:
    """R16 (P05): what two parsers could read in two ways is read in none."""
    head = f"{face.head('POST', '/v1/documents')}Content-Length: {len(body)}\r\n"

    reply = await face.raw(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)

    assert reply.status == 400
    assert reply.header("Content-Type") == "application/problem+json"


async def test_half_a_character_is_no_text(face: Face) -> None:
    """R16: a lone surrogate could not be written down later."""
    status, problem = await face.send("POST", "/v1/documents", {"title": "\ud800"})

    assert status == 422
    assert problem["code"] == "bad-request"


@pytest.mark.parametrize(
    ("path", "limit"), [("/v1/documents", 64 << 10), ("/v1/documents/doc_x/order", 1 << 20)]
)
async def test_a_body_has_a_limit(face: Face, path: str, limit: int) -> None:
    """R16 (P03): by its length before a byte is read, and by count where it tells no length."""
    method = "PUT" if path.endswith("order") else "POST"
    head = f"{face.head(method, path)}Content-Type: application/json\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    told = await face.raw(f"{head}Content-Length: {limit + 1}\r\nExpect: 100-continue\r\n\r\n")
    counted = await face.raw(
        f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * (limit // 0x10000 + 1)
    )

    assert told.status == 413
    assert counted.status == 413
    assert json.loads(counted.body)["code"] == "bad-request"


async def test_a_client_that_asks_first_is_told_to_go_on(face: Face) -> None:
    """Curl asks before it sends a larger body; a refusal comes instead of "100 Continue"."""
    head = (
        f"{face.head('POST', '/v1/documents')}Content-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    )

    assert (await face.raw(head)).status == 100


async def test_a_body_that_never_comes_is_not_waited_for(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17 (P06)."""
    monkeypatch.setattr(requests, "PATIENCE", 0.1)
    head = (
        f"{face.head('POST', '/v1/documents')}Content-Type: application/json\r\n"
        "Content-Length: 20\r\n\r\n{"
    )

    assert (await face.raw(head)).status == 408


async def test_a_compressed_body_is_not_opened(face: Face) -> None:
    """R16 (P04): 60 MiB of nothing fit in 60 KiB."""
    head = (
        f"{face.head('POST', '/v1/documents')}Content-Type: application/json\r\n"
        "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"
    )

    assert (await face.raw(head)).status == 415


@pytest.mark.parametrize(
    "request_",
    [
        "GET /livez HTTP/1.1\r\nHost: h\r\nX: {long}\r\n\r\n",
        "GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
        "POST /v1/documents HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\n{}",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: h\r\n" + "X: y\r\n" * 5000 + "\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 nonsense\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_one_short_line_in_the_log(
    face: Face, request_: str, caplog: pytest.LogCaptureFixture
) -> None:
    """R16, R19 (P01, P02): no traceback, none of the sender's text; the answer is a problem."""
    caplog.set_level(logging.INFO)

    reply = await face.raw(request_.replace("{long}", "a" * 100_000))

    assert reply.status == 400
    assert json.loads(reply.body)["code"] == "bad-request"
    assert reply.header("X-Content-Type-Options") == "nosniff"
    records = [record for record in caplog.records if record.name != "asyncio"]
    assert len(records) == 1
    assert not records[0].exc_info
    assert len(records[0].getMessage()) < 200


async def test_a_refusal_is_one_short_line_without_the_sender_s_text(
    face: Face, caplog: pytest.LogCaptureFixture
) -> None:
    """R19 (P08)."""
    caplog.set_level(logging.INFO)

    await face.raw(get(face.host, "/v1/<script>", "Origin: https://evil.example/%0d%0a"))

    (record,) = [record for record in caplog.records if record.name.startswith("sheetfed")]
    assert len(record.getMessage()) < 200
    assert "evil" not in record.getMessage()
    assert "script" not in record.getMessage()


async def test_every_answer_carries_the_headers(face: Face) -> None:
    """R32 (C08, C09, P09, T10)."""
    document = await face.document((40, 60))
    page = document.pages[0]
    paths = ("/livez", "/nowhere", "/v1/documents", f"/v1/pages/{page}/image", "/docs", "/v1/x%00")

    for path in paths:
        _, headers, _ = await face.get(path)

        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == ("no-cache" if path == "/docs" else "no-store")
        assert headers["Server"] == "sheetfed"


@pytest.mark.parametrize(
    "path",
    [
        "/app/../../../etc/passwd",
        "/app/..%2f..%2f..%2fetc/passwd",
        "/app/%2e%2e/%2e%2e/api/model.py",
        "/app//etc/passwd",
        "/app/....//....//etc/passwd",
        "/app/..%5c..%5cetc%5cpasswd",
        "/app/index.html%00.js",
        "/docs/../app.py",
        "/docs/%2e%2e/app.py",
        "/app/",
        "//etc/passwd",
    ],
)
async def test_a_path_of_the_network_never_becomes_a_path_of_the_disk(
    face: Face, path: str
) -> None:
    """R33 (P07)."""
    reply = await face.raw(get(face.host, path))

    assert reply.status == 404


async def test_half_open_requests_delay_nobody(face: Face) -> None:
    """R17 (P06)."""
    halves = [socket.create_connection(("127.0.0.1", face.port)) for _ in range(60)]
    try:
        for half in halves:
            half.sendall(b"GET /livez HTTP/1.1\r\nHost:")

        status, _, _ = await face.get("/livez")

        assert status == 200
    finally:
        for half in halves:
            half.close()
