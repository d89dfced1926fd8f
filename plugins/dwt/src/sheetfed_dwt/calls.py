"""The three calls that the service's own page documents."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sheetfed.api.errors import NotFound
from sheetfed_dwt import faults, notes, pictures, uids, values
from sheetfed_dwt.asking import Asked, Route
from sheetfed_dwt.faults import Fault, invalid
from sheetfed_dwt.pictures import PNG

VERSION = "19, 4, 0, 0410"
"""The version whose published interface this is, as it is written there."""

SMALLEST = 150
"""Pixels that a picture has at least."""


class Calls:
    """Answers them."""

    def __init__(self) -> None:
        self.routes = (
            Route(method="GET", path="/fa/VersionInfo", handler=version),
            Route(method="GET", path="/f/RemoveAllImages", handler=self.remove_all),
            Route(method="POST", path="/f/RemoveAllImages", handler=self.remove_all),
            Route(method="GET", path=r"/dwt/{module:dwt_\w+}/img", handler=self.picture),
        )

    async def remove_all(self, asked: Asked) -> web.StreamResponse:
        """Empty a buffer: the document with this id. One that is not there is empty."""
        command = await _command(asked)
        said = _word(command.get("id"), "id") or asked.query("id")
        found = await _buffer(asked, said)
        if found and found["pages"]:
            path = f"/v1/documents/{found['id']}/remove"
            await asked.client.ask("POST", path, body={"pages": "all"})
        return web.json_response(
            {
                "id": said,
                "method": "RemoveAllImages",
                "result": [True],
                "cmdId": _word(command.get("cmdId"), "cmdId"),
            }
        )

    async def picture(self, asked: Asked) -> web.StreamResponse:
        """Draw a page of a buffer, no larger than asked, in its own shape."""
        found = await _buffer(asked, asked.query("id"))
        place = values.whole(asked.query("index"), "index")
        if found is None or not 0 <= place < len(found["pages"]):
            raise faults.unknown_uid("page")
        page = found["pages"][place]
        size = {}
        for name in ("width", "height"):
            wanted = values.whole(asked.query(name, "-1"), name)
            if 0 < wanted < page[name]:
                size[name] = max(SMALLEST, wanted)
        if len(size) < 2:  # where either is not said or too large, all of it is wanted
            size = {}
        return await (await pictures.of_page(asked, page["id"], PNG, **size)).send(asked)


async def version(asked: Asked) -> web.StreamResponse:
    """Tell that there is somebody, and which interface they answer."""
    del asked
    return web.json_response(
        {"id": "1", "method": "VersionInfo", "result": [VERSION, "", "64"], "cmdId": ""}
    )


async def _command(asked: Asked) -> dict[str, Any]:
    """Return what was sent along: a command, or a list with one; nothing is one without words."""
    data = await asked.request.read()
    if not data.strip():
        return {}
    found = values.parsed(data)
    if isinstance(found, list):
        if len(found) != 1:
            raise invalid("One command at a time.")
        found = found[0]
    return values.mapping(found, "The command")


def _word(value: Any, name: str) -> str:
    """Return an id that is text or a number. Raises Fault."""
    return str(value) if type(value) is int else values.text(value, name)


async def _buffer(asked: Asked, said: str) -> dict[str, Any] | None:
    """Return the document that a buffer is; one behind a password is none."""
    try:
        document = uids.ours("doc", said, faults.unknown_uid("document"))
        found: dict[str, Any] = await asked.client.ask("GET", f"/v1/documents/{document}")
    except (Fault, NotFound):
        return None
    return None if notes.read(found).get("password") else found
