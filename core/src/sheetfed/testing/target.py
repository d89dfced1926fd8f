"""What every target must prove."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pytest

from sheetfed.api.contracts import Target
from sheetfed.api.errors import DeliveryUnsure, TargetUnreachable
from sheetfed.api.model import Receipt, Settings, Value
from sheetfed.testing.factory import make

CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 2000
Arrived = Callable[[], Mapping[str, bytes]]


@dataclass(slots=True, kw_only=True)
class Parcel:
    """A delivery of known content; with `breaks_at` its reading fails there."""

    name: str = "contract.pdf"
    media_type: str = "application/pdf"
    size: int | None = len(CONTENT)
    fields: Mapping[str, Value] = field(default_factory=dict)
    idempotency_key: str = "contract-1"
    state: Mapping[str, Any] = field(default_factory=dict)
    breaks_at: int | None = None

    def open(self, offset: int = 0) -> BinaryIO:
        """Return the content from `offset` on."""
        if self.breaks_at is None:
            return io.BytesIO(CONTENT[offset:])
        return _Broken(CONTENT[offset : self.breaks_at])


class TargetContract:
    """Inherit it, and override `factory`, `settings`, `unreachable` and `arrived`."""

    @pytest.fixture
    def factory(self) -> str:
        """Return the target's class as `module:Class`."""
        raise NotImplementedError("override the fixture `factory`")

    @pytest.fixture
    def settings(self) -> Settings:
        """Return settings of a place that takes documents."""
        raise NotImplementedError("override the fixture `settings`")

    @pytest.fixture
    def unreachable(self) -> Settings:
        """Return settings of a place that does not answer."""
        raise NotImplementedError("override the fixture `unreachable`")

    @pytest.fixture
    def arrived(self) -> Arrived:
        """Return a function that returns what lies at the place: names and bytes."""
        raise NotImplementedError("override the fixture `arrived`")

    @pytest.fixture
    def target(self, factory: str, settings: Settings) -> Target:
        """Return the target."""
        return make(factory, settings, Target)

    def test_a_receipt_says_where(self, target: Target, arrived: Arrived) -> None:
        """A person looks there; and what lies there is whole."""
        receipt = _finish(lambda: target.send(Parcel(), _ignore))
        assert isinstance(receipt, Receipt), f"{receipt!r} is no receipt"
        assert receipt.place.strip(), "the receipt names no place"
        assert list(arrived().values()) == [CONTENT], "what arrived is not what was sent"

    def test_the_same_delivery_arrives_once(self, target: Target, arrived: Arrived) -> None:
        """A delivery is tried again when nobody knows whether it arrived."""
        state: Mapping[str, Any] = {}

        def note(_: int, told: Mapping[str, Any]) -> Noted:
            nonlocal state
            state = told
            return Noted()

        _finish(lambda: target.send(Parcel(), note))
        with suppress(DeliveryUnsure):  # who cannot tell must not send it again
            _finish(lambda: target.send(Parcel(state=state), note))
        assert list(arrived().values()) == [CONTENT], f"it lies there as {list(arrived())}"

    def test_progress_counts_up_to_the_end(self, target: Target) -> None:
        """A person watches it."""
        counts: list[int] = []

        def note(sent: int, _: Mapping[str, Any]) -> Noted:
            counts.append(sent)
            return Noted()

        _finish(lambda: target.send(Parcel(), note))
        assert counts == sorted(counts), f"it went back: {counts}"
        assert all(0 <= count <= len(CONTENT) for count in counts)

    def test_a_trial_leaves_nothing_behind(self, target: Target, arrived: Arrived) -> None:
        """Settings are tried before they are kept."""
        receipt = _finish(target.test)
        assert receipt.place.strip(), "the receipt names no place"
        assert not arrived(), f"it left {list(arrived())}"

    def test_an_unreachable_place_is_told(self, factory: str, unreachable: Settings) -> None:
        """Then it is tried again later."""
        target = make(factory, unreachable, Target)
        with pytest.raises(TargetUnreachable):
            _finish(target.test)
        with pytest.raises(TargetUnreachable):
            _finish(lambda: target.send(Parcel(), _ignore))

    def test_a_broken_delivery_leaves_nothing(self, target: Target, arrived: Arrived) -> None:
        """Half a document is worse than none."""
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, it must not be silence
            _finish(lambda: target.send(Parcel(breaks_at=70_000), _ignore))
        assert not arrived(), f"it left {list(arrived())}"


class _Broken(io.BytesIO):
    """A stream that fails at its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return what is there, then fail."""
        data = super().read(size)
        if not data or size in (None, -1):
            raise OSError("the store went away")
        return data

    def readinto(self, buffer: Any, /) -> int:
        """Do the same into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    readinto1 = readinto


class Noted:
    """What a report returns: done already, and may be awaited."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


def _ignore(_sent: int, _state: Mapping[str, Any]) -> Noted:
    return Noted()


def _finish(call: Callable[[], Receipt | Awaitable[Receipt]]) -> Receipt:
    """Call a method that may be a coroutine; one that blocks meets no loop, as in its child."""

    async def wait(result: Awaitable[Receipt]) -> Receipt:
        return await result

    result = call()
    return asyncio.run(wait(result)) if inspect.isawaitable(result) else result
