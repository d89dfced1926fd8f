"""A document by tus 1.0, which goes on after a cut."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import BinaryIO

from yarl import URL

from sheetfed.api.contracts import Delivery, Report, Target
from sheetfed.api.errors import SheetfedError, TargetRefused, TargetUnreachable
from sheetfed.api.model import Receipt, Value
from sheetfed_uploader import web
from sheetfed_uploader.pumping import Body

VERSION = {"Tus-Resumable": "1.0.0"}

BUSY = frozenset({409, 423})
"""Answers of a server that still holds the line of the last try, and what came over it."""


class Tus(Target):
    """Makes an upload, and sends what the server does not have of it yet."""

    async def send(self, delivery: Delivery, report: Report) -> Receipt:
        """Send it, or the rest of it."""
        async with web.opened(self.settings) as session:
            place, size = str(delivery.state.get("upload") or ""), delivery.size or 0
            offset = await self._offset(session, place) if place else None
            if offset is None or offset > size:  # not known any more, or another one
                place, offset = await self._made(session, delivery.size, _told(delivery)), 0
                await report(0, {"upload": place})
            details: dict[str, Value] = {"upload": place}
            if offset != delivery.size:  # else only the answer was lost last time
                answer = await self._sent(session, delivery, report, offset, place)
                details |= web.receipt_details(answer, self.settings)
        return Receipt(place=web.place_of(self._at(place)), details=details)

    async def test(self) -> Receipt:
        """Ask whether the server speaks tus and makes uploads."""
        url = self._base
        async with web.opened(self.settings) as session:
            answer = await session.ask("OPTIONS", url)
            if error := web.failure(answer, twice=True):
                raise error
            versions = answer.headers.get("Tus-Version", "")
            knows = answer.headers.get("Tus-Extension", "")
            if "1.0.0" not in versions or "creation" not in knows:
                raise TargetRefused("The server does not speak tus 1.0, or makes no uploads")
            if "termination" in knows:  # else what is made could not be taken away again
                place = await self._made(session, 1, {"filename": "sheetfed-trial"})
                await session.ask("DELETE", self._at(place), headers=VERSION)
        return Receipt(place=web.place_of(url))

    async def abandon(self, delivery: Delivery) -> None:
        """End the upload where the server knows how; else it forgets it by itself."""
        place = str(delivery.state.get("upload") or "")
        if place:
            async with web.opened(self.settings) as session:
                await session.ask("DELETE", self._at(place), headers=VERSION)

    @property
    def _base(self) -> URL:
        return URL(str(self.settings["url"]), encoded=True)

    def _at(self, place: str) -> URL:
        """Return where an upload is: a path on the server of the configuration."""
        return self._base.join(URL(place, encoded=True))

    async def _made(self, session: web.Web, length: int | None, told: Mapping[str, str]) -> str:
        base = self._base
        words = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items()
        )
        headers = {**VERSION, "Upload-Length": str(length), "Upload-Metadata": words}
        answer = await session.ask("POST", base, headers={**headers, "Content-Length": "0"})
        if error := web.failure(answer, twice=True):
            raise error
        place = base.join(URL(answer.headers.get("Location", ""), encoded=True))
        if place.origin() != base.origin():
            raise TargetRefused("The server sends the upload to another server")
        return place.raw_path_qs

    async def _sent(
        self, session: web.Web, delivery: Delivery, report: Report, offset: int, place: str
    ) -> web.Answer:
        headers = {
            **VERSION,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Content-Length": str((delivery.size or 0) - offset),
        }

        async def told(sent: int, last: bool) -> None:  # noqa: FBT001
            session.moved(float(str(self.settings["timeout"])) if last else 0.0)
            await report(offset + sent, {"upload": place})

        def opened(at: int) -> BinaryIO:
            return delivery.open(offset + at)

        rest = Body(opened, (delivery.size or 0) - offset, told=told)
        url = self._at(place)
        answer = await session.ask("PATCH", url, headers=headers, data=rest)
        if error := _failure(answer):
            raise error
        has = answer.headers.get("Upload-Offset", "")
        if has != str(delivery.size):
            raise TargetUnreachable(f"The server has {has} of {delivery.size} bytes")
        return answer

    async def _offset(self, session: web.Web, place: str) -> int | None:
        """Return how much the server has; None where it does not know the upload any more."""
        answer = await session.ask("HEAD", self._at(place), headers=VERSION)
        if answer.status in (403, 404, 410):
            return None
        if error := _failure(answer):
            raise error
        has = answer.headers.get("Upload-Offset", "")
        return int(has) if has.isascii() and has.isdigit() else None


def _failure(answer: web.Answer) -> SheetfedError | None:
    """Return the error of an answer about an upload that is there."""
    error = web.failure(answer, twice=True)
    if error and answer.status in BUSY:
        error.details["again"] = True
    return error


def _told(delivery: Delivery) -> dict[str, str]:
    """Return what the server is told of a document."""
    return {
        "filename": delivery.name.rpartition("/")[2],
        "filetype": delivery.media_type,
        "delivery": delivery.idempotency_key,
        **{name: str(value) for name, value in delivery.fields.items() if value is not None},
    }
