"""Errors as answers: application/problem+json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sheetfed.api.errors import BadRequest, BadSettings, NotAllowed, NotFound, SheetfedError
from sheetfed.ledger import problem_data

MEDIA_TYPE = "application/problem+json"

_SECRET = re.compile("[\ud800-\udfff]")


class Refusal(Exception):
    """HTTP says no before anybody is asked: an error of ours under a status of HTTP's."""

    def __init__(
        self, status: int, error: SheetfedError, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.headers = dict(headers or {})


def answer(
    error: SheetfedError,
    *,
    owner: str = "",
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Return the answer that tells an error to the one who asked."""
    body = problem_json(error, owner=owner)
    if status is not None:
        body["status"] = status
    return web.Response(
        status=body["status"],
        body=dump(body),
        content_type=MEDIA_TYPE,
        headers=headers,
    )


def problem_json(error: SheetfedError, *, owner: str) -> dict[str, Any]:
    """Return the problem object; what is wrong with a request's parts stands in `errors`."""
    body = problem_data(error, owner=owner)
    if isinstance(error, BadRequest | BadSettings) and "errors" in body["details"]:
        body["errors"] = body["details"].pop("errors")
    return body


def of_http(error: web.HTTPException) -> web.Response:
    """Return the problem for what aiohttp itself refuses: no such path, no such method."""
    if error.status == 404:
        return answer(NotFound("There is nothing at this path"))
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return answer(
            BadRequest(f"Here one can only {allowed}"), status=405, headers={"Allow": allowed}
        )
    kind = NotAllowed if error.status == 403 else BadRequest
    return answer(kind(error.reason), status=error.status)


def dump(value: Any) -> bytes:
    """Return JSON as bytes; what is no JSON in an addon's details is shown as text."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    try:
        return text.encode()
    except UnicodeEncodeError:  # to look for them first takes as long as a third of the JSON
        return _SECRET.sub("\ufffd", text).encode()
