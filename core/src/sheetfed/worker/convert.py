"""A codec's or a step's child: files and pages."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from sheetfed.api.contracts import Book, Codec, Step
from sheetfed.api.errors import NotFound
from sheetfed.api.model import Box, Page, PageInfo
from sheetfed.worker import sandbox
from sheetfed.worker.frames import Head
from sheetfed.worker.inlet import Shelf, stream
from sheetfed.worker.link import Link
from sheetfed.worker.wire import from_json, to_json

PIECE = 256 * 1024


class Conversion:
    """Answers for one codec.

    The last file that has a name stays open: its next page is drawn without a new start.
    """

    def __init__(self, codec: Codec, link: Link) -> None:
        self._codec = codec
        self._link = link
        self._known: tuple[Any, Book] | None = None

    def answer(self, head: Head, body: bytes) -> dict[str, Any]:  # noqa: ARG002 - as the others
        """Return the answer to one question."""
        sandbox.grant_time()
        match head["ask"]:
            case "info":
                with self._book(head) as book:
                    return _alike([book.info(index) for index in range(book.count)])
            case "about":
                with self._book(head) as book:
                    return {"about": dict(book.about())}
            case "marks":
                with self._book(head) as book:
                    return {"marks": [to_json(mark) for mark in book.marks(_index(book, head))]}
            case "draw":
                page = self._draw(head)
                self._link.say("page", page, page.data)
                return {}
            case _:
                self._encode(head)
                return {}

    @contextmanager
    def _book(self, head: Head) -> Iterator[Book]:
        """Give the book of the file in question."""
        name, options = head["file"], head["options"]
        file = stream(self._link, name, head["size"])
        if not name:
            with closing(self._codec.open(file, options)) as book:
                yield book
            return
        known, self._known = self._known, None  # who fails is not asked again
        if known and known[0] == (name, options):
            book = known[1]
        else:
            if known:
                known[1].close()
            book = self._codec.open(file, options)
        try:
            yield book
        except BaseException:
            book.close()
            raise
        self._known = (name, options), book

    def _draw(self, head: Head) -> Page:
        with self._book(head) as book:
            page = _page_of(book, head)
        if head["media_type"] in (None, page.media_type):
            return page
        file = io.BytesIO()
        shelf = Shelf(self._link)
        self._codec.encode(iter([page]), file, head["media_type"], head["writing"], shelf)
        return replace(page, data=file.getvalue(), media_type=head["media_type"])

    def _encode(self, head: Head) -> None:
        outlet = Outlet(self._link)
        file = io.BufferedWriter(outlet, PIECE)
        shelf = Shelf(self._link)
        pages = self._asked(shelf)
        try:
            self._codec.encode(pages, file, head["media_type"], head["options"], shelf)
            file.flush()
        finally:
            outlet.shut = True

    def _asked(self, shelf: Shelf) -> Iterator[Page]:
        """Ask for one page after the other."""
        while True:
            self._link.say("want")
            head, body = self._link.told()
            if head["tell"] == "end":
                return
            sandbox.grant_time()
            page = from_json(Page, head, body)
            if page.origin:
                shelf.add(page.origin.file, head["size"])
            yield page


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


def _alike(infos: Sequence[PageInfo]) -> dict[str, Any]:
    """Return the answer about many pages, of which most are mostly alike: each kind once."""
    kinds: dict[tuple[Any, ...], int] = {}
    told: list[Any] = []
    places = []
    for info in infos:
        kind = (info.width, info.height, *info.dpi)
        if kind not in kinds:
            kinds[kind] = len(told)
            told.append(to_json(info))
        places.append(kinds[kind])
    return {"kinds": told, "pages": places}


def _index(book: Book, head: Head) -> int:
    index: int = head["index"]
    if not 0 <= index < book.count:
        raise NotFound(f"there is no page {index + 1} in this file")
    return index


def _page_of(book: Book, head: Head) -> Page:
    index = _index(book, head)
    region = None if head["region"] is None else from_json(Box, head["region"])
    return book.page(index, width=head["width"], height=head["height"], region=region)
