"""The description of these calls, as OpenAPI 3.1."""

from __future__ import annotations

import re
from typing import Any

from sheetfed_dwt.entries import ENTRIES, Entry
from sheetfed_dwt.pictures import JPEG, PNG
from sheetfed_dwt.schemas import SCHEMAS
from sheetfed_dwt.shapes import TEXT, Schema, ref, several, text
from sheetfed_dwt.subject import IN_PARTS

FAULTS = (400, 401, 403, 404, 405, 409, 410, 413, 421, 423, 429, 500, 501, 502, 504, 507)


def describe() -> dict[str, Any]:
    """Return the description."""
    paths: dict[str, Any] = {}
    for entry in ENTRIES:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _operation(entry)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sheetfed, as programs written for Dynamic Web TWAIN find it",
            "version": "20240719",
            "description": "Published calls of another product, answered by sheetfed.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


def _operation(entry: Entry) -> dict[str, Any]:
    placed = [
        *(_parameter(name, TEXT, "path", needed=True) for name in _parts(entry.path)),
        *(
            _parameter(name, schema, "query", needed=name in entry.needed)
            for name, schema in entry.query.items()
        ),
        *(_parameter(name, text(32), "header", needed=False) for name in entry.headers),
    ]
    words = re.findall(r"[A-Za-z]+", f"{entry.method.lower()} {entry.path}")
    found: dict[str, Any] = {
        "operationId": "_".join(words),
        "summary": entry.summary,
        "parameters": placed,
        "responses": _responses(entry),
    }
    forms = {"application/json": entry.body, IN_PARTS: entry.parts}
    content = {kind: {"schema": ref(schema)} for kind, schema in forms.items() if schema}
    if IN_PARTS in content:
        content[IN_PARTS]["encoding"] = {"stream": {"contentType": f"{PNG}, {JPEG}"}}
    if content:
        found["requestBody"] = {"content": content}
    return found


def _parts(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _parameter(name: str, schema: Schema, place: str, *, needed: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": needed, "schema": schema}


def _responses(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, what in entry.answers.items():
        found[str(status)] = {"description": entry.summary}
        if what:
            found[str(status)]["content"] = _content(what)
    told: dict[str, Any] = {"application/json": {"schema": ref("Fault")}}
    if entry.plain:
        told["text/plain"] = {"schema": TEXT}
    for status in FAULTS:
        found[str(status)] = {"description": "Not so, and why", "content": told}
    return found


def _content(what: str | tuple[str, ...]) -> dict[str, Any]:
    if isinstance(what, tuple):
        return {media_type: {} for media_type in what}
    schema = ref(what.removeprefix("["))
    schema = several(schema) if what.startswith("[") else schema
    return {"application/json": {"schema": schema}}
