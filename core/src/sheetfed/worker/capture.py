"""A source's child: devices, options, pages as they come."""

from __future__ import annotations

import re
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import DeviceGone, DriverLied, SheetfedError
from sheetfed.api.model import Frame, Page, Progress, Raster, View
from sheetfed.worker.foreign import touched_foreign_memory
from sheetfed.worker.frames import Head
from sheetfed.worker.link import Link
from sheetfed.worker.pictures import pictures_of
from sheetfed.worker.rows import RasterPage, warm
from sheetfed.worker.wire import Keep, PageBegun, PageDone, PicturePart, from_json, to_json

MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")

PIECE = 256 * 1024
"""Bytes of a page that are passed on together,"""

PIECE_SECONDS = 0.2
"""unless the paper moves so slowly."""

Block = bytes | bytearray | memoryview


class Capture:
    """Answers for one source. One session is open at a time."""

    def __init__(self, source: Source, link: Link) -> None:
        self._source = source
        self._link = link
        self._session: Session | None = None
        self._device = ""
        self._warm = False
        self._pages = 0
        self._seen = 0
        self._views: dict[int, Iterator[Frame]] = {}

    def answer(self, head: Head, _body: bytes) -> dict[str, Any]:
        """Return the answer to one question."""
        match head["ask"]:
            case "devices":
                return {"devices": [to_json(device) for device in self._source.devices()]}
            case "open":
                return {"options": self._options(self._opened(head["device"]))}
            case "set":
                session = self._opened(head["device"])
                self._link.doing("set")
                return {"options": to_json(list(session.set(head["name"], head["value"])))}
            case "frame":
                self._frame(self._opened(head["device"]), head)
            case "blink":
                self._stop(self._views.pop(head["viewer"], None))
            case "scan":
                self._scan(self._opened(head["device"]), head)
            case _:
                self._release()
        return {}

    def _opened(self, device: str) -> Session:
        if self._session is not None and self._device == device:
            return self._session
        self._release()
        if not self._warm:
            self._link.doing("start")
            warm()  # here and not beside the addon: two imports at once can lock each other out
            self._warm = True
        self._link.doing("open")
        self._session, self._device = self._source.open(device), device
        return self._session

    def _options(self, session: Session) -> Any:
        self._link.doing("options")
        return to_json(list(session.options()))

    def _release(self) -> None:
        session, self._session = self._session, None
        self._views.clear()
        if session is not None:
            self._link.doing("close")
            session.close()

    def _frame(self, session: Session, head: Head) -> None:
        """Give one live picture, none where the device has no preview."""
        self._link.doing("frame")
        try:
            frame = self._seen_by(head["viewer"], head["view"], session)
        except SheetfedError:
            self._release()  # the next one opens it afresh
            raise
        if frame is not None:
            self._link.say("frame", frame, frame.data)

    def _show(self, session: Session) -> None:
        """Give the live pictures that were asked for while a scan goes on."""
        while (head := self._link.aside()) is not None:
            try:
                frame = self._seen_by(head["viewer"], head["view"], session)
            except SheetfedError:
                self._views.pop(head["viewer"], None)  # it has ended, and would tell nothing
                return  # asked again when the scan is over, and told then
            if frame is not None:
                fields = {**to_json(frame), "viewer": head["viewer"]}
                self._link.say("frame", fields, frame.data)

    def _seen_by(self, viewer: int, view: Head, session: Session) -> Frame | None:
        frames = self._views.get(viewer)
        if frames is None:
            frames = self._views[viewer] = session.frames(from_json(View, view))
        frame = next(frames, None)
        if frame is None or isinstance(frame, Frame):
            return frame
        raise DriverLied(f"a {type(frame).__name__} is no live picture")

    def _scan(self, session: Session, head: Head) -> None:
        keep = from_json(Keep, head["keep"])
        self._pages = 0
        self._link.doing("first-row")
        sides = session.scan(head["settings"])
        try:
            for side in sides:
                self._side(side, keep)
                self._link.check()
                self._show(session)
        except DeviceGone:
            self._stop(sides)
            self._release()
            raise
        finally:
            self._stop(sides)

    def _side(self, side: object, keep: Keep) -> None:
        match side:
            case Progress():
                self._link.progress(side.activity, side.done)
                return
            case Raster():
                self._raster(side, keep)
            case Page():
                self._page(side)
            case _:
                raise DriverLied(f"a {type(side).__name__} is no page")
        self._link.doing("page")

    def _raster(self, raster: Raster, keep: Keep) -> None:
        self._seen = 0
        try:
            page = RasterPage(replace(raster, rows=self._watched(raster.rows)), keep)
            self._begin(page.media_type, raster.width, raster.height, raster)
            size = 0
            for data in _gathered(page.run(self._report)):
                size += len(data)
                self._link.say("data", body=data)
            self._finish(page.pictures, PageDone(width=raster.width, height=page.height, size=size))
        finally:
            self._stop(raster.rows)

    def _page(self, page: Page) -> None:
        if not isinstance(page.data, Block) or not page.data:
            raise DriverLied("the page is empty")
        if not MEDIA_TYPE.fullmatch(page.media_type):
            raise DriverLied(f"{page.media_type!r} is no media type")
        width, height, dpi, pictures = pictures_of(page)
        self._begin(page.media_type, width, height, replace(page, dpi=dpi))
        self._link.say("data", body=page.data)
        done = PageDone(width=width, height=height, size=len(page.data), marks=page.marks)
        self._finish(pictures, done)
        self._link.told()  # that it is safe, so that the addon may count it as taken

    def _begin(self, media_type: str, width: int, height: int | None, side: Page | Raster) -> None:
        self._pages += 1
        begun = PageBegun(
            number=self._pages,
            media_type=media_type,
            width=width,
            height=height,
            mode=side.mode if isinstance(side, Raster) else None,
            dpi=side.dpi,
            side=side.side,
        )
        self._link.say("begun", begun)

    def _finish(self, pictures: list[PicturePart], done: PageDone) -> None:
        for picture in pictures:
            self._link.say("picture", picture, picture.data)
        self._link.say("page-done", done)

    def _watched(self, rows: Iterator[Block]) -> Iterator[Block]:
        """Pass rows on, hearing a cancel between them."""
        for block in rows:
            self._link.check()
            if block:
                self._seen += 1
                self._link.doing("row")
            yield block

    def _report(self, done: float | None) -> None:
        if self._seen:  # empty blocks are no sign of life
            self._seen = 0
            self._link.progress(f"page {self._pages}", done)

    def _stop(self, iterator: object) -> None:
        """Close a generator of the addon, so that its device stops."""
        close = getattr(iterator, "close", None)
        error = sys.exception()
        if close is None or touched_foreign_memory(error):
            return
        ending = error is not None
        if ending:
            self._link.doing("close")
        try:
            close()
        except Exception:
            if not ending:
                raise
            traceback.print_exc()  # what ended the scan is the better story


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass small pieces on together: each one costs the service a turn."""
    waiting: list[bytes] = []
    held, passed = 0, time.monotonic()
    for piece in pieces:
        waiting.append(piece)
        held += len(piece)
        if held >= PIECE or time.monotonic() - passed > PIECE_SECONDS:
            yield b"".join(waiting)
            waiting, held, passed = [], 0, time.monotonic()
    if waiting:
        yield b"".join(waiting)
