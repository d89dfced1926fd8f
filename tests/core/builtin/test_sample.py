"""The sample scanner: paper that is not there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from sheetfed.api.errors import CODES, BadSettings, DeviceGone, FeederEmpty, PaperJam
from sheetfed.api.model import Raster, row_size
from sheetfed.builtin.sample.form import ERRORS
from sheetfed.builtin.sample.scanner import SampleSession, SampleSource
from sheetfed.builtin.sample.sheets import invoice_number, invoice_url

QUICK = {"speed": 0, "resolution": 75}


@pytest.fixture
def session() -> Iterator[SampleSession]:
    session = SampleSource({}).open("paper")
    yield session
    session.close()


def read(raster: Raster) -> bytes:
    return b"".join(bytes(block) for block in raster.rows)


def scan(
    session: SampleSession, *, into: list[bytes] | None = None, **settings: Any
) -> list[tuple[Raster, bytes]]:
    asked = QUICK | {name.replace("_", "-"): value for name, value in settings.items()}
    pages = []
    for raster in session.scan(asked):
        pages.append((raster, read(raster)))
        if into is not None:
            into.append(pages[-1][1])
    return pages


def picture(raster: Raster, data: bytes) -> Image.Image:
    size = (raster.width, raster.height or 0)
    match raster.mode:
        case "bw":
            return Image.frombytes("1", size, data, "raw", "1;I")
        case "gray":
            return Image.frombytes("L", size, data)
        case _:
            return Image.frombytes("RGB", size, data)


@pytest.mark.parametrize("mode", ["lineart", "gray", "color"])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("size", ["a4", "a5", "letter"])
def test_every_page_has_the_rows_it_promised(
    session: SampleSession, mode: str, depth: int, size: str
) -> None:
    pages = scan(session, mode=mode, depth=depth, page_size=size)
    assert len(pages) == 5
    for raster, data in pages:
        assert raster.height
        assert len(data) == row_size(raster.mode, raster.width) * raster.height
        assert raster.dpi == (75, 75)


@pytest.mark.parametrize("resolution", [75, 101, 333, 600])
def test_the_size_follows_the_resolution(session: SampleSession, resolution: int) -> None:
    ((raster, _),) = scan(session, source="flatbed", mode="gray", resolution=resolution)
    assert raster.width == round(210 / 25.4 * resolution)
    assert raster.height == round(297 / 25.4 * resolution)


@pytest.mark.parametrize("mode", ["lineart", "gray", "color"])
@pytest.mark.parametrize("resolution", [150, 300])
def test_the_invoice_has_barcodes_that_can_be_read(
    session: SampleSession, mode: str, resolution: int
) -> None:
    pages = scan(session, mode=mode, resolution=resolution, sheets=2)
    found = zxingcpp.read_barcodes(picture(*pages[1]))
    assert {code.text for code in found} == {invoice_number(2), invoice_url(2)}


def test_the_same_page_is_the_same_bytes(session: SampleSession) -> None:
    """A page is known by its digest, so that it is the same on every machine and in every year."""
    digests = [hashlib.sha256(data).hexdigest() for _, data in scan(session, mode="gray")]
    again = SampleSource({}).open("paper")
    assert digests == [hashlib.sha256(data).hexdigest() for _, data in scan(again, mode="gray")]
    assert len(set(digests)) == 5


def test_duplex_gives_fronts_and_backs_and_some_backs_are_blank(session: SampleSession) -> None:
    pages = scan(session, source="duplex", mode="lineart")
    assert [raster.side for raster, _ in pages] == ["front", "back"] * 5
    inside = [np.array(picture(*page))[40:-40, 40:-40] for page in pages]
    blank = [bool(side.all()) for side in inside]
    assert blank == [False, True, False, False, False, True, False, False, False, True]


def test_the_glass_holds_one_sheet_and_then_the_next(session: SampleSession) -> None:
    first, second = scan(session, source="flatbed"), scan(session, source="flatbed")
    assert len(first) == len(second) == 1
    assert first[0][1] != second[0][1]


def test_an_area_is_a_part_of_the_whole_page(session: SampleSession) -> None:
    """Where the lamp looks changes nothing about the paper; only the grain differs."""
    ((raster, data),) = scan(session, source="flatbed", mode="gray")
    whole = np.frombuffer(data, np.uint8).reshape(raster.height or 0, raster.width)
    other = SampleSource({}).open("paper")
    area = {"left": 25.4, "top": 50.8, "width": 50.8, "height": 25.4}
    ((raster, data),) = scan(other, source="flatbed", mode="gray", **area)
    part = np.frombuffer(data, np.uint8).reshape(raster.height or 0, raster.width)
    assert part.shape == (75, 150)
    assert np.abs(whole[150:225, 75:225].astype(int) - part).max() <= 4


def test_brightness_and_contrast_do_what_they_say(session: SampleSession) -> None:
    def mean_and_spread(**settings: int) -> tuple[float, float]:
        pages = scan(SampleSource({}).open("paper"), mode="gray", source="flatbed", **settings)
        levels = np.frombuffer(pages[0][1], np.uint8)
        return float(levels.mean()), float(levels.std())

    mean, spread = mean_and_spread()
    assert mean_and_spread(brightness=-40)[0] < mean - 20
    assert mean_and_spread(contrast=-50)[1] < spread - 5


def test_a_page_size_brings_its_width_and_height(session: SampleSession) -> None:
    changed = {option.name: option.default for option in session.set("page-size", "a5")}
    assert changed == {"page-size": "a5", "width": 148.0, "height": 210.0}
    changed = {option.name: option.default for option in session.set("width", 100)}
    assert changed == {"page-size": "custom", "width": 100.0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resolution", 74),
        ("resolution", 601),
        ("resolution", 300.5),
        ("resolution", True),
        ("resolution", "300"),
        ("resolution", None),
        ("resolution", float("nan")),
        ("width", float("inf")),
        ("mode", "sepia"),
        ("mode", None),
        ("fault-repeat", 1),
        ("no-such-option", 1),
    ],
)
def test_an_impossible_setting_is_refused_by_name(
    session: SampleSession, name: str, value: Any
) -> None:
    before = session.options()
    with pytest.raises(BadSettings) as caught:
        session.set(name, value)
    assert caught.value.details["option"] == name
    with pytest.raises(BadSettings):
        next(session.scan({name: value}))
    assert session.options() == before


def test_an_area_beyond_the_glass_is_refused_in_words(session: SampleSession) -> None:
    with pytest.raises(BadSettings, match="beyond the 297 mm of the glass"):
        scan(session, top=100)


def test_an_unknown_device_is_gone() -> None:
    with pytest.raises(DeviceGone, match="parchment"):
        SampleSource({}).open("parchment")


def test_no_sheets_is_an_empty_feeder(session: SampleSession) -> None:
    with pytest.raises(FeederEmpty):
        scan(session, sheets=0)


@pytest.mark.parametrize("code", [error.code for error in ERRORS])
@pytest.mark.parametrize("row", [0, 1, 200, 10_000])
def test_it_fails_as_asked_and_goes_on_with_the_sheet_that_failed(
    session: SampleSession, code: str, row: int
) -> None:
    whole = [data for _, data in scan(SampleSource({}).open("paper"), mode="gray")]
    fault = {"mode": "gray", "fault": code, "fault_page": 3, "fault_row": row}
    pages: list[bytes] = []
    with pytest.raises(CODES[code]):
        scan(session, into=pages, **fault)
    assert pages == whole[:2]
    assert [data for _, data in scan(session, **fault)] == whole[2:]


def test_a_repeated_fault_comes_every_time(session: SampleSession) -> None:
    for _ in range(3):
        with pytest.raises(PaperJam):
            scan(session, fault="paper-jam", fault_repeat=True)


def test_a_lie_is_a_page_that_ends_too_early(session: SampleSession) -> None:
    raster = next(session.scan(QUICK | {"fault": "lie", "fault-row": 300}))
    assert 0 < len(read(raster)) < row_size(raster.mode, raster.width) * (raster.height or 0)


def test_a_scan_that_is_stopped_goes_on_with_the_same_sheet(session: SampleSession) -> None:
    whole = [data for _, data in scan(SampleSource({}).open("paper"))]
    with closing(session.scan(QUICK)) as sides:
        assert read(next(sides)) == whole[0]
        next(next(sides).rows)
    assert [data for _, data in scan(session)] == whole[1:]


def test_the_most_pages_are_taken_and_the_rest_stays_in_the_feeder(session: SampleSession) -> None:
    assert [len(scan(session, pages=2)) for _ in range(4)] == [2, 2, 1, 2]
