"""What every source must prove."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sheetfed.api.contracts import Source
from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Device, Settings
from sheetfed.testing.factory import make
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

NOWHERE = "no-such-device"


class SourceContract:
    """Inherit it, and override `factory`."""

    @pytest.fixture
    def factory(self) -> str:
        """Return the source's class as `module:Class`."""
        raise NotImplementedError("override the fixture `factory`")

    @pytest.fixture
    def settings(self) -> Settings:
        """Return what the class is made with."""
        return {}

    @pytest.fixture
    def source(self, factory: str, settings: Settings) -> Source:
        """Return the source."""
        return make(factory, settings, Source)

    def test_ids_are_unique(self, source: Source) -> None:
        """Two devices with one id could not be told apart."""
        ids = [device.id for device in source.devices()]
        assert len(set(ids)) == len(ids), f"an id stands twice in {ids}"

    def test_ids_are_stable(self, source: Source, factory: str, settings: Settings) -> None:
        """A job names its device by id, and may do so after a restart."""
        first = {device.id for device in source.devices()}
        again = {device.id for device in source.devices()}
        restarted = {device.id for device in make(factory, settings, Source).devices()}
        assert first == again == restarted, f"{first}, then {again}, restarted {restarted}"

    def test_devices_have_a_name(self, source: Source) -> None:
        """A person chooses a device by its title."""
        for device in source.devices():
            assert isinstance(device, Device)
            assert device.id.strip(), "a device has an empty id"
            assert device.id.isprintable(), f"{device.id!r} cannot be typed"
            assert device.title.strip(), f"{device.id!r} has no title"

    def test_an_unknown_device_is_gone(self, source: Source) -> None:
        """It may have been unplugged since it was listed."""
        with pytest.raises(DeviceGone):
            source.open(NOWHERE)

    def test_it_lists_behind_the_worker(
        self, factory: str, settings: Settings, tmp_path: Path
    ) -> None:
        """There it runs from now on: in a process of its own, under a deadline."""

        async def ask() -> list[Device]:
            worker = Worker(_recipe(factory, settings), crashes=tmp_path)
            try:
                found = await worker.devices()
                with pytest.raises(DeviceGone):
                    await worker.open(NOWHERE)
                return found
            finally:
                await worker.close()

        here = {device.id for device in make(factory, settings, Source).devices()}
        assert {device.id for device in asyncio.run(ask())} == here


def _recipe(factory: str, settings: Settings) -> Recipe:
    return Recipe(kind="source", name="contract", factory=factory, settings=settings)
