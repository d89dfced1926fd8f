"""A codec or a step that a file took over reaches nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sheetfed.api.errors import AddonBroken, DriverCrashed, DriverLied, DriverTimeout
from sheetfed.api.model import Page, PageInfo
from sheetfed.worker import account, landlock, seccomp
from sheetfed.worker.confinement import Confinement
from sheetfed.worker.files import Held
from sheetfed.worker.parent import Worker
from sheetfed.worker.trial import ATTEMPTS
from sheetfed.worker.wire import Recipe

Make = Callable[..., Any]

ALLOWED = {"start a thread"}
NOTHING = Page(data=b"", media_type="text/plain", width=1, height=1)


async def tried(folder: Path) -> dict[str, bool]:
    recipe = Recipe(kind="step", name="trial", factory="sheetfed.worker.trial:Trial")
    worker = Worker(recipe, crashes=folder)
    (page,) = await worker.apply(NOTHING)
    await worker.close()
    found: dict[str, bool] = json.loads(page.data)
    return found


async def test_nothing_that_leads_out_of_the_box_succeeds(tmp_path: Path) -> None:
    """R25 (X10)."""
    found = await tried(tmp_path)

    assert {name for name, succeeded in found.items() if succeeded} == ALLOWED


def test_without_a_box_all_of_it_succeeds() -> None:
    """Or the test above would prove nothing."""
    code = "from sheetfed.worker.trial import ATTEMPTS, _succeeds; import resource\n"

    assert run(code) == set(ATTEMPTS)


def test_landlock_alone_keeps_files_and_ports_away() -> None:
    """As where a kernel or a container has no seccomp."""
    code = (
        "from sheetfed.worker import sandbox, landlock\n"
        "from sheetfed.worker.trial import ATTEMPTS, _succeeds\n"
        "sandbox.settle(); assert landlock.restrict()\n"
    )

    refused = set(ATTEMPTS) - run(code)

    assert {"read a file", "write a file", "execute a program"} <= refused
    assert landlock.version() < 4 or "connect by TCP" in refused
    assert landlock.version() < 6 or {"signal the service", "trace the service"} <= refused


def test_seccomp_alone_keeps_everything_away() -> None:
    """As where a kernel has no Landlock: before 5.13, or switched off."""
    code = (
        "import os, tempfile; from sheetfed.worker import sandbox, seccomp\n"
        "from sheetfed.worker.trial import ATTEMPTS, _succeeds\n"
        "sandbox.settle(); sandbox.limit(None); assert seccomp.restrict(os.getpid())\n"
    )

    assert run(code) == ALLOWED


def run(code: str) -> set[str]:
    """Return the attempts that succeed in a process that did this first."""
    told = "import json; print(json.dumps([n for n, a in ATTEMPTS.items() if _succeeds(a)]))"
    done = subprocess.run([sys.executable, "-c", code + told], capture_output=True, check=True)
    return set(json.loads(done.stdout))


async def test_a_child_says_what_holds_it(make: Make) -> None:
    codec, source = make("Text", "codec"), make()
    await codec.warm()
    await source.warm()

    boxed, free = codec.confinement, source.confinement

    assert boxed == Confinement(
        limits=True,
        privileges=True,
        landlock=landlock.version(),
        seccomp=True,
        user=boxed.user,
    )
    assert free == Confinement(privileges=True, user=free.user)
    await codec.close()
    assert codec.confinement is None


@pytest.mark.parametrize("kind", ["source", "codec"])
async def test_no_child_gains_privileges_or_shows_its_memory(make: Make, kind: str) -> None:
    """A program with the set-user-id bit, started by a driver, stays what we are."""
    worker = make("Hostile" if kind == "source" else "Text", kind)
    await worker.warm()

    status = status_of(worker.pid)

    assert "NoNewPrivs:\t1\n" in status
    assert f"Seccomp:\t{2 if kind == 'codec' else 0}\n" in status


def status_of(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


async def test_a_boxed_death_has_its_stack(make: Make) -> None:
    """Last words go through a descriptor that was open before."""
    worker = make("Text", "codec")

    with pytest.raises(DriverCrashed) as dead:
        await worker.info(Held(b"DIE!"))
    with pytest.raises(DriverTimeout) as silent:
        await worker.info(Held(b"HANG"))

    for caught in (dead, silent):
        assert "hostile.py" in caught.value.details["crash"]["stack"]


async def test_talking_does_not_buy_time(make: Make) -> None:
    """Signs of life are for scanners; a picture is there in time or not at all."""
    worker = make("Text", "codec")
    await worker.warm()
    began = time.monotonic()

    with pytest.raises(DriverTimeout, match="did not finish"):
        await worker.info(Held(b"CHAT"))

    assert time.monotonic() - began < 5
    assert await worker.info(Held(b"a")) == [PageInfo(width=1, height=1)]


async def test_an_answer_beyond_all_reason_is_not_waited_for(make: Make) -> None:
    """Four gigabytes would end the service, not the child."""
    worker = make("Text", "codec")

    with pytest.raises(DriverLied, match="more than anybody asked for"):
        await worker.draw(Held(b"VAST"), 0, width=None, height=None, media_type=None)


async def test_what_is_imported_too_late_is_told_with_its_cure(make: Make) -> None:
    worker = make("Text", "codec")

    with pytest.raises(AddonBroken) as caught:
        await worker.info(Held(b"LATE"))

    assert "A box opens no file" in caught.value.details["traceback"]


def test_an_environment_that_others_cannot_read_is_named(tmp_path: Path) -> None:
    """A child of root that bore another name could not even start there."""
    python = tmp_path / "private" / "python"
    python.parent.mkdir(mode=0o700)
    python.write_text("")
    python.chmod(0o755)

    assert account.hidden(str(python)) == python
    assert account.unprivileged(str(python)) is None


def test_another_architecture_has_no_filter_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of calls differ: a wrong filter would be worse than none that is told."""
    real = __import__("os").uname()
    strange = type(real)((*real[:4], "riscv64"))
    monkeypatch.setattr("os.uname", lambda: strange)

    assert seccomp.restrict(0) is False
