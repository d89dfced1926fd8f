"""What every open device must prove."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import islice
from pathlib import Path

import pytest

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import BadSettings, Cancelled, FeederEmpty
from sheetfed.api.model import Option, Page, Progress, Raster, Settings, Value, View
from sheetfed.testing.factory import make
from sheetfed.testing.options import (
    check_options,
    impossible_values,
    is_in_force,
    other_values,
)
from sheetfed.testing.pages import check_frame, check_page, check_raster
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageBegun, PageDone, Recipe

IN_THE_MIDDLE = 0.3
"""Seconds after which a page that has begun is under way."""

MOST_ITEMS = 1000
"""So much a scan may say before its first page."""


class SessionContract:
    """Inherit it, and override `factory`; what else is a fixture may be overridden too."""

    @pytest.fixture
    def factory(self) -> str:
        """Return the source's class as `module:Class`."""
        raise NotImplementedError("override the fixture `factory`")

    @pytest.fixture
    def settings(self) -> Settings:
        """Return what the class is made with."""
        return {}

    @pytest.fixture
    def device_id(self, factory: str, settings: Settings) -> str:
        """Return the device to try; the first one listed."""
        devices = list(make(factory, settings, Source).devices())
        assert devices, "no device is there to try"
        return devices[0].id

    @pytest.fixture
    def scan_settings(self) -> Settings:
        """Return what to scan with."""
        return {}

    @pytest.fixture
    def most_pages(self) -> int:
        """Return how many pages to take; some devices never end."""
        return 3

    @pytest.fixture
    def session(self, factory: str, settings: Settings, device_id: str) -> Iterator[Session]:
        """Return the open device."""
        session = make(factory, settings, Source).open(device_id)
        yield session
        session.close()

    @pytest.fixture
    def recipe(self, factory: str, settings: Settings) -> Recipe:
        """Return what a worker needs to know."""
        return Recipe(kind="source", name="contract", factory=factory, settings=settings)

    def test_options_are_valid(self, session: Session) -> None:
        """One form draws them all."""
        check_options(session.options())

    def test_defaults_are_accepted(self, session: Session) -> None:
        """A form that nobody touched can be sent."""
        for option in session.options():
            if _can_be_set(option) and option.default is not None:
                session.set(option.name, option.default)

    def test_set_returns_what_changed(self, session: Session) -> None:
        """A form is drawn again from what came back."""
        for option in session.options():
            if not _can_be_set(option) or option.default is None:
                continue
            changed = {found.name: found for found in session.set(option.name, option.default)}
            assert option.name in changed, f"set({option.name!r}) does not return it"
            now = {found.name: found for found in session.options()}
            for name, found in changed.items():
                assert now.get(name) == found, f"set({option.name!r}) says {found}"

    def test_what_is_set_is_in_force(self, session: Session) -> None:
        """A form shows it, and the next scan follows it; what is offered can be had."""
        before = [option for option in session.options() if _can_be_set(option)]
        try:
            for name in [option.name for option in before]:
                _check_that_it_moves(session, name)
        finally:
            _put_back(session, before)

    def test_an_unknown_option_is_refused(self, session: Session) -> None:
        """It is a mistake of who asks, and is told so."""
        with pytest.raises(BadSettings):
            session.set("no-such-option", 1)
        with pytest.raises(BadSettings):
            _first_page(session, {"no-such-option": 1})

    def test_impossible_values_are_refused(self, session: Session) -> None:
        """Nothing out of range reaches a device."""
        for option in session.options():
            for value in impossible_values(option) if _can_be_set(option) else ():
                assert _is_refused(session, option, value), f"{option.name} took {value!r}"

    def test_pages_hold_what_they_claim(
        self, session: Session, scan_settings: Settings, most_pages: int
    ) -> None:
        """What is stored and shown follows these claims."""
        count = 0
        items = session.scan(scan_settings)
        for item in items:
            if isinstance(item, Progress):
                continue
            check_page(item) if isinstance(item, Page) else check_raster(item)
            count += 1
            if count == most_pages:
                break
        _close(items)
        assert count, "no page came"

    def test_stopping_early_leaves_it_usable(
        self, session: Session, scan_settings: Settings
    ) -> None:
        """A person presses Cancel in the middle of a page, then Scan."""
        for _ in range(2):
            items = session.scan(scan_settings)
            for item in islice(items, MOST_ITEMS):
                if isinstance(item, Raster):
                    next(iter(item.rows))
                if not isinstance(item, Progress):
                    break
            _close(items)
        with suppress(FeederEmpty):
            assert _first_page(session, scan_settings)

    def test_live_pictures_hold_what_they_claim(self, session: Session) -> None:
        """They are shown as they come, no larger than asked; a scanner has none."""
        for view in (View(), View(width=64, height=64)):
            for frame in islice(session.frames(view), 2):
                check_frame(frame, view)

    def test_closing_twice(self, session: Session) -> None:
        """Whoever cleans up need not know who did so before."""
        session.close()
        session.close()

    def test_closing_in_the_middle_of_a_page(
        self, session: Session, scan_settings: Settings
    ) -> None:
        """A device is let go at any moment."""
        items = session.scan(scan_settings)
        item = next(items)
        if isinstance(item, Raster):
            next(iter(item.rows))
        session.close()
        _close(items)
        session.close()

    def test_it_opens_again(self, factory: str, settings: Settings, device_id: str) -> None:
        """What was closed is free for the next one."""
        source = make(factory, settings, Source)
        for _ in range(2):
            session = source.open(device_id)
            session.options()
            session.close()

    def test_it_scans_behind_the_worker(
        self, recipe: Recipe, device_id: str, scan_settings: Settings, tmp_path: Path
    ) -> None:
        """In a process of its own every step keeps its deadline, to close the device too."""

        async def scan() -> bool:
            came = False
            async with _opened(recipe, device_id, tmp_path) as worker:
                async with aclosing(worker.scan(scan_settings, Keep())) as events:
                    async for event in events:
                        came = isinstance(event, PageDone)
                        if came:
                            break
                await worker.release()
            return came

        assert asyncio.run(scan()), "no page came"

    def test_it_can_be_cancelled_behind_the_worker(
        self, recipe: Recipe, device_id: str, scan_settings: Settings, tmp_path: Path
    ) -> None:
        """Cancel ends it without a kill, and the same process scans again."""

        async def scan() -> None:
            async with _opened(recipe, device_id, tmp_path) as worker:
                child = worker.pid
                async with aclosing(worker.scan(scan_settings, Keep())) as events:
                    with suppress(Cancelled):
                        event = await anext(events, None)
                        if isinstance(event, PageBegun):
                            await asyncio.sleep(IN_THE_MIDDLE)
                        await worker.cancel()
                        async for _ in events:
                            pass
                with suppress(FeederEmpty):
                    async with aclosing(worker.scan(scan_settings, Keep())) as events:
                        async for event in events:
                            if isinstance(event, PageBegun):
                                break
                assert worker.pid == child, "the process had to be killed"

        asyncio.run(scan())


@asynccontextmanager
async def _opened(recipe: Recipe, device_id: str, crashes: Path) -> AsyncIterator[Worker]:
    worker = Worker(recipe, crashes=crashes)
    try:
        await worker.open(device_id)
        yield worker
    finally:
        await worker.close()


def _can_be_set(option: Option) -> bool:
    return not option.readonly and option.kind != "action"


def _check_that_it_moves(session: Session, name: str) -> None:
    """Fail where an option refuses what it offers, or stays as it is whatever is set."""
    option = _named(session, name)
    if option is None or option.default is None or not _can_be_set(option):
        return  # it has no meaning with the others as they are now
    moved = []
    for value in other_values(option):
        refused = _is_refused(session, option, value)
        assert not (refused and option.kind in ("choice", "bool")), (
            f"{name} offers {value!r} and refuses it"
        )
        if not refused:
            now = _named(session, name)
            moved.append(now is not None and is_in_force(now, value))
    assert any(moved) or not moved, f"{name} stays as it is, whatever is set"


def _put_back(session: Session, before: Sequence[Option]) -> None:
    """Leave a device as it was found; to set one option may have changed another one."""
    for _ in range(2):
        for option in before:
            now = _named(session, option.name)
            if now is not None and now.default != option.default:
                _is_refused(session, option, option.default)


def _named(session: Session, name: str) -> Option | None:
    return next((option for option in session.options() if option.name == name), None)


def _is_refused(session: Session, option: Option, value: Value) -> bool:
    try:
        session.set(option.name, value)
    except BadSettings:
        return True
    return False


def _first_page(session: Session, settings: Settings) -> Page | Raster | None:
    items = session.scan(settings)
    try:
        pages = (item for item in islice(items, MOST_ITEMS) if not isinstance(item, Progress))
        return next(pages, None)
    finally:
        _close(items)


def _close(items: Iterator[Page | Raster | Progress]) -> None:
    """Stop a scan as the worker does."""
    close = getattr(items, "close", None)
    if close:
        close()
