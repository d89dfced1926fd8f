"""The words that JSON schemas are written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]

_WHOLE = r"^\s*[+-]?[0-9]{1,18}(\.0{1,18})?\s*$"
TEXT: Schema = {"type": "string"}


def whole(low: int | None = None, high: int | None = None) -> Schema:
    """Return what takes a whole number, also as text."""
    bounds = {"minimum": low, "maximum": high}
    kept = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"anyOf": [{"type": "integer", **kept}, {"type": "string", "pattern": _WHOLE}]}


def or_null(schema: Schema) -> Schema:
    """Return what also takes null."""
    return {"anyOf": [schema, {"type": "null"}]}


def text(most: int) -> Schema:
    """Return what takes so many characters at most."""
    return {"type": "string", "maxLength": most}


def members(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    """Return an object; what it has beside these is left alone."""
    found: Schema = {"type": "object", "properties": {**properties}}
    return {**found, "required": [*required]} if required else found


def exactly(properties: Mapping[str, Schema]) -> Schema:
    """Return an answer that has all of these."""
    return members(properties, [*properties])


def several(schema: Schema, most: int | None = None) -> Schema:
    """Return a list, of so many at most where that is said."""
    found: Schema = {"type": "array", "items": schema}
    return found if most is None else {**found, "maxItems": most}


def ref(name: str) -> Schema:
    """Return a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}
