"""The table of operations, told as OpenAPI 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from sheetfed.api.errors import (
    BadRequest,
    NotAllowed,
    NotFound,
    SheetfedError,
    TooMany,
    UnsupportedType,
)
from sheetfed.server import problems, shapes
from sheetfed.server.guard.access import Access
from sheetfed.server.requests import adapter, is_type_of_file, parameters
from sheetfed.server.table import Op, Shape

_ALWAYS: tuple[type[SheetfedError], ...] = (NotAllowed, UnsupportedType, BadRequest)

_SECURITY: Mapping[str, Mapping[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "Of a site: bound to its Origin, which every request must carry. Of a script: from "
            "`sheetfed token`, and no Origin. Of our own page. Local tools need none: they ask "
            "through the local socket."
        ),
    }
}

_ACCESS: Mapping[Access, str] = {
    "open": "Open to everybody at this computer, not to pages of sites.",
    "hello": "Open to the page of every site.",
    "pairing": "For the pages of sites, approved or not: the Origin is needed, a token is not.",
    "own": "For our own page.",
    "owner": "Needs a token. Only what is the caller's own is there.",
    "person": "For the person at this computer: our own page and local tools.",
    "tool": "For local tools, through the local socket; elsewhere it is not there.",
    "socket": "For pages: the Origin of an approved site, or ours; the token comes later.",
}
_REF = "#/components/schemas/{model}"
_FORMATS = "x-formats"
_ANY_FILE = ("image/*", "application/pdf")

_REQUEST_HEADERS: Mapping[str, tuple[dict[str, Any], str]] = {
    "Idempotency-Key": (
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "The same key and request again answer with the job that is there already.",
    ),
    "If-Match": (
        {"type": "string", "pattern": '^("[!#-~]*"|\\*)$'},
        "The ETag of the document that was read; another one by now is answered with 412.",
    ),
    "If-None-Match": (
        {"type": "string", "pattern": '^("[!#-~]*"|\\*)$'},
        "An ETag that is known; the same one now is answered with 304.",
    ),
    "If-Range": (
        {"type": "string", "pattern": '^"[!#-~]*"$'},
        "Answer with a range only where the ETag is still this one.",
    ),
    "Range": (
        {"type": "string", "pattern": "^bytes=([0-9]+-[0-9]*|-[0-9]+)$"},
        "One range of bytes.",
    ),
    "Last-Event-ID": (
        {"type": "string", "pattern": "^[0-9]{1,15}$"},
        "The number of the last event that was seen; what came after it is sent first.",
    ),
}

_WITH_TOKEN: frozenset[Access] = frozenset({"owner", "person"})

_ALSO = {
    206: "The range that was asked for",
    304: "Nothing changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Types:
    """The types of files by what is done to them; none are known where no addon was asked."""

    read: Sequence[str]
    written: Sequence[str]

    @property
    def shown(self) -> Sequence[str]:
        """What a picture of a page may be."""
        return sorted({*self.read, *self.written})

    def of(self, use: str | None) -> Sequence[str]:
        """Return those that leave as what is asked for."""
        return {"written": self.written, "shown": self.shown}.get(use or "", ())


def describe(ops: Sequence[Op], formats: Sequence[shapes.formats.Format] = ()) -> dict[str, Any]:
    """Return the OpenAPI document of a table, with the formats that addons bring.

    Without these it is the same whatever is installed: what clients are made of.
    """
    types = _Types(
        read=[one["type"] for one in formats if one["reads"]],
        written=[one["type"] for one in formats if one["writes"]],
    )
    paths: dict[str, dict[str, Any]] = {}
    for op in ops:
        for method in op.methods:
            paths.setdefault(_plain(op.path), {})[method.lower()] = _operation(op, method, types)
    told = _named(_document(ops, paths), types)
    return {**told, _FORMATS: [*formats]} if formats else told


def _document(ops: Sequence[Op], paths: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "sheetfed",
            "version": version("sheetfed"),
            "description": "Lets a web page use the scanners of the computer it is looked at on.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": _schemas(ops), "securitySchemes": _SECURITY},
    }


def _named(part: Any, types: _Types) -> Any:
    """Return a part of the document, where types of files stand in the place of their marks."""
    if isinstance(part, Mapping):
        mark = shapes.parts.OF_FORMAT
        found = {name: _named(value, types) for name, value in part.items() if name != mark}
        known = types.of(part[mark]) if mark in part else ()
        return {**found, "enum": [*known]} if known else found
    return [_named(one, types) for one in part] if isinstance(part, list) else part


def _operation(op: Op, method: str, types: _Types) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": op.id if method == op.method else f"{op.id}_{method.lower()}",
        "summary": op.summary,
        "description": _ACCESS[op.access],
        "tags": [op.path.split("/")[2] if op.path.startswith("/v1/") else "about"],
        "parameters": [*_path(op.path), *_query(op.query), *_headers(op.headers)],
        "responses": _responses(op, method, types),
    }
    if op.access in _WITH_TOKEN:
        described["security"] = [{"token": []}]
    if op.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(op.body())}},
        }
    if op.upload:
        read = [one for one in types.read if op.files == "read" and is_type_of_file(one)]
        taken = read or _ANY_FILE
        described["requestBody"] = {
            "required": True,
            "content": {one: {"schema": {}} for one in ("application/octet-stream", *taken)},
        }
    return described


def _responses(op: Op, method: str, types: _Types) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for media in dict.fromkeys((*op.media, *types.of(op.files))):
        if op.answer is not None:
            content[media] = {"schema": _ref(op.answer())}
        elif op.status != HTTPStatus.NO_CONTENT:
            content[media] = {"schema": {}}
    head = method == "HEAD"
    good: dict[str, Any] = {"description": HTTPStatus(op.status).phrase}
    if content and not head:
        good["content"] = content
    responses = {str(op.status): good}
    for status in op.also:
        responses[str(status)] = {"description": _ALSO[status]}
        if status == HTTPStatus.PARTIAL_CONTENT and not head:
            responses[str(status)]["content"] = content
    for status, codes in sorted(_failures(op).items()):
        told = ", ".join(dict.fromkeys(codes))
        responses[str(status)] = {"description": f"{HTTPStatus(status).phrase}: {told}"}
        if not head:
            responses[str(status)]["content"] = {
                problems.MEDIA_TYPE: {"schema": _ref(shapes.problems.Problem)}
            }
    return responses


def _failures(op: Op) -> dict[int, list[str]]:
    found = {status: [BadRequest.code] for status in (400, 408, 413)}
    found[421] = [NotAllowed.code]
    if op.access in _WITH_TOKEN or op.access == "own":
        found[401] = [NotAllowed.code]
    if op.access == "tool":
        found[404] = [NotFound.code]
    if op.access in ("owner", "pairing", "hello", "socket"):
        found[429] = [TooMany.code]
    if op.access == "socket":
        found[426] = [BadRequest.code]
    for error in (*_ALWAYS, *op.errors):
        found.setdefault(error.status, []).append(error.code)
    if "Range" in op.headers:
        found[416] = [BadRequest.code]
    return found


def _path(path: str) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)", path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }


def _query(shape: Shape | None) -> Iterable[dict[str, Any]]:
    for name, schema in parameters(shape()).items() if shape else ():
        told = schema.get("description", "")
        kept = {word: value for word, value in schema.items() if word != "description"}
        yield {"name": name, "in": "query", "description": told, "schema": kept}


def _headers(names: Iterable[str]) -> Iterable[dict[str, Any]]:
    for name in names:
        schema, told = _REQUEST_HEADERS[name]
        yield {"name": name, "in": "header", "description": told, "schema": schema}


def _schemas(ops: Iterable[Op]) -> dict[str, Any]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - slow; only this document needs it here

    requests = {op.body() for op in ops if op.body is not None}
    answers = {op.answer() for op in ops if op.answer is not None} | {shapes.problems.Problem}
    _, found = TypeAdapter.json_schemas(
        [
            *(((shape, "validation", adapter(shape))) for shape in sorted(requests, key=_name)),
            *(((shape, "serialization", adapter(shape))) for shape in sorted(answers, key=_name)),
        ],
        ref_template=_REF,
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _name(shape: Any) -> str:
    return str(shape.__name__)


def _ref(shape: Any) -> dict[str, str]:
    return {"$ref": _REF.format(model=_name(shape))}


def _plain(path: str) -> str:
    """Return a path as OpenAPI writes it, without the patterns of its parts."""
    return re.sub(r"{(\w+)(:[^{}]*)?}", r"{\1}", path)
