"""The parser of requests: the one in C, and no other."""

from __future__ import annotations

from aiohttp import http_parser

from sheetfed.api.errors import BadConfig


def is_native() -> bool:
    """Say whether requests are read by the parser that browsers' attacks are tried on."""
    return http_parser.HttpRequestParser is not http_parser.HttpRequestParserPy


def require() -> None:
    """Raise BadConfig without it: the one in Python lets smuggled requests through."""
    if not is_native():
        raise BadConfig(
            "aiohttp has no C parser here; the slow one reads some requests wrongly",
            advice="Install a wheel of aiohttp for this system, and unset AIOHTTP_NO_EXTENSIONS.",
        )
