"""The virtual scanner as a test has it: orders to it, and what its pages must hold."""

from __future__ import annotations

import io
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from windows import WINDOWS, Windows, there

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Value
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deadlines, Keep, PageBegun, PageData, PageDone, Recipe

ROOT = Path(__file__).parents[3]
NEEDED = ("__init__", "api/__init__", "api/model", "api/errors", "api/contracts", "api/options")
"""What of the core a child needs beside its worker."""

DEVICE = "Virtual Scanner"
OTHER = "Virtual Scanner Two"
SHEETS = 3
NUMBER_BITS = 8
PATIENT = Deadlines(start=120, devices=120, open=120, options=60, set=60, close=30, grace=20)
"""Other tests run at the same time, and Wine is slow to start."""


@dataclass
class Kept:
    """A page as it was kept."""

    begun: PageBegun
    data: bytes = b""
    done: PageDone | None = None

    @property
    def image(self) -> Image.Image:
        """The page's pixels, black and white as bytes."""
        image = Image.open(io.BytesIO(self.data))
        return image.convert("L") if image.mode == "1" else image

    @property
    def number(self) -> int:
        """The number that the scanner drew into the first inch."""
        image = self.image.convert("L")
        step = image.width / NUMBER_BITS
        dark = [image.getpixel((round((k + 0.5) * step), 9)) == 0 for k in range(NUMBER_BITS)]
        return sum(1 << k for k, bit in enumerate(dark) if bit)

    @property
    def rows(self) -> list[int]:
        """The number of each row, as the scanner drew it into its first pixels."""
        image = self.image
        if image.mode == "RGB":
            data, across = image.tobytes(), image.width * 3
            firsts = (data[y * across : y * across + 3] for y in range(image.height))
            return [int.from_bytes(first, "big") for first in firsts]
        lines = [[image.getpixel((x, y)) for x in range(24)] for y in range(image.height)]
        if self.begun.mode == "bw":
            return [int("".join("1" if bit else "0" for bit in line), 2) for line in lines]
        return [(line[0] << 16) + (line[1] << 8) + line[2] for line in lines]


@dataclass
class Scanned:
    """What came of a scan."""

    pages: list[Kept] = field(default_factory=list)
    error: SheetfedError | None = None

    @property
    def whole(self) -> list[Kept]:
        """The pages that came to their end."""
        return [page for page in self.pages if page.done is not None]

    @property
    def numbers(self) -> list[int]:
        """What stands on the whole pages."""
        return [page.number for page in self.whole]


@dataclass(frozen=True)
class Rig:
    """A Windows of this run's own, and what its children may import."""

    windows: Windows
    prefix: Path
    modules: Path

    @property
    def python(self) -> tuple[str, ...]:
        """The command that starts an interpreter with nothing but the addon and what it needs."""
        return (*self.windows.python(self.prefix, path=there(self.modules)), "-S")

    @property
    def drivers(self) -> Path:
        """Where Windows has its data sources."""
        return self.prefix / "drive_c/windows" / self.windows.drivers

    def order(self, **orders: int) -> None:
        """Tell the scanner what to do in its next batch, or when it is opened next."""
        lines = "".join(f"{name}={value}\n" for name, value in orders.items())
        (self.drivers / "virtual.txt").write_text(lines)

    def recipe(self, **settings: Value) -> Recipe:
        """Return what a worker needs to know."""
        return Recipe(
            kind="source",
            name="twain",
            factory="sheetfed_twain.source:Twain",
            settings=settings,
            python=self.python,
        )

    @asynccontextmanager
    async def worker(
        self, crashes: Path, deadlines: Deadlines = PATIENT, **settings: Value
    ) -> AsyncIterator[Worker]:
        """Give a worker whose child runs in Windows."""
        worker = Worker(self.recipe(**settings), crashes=crashes, deadlines=deadlines)
        try:
            yield worker
        finally:
            await worker.close()


def set_up(folder: Path, windows: Windows = WINDOWS) -> Rig:
    """Make a rig, its server running. The child's modules are copied: it has these and no more."""
    modules = folder / "modules"
    for name in NEEDED:
        target = modules / "sheetfed" / f"{name}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / f"core/src/sheetfed/{name}.py", target)
    addon = ROOT / "plugins/twain/src/sheetfed_twain"
    pytwain = windows.place / "python/Lib/site-packages/twain"
    for source, name in (
        (ROOT / "core/src/sheetfed/worker", "sheetfed/worker"),
        (addon, "sheetfed_twain"),
        (pytwain, "twain"),
    ):
        shutil.copytree(source, modules / name, ignore=shutil.ignore_patterns("__pycache__"))
    rig = Rig(windows, windows.borrowed(folder), modules)
    windows.start(rig.prefix)
    return rig


async def scan(worker: Worker, device: str = DEVICE, **settings: Any) -> Scanned:
    """Scan and gather all that comes, an error too; `raw_0x1118` stands for `raw.0x1118`."""
    scanned = Scanned()
    wanted = {name.replace("raw_", "raw.").replace("_", "-"): settings[name] for name in settings}
    try:
        await worker.open(device)
        async with aclosing(worker.scan({"resolution": 75, **wanted}, Keep())) as events:
            async for event in events:
                match event:
                    case PageBegun():
                        scanned.pages.append(Kept(event))
                    case PageData():
                        scanned.pages[-1].data += event.data
                    case PageDone():
                        scanned.pages[-1].done = event
    except SheetfedError as error:
        scanned.error = error
    return scanned
