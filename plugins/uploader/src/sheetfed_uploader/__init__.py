"""Delivers documents to where they belong."""

from __future__ import annotations

from sheetfed.api.hooks import TargetSpec, hookimpl
from sheetfed.api.model import Choice, Option
from sheetfed_uploader.options import (
    CA,
    COLLISION,
    INTERNAL,
    NETWORK,
    PASSWORD,
    PLAIN,
    TIMEOUT,
    URL,
    USER,
)

_ANSWER = (
    Option(
        name="answer-headers",
        title="Headers of the answer that are passed on",
        kind="text",
        default="",
        description="A list of names.",
    ),
    Option(
        name="answer-limit",
        title="Size of the answer that is passed on",
        kind="int",
        default=64,
        minimum=0,
        maximum=1024,
        description="In KiB; 0 passes nothing on.",
    ),
)

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
        name="token-scheme", title="Before the token", kind="text", default="Bearer", advanced=True
    ),
    Option(
        name="token-header",
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
    *_ANSWER,
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
    TargetSpec(
        name="presigned",
        title="An address that is signed for one upload",
        factory="sheetfed_uploader.presigned:Presigned",
        in_service=True,
        fields=(Option(name="url", title="Signed address", kind="secret"),),
        options=(
            Option(
                name="hosts",
                title="Hosts",
                kind="text",
                default="",
                description="A list of the hosts that an address may lead to.",
            ),
            Option(
                name="headers",
                title="Headers",
                kind="text",
                default="",
                description="A table of headers that are sent along, where they were signed.",
            ),
            *(CA, INTERNAL, PLAIN, TIMEOUT),
            *_ANSWER,
        ),
    ),
    TargetSpec(
        name="tus",
        title="A server with tus",
        factory="sheetfed_uploader.tus:Tus",
        in_service=True,
        options=(*NETWORK, *_HTTP),
    ),
    TargetSpec(
        name="folder",
        title="A folder",
        factory="sheetfed_uploader.folder:Folder",
        options=(
            Option(name="path", title="Folder", kind="text", default=""),
            COLLISION,
        ),
    ),
    TargetSpec(
        name="sftp",
        title="A host with SSH",
        factory="sheetfed_uploader.sftp:Sftp",
        options=(
            URL,
            USER,
            PASSWORD,
            Option(name="key", title="Private key", kind="text", default=""),
            Option(name="passphrase", title="Passphrase of the key", kind="secret"),
            Option(
                name="known-hosts",
                title="Known hosts",
                kind="text",
                default="",
                description="A file as OpenSSH has it; ~/.ssh/known_hosts if nothing is said.",
            ),
            INTERNAL,
            COLLISION,
        ),
    ),
    TargetSpec(
        name="webdav",
        title="A WebDAV server",
        factory="sheetfed_uploader.webdav:WebDav",
        options=(*NETWORK, *_HTTP, COLLISION),
    ),
    TargetSpec(
        name="ftp",
        title="An FTP server",
        factory="sheetfed_uploader.ftp:Ftp",
        options=(URL, USER, PASSWORD, CA, INTERNAL, PLAIN, COLLISION),
    ),
)


@hookimpl
def sheetfed_targets() -> list[TargetSpec]:
    """Offer a target for each protocol."""
    return [*_SPECS]
