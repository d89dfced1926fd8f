"""Asks a child process, with a deadline for all it does."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sheetfed.api import errors
from sheetfed.api.errors import (
    BadSettings,
    Cancelled,
    Conflict,
    DriverCrashed,
    DriverLied,
    DriverTimeout,
    ServiceGone,
    SheetfedError,
)
from sheetfed.api.model import Device, Option, Page, PageInfo, Progress, Settings, Value
from sheetfed.worker import process as processes
from sheetfed.worker.deaths import Deaths
from sheetfed.worker.process import Ended, Process
from sheetfed.worker.wire import (
    Deadlines,
    Head,
    Keep,
    PageBegun,
    PageData,
    PageDone,
    PicturePart,
    Recipe,
    from_json,
    to_json,
)

log = logging.getLogger(__name__)

Event = PageBegun | PageData | PicturePart | PageDone | Progress
T = TypeVar("T")

OPERATIONS = {
    "start": "start",
    "devices": "devices",
    "open": "open",
    "set": "set",
    "scan": "first-row",
    "release": "close",
    "info": "codec",
    "draw": "codec",
    "encode": "codec",
    "apply": "step",
}
"""What a child does first when it is asked; it says itself what comes next."""

LAST_WORDS = ("done", "error")
USUAL = Deadlines()


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
        self._recipe = recipe
        self._crashes = crashes
        self._deadlines = deadlines
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._device: str | None = None
        self._deaths = Deaths(recipe.name, crashes)
        self._number = 0
        self._operation = ""
        self._asked = False
        self._cancelled = False
        self._closed = False
        self._killer: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while there is a child."""
        return self._process.pid if self._process is not None else None

    async def warm(self) -> None:
        """Have a child ready."""
        async with self._lock:
            await self._living()

    async def devices(self) -> list[Device]:
        """Return the source's devices."""
        answer = await self._ask({"ask": "devices"})
        return self._list(Device, answer.get("devices"))

    async def open(self, device_id: str) -> list[Option]:
        """Open a device, unless it is open already; return its options."""
        self._device = None
        answer = await self._ask({"ask": "open", "device": device_id})
        self._device = device_id
        return self._list(Option, answer.get("options"))

    async def set(self, name: str, value: Value) -> list[Option]:
        """Set an option of the open device; return those that changed."""
        _check_finite({name: value})
        ask: Head = {"ask": "set", "device": self._opened(), "name": name, "value": value}
        answer = await self._ask(ask)
        return self._list(Option, answer.get("options"))

    async def scan(self, settings: Settings, keep: Keep) -> AsyncGenerator[Event, None]:
        """Yield pages of the open device as they arrive, each in pieces.

        Closing the iterator early stops the device; use `aclosing`. A page that comes encoded (it
        has no mode) counts as kept once the iterator is asked to go on behind it.
        """
        _check_finite(settings)
        ask: Head = {"ask": "scan", "device": self._opened()}
        ask |= {"settings": dict(settings), "keep": to_json(keep)}
        page = _PageOnItsWay()
        async with aclosing(self._converse(ask)) as items:
            async for item in items:
                if isinstance(item, bytes):
                    if not page.begun:
                        raise self._lie("bytes came that belong to no page")
                    page.size += len(item)
                    yield PageData(data=item)
                elif item["say"] == "done":
                    return
                elif event := await self._event(item, items, page):
                    yield event
                    if isinstance(event, PageDone) and page.waits:
                        await self._tell_safe()

    async def cancel(self) -> None:
        """Stop what runs: it ends by raising Cancelled, obeying or not. Safe twice."""
        if self._asked and not self._cancelled and self._process is not None:
            self._tell_cancel(self._process)

    async def release(self) -> None:
        """Let go of the device; the child stays."""
        self._device = None
        async with self._lock:
            if self._process is None or not self._process.alive:
                return
            await self._last(self._question(self._process, {"ask": "release"}))

    async def close(self) -> None:
        """End the child. Safe twice."""
        self._closed = True
        await self.cancel()
        try:
            async with asyncio.timeout(self._deadlines.grace + 1):
                await self._lock.acquire()
        except TimeoutError:  # somebody holds a scan that nobody reads
            await self._bury()
            return
        try:
            if self._process is not None and self._process.alive and self._device is not None:
                with suppress(SheetfedError):
                    await self._last(self._question(self._process, {"ask": "release"}))
            if self._process is not None and self._process.alive:
                await self._process.leave()
            await self._bury()
        finally:
            self._lock.release()

    async def info(self, data: bytes) -> list[PageInfo]:
        """Return what a file says about its pages."""
        answer = await self._ask({"ask": "info"}, data)
        return self._list(PageInfo, answer.get("pages"))

    async def draw(
        self,
        data: bytes,
        index: int,
        *,
        width: int | None,
        height: int | None,
        media_type: str | None,
    ) -> Page:
        """Draw one page of a file, no larger than asked, as `media_type` or as it comes."""
        ask: Head = {"ask": "draw", "index": index, "width": width, "height": height}
        pages = await self._pages({**ask, "media_type": media_type}, data)
        if len(pages) != 1:
            raise self._lie(f"one page was asked for, {len(pages)} came")
        return pages[0]

    async def encode(
        self, pages: AsyncIterator[Page], media_type: str, options: Settings
    ) -> AsyncGenerator[bytes, None]:
        """Yield a file made of `pages`; each is asked for when the child wants it."""
        ask = {"ask": "encode", "media_type": media_type, "options": dict(options)}
        async with aclosing(self._converse(ask)) as items:
            async for item in items:
                if isinstance(item, bytes):
                    yield item
                elif item["say"] == "want":
                    await self._supply(await anext(pages, None))

    async def apply(self, page: Page) -> list[Page]:
        """Return what the step makes of a page."""
        return await self._pages({"ask": "apply", "page": to_json(page)}, page.data)

    # Questions.

    async def _ask(self, ask: Head, body: bytes = b"") -> Head:
        return await self._last(self._converse(ask, body))

    async def _last(self, conversation: AsyncGenerator[Head | bytes, None]) -> Head:
        """Return the answer where nothing else is expected before it."""
        async with aclosing(conversation) as items:
            async for item in items:
                if isinstance(item, dict) and item["say"] == "done":
                    return item
                raise self._lie("something was said that is no answer")
        raise self._lie("there was no answer")

    async def _pages(self, ask: Head, body: bytes) -> list[Page]:
        pages: list[Page] = []
        async with aclosing(self._converse(ask, body)) as items:
            async for item in items:
                if isinstance(item, dict) and item["say"] == "page":
                    page = self._value(Page, item, await _body(items, item))
                    pages.append(page)
        return pages

    async def _event(
        self, item: Head, items: AsyncIterator[Head | bytes], page: _PageOnItsWay
    ) -> Event | None:
        word = item["say"]
        if not page.begun and word in {"data", "picture", "page-done"}:
            raise self._lie(f"{word!r} came before a page had begun")
        if page.begun and word == "begun":
            raise self._lie("a page began before the one before it was done")
        match word:
            case "data":
                return None  # its pieces follow
            case "progress":
                return self._value(Progress, item)
            case "begun":
                begun = self._value(PageBegun, item)
                page.begun, page.size, page.waits = True, 0, begun.mode is None
                return begun
            case "picture":
                return self._value(PicturePart, item, await _body(items, item))
            case "page-done":
                done = self._value(PageDone, item)
                if done.size != page.size:
                    raise self._lie(f"a page of {done.size} bytes came as {page.size}")
                page.begun = False
                return done
        raise self._lie(f"{word!r} is no event of a scan")

    async def _tell_safe(self) -> None:
        """Say that a page which came encoded is kept, so that its source may go on."""
        if self._process is None:
            raise Cancelled("the worker was closed")
        await self._send(self._process, {"tell": "safe"}, b"")

    async def _supply(self, page: Page | None) -> None:
        if self._process is None:
            raise Cancelled("the worker was closed")
        if page is None:
            await self._send(self._process, {"tell": "end"}, b"")
        else:
            await self._send(self._process, {"tell": "page", **to_json(page)}, page.data)

    async def _converse(self, ask: Head, body: bytes = b"") -> AsyncGenerator[Head | bytes, None]:
        async with self._lock:
            process = await self._living()
            async with aclosing(self._question(process, ask, body)) as items:
                async for item in items:
                    yield item

    async def _question(
        self, process: Process, ask: Head, body: bytes = b""
    ) -> AsyncGenerator[Head | bytes, None]:
        """Yield what the child says to a question, its last word included."""
        self._number += 1
        self._operation = OPERATIONS[ask["ask"]]
        self._asked, self._cancelled, finished = True, False, False
        process.narrow()
        try:
            await self._send(process, {**ask, "number": self._number}, body)
            while not finished:
                item = await self._receive(process)
                if isinstance(item, bytes):
                    yield item
                    continue
                say = item.get("say")
                finished = self._is_last(item)
                if say in LAST_WORDS and self._cancelled:
                    raise Cancelled
                if say in LAST_WORDS and not finished:
                    raise self._lie("an answer to another question")
                if say == "error":
                    raise errors.from_json(item)
                if say == "doing":
                    self._operation = str(item.get("operation"))[:20]
                elif isinstance(say, str):
                    yield item
                else:
                    raise self._lie("a head that says nothing")
        finally:
            if not finished:
                await self._stop(process)
            self._asked = False
            if self._killer is not None:
                self._killer.cancel()
                self._killer = None

    async def _send(self, process: Process, head: Head, body: bytes) -> None:
        try:
            async with asyncio.timeout(self._limit()) as deadline:
                await process.send(head, body, lambda: deadline.reschedule(self._due()))
        except TimeoutError:
            raise await self._silent(process) from None
        except Ended:
            raise await self._died(process) from None

    async def _receive(self, process: Process) -> Head | bytes:
        try:
            if process.has_news():
                return await process.receive()
            async with asyncio.timeout(self._limit()):
                return await process.receive()
        except TimeoutError:
            raise await self._silent(process) from None
        except Ended:
            raise await self._died(process) from None
        except ValueError as error:
            raise self._lie(f"garbage instead of an answer: {error}") from error

    def _limit(self) -> float:
        name = "codec" if self._operation == "step" else self._operation.replace("-", "_")
        limit = getattr(self._deadlines, name, None)
        return limit if isinstance(limit, float | int) else self._deadlines.row

    def _due(self) -> float:
        return asyncio.get_running_loop().time() + self._limit()

    def _opened(self) -> str:
        if self._device is None:
            raise Conflict("no device is open")
        return self._device

    def _value(self, kind: type[T], head: Any, data: bytes | None = None) -> T:
        try:
            return from_json(kind, head, data)
        except ValueError as error:
            raise self._lie(f"no {kind.__name__}: {error}") from error

    def _list(self, kind: type[T], items: Any) -> list[T]:
        if not isinstance(items, list):
            raise self._lie(f"a list of {kind.__name__} was expected")
        return [self._value(kind, item) for item in items]

    def _is_last(self, item: Head) -> bool:
        """Say whether this ends the question in hand; a driver's slip into the pipe does not."""
        return item.get("say") in LAST_WORDS and item.get("number") == self._number

    # Life and death.

    async def _living(self) -> Process:
        """Return a child that can be asked; start one where there is none."""
        if self._closed:
            raise ServiceGone("the worker was closed")
        if self._process is not None and self._process.alive:
            return self._process
        if self._process is not None:
            await self._notice(self._process)
        if self._recipe.kind == "source":  # what kills a codec or a step is a file
            self._deaths.check(self._deadlines.rest)
        name = self._recipe.name
        try:
            self._process = await processes.start(name, self._recipe.python, self._crashes)
        except OSError as error:  # too many processes or files, no memory, no permission
            reason = error.strerror or str(error)
            raise DriverCrashed(f"No process for {name}: {reason}", operation="start") from error
        ask = {"ask": "start", "recipe": to_json(self._recipe)}
        try:
            await self._last(self._question(self._process, ask))
        except BaseException:
            await self._bury()  # half a child is none
            raise
        return self._process

    async def _silent(self, process: Process) -> SheetfedError:
        await process.dump()
        await process.last_words()
        crash = process.record(self._operation)
        await self._bury()
        if self._cancelled or self._closed:
            return Cancelled()
        self._deaths.add(crash)
        return DriverTimeout(
            f"{self._recipe.name} said nothing for {self._limit():g} seconds ({self._operation})",
            operation=self._operation,
            crash=crash,
        )

    async def _died(self, process: Process) -> SheetfedError:
        if not self._cancelled:
            await process.last_words()
        crash = process.record(self._operation)
        await self._bury()
        if self._cancelled or self._closed:
            return Cancelled()
        self._deaths.add(crash)
        how = crash["signal"] or f"exit status {crash['exit']}"
        if crash["exit"] is crash["signal"] is None:
            how = "its pipe closed"
        return DriverCrashed(
            f"{self._recipe.name} died with {how} ({self._operation})",
            operation=self._operation,
            crash=crash,
        )

    def _lie(self, fact: str) -> DriverLied:
        """Return the error for nonsense; who talks nonsense is not asked again."""
        if self._process is not None:
            self._process.kill()
        return DriverLied(f"{self._recipe.name}: {fact}", operation=self._operation)

    async def _notice(self, process: Process) -> None:
        """Bury a child that died while nobody asked it."""
        if not process.killed:
            log.warning("%s [%d] died between questions", process.name, process.pid)
            await process.last_words()
            self._deaths.add(process.record("idle"))
        await self._bury()

    async def _stop(self, process: Process) -> None:
        """Have the child stop what it does, or end it."""
        if self._process is not process:
            return
        try:
            if not self._cancelled:
                self._tell_cancel(process)
            async with asyncio.timeout(self._deadlines.grace + 1):
                item: Head | bytes = b""
                while isinstance(item, bytes) or not self._is_last(item):
                    item = await process.receive()
        except (Ended, ValueError, TimeoutError):
            await self._bury()
        except BaseException:
            process.kill()
            raise

    def _tell_cancel(self, process: Process) -> None:
        self._cancelled = True
        process.widen()
        process.tell({"tell": "cancel", "number": self._number})
        loop = asyncio.get_running_loop()
        self._killer = loop.call_later(self._deadlines.grace, process.kill)

    async def _bury(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()


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
