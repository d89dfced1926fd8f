"""Pages are what the scanner saw, by whichever way they come."""

from __future__ import annotations

import pytest
from scanner import DEVICE, SHEETS, Rig, scan

from sheetfed.worker.parent import Worker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

ROWS = [*range(75 * 11)]


@pytest.mark.parametrize("way", ["memory", "native", "file"])
@pytest.mark.parametrize("mode", ["lineart", "gray", "color"])
async def test_every_row_is_where_it_belongs(worker: Worker, way: str, mode: str) -> None:
    """A bitmap begins with its last row, and has blue first."""
    scanned = await scan(worker, source="duplex", transfer=way, mode=mode)
    page = scanned.whole[4]

    assert scanned.error is None
    assert scanned.numbers == [*range(1, 2 * SHEETS + 1)]
    assert [page.begun.side for page in scanned.whole] == ["front", "back"] * SHEETS
    assert (page.begun.width, page.begun.height, page.begun.dpi) == (600, 825, (75.0, 75.0))
    assert page.rows == ROWS
    left, right = page.image.getpixel((30, 400)), page.image.getpixel((590, 400))
    if mode == "color":
        assert (left, right) == ((12, 12, 243), (250, 250, 5))
    else:
        assert left < right


@pytest.mark.parametrize("way", ["memory", "native"])
async def test_white_is_white_whichever_way_the_driver_counts(worker: Worker, way: str) -> None:
    """For some drivers a bit that is set is black, for others white."""
    pages = []
    for flavor in (0, 1):
        scanned = await scan(worker, transfer=way, mode="lineart", raw_0x111f=flavor)
        pages.append(scanned.whole[0].image.crop((24, 0, 600, 825)).resize((60, 80)).tobytes())
    await scan(worker, raw_0x111f=0)

    assert abs(sum(pages[0]) - sum(pages[1])) < sum(pages[0]) / 100


async def test_padding_behind_rows_is_taken_away(rig: Rig, worker: Worker) -> None:
    """Many drivers end a row on a multiple of four bytes, or sixteen."""
    for mode in ("lineart", "gray", "color"):
        rig.order(pad=13)
        scanned = await scan(worker, mode=mode, transfer="memory", source="feeder")

        assert scanned.error is None
        assert len(scanned.whole[0].rows) == len(ROWS)
        assert scanned.numbers == [1, 2, 3]


async def test_a_length_that_only_the_last_row_tells(rig: Rig, worker: Worker) -> None:
    """Long paper: the driver announces -1 rows."""
    rig.order(length=1)
    scanned = await scan(worker, mode="gray", source="feeder")

    assert scanned.error is None
    assert scanned.whole[0].begun.height is None
    assert [page.done.height for page in scanned.whole if page.done] == [825] * SHEETS
    assert scanned.whole[2].rows == ROWS


async def test_how_many_pages(rig: Rig, worker: Worker) -> None:
    """The glass has one; a feeder has as many as it holds, or as are wanted."""
    glass = await scan(worker, source="flatbed")
    four = await scan(worker, source="duplex", pages=4)
    rig.order(unknown=1)
    unknown = await scan(worker, source="duplex", pages=0)
    rig.order(pages=9)
    nine = await scan(worker, source="feeder")

    assert glass.numbers == [1]
    assert four.numbers == [1, 2, 3, 4]
    assert unknown.numbers == [1, 2, 3, 4, 5, 6]
    assert nine.numbers == [*range(1, 10)]


async def test_a_part_of_the_glass(worker: Worker) -> None:
    """Millimetres become inches for the driver, and pixels of the page."""
    scanned = await scan(worker, source="flatbed", left=10, top=20, width=100, height=50.8)
    whole = await scan(worker, source="flatbed", page_size="max")

    assert scanned.error is None
    assert (scanned.whole[0].begun.width, scanned.whole[0].begun.height) == (295, 150)
    assert (whole.whole[0].begun.width, whole.whole[0].begun.height) == (600, 825)


async def test_a_device_without_memory_transfer_sends_bitmaps_or_files(
    rig: Rig, worker: Worker
) -> None:
    """The fallback is chosen by what the device says it can do."""
    for bits, way in ((1, "native"), (2, "file"), (3, "native"), (7, "memory")):
        await worker.release()
        rig.order(transfers=bits)
        options = {option.name: option for option in await worker.open(DEVICE)}
        scanned = await scan(worker, source="duplex")

        assert options["transfer"].default == way
        assert scanned.numbers == [1, 2, 3, 4, 5, 6]
    await worker.release()
