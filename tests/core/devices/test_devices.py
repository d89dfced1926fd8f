"""Devices are listed, asked and lent, each to one user at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from sheetfed import devices as room
from sheetfed.api.errors import AddonMissing, DeviceBusy, DeviceFailed, DeviceGone
from sheetfed.api.model import View
from sheetfed.devices import Devices
from sheetfed.devices import listing as lists
from sheetfed.events import Events
from sheetfed.worker.wire import Recipe

RIGS = Path(__file__).parents[2] / "rigs"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "one").touch()
    return folder


@pytest.fixture
def events() -> Events:
    return Events()


@pytest_asyncio.fixture
async def devices(
    shelf: Path, events: Events, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Devices]:
    monkeypatch.setenv("PYTHONPATH", str(RIGS))
    recipe = Recipe(
        kind="source", name="shelf", factory="shelf:Shelf", settings={"folder": str(shelf)}
    )
    packages = {"twain": "sheetfed-twain"}
    made = Devices(
        {"shelf": recipe},
        events=events,
        crashes=tmp_path / "crashes",
        package_for=lambda _, name: packages.get(name),
    )
    yield made
    await made.close()


def children() -> list[str]:
    """Return the workers that are children of this process."""
    lists = Path("/proc/self/task").glob("*/children")
    found = []
    for child in (child for each in lists for child in each.read_text().split()):
        with suppress(OSError):
            if b"sheetfed.worker.child" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


async def none_left() -> None:
    """Wait until there is no child any more, much less long than one without work may stay."""
    async with asyncio.timeout(20):
        while children():  # noqa: ASYNC110 - nothing tells of that moment
            await asyncio.sleep(0.05)


async def test_a_device_that_is_plugged_in_is_listed(devices: Devices, shelf: Path) -> None:
    """Nobody restarts a service to see a scanner."""
    before = await devices.list()
    (shelf / "two").touch()
    after = await devices.list(refresh=True)

    assert [device.id for device in before.devices] == ["shelf:one"]
    assert [device.id for device in after.devices] == ["shelf:one", "shelf:two"]
    assert devices.known("shelf:two").title == "Two"
    assert devices.known("shelf:none").title == "shelf:none"


async def test_an_older_list_is_given_at_once_and_a_change_is_told(
    devices: Devices, shelf: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking every driver takes seconds; a page must not wait for what it knows."""
    await devices.list()
    heard = events.subscribe("anybody")
    (shelf / "two").touch()
    monkeypatch.setattr(lists, "FRESH", 0.0)

    stale = await devices.list()
    async with asyncio.timeout(10):
        told = await anext(heard)

    assert len(stale.devices) == 1
    assert (told.topic, told.data) == ("device", {"change": "list"})
    assert len((await devices.list()).devices) == 2


async def test_a_list_that_was_foreseen_is_made_before_it_is_asked_for(
    devices: Devices, shelf: Path, events: Events
) -> None:
    """A tool that opens our page says so first; the drivers look while the browser starts."""
    heard = events.subscribe("anybody")
    devices.foresee()
    async with asyncio.timeout(10):
        await anext(heard)
    (shelf / "two").touch()
    devices.foresee()  # it knows

    assert len((await devices.list()).devices) == 1


async def test_a_source_that_fails_is_a_problem_not_a_failure(
    devices: Devices, shelf: Path
) -> None:
    """One bad driver must not hide the others' devices."""
    (shelf / "broken").touch()

    listing = await devices.list()

    assert listing.devices == ()
    (problem,) = listing.problems
    assert problem.source == "shelf"
    assert isinstance(problem.error, DeviceFailed)


async def test_an_unknown_device_is_gone_and_a_known_package_is_named(devices: Devices) -> None:
    for unknown in ("shelf:none", "nonsense", "shelf:", "nobody:one"):
        with pytest.raises(DeviceGone):
            await devices.options(unknown)
    with pytest.raises(AddonMissing, match="sheetfed-twain"):
        await devices.options("twain:1")


async def test_one_job_at_a_time_has_a_device(devices: Devices) -> None:
    """Two jobs on one scanner would mix their pages."""
    async with devices.lease("shelf:one"):
        with pytest.raises(DeviceBusy):
            async with devices.lease("shelf:one"):
                pass
        with pytest.raises(DeviceBusy):
            await devices.adjust("shelf:one", {"color": "blue"})
        assert len(await devices.options("shelf:one")) == 2

    async with devices.lease("shelf:one"):
        pass


async def test_short_questions_wait_for_one_another(devices: Devices) -> None:
    """Two tabs may draw the same form."""
    asked = [devices.adjust("shelf:one", {"size": number}) for number in range(4)]

    answers = await asyncio.gather(*asked)

    sizes = [{option.name: option.default for option in answer}["size"] for answer in answers]
    assert sorted(sizes, key=str) == [0, 1, 2, 3]


async def test_what_one_form_set_is_not_in_the_next(devices: Devices) -> None:
    """Settings that nobody asked for would surprise who scans."""
    blue = await devices.adjust("shelf:one", {"color": "blue"})
    larger = await devices.adjust("shelf:one", {"size": 2})
    async with devices.lease("shelf:one"):
        pass
    fresh = await devices.options("shelf:one")

    assert {option.name: option.default for option in blue} == {"color": "blue", "size": 1}
    assert {option.name: option.default for option in larger} == {"color": "red", "size": 2}
    assert {option.name: option.default for option in fresh} == {"color": "red", "size": 1}


async def test_an_unplugged_device_is_gone(devices: Devices, shelf: Path) -> None:
    async with devices.lease("shelf:one"):
        (shelf / "one").unlink()

    with pytest.raises(DeviceGone):
        async with devices.lease("shelf:one"):
            pass


@pytest.mark.started
async def test_a_driver_that_fails_to_close_keeps_no_child_and_no_user_out(
    devices: Devices, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says about the former user is nothing to the next one."""
    monkeypatch.setattr(room, "LINGER", 0.0)
    monkeypatch.setattr(room, "IDLE", 0.0)
    (shelf / "stuck").touch()
    async with devices.lease("shelf:stuck"):
        pass

    async with devices.lease("shelf:stuck"):
        assert children()

    await none_left()


@pytest.mark.started
async def test_a_made_up_device_keeps_no_child(devices: Devices) -> None:
    """R15: a site that guesses names must not fill the computer with children."""
    guesses = [devices.options(f"shelf:none-{number}") for number in range(6)]

    answers = await asyncio.gather(*guesses, return_exceptions=True)

    assert {type(answer) for answer in answers} == {DeviceGone}
    await none_left()


async def test_what_is_being_set_keeps_its_device_when_the_viewer_leaves(
    devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is let go of when nobody uses it, not between two settings."""
    monkeypatch.setattr(room, "GLANCE", 0.0)
    wanted = {f"lamp-{number}": number for number in range(8)}
    async with devices.look("shelf:one", View(), owner="alice"):
        tuning = asyncio.create_task(devices.tune("shelf:one", wanted, owner="alice"))
        await asyncio.sleep(0)  # it has its turn

    tuned = {option.name: option.default for option in await tuning}

    assert wanted.items() <= tuned.items()


async def test_who_waited_sets_nothing_that_another_looks_at_by_then(devices: Devices) -> None:
    """R15: a picture must not change under the eyes of somebody else."""
    waiting = asyncio.create_task(devices.adjust("shelf:one", {"color": "blue"}, owner="bob"))
    await asyncio.sleep(0)  # nobody has the device yet, and it takes a while to open

    async with devices.look("shelf:one", View(), owner="alice"):
        with pytest.raises(DeviceBusy):
            await waiting


async def test_what_a_viewer_set_is_told_to_nobody_else(devices: Devices) -> None:
    """R15: others see the options as they were when the device was opened."""
    async with devices.look("shelf:one", View(), owner="alice"):
        await devices.tune("shelf:one", {"color": "blue"}, owner="alice")

        seen = {
            owner: {o.name: o.default for o in await devices.options("shelf:one", owner=owner)}
            for owner in ("alice", "bob")
        }
        async with devices.lease("shelf:one", owner="alice"):
            during = await devices.options("shelf:one", owner="bob")

    assert seen["alice"]["color"] == "blue"
    assert seen["bob"]["color"] == "red"
    assert {o.name: o.default for o in during}["color"] == "red"
