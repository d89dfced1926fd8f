"""Delivers documents to where they belong."""

from __future__ import annotations

from sheetfed.api.hooks import TargetSpec, hookimpl
from sheetfed.api.model import Choice, Option
from sheetfed_uploader.options import (
    CA,
    COLLISION,
    COMPARE,
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
            COMPARE,
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
            COMPARE,
        ),
    ),
    TargetSpec(
        name="webdav",
        title="A WebDAV server",
        factory="sheetfed_uploader.webdav:WebDav",
        options=(*NETWORK, *_HTTP, COLLISION, COMPARE),
    ),
    TargetSpec(
        name="ftp",
        title="An FTP server",
        factory="sheetfed_uploader.ftp:Ftp",
        options=(URL, USER, PASSWORD, CA, INTERNAL, PLAIN, COLLISION, COMPARE),
    ),
    TargetSpec(
        name="s3",
        title="A bucket of S3",
        factory="sheetfed_uploader.s3:S3",
        in_service=True,
        options=(
            URL,
            Option(name="bucket", title="Bucket", kind="text", default=""),
            Option(name="region", title="Region", kind="text", default="us-east-1"),
            Option(name="access-key", title="Access key", kind="text", default=""),
            Option(name="secret-key", title="Secret key", kind="secret"),
            Option(name="session-token", title="Session token", kind="secret"),
            Option(
                name="style",
                title="Where the bucket's name stands",
                kind="choice",
                default="auto",
                choices=(
                    Choice(value="auto", title="In the host at Amazon, else in the path"),
                    Choice(value="path", title="In the path"),
                    Choice(value="host", title="In the host"),
                ),
                advanced=True,
            ),
            Option(
                name="part-size",
                title="Size of a part",
                kind="int",
                default=8,
                minimum=5,
                maximum=24,
                description="In MiB.",
                advanced=True,
            ),
            Option(
                name="headers",
                title="Headers",
                kind="text",
                default="",
                description="A table of headers, as x-amz-storage-class; no secrets.",
            ),
            Option(name="proxy", title="Proxy", kind="text", default="", advanced=True),
            *(CA, INTERNAL, PLAIN, TIMEOUT, COLLISION),
        ),
    ),
    TargetSpec(
        name="mail",
        title="An e-mail",
        factory="sheetfed_uploader.mail:Mail",
        options=(
            *NETWORK,
            Option(name="from", title="Sender", kind="text", default=""),
            Option(name="to", title="Recipients", kind="text", default=""),
            Option(name="subject", title="Subject", kind="text", default="{name}"),
            Option(name="text", title="Text", kind="text", default=""),
            Option(
                name="limit",
                title="Size of a message",
                kind="int",
                default=20,
                minimum=1,
                maximum=150,
                description="In MiB; what is larger is refused before anything is sent.",
            ),
        ),
    ),
    TargetSpec(
        name="smb",
        title="A shared folder",
        factory="sheetfed_uploader.smb:Smb",
        options=(
            URL,
            USER,
            PASSWORD,
            Option(
                name="encrypt",
                title="Encrypt",
                kind="bool",
                default=True,
                description="SMB 3 only; without it the document may be read on its way.",
            ),
            INTERNAL,
            COLLISION,
            COMPARE,
        ),
    ),
    TargetSpec(
        name="fsspec",
        title="Whatever fsspec knows",
        factory="sheetfed_uploader.anything:Anything",
        options=(
            URL,
            Option(
                name="options",
                title="Options",
                kind="text",
                default="",
                description="A table of what the file system is made with; no secrets.",
            ),
            Option(name="secret", title="Secret", kind="secret"),
            Option(
                name="secret-option",
                title="Option that is the secret",
                kind="text",
                default="password",
            ),
            INTERNAL,
            COLLISION,
            COMPARE,
        ),
    ),
)


@hookimpl
def sheetfed_targets() -> list[TargetSpec]:
    """Offer a target for each protocol."""
    return [*_SPECS]
