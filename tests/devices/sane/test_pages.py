"""What the driver sends is what is kept, pixel for pixel."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from samples import Samples
from setups import Setup, saned, set_up_pnm, set_up_test

from sheetfed.api.errors import (
    BadSettings,
    Cancelled,
    CoverOpen,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DriverLied,
    FeederEmpty,
    PaperJam,
    SheetfedError,
    TooLarge,
)
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageBegun, PageData, PageDone

Make = Callable[..., Worker]
Scan = Callable[..., Any]
Scanimage = Callable[..., Samples]


IMPATIENT = {"deadlines": {"first_row": 5.0, "close": 2.0}}


async def scan_again(scan: Scan, worker: Worker, **settings: Any) -> Any:
    """Scan, and again where the test backend hangs in its own lock when cancelled at its start."""
    for _attempt in range(3):
        scanned = await scan(worker, "test:0", **settings)
        if scanned.error is None or scanned.error.code != "driver-timeout":
            break
    return scanned


@dataclass(frozen=True, kw_only=True)
class Case:
    """The same scan for us and for SANE's own program.

    That program cannot do padding nor 16-bit three-pass: it is asked for the picture without, and
    with padding `width` is what is left of it.
    """

    settings: Mapping[str, Any]
    arguments: tuple[str, ...]
    mode: str
    refused: str = ""
    known: bool = True
    width: int = 0


def own(**values: Any) -> dict[str, Any]:
    return {f"raw.{name.replace('_', '-')}": value for name, value in values.items()}


COLOUR = ("--mode", "Color")
GRAY = ("--mode", "Gray")
THREE = ("--three-pass=yes", "--three-pass-order")
CASES = {
    "colour": Case(settings={}, arguments=COLOUR, mode="color"),
    "gray": Case(settings={"mode": "gray"}, arguments=GRAY, mode="gray"),
    "lineart": Case(settings={"mode": "lineart"}, arguments=(*GRAY, "--depth", "1"), mode="bw"),
    "lineart-by-depth": Case(
        settings={"mode": "gray", "depth": 1}, arguments=(*GRAY, "--depth", "1"), mode="bw"
    ),
    "gray-16-bit": Case(
        settings={"mode": "gray", "depth": 16}, arguments=(*GRAY, "--depth", "16"), mode="gray16"
    ),
    "colour-16-bit": Case(
        settings={"depth": 16}, arguments=(*COLOUR, "--depth", "16"), mode="color16"
    ),
    "grid": Case(
        settings={"mode": "lineart", **own(test_picture="Grid")},
        arguments=(*GRAY, "--depth", "1", "--test-picture", "Grid"),
        mode="bw",
    ),
    "odd-size": Case(
        settings={"resolution": 137, "left": 7, "top": 11, "width": 51, "height": 33},
        arguments=(*COLOUR, "--resolution", "137", "-l7", "-t11", "-x51", "-y33"),
        mode="color",
    ),
    "odd-size-lineart": Case(
        settings={"mode": "lineart", "resolution": 137, "width": 51, "height": 33},
        arguments=(*GRAY, "--depth", "1", "--resolution", "137", "-x51", "-y33"),
        mode="bw",
    ),
    "fuzzy": Case(
        settings=own(fuzzy_parameters=True),
        arguments=(*COLOUR, "--fuzzy-parameters=yes"),
        mode="color",
    ),
    "small-reads": Case(
        settings={"resolution": 50, **own(read_limit=True, read_limit_size=97)},
        arguments=(*COLOUR, "--resolution", "50", "--read-limit=yes", "--read-limit-size", "97"),
        mode="color",
    ),
    "hand-scanner": Case(
        settings=own(hand_scanner=True),
        arguments=(*COLOUR, "--hand-scanner=yes"),
        mode="color",
        known=False,
    ),
    "hand-scanner-gray": Case(
        settings={"mode": "gray", **own(hand_scanner=True)},
        arguments=(*GRAY, "--hand-scanner=yes"),
        mode="gray",
        known=False,
    ),
    "padding": Case(
        settings=own(ppl_loss=8),
        arguments=COLOUR,
        mode="color",
        width=818,
        refused="padding",
    ),
    "padding-gray-16-bit": Case(
        settings={"mode": "gray", "depth": 16, **own(ppl_loss=3)},
        arguments=(*GRAY, "--depth", "16"),
        mode="gray16",
        width=823,
        refused="padding",
    ),
    "padding-lineart": Case(
        settings={"mode": "lineart", **own(ppl_loss=21)},
        arguments=(*GRAY, "--depth", "1"),
        mode="bw",
        width=805,
        refused="padding",
    ),
    "three-pass-16-bit": Case(
        settings={"depth": 16, "resolution": 50, **own(three_pass=True)},
        arguments=(*COLOUR, "--depth", "16", "--resolution", "50"),
        mode="color16",
        refused="three-pass",
    ),
    **{
        f"three-pass-{order}": Case(
            settings={"resolution": 50, **own(three_pass=True, three_pass_order=order)},
            arguments=(*COLOUR, "--resolution", "50", *THREE, order),
            mode="color",
            refused="three-pass",
        )
        for order in ("RGB", "RBG", "GBR", "GRB", "BRG", "BGR")
    },
}


@pytest.mark.parametrize("name", CASES)
async def test_every_pixel_is_as_scanimage_has_it(
    make: Make, binding: str, *, test_backend: Setup, scan: Scan, scanimage: Scanimage, name: str
) -> None:
    """What python-sane would get wrong it refuses, and says how to scan it."""
    case = CASES[name]

    scanned = await scan_again(scan, make(test_backend, binding, **IMPATIENT), **case.settings)

    if binding == "python-sane" and case.refused:
        assert isinstance(scanned.error, BadSettings)
        assert case.refused in scanned.error.message
        assert 'binding = "ctypes"' in scanned.error.message
        return
    assert scanned.error is None
    (page,) = scanned.whole
    wanted = scanimage(test_backend, "test:0", *case.arguments)[:, : page.done.width]
    assert page.begun.mode == case.mode
    assert (page.done.height, page.done.width) == wanted.shape[:2]
    assert case.width in {page.done.width, 0}
    assert page.begun.height == (page.done.height if case.known else None)
    assert np.array_equal(page.samples, wanted)


async def test_the_resolution_in_force_is_kept(
    make: Make, binding: str, test_backend: Setup, scan: Scan
) -> None:
    scanned = await scan(make(test_backend, binding), "test:0", resolution=150, page_size="a6")

    assert scanned.whole[0].begun.dpi == (150.0, 150.0)


async def test_one_bit_colour_is_refused(
    make: Make, binding: str, test_backend: Setup, scan: Scan
) -> None:
    scanned = await scan(make(test_backend, binding), "test:0", mode="color", depth=1)

    assert isinstance(scanned.error, BadSettings)
    assert scanned.error.details["option"] == "depth"


async def test_a_feeder_is_scanned_to_its_end(
    make: Make, binding: str, test_backend: Setup, scan: Scan
) -> None:
    """The test backend's feeder holds ten sheets, then is empty once."""
    worker = make(test_backend, binding)

    first = await scan(worker, "test:0", source="feeder", resolution=50)
    second = await scan(worker, "test:0", source="feeder", resolution=50)

    assert (len(first.whole), first.error) == (10, None)
    assert (len(second.whole), second.error) == (10, None)


async def test_no_more_pages_than_asked_for(
    make: Make, binding: str, test_backend: Setup, scan: Scan
) -> None:
    worker = make(test_backend, binding)

    three = await scan(worker, "test:0", source="feeder", resolution=50, pages=3)
    rest = await scan(worker, "test:0", source="feeder", resolution=50, pages=0)

    assert (len(three.whole), three.error) == (3, None)
    assert (len(rest.whole), rest.error) == (7, None)


async def test_the_glass_has_one_page(
    make: Make, binding: str, test_backend: Setup, scan: Scan
) -> None:
    scanned = await scan(make(test_backend, binding), "test:0", resolution=50, pages=3)

    assert len(scanned.whole) == 1


STATUSES: dict[str, type[SheetfedError]] = {
    "UNSUPPORTED": DeviceFailed,
    "CANCELLED": Cancelled,
    "DEVICE_BUSY": DeviceBusy,
    "INVAL": DeviceFailed,
    "EOF": DriverLied,
    "JAMMED": PaperJam,
    "NO_DOCS": FeederEmpty,
    "COVER_OPEN": CoverOpen,
    "IO_ERROR": DeviceFailed,
    "NO_MEM": TooLarge,
    "ACCESS_DENIED": DeviceDenied,
}


@pytest.mark.parametrize("status", STATUSES)
async def test_every_status_has_its_error(
    make: Make, binding: str, tmp_path: Path, scan: Scan, status: str
) -> None:
    setup = set_up_test(tmp_path / "test", **{"read-status-code": f'"SANE_STATUS_{status}"'})

    scanned = await scan_again(scan, make(setup, binding, **IMPATIENT), resolution=50)

    assert type(scanned.error) is STATUSES[status]
    assert scanned.whole == []
    if status != "EOF":
        assert scanned.error.details["status"] == f"SANE_STATUS_{status}"


async def test_rows_come_while_the_paper_moves(make: Make, test_backend: Setup) -> None:
    """python-sane has a page only when it is whole."""
    worker = make(test_backend)
    await worker.open("test:0")
    slow = {"resolution": 200, **own(read_delay=True, read_delay_duration=20000)}
    seen: dict[type, float] = {}

    async with aclosing(worker.scan(slow, Keep())) as events:
        async for event in events:
            seen.setdefault(type(event), time.monotonic())

    assert seen[PageDone] - seen[PageBegun] > 0.5
    assert seen[PageData] - seen[PageBegun] < (seen[PageDone] - seen[PageBegun]) / 2


async def test_a_picture_file_comes_through_untouched(
    make: Make, binding: str, tmp_path: Path, tray: Path, scan: Scan
) -> None:
    setup = set_up_pnm(tmp_path / "pnm")
    picture = tray / "page01.ppm"

    scanned = await scan(make(setup, binding), "pnm:0", raw_filename=str(picture))

    assert scanned.error is None
    assert np.array_equal(scanned.whole[0].samples, np.asarray(Image.open(picture)))


async def test_a_shared_scanner_gives_the_same_pixels(
    make: Make,
    binding: str,
    *,
    test_backend: Setup,
    tmp_path: Path,
    scan: Scan,
    scanimage: Scanimage,
) -> None:
    with saned(test_backend, tmp_path / "net") as (client, address):
        scanned = await scan(make(client, binding), f"net:{address}:test:0", mode="gray")

    assert scanned.error is None
    wanted = scanimage(test_backend, "test:0", *GRAY)
    assert np.array_equal(scanned.whole[0].samples, wanted)
