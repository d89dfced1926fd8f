"""The calls about documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed_dwt import faults, files, notes, passwords, shelf, sources, uids, values
from sheetfed_dwt.asking import LONGEST_PASSWORD, Asked, Handler, Route, insist
from sheetfed_dwt.faults import invalid
from sheetfed_dwt.jobs import Jobs

ALL = "/api/storage/documents"
FAR = 10**18
"""Places that are still read; where there is no page, one that is put in comes last."""

ONE = f"{ALL}/{{documentuid}}"


class Storage:
    """Answers them."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.routes = (
            Route(method="POST", path=ALL, handler=self.create),
            Route(method="GET", path=ALL, handler=_by_query(self.tell)),
            Route(method="DELETE", path=ALL, handler=_by_query(self.delete)),
            Route(method="GET", path=ONE, handler=self.tell),
            Route(method="PATCH", path=ONE, handler=self.change),
            Route(method="DELETE", path=ONE, handler=self.delete),
            Route(method="GET", path=f"{ONE}/content", handler=self.content),
            Route(method="POST", path=f"{ONE}/pages", handler=self.insert),
            Route(method="DELETE", path=f"{ONE}/pages/{{page}}", handler=self.remove),
        )

    async def create(self, asked: Asked) -> web.StreamResponse:
        """Make a document, perhaps with a password."""
        body = await asked.body()
        password = values.text(body.get("password"), "password", most=LONGEST_PASSWORD)
        title = values.text(body.get("name"), "name", most=500)
        seal = await passwords.sealed(password) if password else None
        made = await asked.client.ask("POST", "/v1/documents", body={"title": title})
        note = {"kind": shelf.KIND, "password": seal}
        try:
            document = await notes.write(asked.client, made["id"], note)
        except SheetfedError:
            await insist(asked.client, "DELETE", f"/v1/documents/{made['id']}")
            raise
        return web.json_response(_data(document, note), status=201)

    async def tell(self, asked: Asked) -> web.StreamResponse:
        """Tell of a document."""
        return web.json_response(_data(*await shelf.opened(asked, _uid(asked))))

    async def change(self, asked: Asked) -> web.StreamResponse:
        """Put other metadata in the place of what was there."""
        document, note = await shelf.opened(asked, _uid(asked))
        body = await asked.body()
        if not isinstance(body.get("metadata"), str | dict):
            raise invalid("metadata must be text or an object.")
        note = {**note, "metadata": body["metadata"]}
        return web.json_response(_data(await notes.write(asked.client, document["id"], note), note))

    async def delete(self, asked: Asked) -> web.StreamResponse:
        """Delete a document and its pages."""
        document, _ = await shelf.opened(asked, _uid(asked))
        await asked.client.ask("DELETE", f"/v1/documents/{document['id']}")
        return web.Response(status=204)

    async def content(self, asked: Asked) -> web.StreamResponse:
        """Give the document, or pages of it, as a file."""
        document, _ = await shelf.opened(asked, _uid(asked))
        return await files.send(asked, document["id"], document["pages"])

    async def insert(self, asked: Asked) -> web.StreamResponse:
        """Put copies of pages before another page, or at the end."""
        document, note = await shelf.opened(asked, _uid(asked))
        body = await asked.body()
        source = await sources.read(asked, self._jobs, body.get("source"))
        place = 0
        if body.get("insertPos") is not None:
            place = values.whole(body["insertPos"], "insertPos", low=-FAR, high=FAR)
        wish: dict[str, Any] = {"pages": source.pages}
        if 1 <= place <= len(document["pages"]):
            wish["before"] = document["pages"][place - 1]["id"]
        path = f"/v1/documents/{document['id']}/copy"
        return web.json_response(_data(await asked.client.ask("POST", path, body=wish), note))

    async def remove(self, asked: Asked) -> web.StreamResponse:
        """Delete a page, named by its id or its number from 0 on."""
        document, _ = await shelf.opened(asked, _uid(asked))
        page = files.place_of(asked.part("page"), document["pages"])
        await asked.client.ask("DELETE", f"/v1/pages/{page}")
        return web.Response(status=204)


def _by_query(handler: Handler) -> Handler:
    """Answer the older form, in which the query names the document."""

    async def answer(asked: Asked) -> web.StreamResponse:
        if not asked.query("documentuid"):
            raise faults.unknown_uid("document")
        return await handler(asked)

    return answer


def _uid(asked: Asked) -> str:
    return asked.request.match_info.get("documentuid") or asked.query("documentuid")


def _data(document: Mapping[str, Any], note: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as it is answered."""
    told: dict[str, Any] = {"uid": uids.of(document["id"])}
    if "metadata" in note:
        told["metadata"] = note["metadata"]
    return {**told, "pages": [{"uid": uids.of(page["id"])} for page in document["pages"]]}
