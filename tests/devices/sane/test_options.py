"""What can be asked of a device, in our words and in the driver's."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from setups import Rig, Setup

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, Value
from sheetfed.worker.parent import Worker

Make = Callable[..., Worker]
Named = Callable[[list[Option]], Mapping[str, Option]]
Scan = Callable[..., Any]

SHARED = {
    "source": "flatbed",
    "mode": "color",
    "depth": 8,
    "resolution": 100,
    "page-size": "a4",
    "left": 0.0,
    "top": 0.0,
    "width": 210.0,
    "height": 297.0,
    "pages": 0,
}


async def test_shared_options_have_shared_names(
    make: Make, binding: str, test_backend: Setup, named: Named
) -> None:
    options = named(await make(test_backend, binding).open("test:0"))

    assert {name: options[name].default for name in SHARED} == SHARED
    assert [choice.value for choice in options["source"].choices] == ["flatbed", "feeder"]
    assert [choice.value for choice in options["mode"].choices] == ["lineart", "gray", "color"]
    assert (options["resolution"].minimum, options["resolution"].maximum) == (1, 1200)
    assert "a3" not in {choice.value for choice in options["page-size"].choices}  # 300 mm of glass


async def test_every_active_option_of_the_driver_is_there(
    make: Make, binding: str, test_backend: Setup, named: Named
) -> None:
    """Compared with what SANE's own program prints."""
    printed = await asyncio.to_thread(_printed_options, test_backend)
    active = re.findall(r"^    --([a-z-]+)\b(?!.*\[(?:inactive|advanced)\])", printed, re.MULTILINE)
    area = ["tl-x", "tl-y", "br-x", "br-y"]  # it prints them as -l -t -x -y

    options = named(await make(test_backend, binding).open("test:0"))

    driver = {name.removeprefix("raw.") for name in options if name.startswith("raw.")}
    assert len(active) > 15
    buttons = {"print-options"} if binding == "python-sane" else set()  # it cannot press them
    assert {*active, *area} - buttons <= driver
    assert "three-pass-order" not in driver  # without a meaning until three passes are on


def _printed_options(setup: Setup) -> str:
    command = ["scanimage", "-d", "test:0", "-A"]
    environment = setup.environ()
    return subprocess.run(
        command, env=environment, capture_output=True, check=True, text=True
    ).stdout


async def test_setting_an_option_returns_all_that_changed(
    make: Make, binding: str, test_backend: Setup, named: Named
) -> None:
    worker = make(test_backend, binding)
    await worker.open("test:0")

    on = named(await worker.set("raw.three-pass", value=True))
    off = named(await worker.set("raw.three-pass", value=False))

    assert on["raw.three-pass"].default is True
    assert on["raw.three-pass-order"].default == "RGB"
    assert "resolution" not in on
    assert off["raw.three-pass-order"].readonly  # it lost its meaning


async def test_a_shared_option_and_the_drivers_own_move_together(
    make: Make, binding: str, test_backend: Setup, named: Named
) -> None:
    worker = make(test_backend, binding)
    await worker.open("test:0")

    changed = named(await worker.set("page-size", "a5"))

    assert (changed["width"].default, changed["height"].default) == (148.0, 210.0)
    assert (changed["raw.br-x"].default, changed["raw.br-y"].default) == (148.0, 210.0)


KINDS: list[tuple[str, Value]] = [
    ("bool-soft-select-soft-detect", False),
    ("int", 17),
    ("int", -5),
    ("int-constraint-range", 26),
    ("int-constraint-word-list", 65536),
    ("fixed", -3.25),
    ("fixed-constraint-range", 41.83),
    ("fixed-constraint-word-list", 12.1),
    ("string", "Grüße"),
    ("string-constraint-string-list", "Second entry"),
]


async def test_every_kind_of_driver_option_can_be_set(
    make: Make, binding: str, test_backend: Setup, named: Named, subtests: pytest.Subtests
) -> None:
    worker = make(test_backend, binding)
    await worker.open("test:0")
    await worker.set("raw.enable-test-options", value=True)

    for name, value in KINDS:
        with subtests.test(name=name, value=value):
            changed = named(await worker.set(f"raw.{name}", value))

            assert changed[f"raw.{name}"].default == value
    if binding == "ctypes":  # python-sane cuts it
        with pytest.raises(BadSettings, match="bytes at most"):
            await worker.set("raw.string", "ü" * 2000)


async def test_an_array_is_a_text_of_numbers(make: Make, test_backend: Setup, named: Named) -> None:
    """python-sane cuts arrays to their first number; there they are left out."""
    worker = make(test_backend)
    await worker.open("test:0")
    await worker.set("raw.enable-test-options", value=True)

    changed = named(
        await worker.set("raw.int-constraint-array-constraint-range", "4,6,8,10,12,192")
    )

    assert changed["raw.int-constraint-array-constraint-range"].default == "4,6,8,10,12,192"
    for wrong in ("4,6", "4,6,8,10,12,194", "a,b,c,d,e,f", "4,6,8,10,12,nan"):
        with pytest.raises(BadSettings):
            await worker.set("raw.int-constraint-array-constraint-range", wrong)


async def test_what_only_a_hand_can_set_is_read_only(
    make: Make, binding: str, rig: Rig, named: Named
) -> None:
    worker = make(rig, binding)

    options = named(await worker.open("rig:a"))

    assert options["raw.page-loaded"].readonly
    assert options["raw.page-loaded"].default is True
    with pytest.raises(BadSettings):
        await worker.set("raw.page-loaded", value=False)


async def test_a_button_is_an_action(make: Make, rig: Rig, named: Named) -> None:
    worker = make(rig)
    options = named(await worker.open("rig:a"))
    await worker.set("mode", "gray")

    changed = named(await worker.set("raw.reset", None))

    assert options["raw.reset"].kind == "action"
    assert changed["mode"].default == "color"
    without = named(await make(rig, "python-sane").open("rig:a"))
    assert "raw.reset" not in without, "it cannot press them"


IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"resolution": 99999}, "resolution", "1 to 1200 dpi"),
    ({"resolution": 0}, "resolution", "1 to 1200 dpi"),
    ({"resolution": 100.5}, "resolution", "steps of 1|whole"),
    ({"resolution": "300"}, "resolution", "number"),
    ({"resolution": True}, "resolution", "number"),
    ({"mode": "sepia"}, "mode", "lineart, gray, color"),
    ({"depth": 12}, "depth", "1, 8, 16"),
    ({"source": "duplex"}, "source", "flatbed, feeder"),
    ({"page-size": "legal"}, "page-size", "215.9 x 355.6 mm.*300 x 300 mm"),
    ({"page-size": "a3"}, "page-size", "297 x 420 mm.*300 x 300 mm"),
    ({"page-size": "foolscap"}, "page-size", "a4, a5"),
    ({"width": 301}, "width", "0 to 300 mm"),
    ({"width": 0}, "width", "more than 0 mm"),
    ({"left": 100}, "left", "310 mm.*300 mm"),
    ({"left": 100, "width": 201}, "width", "301 mm.*300 mm"),
    ({"left": -1}, "left", "0 to 300 mm"),
    ({"pages": -1}, "pages", "0 or more"),
    ({"pages": 1.5}, "pages", "whole"),
    ({"raw.resolution": 99999}, "raw.resolution", "1 to 1200 dpi"),
    ({"raw.ppl-loss": 129}, "raw.ppl-loss", "0 to 128 px"),
    ({"raw.read-limit": 1}, "raw.read-limit", "true or false"),
    ({"raw.mode": "gray"}, "raw.mode", "Gray, Color"),
    ({"raw.nonsense": 1}, "raw.nonsense", "no option"),
    ({"raw.three-pass-order": "RGB"}, "raw.three-pass-order", "no option"),
    ({"brightness": 0}, "brightness", "no option"),
    ({"": 1}, "", "no option"),
]


async def test_an_impossible_setting_is_refused_with_what_is_possible(
    make: Make, binding: str, test_backend: Setup, scan: Scan, subtests: pytest.Subtests
) -> None:
    """The driver itself would turn 99999 dpi into 1 without a word."""
    worker = make(test_backend, binding)

    for settings, option, words in IMPOSSIBLE:
        with subtests.test(settings=settings):
            scanned = await scan(worker, "test:0", **settings)
            await worker.release()

            assert isinstance(scanned.error, BadSettings)
            assert scanned.error.details["option"] == option
            assert re.search(words, scanned.error.message)
            assert scanned.pages == []


async def test_a_number_too_large_for_the_driver_is_refused(
    make: Make, binding: str, test_backend: Setup
) -> None:
    worker = make(test_backend, binding)
    await worker.open("test:0")
    await worker.set("raw.enable-test-options", value=True)

    for name, value in (("raw.fixed", 32768.0), ("raw.int", 2**31), ("raw.int", -(2**40))):
        with pytest.raises(BadSettings):
            await worker.set(name, value)


async def test_a_value_that_the_driver_changes_is_not_scanned_with(
    make: Make, binding: str, test_backend: Setup, scan: Scan
) -> None:
    settings = {"raw.enable-test-options": True, "raw.int-inexact": 5}

    scanned = await scan(make(test_backend, binding), "test:0", **settings)

    assert isinstance(scanned.error, BadSettings)
    assert scanned.error.details["option"] == "raw.int-inexact"


async def test_the_order_of_settings_does_not_matter(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    """The threshold has a meaning in lineart only, the legal size in the feeder only."""
    settings = {"threshold": 50, "page_size": "legal", "mode": "lineart", "source": "feeder"}

    scanned = await scan(make(rig, binding), "rig:a", pages=1, resolution=100, **settings)

    assert scanned.error is None
    assert (scanned.whole[0].done.width, scanned.whole[0].done.height) == (849, 1400)


async def test_levels_are_stretched_to_ours(
    make: Make, binding: str, rig: Rig, named: Named
) -> None:
    worker = make(rig, binding)
    options = named(await worker.open("rig:a"))

    bright = named(await worker.set("brightness", 50))
    dark = named(await worker.set("brightness", -100))
    lineart = named(await worker.set("mode", "lineart"))

    assert (options["brightness"].default, options["brightness"].minimum) == (0, -100)
    assert (bright["brightness"].default, bright["raw.brightness"].default) == (50, 63)
    assert (dark["brightness"].default, dark["raw.brightness"].default) == (-100, -127)
    assert lineart["threshold"].default == 50
    assert lineart["brightness"].readonly


async def test_a_feeder_reaches_as_far_as_its_paper(
    make: Make, binding: str, rig: Rig, named: Named
) -> None:
    """Document scanners limit the area to the paper size that they were told."""
    worker = make(rig, binding)
    flatbed = named(await worker.open("rig:a"))

    feeder = named(await worker.set("source", "feeder"))
    legal = named(await worker.set("page-size", "legal"))

    assert "legal" not in {choice.value for choice in flatbed["page-size"].choices}
    assert "legal" in {choice.value for choice in feeder["page-size"].choices}
    assert legal["page-size"].default == "legal"
    assert legal["height"].default == pytest.approx(355.6, abs=0.01)
