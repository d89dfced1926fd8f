"""Documents of theirs: found, opened with their password."""

from __future__ import annotations

from typing import Any

from sheetfed.api.errors import NotFound
from sheetfed_dwt import faults, notes, passwords, uids
from sheetfed_dwt.asking import Asked

KIND = "document"


async def found(asked: Asked, theirs: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a document of ours that is one of theirs, and its note. Raises Fault."""
    wanted = uids.ours("doc", theirs, faults.unknown_uid("document"))
    try:
        document: dict[str, Any] = await asked.client.ask("GET", f"/v1/documents/{wanted}")
    except NotFound:
        raise faults.unknown_uid("document") from None
    note = notes.read(document)
    if note.get("kind") != KIND:
        raise faults.unknown_uid("document")
    return document, note


async def opened(asked: Asked, theirs: str, *headers: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a document that is open to who asks, and its note. Raises Fault."""
    given = asked.password(*(headers or ("DWT-DOC-PASSWORD", "X-DICS-DOC-PASSWORD")))
    document, note = await found(asked, theirs)
    seal = note.get("password")
    if seal and not await passwords.opens(given, seal):
        raise faults.wrong_password()
    return document, note
