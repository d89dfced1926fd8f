"""A source whose devices are the files of a folder, so that a test can plug and unplug them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import DeviceFailed, DeviceGone
from sheetfed.api.model import Device, Option, Page, Progress, Raster, Settings, Value


class Shelf(Source):
    """Lists what lies on the shelf; a file called `broken` breaks the listing."""

    def devices(self) -> list[Device]:
        """List the files."""
        names = sorted(file.name for file in self._folder.iterdir())
        if "broken" in names:
            raise DeviceFailed("The shelf broke")
        return [Device(id=name, title=name.title()) for name in names]

    def open(self, device_id: str) -> Box:
        """Open a file's box."""
        if not (self._folder / device_id).exists():
            raise DeviceGone(f"{device_id} was taken")
        return Box(stuck=device_id == "stuck")

    @property
    def _folder(self) -> Path:
        return Path(str(self.settings["folder"]))


class Box(Session):
    """Remembers what was set; gives one small page, slowly. One that is stuck does not close."""

    def __init__(self, *, stuck: bool) -> None:
        self._stuck = stuck
        self._set: dict[str, Value] = {"color": "red", "size": 1}

    def options(self) -> Sequence[Option]:
        """Return what is set."""
        return [self._option(name) for name in self._set]

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set it, taking a moment."""
        time.sleep(0.05)
        self._set[name] = value
        return [self._option(name)]

    def scan(self, settings: Settings) -> Iterator[Page | Raster | Progress]:
        """Yield one page."""
        del settings
        time.sleep(0.3)
        yield Raster(width=8, height=8, mode="gray", rows=iter([bytes(64)]))

    def close(self) -> None:
        """Let go."""
        if self._stuck:
            raise DeviceFailed("The box is stuck")

    def _option(self, name: str) -> Option:
        return Option(name=name, title=name, kind="text", default=self._set[name])
