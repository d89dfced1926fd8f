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
from directshow import WindowsRig, plugged_in
from table import Rig
from windows import WINDOWS

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


@pytest.fixture(scope="module")
def rig(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A camera that is plugged in, for the programs that the tests start."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    folder = tmp_path_factory.mktemp("camera")
    rig = Rig(node=Path(f"/dev/video{60 + int(worker)}"), folder=folder)
    rig.node.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LD_PRELOAD", str(library))
        patch.setenv("RIG_NODE", str(rig.node))
        for name, file in (("DIR", "film"), ("FAULT", "fault"), ("LOG", "log")):
            patch.setenv(f"RIG_{name}", str(folder / file))
        yield rig
    rig.node.unlink()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worker]:
    """A worker that has the source of cameras; its child is started once for all tests."""
    recipe = Recipe(
        kind="source", name="webcam", factory="sheetfed_webcam.source:Webcam", settings={}
    )
    worker = Worker(recipe, crashes=tmp_path_factory.mktemp("crashes"))
    yield worker
    await worker.close()


@pytest_asyncio.fixture(loop_scope="module")
async def worker(shared: Worker, rig: Rig) -> Worker:
    """The worker while nobody looks; the camera is well, and sees a picture of its own."""
    await shared.release()
    rig.begins()
    return shared


@pytest.fixture(scope="module")
def windows_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowsRig]:
    """A camera that is plugged into a Windows of this run's own."""
    if platform.machine() != "x86_64":
        pytest.skip("Debian has this Wine for x86_64 only")
    assert not WINDOWS.missing(), WINDOWS.missing()
    WINDOWS.make()
    rig = plugged_in(tmp_path_factory.mktemp("windows"))
    yield rig
    WINDOWS.stop(rig.prefix)
