"""The service's description of itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from weakref import WeakKeyDictionary

from aiohttp import web

from sheetfed.api.errors import CODES
from sheetfed.imaging import Imaging
from sheetfed.server import shapes
from sheetfed.server.answers import format_json
from sheetfed.server.guard.headers import PAGE
from sheetfed.server.openapi import describe
from sheetfed.server.problems import dump
from sheetfed.server.table import Call, Op

_HEAD = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>sheetfed: errors</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="/app/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/docs/docs.css">
</head>
<body>
<h1>sheetfed <small>errors</small></h1>
<p>Every error has a code. Over HTTP it comes as <code>application/problem+json</code> with the
status shown, on the command line with the exit code shown.</p>
"""


def document_op(ops: Callable[[], Sequence[Op]]) -> Op:
    """Return the operation that tells all operations, this one too.

    What files come in and go out as is told as the installed addons have it.
    """
    documents: WeakKeyDictionary[Imaging, bytes] = WeakKeyDictionary()

    async def openapi(call: Call) -> web.StreamResponse:
        imaging = call.service.imaging
        if imaging not in documents:
            formats = [format_json(known) for known in imaging.formats()]
            documents[imaging] = dump(describe(ops(), formats))
        return web.Response(body=documents[imaging], content_type="application/json")

    return Op(
        method="GET",
        path="/openapi.json",
        id="openapi",
        summary="This description",
        handler=openapi,
        access="open",
        answer=lambda: shapes.about.Description,
    )


def errors_page() -> web.Response:
    """Return the list of everything that can go wrong."""
    sections = (
        f'<section id="{escape(kind.code)}"><h2><code>{escape(kind.code)}</code></h2>'
        f"<p><b>{escape(kind.title)}.</b> {escape(kind.advice)}</p>"
        f'<p class="soft">HTTP {kind.status}, exit code {kind.exit_code}</p></section>\n'
        for kind in CODES.values()
    )
    return web.Response(
        text=f"{_HEAD}{''.join(sections)}</body>\n</html>\n",
        content_type="text/html",
        headers={"Content-Security-Policy": PAGE},
    )
