"""What can be asked of a TWAIN device, in our words and in the driver's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scanner import DEVICE, OTHER, Rig, scan

from sheetfed.api.errors import AddonMissing, BadSettings
from sheetfed.api.model import Option
from sheetfed.testing.options import check_options
from sheetfed.worker.parent import Worker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


async def options_of(worker: Worker) -> dict[str, Option]:
    """Return the options of the device, opened afresh."""
    await worker.release()
    options = await worker.open(DEVICE)
    check_options(options)
    return {option.name: option for option in options}


def values(option: Option) -> list[object]:
    return [choice.value for choice in option.choices]


async def test_devices_say_whose_bits_they_have(rig: Rig, worker: Worker) -> None:
    """A process sees drivers of its own bitness only."""
    devices = {device.id: device for device in await worker.devices()}

    assert devices.keys() == {DEVICE, OTHER}
    assert devices[DEVICE].title == f"Virtual Scanner (TWAIN, {rig.windows.bits}-bit)"
    assert (devices[DEVICE].vendor, devices[DEVICE].model) == ("sheetfed", "Virtual")


async def test_a_windows_without_a_manager_says_where_one_comes_from(
    rig: Rig, tmp_path: Path
) -> None:
    """64-bit Windows comes without one."""
    settings = dict(rig.windows.settings)
    settings["WINEDLLOVERRIDES"] += ";twain_32="
    without = replace(rig, windows=replace(rig.windows, settings=settings))
    async with without.worker(tmp_path) as worker:
        with pytest.raises(AddonMissing) as none:
            await worker.devices()
    async with rig.worker(tmp_path, dsm="another.dll") as worker:
        with pytest.raises(AddonMissing, match=r"'another\.dll' cannot be loaded"):
            await worker.devices()

    bits = f"{rig.windows.bits}-bit " if rig.windows.bits == 64 else ""
    assert none.value.message.startswith(f"There is no {bits}TWAIN data source manager")
    assert "TWAINDSM.dll" in none.value.message


async def test_shared_options_have_shared_names(worker: Worker) -> None:
    """Pytwain reads lists of fractions out of memory that it has freed: 0, 100, 200, 300."""
    options = await options_of(worker)

    assert values(options["source"]) == ["flatbed", "feeder", "duplex"]
    assert values(options["mode"]) == ["lineart", "gray", "color"]
    assert values(options["resolution"]) == [75, 100, 200, 300]
    assert {"a5", "max", "custom"} <= {*values(options["page-size"])}
    assert options["width"].maximum == 203.2
    for name, lowest in (("brightness", -100), ("contrast", -100), ("threshold", 0)):
        assert (options[name].minimum, options[name].maximum) == (lowest, 100)
    assert values(options["orientation"]) == ["0", "90", "180", "270"]
    for name in ("auto-deskew", "auto-border", "drop-blank"):
        assert options[name].default is False
    assert "auto-rotate" not in options


async def test_capabilities_are_typed_and_set_by_their_number(worker: Worker) -> None:
    """Pytwain reads a range of fractions as raw words: -1000 becomes 64536."""
    options = await options_of(worker)
    brightness, own = options["raw.0x1101"], options["raw.0x8001"]

    assert (brightness.title, brightness.kind) == ("ICAP_BRIGHTNESS", "float")
    assert (brightness.minimum, brightness.maximum, brightness.step) == (-1000, 1000, 10)
    assert values(options["raw.0x1118"]) == [75, 100, 200, 300]
    assert (options["raw.0x1114"].default, options["raw.0x1114"].readonly) == ("0,0,8,11", True)
    assert options["raw.0x1003"].readonly
    assert (own.kind, own.default, own.maximum) == ("int", 7, 100000)

    changed = {option.name: option for option in await worker.set("raw.0x1101", 500)}
    assert (changed["raw.0x1101"].default, changed["brightness"].default) == (500, 50)
    await worker.set("raw.0x8001", 70000)
    await worker.set("raw.0x1001", "eine Überschrift")
    changed = {option.name: option for option in await worker.set("mode", "lineart")}
    assert changed["raw.0x112b"].default == 1
    options = {option.name: option for option in await worker.open(DEVICE)}
    assert options["raw.0x8001"].default == 70000
    assert options["raw.0x1001"].default == "eine Überschrift"


async def test_shared_options_reach_the_driver(worker: Worker) -> None:
    await options_of(worker)
    wanted = {"brightness": -50, "threshold": 0, "orientation": "90", "auto-deskew": True}
    wanted |= {"drop-blank": True, "resolution": 200, "source": "duplex", "page-size": "a5"}
    wanted["auto-border"] = True
    for name, value in wanted.items():
        await worker.set(name, value)
    options = {option.name: option for option in await worker.open(DEVICE)}

    assert {name: options[name].default for name in wanted} == wanted
    raw = {"0x1101": -500, "0x1123": 0, "0x1110": 1, "0x1150": True, "0x1151": True}
    raw |= {"0x1134": -1, "0x1119": 200}
    assert {name: options[f"raw.{name}"].default for name in raw} == raw


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resolution", 123),
        ("mode", "sepia"),
        ("page-size", "a3"),
        ("left", 300),
        ("brightness", 101),
        ("pages", -1),
        ("profile", "not base64!"),
        ("profile", "AAAA"),
        ("raw.0x1101", 20000),
        ("raw.0x1118", 76),
        ("raw.0x1003", True),
        ("raw.0x9999", 1),
        ("raw.1118", 75),
        ("raw.nonsense", 1),
        ("raw.0x1001", "x" * 300),
        ("nonsense", 1),
    ],
)
async def test_impossible_settings_are_refused(worker: Worker, name: str, value: object) -> None:
    """In words, and with the option's name; nothing of it reaches the device."""
    await worker.open(DEVICE)
    with pytest.raises(BadSettings) as refused:
        await worker.set(name, value)  # type: ignore[arg-type]

    assert refused.value.details["option"] == name
    assert refused.value.message


async def test_a_driver_s_own_settings_are_saved_and_given_back(worker: Worker) -> None:
    """What only its dialog can set is in there too."""
    await options_of(worker)
    await worker.set("resolution", 300)
    await worker.set("raw.0x8001", 42)
    options = {option.name: option for option in await worker.open(DEVICE)}
    profile = options["profile"].default

    before = await options_of(worker)
    changed = {option.name: option for option in await worker.set("profile", profile)}

    assert before["resolution"].default == 100
    assert changed["resolution"].default == 300
    assert changed["raw.0x8001"].default == 42
    assert (await scan(worker, profile=profile, source="flatbed")).error is None


async def test_answers_that_are_none_are_left_out(rig: Rig, worker: Worker) -> None:
    """More items than bytes, a container that there is not, a type that there is not."""
    await worker.release()
    rig.order(lie=1)
    options = {option.name: option for option in await worker.open(DEVICE)}
    scanned = await scan(worker, source="duplex")

    lies = {"orientation", "contrast", "threshold", "raw.0x1110", "raw.0x1103", "raw.0x1123"}
    assert not lies & options.keys()
    assert {"brightness", "resolution"} <= options.keys()
    assert scanned.numbers == [1, 2, 3, 4, 5, 6]
    await worker.release()
