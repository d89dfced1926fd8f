"""A codec's or a step's child: files and pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sheetfed.api.contracts import Book, Codec, Step
from sheetfed.api.errors import NotFound
from sheetfed.api.model import Page
from sheetfed.worker import sandbox
from sheetfed.worker.link import Link
from sheetfed.worker.wire import Head, from_json, to_json

PIECE = 256 * 1024


class Conversion:
    """Answers for one codec."""

    def __init__(self, codec: Codec, link: Link) -> None:
        self._codec = codec
        self._link = link

    def answer(self, head: Head, body: bytes) -> dict[str, Any]:
        """Return the answer to one question."""
        sandbox.grant_time()
        match head["ask"]:
            case "info":
                return {"pages": self._info(body)}
            case "draw":
                page = self._draw(head, body)
                self._link.say("page", page, page.data)
                return {}
            case _:
                self._encode(head)
                return {}

    def _info(self, body: bytes) -> list[Any]:
        book = self._codec.open(io.BytesIO(body))
        try:
            return [to_json(book.info(index)) for index in range(book.count)]
        finally:
            book.close()

    def _draw(self, head: Head, body: bytes) -> Page:
        book = self._codec.open(io.BytesIO(body))
        try:
            page = _page_of(book, head)
        finally:
            book.close()
        if head["media_type"] in (None, page.media_type):
            return page
        stream = io.BytesIO()
        self._codec.encode(iter([page]), stream, head["media_type"], {})
        return replace(page, data=stream.getvalue(), media_type=head["media_type"])

    def _encode(self, head: Head) -> None:
        outlet = Outlet(self._link)
        stream = io.BufferedWriter(outlet, PIECE)
        try:
            self._codec.encode(self._asked(), stream, head["media_type"], head["options"])
            stream.flush()
        finally:
            outlet.shut = True

    def _asked(self) -> Iterator[Page]:
        """Ask for one page after the other."""
        while True:
            self._link.say("want")
            head, body = self._link.told()
            if head["tell"] == "end":
                return
            sandbox.grant_time()
            yield from_json(Page, head, body)


class Inspection:
    """Answers for one step."""

    def __init__(self, step: Step, link: Link) -> None:
        self._step = step
        self._link = link

    def answer(self, head: Head, body: bytes) -> dict[str, Any]:
        """Hand a page to the step, and what it made of it back."""
        sandbox.grant_time()
        for page in self._step.apply(from_json(Page, head["page"], body)):
            self._link.check()
            self._link.say("page", page, page.data)
        return {}


class Outlet(io.RawIOBase):
    """The stream a codec writes to: straight into the pipe."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.shut = False

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on."""
        if not self.shut:  # a buffer that is thrown away flushes itself once more
            self._link.check()
            self._link.say("data", body=data)
        return len(data)


def _page_of(book: Book, head: Head) -> Page:
    index = head["index"]
    if not 0 <= index < book.count:
        raise NotFound(f"there is no page {index + 1} in this file")
    return book.page(index, width=head["width"], height=head["height"])
