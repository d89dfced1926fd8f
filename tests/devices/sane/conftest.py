"""SANE's own backends and ours, each behind a real worker, through both bindings."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs" / "sane"))
from samples import Samples, samples_of
from setups import Rig, Setup, build_rig, set_up_rig, set_up_test

from paper import fill_tray
from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Option, Progress
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deadlines, Keep, PageBegun, PageData, PageDone, Recipe

SHEETS = 3
Scan = Callable[..., Any]


@dataclass
class Kept:
    """A page as it was kept."""

    begun: PageBegun
    data: bytes = b""
    done: PageDone | None = None

    @property
    def samples(self) -> Samples:
        """The page's pixels."""
        return samples_of(self.data)


@dataclass
class Scanned:
    """What came of a scan."""

    pages: list[Kept] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    error: SheetfedError | None = None

    @property
    def whole(self) -> list[Kept]:
        """The pages that came to their end."""
        return [page for page in self.pages if page.done is not None]


async def scan(worker: Worker, device: str, **settings: Any) -> Scanned:
    """Scan and gather all that comes, an error too; `raw_NAME` stands for `raw.NAME`."""
    scanned = Scanned()
    wanted = {_option_name(name): value for name, value in settings.items()}
    try:
        await worker.open(device)
        async with aclosing(worker.scan(wanted, Keep())) as events:
            async for event in events:
                match event:
                    case PageBegun():
                        scanned.pages.append(Kept(event))
                    case PageData():
                        scanned.pages[-1].data += event.data
                    case PageDone():
                        scanned.pages[-1].done = event
                    case Progress():
                        scanned.progress.append(event)
    except SheetfedError as error:
        scanned.error = error
    return scanned


def _option_name(name: str) -> str:
    own = name.startswith("raw_")
    plain = name.removeprefix("raw_").replace("_", "-")
    return f"raw.{plain}" if own else plain


def by_name(options: list[Option]) -> dict[str, Option]:
    """Return options by their names."""
    return {option.name: option for option in options}


@pytest.fixture(name="scan")
def scan_function() -> Scan:
    return scan


@pytest.fixture
def named() -> Callable[[list[Option]], dict[str, Option]]:
    return by_name


@pytest.fixture(params=["ctypes", "python-sane"])
def binding(request: pytest.FixtureRequest) -> str:
    """Run the test once through each way to call libsane."""
    return str(request.param)


@pytest_asyncio.fixture
async def make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Worker]]:
    """Return a function that makes a worker in a set-up; all are closed in the end."""
    made: list[Worker] = []

    def new(setup: Setup, binding: str = "ctypes", **more: Any) -> Worker:
        for name, value in setup.environment.items():
            monkeypatch.setenv(name, value)
        deadlines = Deadlines(**more.pop("deadlines", {}))
        recipe = Recipe(
            kind="source",
            name="sane",
            factory="sheetfed_sane.source:Sane",
            settings={"binding": binding, **more},
        )
        made.append(Worker(recipe, crashes=tmp_path / "crashes", deadlines=deadlines))
        return made[-1]

    yield new

    for worker in made:
        await worker.close()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile our backend once."""
    return build_rig(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def tray(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw a tray of sheets once."""
    folder = tmp_path_factory.mktemp("paper") / "tray"
    fill_tray(folder, sheets=SHEETS)
    return folder


@pytest.fixture
def rig(tmp_path: Path, library: Path, tray: Path) -> Rig:
    """Return our own backend with one device, `rig:a`."""
    return set_up_rig(tmp_path, library=library, pages=tray)


@pytest.fixture
def test_backend(tmp_path: Path) -> Setup:
    """Return libsane's test backend with one device, `test:0`."""
    return set_up_test(tmp_path / "test")


@pytest.fixture
def scanimage() -> Callable[..., Samples]:
    """Return a function that scans one page with SANE's own program."""

    def run(setup: Setup, device: str, *arguments: str) -> Samples:
        command = ["scanimage", "-d", device, "--format=pnm", *arguments]
        done = subprocess.run(command, env=setup.environ(), capture_output=True, check=True)
        return samples_of(done.stdout)

    return run
