"""A V4L2 camera of our own behind real workers: it fails on command."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs" / "webcam"))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs" / "twain"))
sys.path.insert(0, str(Path(__file__).parents[2] / "service" / "http"))
import windows
from directshow import WindowsRig, plugged_in
from photographs import photograph
from table import Rig

from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

CODE = Path(__file__).parents[2] / "rigs" / "webcam" / "camera.c"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rig, built."""
    made = tmp_path_factory.mktemp("rig") / "camera.so"
    options = ("-O2", "-Wall", "-Werror", "-fPIC", "-shared")
    subprocess.run(["gcc", *options, "-o", made, CODE, "-ldl"], check=True)
    return made


@pytest.fixture
def rig(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A camera that is plugged in, for the programs that the test starts."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    node = Path(f"/dev/video{60 + int(worker)}")
    rig = Rig(node=node, folder=tmp_path)
    for number, size in enumerate(((1280, 720), (640, 480))):
        photograph(rig.seen(f"{size[0]}x{size[1]}"), number, size)
    node.touch()
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("RIG_NODE", str(node))
    monkeypatch.setenv("RIG_DIR", str(tmp_path / "film"))
    monkeypatch.setenv("RIG_FAULT", str(tmp_path / "fault"))
    monkeypatch.setenv("RIG_LOG", str(tmp_path / "log"))
    yield rig
    node.unlink()


@pytest_asyncio.fixture
async def worker(rig: Rig, tmp_path: Path) -> AsyncIterator[Worker]:
    """A worker that has the source of cameras."""
    recipe = Recipe(
        kind="source", name="webcam", factory="sheetfed_webcam.source:Webcam", settings={}
    )
    worker = Worker(recipe, crashes=tmp_path / "crashes")
    yield worker
    await worker.close()


@pytest.fixture(scope="module")
def windows_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowsRig]:
    """A camera that is plugged into a Windows of this run's own."""
    if platform.machine() != "x86_64":
        pytest.skip("Debian has this Wine for x86_64 only")
    assert not windows.missing(), windows.missing()
    windows.make()
    rig = plugged_in(tmp_path_factory.mktemp("windows"))
    yield rig
    windows.stop(rig.prefix)
