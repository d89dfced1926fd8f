"""What must be known after a restart, kept with a document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sheetfed.api.contracts import Client
from sheetfed_dwt.faults import invalid

FIELD: Final = ".dwt"
"""The name of the field that it begins in; with a dot, so that it goes into no file."""
_PIECE: Final = 1000
"""Characters that a field of a document takes."""

_PIECES: Final = 50


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is noted of a document, nothing where it is not of this interface."""
    fields = document["info"]["fields"]
    try:
        count = int(fields.get(FIELD, "0").partition(" ")[0])
        pieces = [fields[f"{FIELD}.{place}"] for place in range(1, count)]
        found = json.loads("".join([fields.get(FIELD, "0 {}").partition(" ")[2], *pieces]))
    except (ValueError, KeyError):  # somebody wrote over it
        return {}
    return found if isinstance(found, dict) else {}


async def write(client: Client, document: str, note: Mapping[str, Any]) -> dict[str, Any]:
    """Note something of a document, and return the document. Raises Fault where it is too much."""
    text = json.dumps(note, separators=(",", ":"))
    room = _PIECE - 4
    pieces = [text[start : start + room] for start in range(0, len(text), room)]
    if len(pieces) > _PIECES:
        raise invalid(f"No more than {_PIECES * room} characters can be kept with a document.")
    fields = {f"{FIELD}.{place}": piece for place, piece in enumerate(pieces)}
    fields[FIELD] = f"{len(pieces)} {fields.pop(f'{FIELD}.0')}"
    body = {"info": {"fields": fields}}
    changed: dict[str, Any] = await client.ask("PATCH", f"/v1/documents/{document}", body=body)
    return changed
