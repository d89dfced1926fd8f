"""Addons that each break their contract in one way."""

# ruff: noqa: D106 - what is wrong with them is often what they ignore; names say it

from __future__ import annotations

import io
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from addons_right import Marker, Opened, Scanner, Shelf, Shift
from PIL import Image

from sheetfed.api.contracts import UNMOVED, Delivery, Files, Report, Session, Transform
from sheetfed.api.errors import BadSettings, DeviceBusy
from sheetfed.api.model import (
    Box,
    Choice,
    Device,
    Frame,
    Mark,
    Option,
    Page,
    PageInfo,
    Raster,
    Receipt,
    Settings,
    Value,
    View,
)
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.codec import Images
from sheetfed.testing.pages import drawn_page

AT_HOME = "pytest" in sys.modules
"""Whether this is the process of the tests, and not a worker's child."""


class UnstableIds(Scanner):
    def devices(self) -> list[Device]:
        return [Device(id=uuid.uuid4().hex, title="One")]


class TwinIds(Scanner):
    def devices(self) -> list[Device]:
        return [Device(id="one", title="One"), Device(id="one", title="Another")]


class Nameless(Scanner):
    def devices(self) -> list[Device]:
        return [Device(id="one", title=" ")]


class OpensAnything(Scanner):
    def open(self, device_id: str) -> Session:
        return self.Opens()


class WorksAtHomeOnly(Scanner):
    def devices(self) -> list[Device]:
        return super().devices() if AT_HOME else []


class DefaultBeyondRange(Scanner):
    class Opens(Opened):
        def options(self) -> list[Option]:
            return [replace(option, default=300) for option in super().options()]


class RefusesDefault(Scanner):
    class Opens(Opened):
        def set(self, name: str, value: Value) -> Sequence[Option]:
            if value == 128:
                raise BadSettings("it is so already")
            return super().set(name, value)


class SetsInSilence(Scanner):
    class Opens(Opened):
        def set(self, name: str, value: Value) -> Sequence[Option]:
            super().set(name, value)
            return []


class StaysAsItIs(Scanner):
    class Opens(Opened):
        def set(self, name: str, value: Value) -> Sequence[Option]:
            super().set(name, value)
            self.level = 128
            return self.options()


class OffersInVain(Scanner):
    class Opens(Opened):
        def options(self) -> list[Option]:
            sizes = (Choice(value="a4", title="A4"), Choice(value="a3", title="A3"))
            paper = Option(name="paper", title="Paper", kind="choice", default="a4", choices=sizes)
            return [*super().options(), paper]

        def set(self, name: str, value: Value) -> Sequence[Option]:
            return self.options() if (name, value) == ("paper", "a4") else super().set(name, value)


class TakesAnything(Scanner):
    class Opens(Opened):
        def set(self, name: str, value: Value) -> Sequence[Option]:
            return self.options()


class LyingRaster(Scanner):
    class Opens(Opened):
        def raster(self) -> Raster:
            return replace(super().raster(), height=31)


class RaggedRaster(Scanner):
    class Opens(Opened):
        def raster(self) -> Raster:
            return replace(super().raster(), rows=iter([bytes(41)] * 30))


class OddResolution(Scanner):
    class Opens(Opened):
        def raster(self) -> Raster:
            return replace(super().raster(), dpi=(100, 0))


class LyingPage(Scanner):
    class Opens(Opened):
        def scan(self, settings: Settings) -> Iterator[Page | Raster]:
            yield replace(drawn_page(), width=5)


class FalseType(Scanner):
    class Opens(Opened):
        def scan(self, settings: Settings) -> Iterator[Page | Raster]:
            yield replace(drawn_page(), media_type="image/jpeg")


class StuckOnceStopped(Scanner):
    class Opens(Opened):
        busy = False

        def scan(self, settings: Settings) -> Iterator[Page | Raster]:
            if self.busy:
                raise DeviceBusy
            self.busy = True
            yield from super().scan(settings)
            self.busy = False


class ShowsTooMuch(Scanner):
    class Opens(Opened):
        def frames(self, view: View) -> Iterator[Frame]:
            out = io.BytesIO()
            Image.new("L", (200, 100)).save(out, "JPEG")
            yield Frame(data=out.getvalue(), width=200, height=100)


class ClosesOnce(Scanner):
    class Opens(Opened):
        closed = False

        def close(self) -> None:
            if self.closed:
                raise ValueError("closed already")
            self.closed = True


class ClosesAtRestOnly(Scanner):
    class Opens(Opened):
        scanning = False

        def scan(self, settings: Settings) -> Iterator[Page | Raster]:
            self.scanning = True
            yield from super().scan(settings)
            self.scanning = False

        def close(self) -> None:
            if self.scanning:
                self.scanning = False
                raise DeviceBusy


class NeverLetsGo(Scanner):
    open_now = False

    def open(self, device_id: str) -> Session:
        if self.open_now:
            raise DeviceBusy
        self.open_now = True
        return super().open(device_id)


class ScansAtHomeOnly(Scanner):
    class Opens(Opened):
        def scan(self, settings: Settings) -> Iterator[Page | Raster]:
            if AT_HOME:
                yield from super().scan(settings)


class ClosesSlowly(Scanner):
    class Opens(Opened):
        def close(self) -> None:
            if not AT_HOME:
                time.sleep(15)


class Deaf(Scanner):
    class Opens(Opened):
        def raster(self) -> Raster:
            def rows() -> Iterator[bytes]:
                yield bytes(40)
                time.sleep(15)
                yield bytes(40) * 29

            return replace(super().raster(), rows=rows())


class FailsInItsOwnWords(Images):
    def open(self, stream: BinaryIO) -> Pictures:
        raise ValueError("no picture")


class DrawsNonsense(Images):
    def open(self, stream: BinaryIO, options: Settings) -> Any:
        return Nonsense()


class Nonsense:
    count = 1

    def info(self, index: int) -> PageInfo:
        return PageInfo(width=9, height=9)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        return drawn_page()

    def close(self) -> None:
        if self.count == 0:
            raise ValueError("closed already")
        self.count = 0


class LosesPages(Images):
    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        super().encode(iter([next(pages)]), stream, media_type, options, files)


class HoldsBack(Images):
    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        super().encode(iter(list(pages)), stream, media_type, options, files)


class ForgetsOrigins(Images):
    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        known = (page for page in pages if not page.origin)
        super().encode(known, stream, media_type, options, files)


class EncodesAtHomeOnly(Images):
    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        if AT_HOME:
            super().encode(pages, stream, media_type, options, files)


class Forgets(Marker):
    def apply(self, page: Page) -> list[Page]:
        return super().apply(replace(page, marks=()))


class ForgetsEdits(Marker):
    def apply(self, page: Page) -> list[Page]:
        return super().apply(replace(page, edits=()))


class Anonymous(Marker):
    def apply(self, page: Page) -> list[Page]:
        return [replace(page, marks=(Mark(kind="size", value="1", by=""),))]


class Repaints(Marker):
    def apply(self, page: Page) -> list[Page]:
        return [replace(drawn_page(60, 60), marks=page.marks)]


class Counts(Marker):
    count = 0

    def apply(self, page: Page) -> list[Page]:
        self.count += 1
        return [replace(page, marks=(Mark(kind="n", value=str(self.count), by="counts"),))]


class Stumbles(Marker):
    def apply(self, page: Page) -> list[Page]:
        if page.data[60] < 0:
            raise AssertionError
        return super().apply(page)


class MarksAtHomeOnly(Marker):
    def apply(self, page: Page) -> list[Page]:
        return super().apply(page) if AT_HOME else [page]


class FindsWhatNobodyAsks(Shift):
    def find(self, picture: Any, scale: float) -> Settings:
        return {"by": 5000.0}


class Shrinks(Shift):
    def apply(self, picture: Any, scale: float) -> Any:
        return super().apply(picture, scale).reduce(2)


class TurnsToColour(Shift):
    def apply(self, picture: Any, scale: float) -> Any:
        return super().apply(picture, scale).convert("CMYK")


class Scribbles(Shift):
    def apply(self, picture: Any, scale: float) -> Any:
        picture.paste(0, (0, 0, 5, 5))
        return super().apply(picture, scale)


class Wanders(Shift):
    count = 0

    def apply(self, picture: Any, scale: float) -> Any:
        type(self).count += 1
        made = super().apply(picture, scale)
        made.paste(0, (self.count % 50, 0, self.count % 50 + 1, 1))
        return made


class LeavesMarksBehind(Shift):
    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        return super().measure(page)[0], UNMOVED


class KnowsNoScale(Shift):
    def apply(self, picture: Any, scale: float) -> Any:
        made = super().apply(picture, scale)
        made.paste(0, (0, 0, 60, 60))
        return made


class TripsOverWords(Shift):
    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        if self.settings["note"] == "{":
            raise KeyError("{")
        return super().measure(page)


class NeedsRoom(Shift):
    def apply(self, picture: Any, scale: float) -> Any:
        made = super().apply(picture, scale)
        return made if 1 / (picture.height - 1) else picture


class ClaimsToTurn(Shift):
    def only_turns(self) -> bool:
        return True


class EditsAtHomeOnly(Shift):
    def apply(self, picture: Any, scale: float) -> Any:
        made = super().apply(picture, scale)
        return made if AT_HOME else made.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


class NamesNoPlace(Shelf):
    def send(self, delivery: Delivery, report: Report) -> Receipt:
        return replace(super().send(delivery, report), place="")


class SendsTwice(Shelf):
    def send(self, delivery: Delivery, report: Report) -> Receipt:
        place = self.folder / uuid.uuid4().hex
        place.write_bytes(delivery.open().read())
        return Receipt(place=str(place))


class GoesBack(Shelf):
    def send(self, delivery: Delivery, report: Report) -> Receipt:
        receipt = super().send(delivery, report)
        report(0, {})
        return receipt


class LeavesATrial(Shelf):
    async def test(self) -> Receipt:
        (self.folder / "trial").touch()
        return await super().test()


class UnreachableInItsOwnWords(Shelf):
    @property
    def folder(self) -> Path:
        folder = Path(str(self.settings["folder"]))
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        return folder


class LeavesHalf(Shelf):
    def send(self, delivery: Delivery, report: Report) -> Receipt:
        place = self.folder / delivery.name
        with place.open("wb") as file:
            content = delivery.open()
            while block := content.read(1000):
                file.write(block)
        return Receipt(place=str(place))
