"""Asks a child process, with a deadline for all it does."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from sheetfed.api.errors import BadSettings, Conflict, SheetfedError
from sheetfed.api.model import (
    Box,
    Device,
    Frame,
    Mark,
    Option,
    Page,
    PageInfo,
    Progress,
    Receipt,
    Settings,
    Value,
    View,
)
from sheetfed.worker import extras
from sheetfed.worker.confinement import Confinement
from sheetfed.worker.files import Data, File, Finder, Offered, Opener, among, pieces
from sheetfed.worker.frames import Head
from sheetfed.worker.life import Life
from sheetfed.worker.wire import (
    MOST,
    Deadlines,
    Deed,
    Extent,
    Keep,
    Measured,
    PageBegun,
    PageData,
    PageDone,
    PicturePart,
    Recipe,
    Sheet,
    Wanted,
    to_json,
)

Event = PageBegun | PageData | PicturePart | PageDone | Progress

MOST_BYTES = 1024 * 1024 * 1024
"""Bytes that a codec or a step may answer with: the largest picture, unpacked, and some more."""

MOST_PAGES = 500
"""Pages that a step may make of one."""

MOST_FRAME = 32 * 1024 * 1024
"""Bytes that a live picture may have."""

PIECE = 1024 * 1024
"""Bytes of a document that go to a target's child at a time."""

MOST_STATE = 64 * 1024
"""Bytes of what a target may want to be reminded of."""

USUAL = Deadlines()

NOTHING: Settings = MappingProxyType({})

NO_FILES: Mapping[str, File] = MappingProxyType({})


class Parcel(Protocol):
    """A document on its way out, as its target's child is served with it."""

    def head(self) -> Head:
        """Return what is said of it."""

    async def read(self, offset: int, length: int) -> memoryview:
        """Return bytes of it."""

    async def note(self, sent: int, state: Mapping[str, Any]) -> None:
        """Take in how far it is; return once the state is safe."""


@dataclass(slots=True)
class _PageOnItsWay:
    """What was said of the page that comes."""

    begun: bool = False
    size: int = 0
    waits: bool = False
    """Whether its source goes on only once it is safe."""


class Worker:
    """One child process and what can be asked of it, one question at a time.

    The child is started when it is first needed, and a fresh one after a death.
    """

    def __init__(self, recipe: Recipe, *, crashes: Path, deadlines: Deadlines = USUAL) -> None:
        self._life = Life(recipe, crashes=crashes, deadlines=deadlines)
        self._patience = deadlines.grace + 1
        self._device: str | None = None
        self._scanning = False
        self._looks: dict[int, asyncio.Future[Frame | None]] = {}

    @property
    def pid(self) -> int | None:
        """The child's process id while there is a child."""
        return self._life.pid

    @property
    def confinement(self) -> Confinement | None:
        """What holds the child while there is one."""
        return self._life.confinement

    async def warm(self) -> None:
        """Have a child ready."""
        async with self._life.lock:
            await self._life.ensure()

    async def devices(self) -> list[Device]:
        """Return the source's devices."""
        answer = await self._ask({"ask": "devices"})
        return self._life.values(Device, answer.get("devices"))

    async def open(self, device_id: str) -> list[Option]:
        """Open a device, unless it is open already; return its options."""
        self._device = None
        answer = await self._ask({"ask": "open", "device": device_id})
        self._device = device_id
        return self._life.values(Option, answer.get("options"))

    async def set(self, name: str, value: Value) -> list[Option]:
        """Set an option of the open device; return those that changed."""
        _check_finite({name: value})
        ask: Head = {"ask": "set", "device": self._opened(), "name": name, "value": value}
        answer = await self._ask(ask)
        return self._life.values(Option, answer.get("options"))

    async def scan(self, settings: Settings, keep: Keep) -> AsyncGenerator[Event, None]:
        """Yield pages of the open device as they arrive, each in pieces.

        Closing the iterator early stops the device; use `aclosing`. A page that comes encoded (it
        has no mode) counts as kept once the iterator is asked to go on behind it.
        """
        _check_finite(settings)
        ask: Head = {"ask": "scan", "device": self._opened()}
        ask |= {"settings": dict(settings), "keep": to_json(keep)}
        page = _PageOnItsWay()
        async with self._looked_at(), aclosing(self._converse(ask)) as items:
            async for item in items:
                if isinstance(item, bytes):
                    if not page.begun:
                        raise self._life.lie("bytes came that belong to no page")
                    page.size += len(item)
                    yield PageData(data=item)
                elif item["say"] == "done":
                    return
                elif item["say"] == "frame":
                    await self._shown(item, items)
                elif event := await self._event(item, items, page):
                    yield event
                    if isinstance(event, PageDone) and page.waits:
                        await self._life.tell({"tell": "safe"})  # its source may go on

    async def frame(self, device_id: str, viewer: int, view: View) -> Frame | None:
        """Return the newest live picture that a viewer has not seen; None where there is none.

        The device is opened where it is not. While a scan goes on, it comes between two of its
        signs of life.
        """
        while self._scanning:
            frame = await self._beside(viewer, view)
            if frame is not None:
                return frame
        ask: Head = {"ask": "frame", "device": device_id, "viewer": viewer, "view": to_json(view)}
        found: Frame | None = None
        async with aclosing(self._converse(ask)) as items:
            async for item in items:
                if isinstance(item, dict) and item["say"] == "frame":
                    found = await self._picture(item, items)
                elif isinstance(item, bytes) or item["say"] != "done":
                    raise self._life.lie("something else came where a picture was expected")
        self._device = device_id
        return found

    async def blink(self, viewer: int) -> None:
        """Forget a viewer."""
        if self._life.alive:
            await self._ask({"ask": "blink", "viewer": viewer})

    async def cancel(self) -> None:
        """Stop what runs: it ends by raising Cancelled, obeying or not. Safe twice."""
        self._life.cancel()

    async def release(self) -> None:
        """Let go of the device; the child stays."""
        self._device = None
        async with self._life.lock:
            if self._life.alive:
                await self._life.last(self._life.question({"ask": "release"}))

    async def close(self) -> None:
        """End the child. Safe twice."""
        self._life.shut()
        self._life.cancel()
        try:
            async with asyncio.timeout(self._patience):
                await self._life.lock.acquire()
        except TimeoutError:  # somebody holds a scan that nobody reads
            await self._life.bury()
            return
        try:
            if self._life.alive and self._device is not None:
                with suppress(SheetfedError):
                    await self._life.last(self._life.question({"ask": "release"}))
            await self._life.leave()
            await self._life.bury()
        finally:
            self._life.lock.release()

    async def info(
        self, file: File, *, name: str = "", options: Settings = NOTHING
    ) -> list[PageInfo]:
        """Return what a file says about its pages.

        A name stands for the same bytes for ever, so that the file may stay open.
        """
        ask: Head = {"ask": "info", "file": name, "size": file.size, "options": dict(options)}
        answer = await self._life.last(self._reading(ask, among({name: file})))
        kinds = self._life.values(PageInfo, answer.get("kinds"))
        places = answer.get("pages")
        if not isinstance(places, list) or not all(
            type(place) is int and 0 <= place < len(kinds) for place in places
        ):
            raise self._life.lie("a list of pages was expected")
        return [kinds[place] for place in places]

    async def about(
        self, file: File, *, name: str = "", options: Settings = NOTHING
    ) -> dict[str, Value]:
        """Return what a file says about itself."""
        ask: Head = {"ask": "about", "file": name, "size": file.size, "options": dict(options)}
        about = (await self._life.last(self._reading(ask, among({name: file})))).get("about")
        if not isinstance(about, dict) or not all(
            value is None or isinstance(value, bool | int | float | str) for value in about.values()
        ):
            raise self._life.lie("it says of its file what is no value")
        return about

    async def marks(
        self, file: File, index: int, *, name: str = "", options: Settings = NOTHING
    ) -> list[Mark]:
        """Return what a file knows of one of its pages."""
        ask: Head = {"ask": "marks", "file": name, "size": file.size, "options": dict(options)}
        answer = await self._life.last(self._reading({**ask, "index": index}, among({name: file})))
        return self._life.values(Mark, answer.get("marks"))

    async def draw(
        self,
        file: File,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
        media_type: str | None = None,
        writing: Settings = NOTHING,
        name: str = "",
        options: Settings = NOTHING,
    ) -> Page:
        """Draw one page of a file, no larger than asked, as `media_type` or as it comes."""
        ask: Head = {"ask": "draw", "file": name, "size": file.size, "options": dict(options)}
        ask |= {"index": index, "width": width, "height": height, "region": to_json(region)}
        ask |= {"media_type": media_type, "writing": dict(writing)}
        pages = await self._pages(self._reading(ask, among({name: file})))
        if len(pages) != 1:
            raise self._life.lie(f"one page was asked for, {len(pages)} came")
        return pages[0]

    async def encode(
        self,
        pages: AsyncIterator[Page],
        media_type: str,
        options: Settings,
        files: Opener | None = None,
    ) -> AsyncGenerator[Data, None]:
        """Yield a file made of `pages`; each is asked for when the child wants it.

        `files` opens the files that pages have come in, as often as it is asked, and keeps them.
        """
        ask: Head = {"ask": "encode", "media_type": media_type, "options": dict(options)}
        offered = Offered(files)
        crc32, check = extras.deflate().crc32, 0
        async with aclosing(self._reading(ask, offered.file)) as items:
            async for item in items:
                if isinstance(item, bytes):
                    yield item
                    continue
                match item["say"]:
                    case "want":
                        await self._supply(await anext(pages, None), offered)
                    case "copy":
                        async with aclosing(pieces(await self._found(item, offered.file))) as whole:
                            async for piece in whole:
                                check = crc32(piece, check)
                                yield piece
                    case "check":
                        await self._life.tell({"tell": "checked", "check": check})

    async def apply(self, page: Page) -> list[Page]:
        """Return what the step makes of a page."""
        ask: Head = {"ask": "apply", "page": to_json(page)}
        return await self._pages(self._converse(ask, page.data))

    async def measure(
        self,
        sheet: Sheet,
        file: File,
        deeds: Sequence[Deed],
        *,
        known: int,
        others: Mapping[str, File] = NO_FILES,
    ) -> list[Measured]:
        """Return what comes of each edit; the first `known` were measured before."""
        ask: Head = {"ask": "measure", "sheet": to_json(sheet), "deeds": to_json([*deeds])}
        ask |= {"known": known}
        answer = await self._life.last(self._reading(ask, among({**others, sheet.file: file})))
        measured = self._life.values(Measured, answer.get("measured"))
        if len(measured) != len(deeds):
            raise self._life.lie(f"{len(deeds)} edits were asked about, not {len(measured)}")
        return measured

    async def render(
        self,
        sheet: Sheet,
        file: File,
        deeds: Sequence[Deed],
        wanted: Wanted,
        *,
        others: Mapping[str, File] = NO_FILES,
    ) -> Page:
        """Return a picture of a page as its edits leave it; `others` are files of the edits."""
        ask: Head = {"ask": "render", "sheet": to_json(sheet), "deeds": to_json([*deeds])}
        ask |= {"wanted": to_json(wanted)}
        pages = await self._pages(self._reading(ask, among({**others, sheet.file: file})))
        if len(pages) != 1:
            raise self._life.lie(f"one picture was asked for, {len(pages)} came")
        return pages[0]

    async def send(self, parcel: Parcel) -> Receipt:
        """Have a target send a document; return where it arrived."""
        return self._life.value(Receipt, (await self._serve("send", parcel)).get("receipt"))

    async def test(self) -> Receipt:
        """Have a target find out whether it would take a document."""
        answer = await self._ask({"ask": "test"})
        return self._life.value(Receipt, answer.get("receipt"))

    async def abandon(self, parcel: Parcel) -> None:
        """Have a target take away what it left of a document."""
        await self._serve("abandon", parcel)

    async def _serve(self, word: str, parcel: Parcel) -> Head:
        """Give a target's child what it asks for; return its answer."""
        async with aclosing(self._converse({"ask": word, "delivery": parcel.head()})) as items:
            async for item in items:
                if not isinstance(item, dict) or item["bytes"]:
                    raise self._life.lie("a target sends bytes to its place, not here")
                match item["say"]:
                    case "done":
                        return item
                    case "read":
                        offset, length = self._count(item, "offset"), self._count(item, "length")
                        data = await parcel.read(offset, min(length, PIECE))
                        await self._life.tell({"tell": "data"}, data)
                    case "report":
                        await parcel.note(self._count(item, "sent"), self._state(item))
                        await self._life.tell({"tell": "noted"})
                    case word:
                        raise self._life.lie(f"{word!r} is no word of a target")
        raise self._life.lie("there was no answer")

    def _count(self, item: Head, name: str) -> int:
        value = item.get(name)
        if type(value) is not int or value < 0:
            raise self._life.lie(f"{name} is {value!r}")
        return value

    def _state(self, item: Head) -> Mapping[str, Any]:
        state = item.get("state")
        if not isinstance(state, dict) or len(json.dumps(state)) > MOST_STATE:
            raise self._life.lie("a state that is none, or too long")
        return state

    async def _ask(self, ask: Head, body: bytes = b"") -> Head:
        return await self._life.last(self._converse(ask, body))

    async def _converse(self, ask: Head, body: bytes = b"") -> AsyncGenerator[Head | bytes, None]:
        async with self._life.lock:
            await self._life.ensure()
            async with aclosing(self._life.question(ask, body)) as items:
                async for item in items:
                    yield item

    async def _reading(self, ask: Head, find: Finder) -> AsyncGenerator[Head | bytes, None]:
        """Yield what a child says, but what it wants to read, and give it that."""
        async with aclosing(self._converse(ask)) as items:
            async for item in items:
                if isinstance(item, dict) and item["say"] == "read":
                    await self._give(item, find)
                else:
                    yield item

    async def _give(self, wanted: Head, find: Finder) -> None:
        wish = self._life.value(Extent, wanted)
        if not 0 < wish.length <= MOST or wish.offset < 0:
            raise self._life.lie("it wants to read what no file has")
        file = await self._found(wanted, find)
        await self._life.tell({"tell": "bytes"}, await file.read(wish.offset, wish.length))

    async def _found(self, wanted: Head, find: Finder) -> File:
        file = await find(str(wanted.get("file")))
        if file is None:
            raise self._life.lie("it wants to read what nobody offered")
        return file

    async def _pages(self, conversation: AsyncGenerator[Head | bytes, None]) -> list[Page]:
        pages: list[Page] = []
        size = 0
        async with aclosing(conversation) as items:
            async for item in items:
                if not isinstance(item, dict) or item["say"] not in {"page", "done"}:
                    raise self._life.lie("something else came where a page was expected")
                if item["say"] == "done":
                    continue
                size += item["bytes"]
                if size > MOST_BYTES or len(pages) == MOST_PAGES:
                    raise self._life.lie("it answers with more than anybody asked for")
                page = self._life.value(Page, item, await _body(items, item))
                pages.append(page)
        return pages

    async def _event(
        self, item: Head, items: AsyncIterator[Head | bytes], page: _PageOnItsWay
    ) -> Event | None:
        word = item["say"]
        if not page.begun and word in {"data", "picture", "page-done"}:
            raise self._life.lie(f"{word!r} came before a page had begun")
        if page.begun and word == "begun":
            raise self._life.lie("a page began before the one before it was done")
        match word:
            case "data":
                return None  # its pieces follow
            case "progress":
                return self._life.value(Progress, item)
            case "begun":
                begun = self._life.value(PageBegun, item)
                page.begun, page.size, page.waits = True, 0, begun.mode is None
                return begun
            case "picture":
                return self._life.value(PicturePart, item, await _body(items, item))
            case "page-done":
                done = self._life.value(PageDone, item)
                if done.size != page.size:
                    raise self._life.lie(f"a page of {done.size} bytes came as {page.size}")
                page.begun = False
                return done
        raise self._life.lie(f"{word!r} is no event of a scan")

    @asynccontextmanager
    async def _looked_at(self) -> AsyncIterator[None]:
        """Have live pictures come beside the pages while the block runs."""
        self._scanning = True
        try:
            yield
        finally:
            self._scanning = False
            looks, self._looks = self._looks, {}
            for waiting in looks.values():
                if not waiting.done():
                    waiting.set_result(None)

    async def _beside(self, viewer: int, view: View) -> Frame | None:
        """Ask for a picture while a scan goes on; None where it is over before that comes."""
        waiting: asyncio.Future[Frame | None] = asyncio.get_running_loop().create_future()
        self._looks[viewer] = waiting
        await self._life.tell({"tell": "look", "viewer": viewer, "view": to_json(view)})
        return await waiting

    async def _shown(self, item: Head, items: AsyncIterator[Head | bytes]) -> None:
        frame = await self._picture(item, items)
        waiting = self._looks.pop(self._count(item, "viewer"), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)

    async def _picture(self, item: Head, items: AsyncIterator[Head | bytes]) -> Frame:
        if not 0 < item["bytes"] <= MOST_FRAME:
            raise self._life.lie(f"a live picture of {item['bytes']} bytes")
        return self._life.value(Frame, item, await _body(items, item))

    async def _supply(self, page: Page | None, offered: Offered) -> None:
        if page is None:
            await self._life.tell({"tell": "end"})
            return
        head: Head = {"tell": "page", **to_json(page)}
        if page.origin:
            head["size"] = (await offered.add(page.origin.file)).size
        await self._life.tell(head, page.data)

    def _opened(self) -> str:
        if self._device is None:
            raise Conflict("no device is open")
        return self._device


def _check_finite(settings: Settings) -> None:
    """Refuse what JSON cannot carry."""
    for name, value in settings.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise BadSettings(f"{name} is {value}, which is no number", option=name)


async def _body(items: AsyncIterator[Head | bytes], head: Head) -> bytes:
    """Collect the body that a head announced."""
    pieces: list[bytes] = []
    left = head["bytes"]
    while left:
        piece = await anext(items)
        assert isinstance(piece, bytes)
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
