"""One addon of each kind that keeps its contract, as small as it can be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from sheetfed.api.contracts import (
    Delivery,
    Edit,
    Report,
    Session,
    Source,
    Step,
    Target,
    Transform,
)
from sheetfed.api.errors import BadSettings, DeviceGone, TargetUnreachable
from sheetfed.api.model import (
    Device,
    Mark,
    Option,
    Page,
    PageInfo,
    Raster,
    Receipt,
    Settings,
    Value,
)


class Opened(Session):
    """A scanner with one setting."""

    def __init__(self) -> None:
        self.level = 128

    def options(self) -> list[Option]:
        return [
            Option(
                name="level", title="Level", kind="int", default=self.level, minimum=0, maximum=255
            )
        ]

    def set(self, name: str, value: Value) -> Sequence[Option]:
        if name != "level" or not isinstance(value, int) or not 0 <= value <= 255:
            raise BadSettings(f"{name} cannot be {value!r}", option=name)
        self.level = value
        return self.options()

    def scan(self, settings: Settings) -> Iterator[Page | Raster]:
        for name, value in settings.items():
            self.set(name, value)
        for _ in range(2):
            yield self.raster()

    def raster(self) -> Raster:
        rows = (bytes([self.level]) * 40 for _ in range(30))
        return Raster(width=40, height=30, mode="gray", dpi=(100, 100), rows=rows)

    def close(self) -> None:
        pass


class Scanner(Source):
    """Two small grey pages."""

    Opens: type[Session] = Opened

    def devices(self) -> list[Device]:
        return [Device(id="one", title="One"), Device(id="two", title="Two")]

    def open(self, device_id: str) -> Session:
        if device_id not in {"one", "two"}:
            raise DeviceGone(device_id)
        return self.Opens()


class Marker(Step):
    """Marks every page."""

    def apply(self, page: Page) -> list[Page]:
        mark = Mark(kind="size", value=str(len(page.data)), by="marker")
        return [replace(page, marks=(*page.marks, mark))]


class Shift(Edit):
    """Moves the page to the right by so many pixels; the place is white."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        by = float(self.settings["by"] or 0)
        if self.settings["note"] == "~":
            raise BadSettings("note cannot be that", option="note")
        wider = replace(page, width=page.width + round(by))
        return wider, (1.0, 0.0, by, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

    def apply(self, picture: Any, scale: float) -> Any:
        by = round(float(self.settings["by"] or 0) * scale)
        white = (255, 255, 255) if picture.mode == "RGB" else 65535
        made = Image.new(picture.mode, (picture.width + by, picture.height), white)
        made.paste(picture, (by, 0))
        return made


class Shelf(Target):
    """A folder."""

    @property
    def folder(self) -> Path:
        folder = Path(str(self.settings["folder"]))
        if not folder.is_dir():
            raise TargetUnreachable(f"There is no folder {folder}")
        return folder

    def send(self, delivery: Delivery, report: Report) -> Receipt:
        place = self.folder / f"{delivery.idempotency_key}-{delivery.name}"
        half = place.with_suffix(".half")
        try:
            with half.open("wb") as file, delivery.open() as content:
                while block := content.read(65536):
                    file.write(block)
                    report(file.tell(), {})
            os.replace(half, place)  # noqa: PTH105
        finally:
            half.unlink(missing_ok=True)
        return Receipt(place=str(place))

    async def test(self) -> Receipt:
        return Receipt(place=str(self.folder))
