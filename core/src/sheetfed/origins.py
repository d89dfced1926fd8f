"""Origins of the web: which ones a site may have."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from contextlib import suppress
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Hosts whose pages may use us without TLS."""

_PORTS = {"https": 443, "http": 80}
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that one word is written in where they are read; any other mixture is a disguise."""


def is_web_origin(text: str) -> bool:
    """Tell whether a browser sends exactly this as the Origin of a page that may ask us.

    That is a page over https, or over http from this computer.
    """
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return False
    scheme, host, port = match.groups()
    if port is not None and (int(port) > 0xFFFF or int(port) == _PORTS[scheme]):
        return False
    return _is_host(host) and (scheme == "https" or host in LOOPBACK)


def origin_hint(text: str) -> str:
    """Say what is to be written in place of text that is no web origin."""
    with suppress(ValueError):
        parts = urlsplit(text.strip() if "://" in text else f"https://{text.strip()}")
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        host = f"[{host}]" if ":" in host else host
        port = parts.port if parts.port != _PORTS.get(parts.scheme) else None
        meant = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
        if is_web_origin(meant) and ("." in host or host in LOOPBACK):
            return f"did you mean '{meant}'?"
    return "write it as a browser sends it, as 'https://scan.example.com'"


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _is_canonical(ipaddress.IPv6Address, host[1:-1])
    labels = host.split(".")
    if labels[-1].isdigit() or re.fullmatch("0x[0-9a-f]*", labels[-1]):  # then it is a number
        return _is_canonical(ipaddress.IPv4Address, host)
    return len(host) <= 253 and all(map(_is_label, labels))


def _is_canonical(kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address], text: str) -> bool:
    try:
        return str(kind(text)) == text
    except ValueError:
        return False


def _is_label(label: str) -> bool:
    if not _LABEL.fullmatch(label):
        return False
    if not label.startswith("xn--"):
        return True
    try:
        name = label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return False
    return not name.isascii() and _is_one_hand(name)


def _is_one_hand(name: str) -> bool:
    """Tell whether a name's letters are ones that are written together."""
    scripts = {_script(letter) for letter in name if letter.isalpha()}
    return len(scripts) <= 1 or any(scripts <= together for together in _TOGETHER)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0]
