"""Which texts are the origin of a site."""

from __future__ import annotations

import pytest

from sheetfed.origins import is_web_origin


@pytest.mark.parametrize(
    "text",
    [
        "https://scan.example.com",
        "https://scan.example.com:8443",
        "https://scan",
        "https://192.0.2.7",
        "https://[2001:db8::7]:444",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "https://xn--bcher-kva.example",
        "https://xn--p1ai.xn--p1ai",
        "https://xn--r8jz45g.jp",
        "https://a-b.example",
    ],
)
def test_what_browsers_send_is_an_origin(text: str) -> None:
    """R3: of pages over https, and over http from this computer."""
    assert is_web_origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "*",
        "https://",
        "http://scan.example.com",
        "http://localhost.example",
        "http://127.0.0.2",
        "https://scan.example.com/",
        "https://scan.example.com:443",
        "http://localhost:80",
        "https://scan.example.com:0",
        "https://scan.example.com:08443",
        "https://scan.example.com:65536",
        "https://scan.example.com:",
        "https://scan.example.com.",
        "https://.example.com",
        "https://scan..example.com",
        "https://-scan.example.com",
        "https://SCAN.example.com",
        "HTTPS://scan.example.com",
        "https://user@scan.example.com",
        "https://scan.example.com#",
        "https://scan.example.com?x",
        "https://scan.example.com evil",
        " https://scan.example.com",
        "https://scan.example.com\n",
        "https://b\u00fccher.example",
        "https://xn--",
        "https://xn--abc-.example",
        "https://xn--pple-43d.example",
        "https://*.example.com",
        "https://127.1",
        "https://2130706433",
        "https://0x7f000001",
        "https://127.0.0.01",
        "https://[::0001]",
        "https://[::1",
        "https://" + "a" * 64 + ".example",
        "https://" + "a." * 130 + "example",
        "file://",
        "javascript:alert(1)",
        "data:text/html,x",
        "chrome-extension://abcdefghijklmnop",
        "moz-extension://0b1b2c3d",
        "wss://scan.example.com",
        "https://a.example, https://b.example",
    ],
)
def test_what_is_no_origin_of_a_site(text: str) -> None:
    """R3, R11 (O03, T09): other forms of a name, other schemes, a name in two scripts."""
    assert not is_web_origin(text)
