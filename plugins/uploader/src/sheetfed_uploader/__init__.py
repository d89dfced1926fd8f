"""Delivers documents to where they belong."""

from __future__ import annotations

from sheetfed.api.hooks import TargetSpec, hookimpl
from sheetfed.api.model import Choice, Option
from sheetfed_uploader.options import NETWORK

_HTTP = (
    Option(
        name="headers",
        title="Headers",
        kind="text",
        default="",
        description="A table of headers that are sent along; no secrets.",
    ),
    Option(name="token", title="Token", kind="secret"),
    Option(
        name="token_scheme", title="Before the token", kind="text", default="Bearer", advanced=True
    ),
    Option(
        name="token_header",
        title="Header of the token",
        kind="text",
        default="Authorization",
        advanced=True,
    ),
    Option(
        name="certificate",
        title="Client certificate",
        kind="text",
        default="",
        description="A PEM file, with the key in it or in `key`.",
        advanced=True,
    ),
    Option(name="key", title="Client key", kind="text", default="", advanced=True),
    Option(name="proxy", title="Proxy", kind="text", default="", advanced=True),
    Option(
        name="answer_headers",
        title="Headers of the answer that are passed on",
        kind="text",
        default="",
        description="A list of names.",
    ),
    Option(
        name="answer_limit",
        title="Size of the answer that is passed on",
        kind="int",
        default=64,
        minimum=0,
        maximum=1024,
        description="In KiB; 0 passes nothing on.",
    ),
)

_SPECS = (
    TargetSpec(
        name="http",
        title="A web server",
        factory="sheetfed_uploader.http:Http",
        in_service=True,
        options=(
            *NETWORK,
            *_HTTP,
            Option(
                name="method",
                title="Method",
                kind="choice",
                default="POST",
                choices=(Choice(value="POST", title="POST"), Choice(value="PUT", title="PUT")),
            ),
            Option(
                name="body",
                title="Form of the body",
                kind="choice",
                default="auto",
                choices=(
                    Choice(value="auto", title="A form for POST, the bytes for PUT"),
                    Choice(value="form", title="A form, as browsers send it"),
                    Choice(value="raw", title="The bytes as they are"),
                ),
            ),
            Option(name="part", title="Field of the file", kind="text", default="file"),
            Option(
                name="repeatable",
                title="May be sent twice",
                kind="bool",
                default=False,
                description="The server knows by the Idempotency-Key what it has already.",
            ),
            Option(
                name="digest",
                title="Send a checksum",
                kind="bool",
                default=False,
                description="As Content-Digest, SHA-256; the document is read twice for it.",
            ),
        ),
    ),
)


@hookimpl
def sheetfed_targets() -> list[TargetSpec]:
    """Offer a target for each protocol."""
    return [*_SPECS]
