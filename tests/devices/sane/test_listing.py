"""Devices come and go; the list says what is there now."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from setups import Rig, Setup, saned, set_up_test

from sheetfed.api.errors import AddonMissing, DeviceBusy, DeviceGone
from sheetfed.worker.parent import Worker

Make = Callable[..., Worker]


async def test_every_device_has_libsanes_name_and_a_title_of_its_own(
    make: Make, binding: str, tmp_path: Path
) -> None:
    setup = set_up_test(tmp_path, number_of_devices="2")

    devices = await make(setup, binding).devices()

    assert [device.id for device in devices] == ["test:0", "test:1"]
    assert (devices[0].vendor, devices[0].model) == ("Noname", "frontend-tester")
    assert len({device.title for device in devices}) == 2


async def test_a_plugged_device_appears_in_the_same_process(
    make: Make, binding: str, rig: Rig
) -> None:
    worker = make(rig, binding)

    before = await worker.devices()
    rig.plug("b", "Two")
    during = await worker.devices()
    rig.unplug("a")
    after = await worker.devices()

    assert [device.title for device in before] == ["Rig Sheetfed One"]
    assert [device.id for device in during] == ["rig:a", "rig:b"]
    assert [device.id for device in after] == ["rig:b"]


async def test_an_unplugged_device_is_gone(make: Make, binding: str, rig: Rig) -> None:
    rig.unplug("a")

    with pytest.raises(DeviceGone):
        await make(rig, binding).open("rig:a")


@pytest.mark.parametrize("name", ["", "nothing", "test:99", "rig", "a\0b", "net:127.0.0.9:x"])
async def test_an_unknown_device_is_gone(
    make: Make, binding: str, test_backend: Setup, name: str
) -> None:
    """An empty name would give libsane's first device."""
    with pytest.raises(DeviceGone):
        await make(test_backend, binding).open(name)


async def test_a_device_that_another_program_uses_is_busy(
    make: Make, binding: str, rig: Rig
) -> None:
    rig.break_("a", "open=3")

    with pytest.raises(DeviceBusy):
        await make(rig, binding).open("rig:a")


async def test_hidden_backends_are_not_listed(make: Make, binding: str, rig: Rig) -> None:
    assert await make(rig, binding, hidden="v4l, rig").devices() == []


async def test_devices_of_another_computer_are_listed_unless_unwanted(
    make: Make, binding: str, test_backend: Setup, tmp_path: Path
) -> None:
    with saned(test_backend, tmp_path / "net") as (client, address):
        shared = await make(client, binding).devices()
        local = await make(client, binding, **{"local-only": True}).devices()

    assert [device.id for device in shared] == [f"net:{address}:test:0"]
    assert local == []


async def test_without_libsane_the_error_names_the_package(
    make: Make, binding: str, tmp_path: Path
) -> None:
    (tmp_path / "libsane.so.1").touch()
    setup = Setup(environment={"LD_LIBRARY_PATH": str(tmp_path)})

    with pytest.raises(AddonMissing, match="libsane1"):
        await make(setup, binding).devices()


def test_the_hooks_load_nothing_but_themselves() -> None:
    """Whoever lists addons must not load a driver library."""
    program = (
        "import sys; from sheetfed_sane import hooks; hooks.sheetfed_sources();"
        "print([name for name in sys.modules"
        " if name.startswith('sheetfed_sane.') or name in ('ctypes', 'sane', '_sane')])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )

    assert loaded.stdout.strip() == "['sheetfed_sane.hooks']"


def test_a_scanners_child_imports_no_hooks() -> None:
    program = (
        "import sys, sheetfed.worker.child, sheetfed.worker.capture, sheetfed_sane.source;"
        "print({'pluggy', 'sheetfed.api.hooks', 'sheetfed.worker.seccomp'} & {*sys.modules})"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )

    assert loaded.stdout.strip() == "set()"
