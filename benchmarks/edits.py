"""Pictures of edited pages and of regions, beside Pillow doing the same and nothing more.

Prints milliseconds: ours through the service's own rooms and a child, Pillow's in this process, in
turns. A ratio of 1 would be a child that costs nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from sheetfed.config import load
from sheetfed.documents import Documents
from sheetfed.server.pictures import Pictures, Wish
from sheetfed.service import Service
from sheetfed.store.pages import PageRow
from sheetfed.worker.pictures import parts
from sheetfed.worker.wire import PageBegun, Wanted
from verdicts import verdict

OWNER = "local"
A4 = (2480, 3508)
IMMEDIATE = 100.0
"""Milliseconds in which a picture is there at once."""

BOTH = 1.6
"""Processors at work where two are used."""

DISK = 2.0
"""Times a plain copy of as many bytes, both safe on the disk."""

LARGE = (4960, 7016)
MOMENT = 3.0
"""Seconds that somebody looks at a page before going nearer; more on a busy machine."""

FLAT = 8.0
"""MiB that the child for four times as many pages may take more: a page more or less on its way."""

SAVED = 0.3
"""Seconds in which a hundred scanned JPEG pages are a PDF."""

SENSOR = 4
"""Grey levels of noise: a page of A4 at 300 dpi takes 1.1 MB as JPEG, as scanned ones do."""

SPARE = 2.5
"""Seconds until a spare child is ready, as it is where a person saves."""

Asked = Callable[[], Awaitable[Any]]
Edited = Callable[..., Awaitable[PageRow]]


def drawn(size: tuple[int, int]) -> Image.Image:
    """Return a page of grain and print."""
    chance = random.Random(1)
    picture = Image.effect_noise((size[0] // 4, size[1] // 4), 20).resize(size).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for top in range(200, size[1] - 200, 60):
        pen.rectangle((200, top, chance.randrange(800, size[0] - 200), top + 24), (30, 30, 40))
    return picture


def file_of(picture: Image.Image, form: str, dpi: int) -> bytes:
    """Return a picture as a file."""
    out = io.BytesIO()
    picture.save(out, form, dpi=(dpi, dpi), quality=85, compress_level=1)
    return out.getvalue()


async def put(documents: Documents, document: str, data: bytes, picture: Image.Image) -> PageRow:
    """Keep a page with its small pictures, as a scan does."""
    media_type = "image/jpeg" if data[:2] == b"\xff\xd8" else "image/png"
    begun = PageBegun(
        number=1,
        media_type=media_type,
        width=picture.width,
        height=picture.height,
        mode=None,
        dpi=(300.0, 300.0),
        side="",
    )
    incoming = await documents.receive(OWNER, document, job=None, begun=begun)
    await incoming.write(data)
    for part in parts(picture):
        await incoming.picture(part)
    row = await incoming.keep(width=picture.width, height=picture.height)
    return await documents.page(OWNER, row.id)


async def beside(name: str, ours: Asked, peer: Callable[[], Any], rounds: int) -> None:
    """Measure two ways in turns and print the medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        begun = time.perf_counter()
        await ours()
        times[0].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        peer()
        times[1].append(time.perf_counter() - begun)
    mine, theirs = (statistics.median(each) * 1e3 for each in times)
    print(f"{name:44} {mine:8.1f} ms   Pillow {theirs:8.1f} ms   {mine / theirs:5.2f}")


async def alone(name: str, ours: Asked, rounds: int) -> None:
    """Measure one way and print the median and the worst."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await ours()
        times.append((time.perf_counter() - begun) * 1e3)
    print(f"{name:44} {statistics.median(times):8.1f} ms   worst {max(times):8.1f} ms")
    verdict(f"while one looks around: {name}", statistics.median(times), IMMEDIATE, "ms")


def opened(data: bytes, size: int | None = None) -> Image.Image:
    """Return a file's picture as Pillow unpacks it quickest."""
    picture = Image.open(io.BytesIO(data))
    if size:
        picture.draft("RGB", (size, size))
    picture.load()
    return picture


async def measure(service: Service, rounds: int) -> None:
    """Print every figure."""
    documents, edits = service.documents, service.edits
    page = drawn(A4)
    jpeg = file_of(page, "JPEG", 300)
    document = (await documents.create(OWNER)).id

    async def edited(data: bytes, picture: Image.Image, *wishes: dict[str, Any]) -> PageRow:
        row = await put(documents, document, data, picture)
        if wishes:
            await edits.add(OWNER, document, [row], edits.checked(wishes))
        return await documents.page(OWNER, row.id)

    def look(row: PageRow, **wanted: Any) -> Asked:
        return lambda: seen(service, row, **wanted)

    turned = await edited(jpeg, page, {"name": "rotate"})
    await look(turned, width=250)()
    place = iter(range(10_000))

    async def fresh_thumbnail() -> None:
        wish = {"name": "brightness", "options": {"amount": next(place) % 90}}
        row = await documents.page(OWNER, turned.id)
        await edits.add(
            OWNER, document, [row], edits.checked([wish]), replace_last=row.history.count > 1
        )
        await look(await documents.page(OWNER, turned.id), width=250)()

    def pillow_thumbnail() -> None:
        small = opened(jpeg, 600).rotate(-90, expand=True).point(lambda level: level + 20)
        small.thumbnail((250, 250))
        small.save(io.BytesIO(), "JPEG", quality=85)

    await beside("edit a page and see its thumbnail", fresh_thumbnail, pillow_thumbnail, rounds)

    for title, wish, change in (
        ("turned by 90", {"name": "rotate"}, lambda p: p.transpose(Image.Transpose.ROTATE_270)),
        (
            "turned by 3",
            {"name": "rotate", "options": {"angle": 3}},
            lambda p: p.rotate(-3, Image.Resampling.BILINEAR, expand=True, fillcolor="white"),
        ),
        ("black and white", {"name": "depth", "options": {"bits": "1", "method": "fixed"}},
         lambda p: p.convert("L").point(lambda level: 255 * (level > 128), "1")),
    ):  # fmt: skip
        rows = [await edited(jpeg, page, wish) for _ in range(2)]
        each = iter(rows * rounds)

        async def whole(each: Any = each) -> None:
            await edits.shown(OWNER, next(each))

        def pillow_whole(change: Any = change) -> None:
            made = change(opened(jpeg))
            made.save(io.BytesIO(), "PNG" if made.mode == "1" else "JPEG", quality=92)

        await beside(f"A4 300 dpi to be saved, {title}", whole, pillow_whole, rounds)

    await look_near(service, edited, rounds)


async def seen(service: Service, row: PageRow, **wanted: Any) -> None:
    """Have a picture made."""
    await service.edits.picture(OWNER, row, Wanted(media_type="image/jpeg", **wanted))


async def look_near(service: Service, edited: Edited, rounds: int) -> None:
    """Print how soon regions of a large page are seen: plain and turned, packed by others."""
    large = drawn(LARGE)
    await look_first(service, file_of(large, "PNG", 600), rounds)
    for kind in ("JPEG", "PNG"):
        data = file_of(large, kind, 600)
        for title, wishes in (("as it came", []), ("turned", [{"name": "rotate"}])):
            name = f"600 dpi {kind} {title}"
            ours, floor = [], []
            for _ in range(max(1, rounds // 2)):
                row = await edited(data, large, *wishes)
                begun = time.perf_counter()
                await seen(service, row, region=(1000.0, 1000.0, 1200.0, 800.0))
                ours.append(time.perf_counter() - begun)
                begun = time.perf_counter()
                opened(data)
                floor.append(time.perf_counter() - begun)
            mine, theirs = statistics.median(ours), statistics.median(floor)
            print(
                f"{name}, first region {mine * 1e3:8.0f} ms; Pillow unpacks in {theirs * 1e3:.0f}"
            )
            tiles = iter((float(x * 400 % 3000), float(x * 300 % 3000)) for x in range(1, 10_000))

            async def tile(row: PageRow = row, tiles: Any = tiles) -> None:
                await seen(service, row, region=(*next(tiles), 1200.0, 800.0))

            await alone(f"{name}, each further region", tile, 3 * rounds)


async def look_first(service: Service, data: bytes, rounds: int) -> None:
    """Print how soon a page of another program is seen that was imported: all of it, a part.

    The part is asked for at once, and after a moment, as a person does who has to look first.
    """
    pictures = Pictures(service)
    whole: list[float] = []
    part: list[float] = []
    hasty: list[float] = []
    near = Wish(width=1200, height=800, region=(1000.0, 1000.0, 1200.0, 800.0))
    for number in range(2 * max(1, rounds // 2)):

        async def pieces() -> AsyncIterator[bytes]:
            yield data

        _, (row,) = await service.importing.document(OWNER, pieces(), options={})
        for wish, times in (
            (Wish(width=700, height=1000), whole),
            (near, part if number % 2 else hasty),
        ):
            if times is part:
                await asyncio.sleep(MOMENT)
            begun = time.perf_counter()
            await pictures.picture(OWNER, row, wish)
            times.append((time.perf_counter() - begun) * 1e3)
    await pictures.close()
    print(f"600 dpi PNG imported, first close look at once {statistics.median(hasty):10.0f} ms")
    verdict("600 dpi PNG imported, seen whole", statistics.median(whole), IMMEDIATE, "ms")
    verdict("and first seen from near, after a moment", statistics.median(part), IMMEDIATE, "ms")


async def save_many(service: Service, count: int) -> None:
    """Print how edited pages become a PDF, and how much of both processors that takes.

    The service is closed in between, for only children that ended tell what they took.
    """
    page = drawn(A4)
    jpeg = file_of(page, "JPEG", 300)
    document = (await service.documents.create(OWNER)).id
    rows = [await put(service.documents, document, jpeg, page) for _ in range(count)]
    deeds = service.edits.checked([{"name": "rotate", "options": {"angle": 2.0}}])
    begun = time.perf_counter()
    await service.edits.add(OWNER, document, rows, deeds)
    print(f"{count} pages edited in one call {(time.perf_counter() - begun) * 1e3:30.0f} ms")
    rows = [*await service.documents.pages(OWNER, document)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    async for _ in service.saving.file(OWNER, rows, "application/pdf", {}):
        pass
    wall = time.perf_counter() - begun
    await service.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{count} pages turned by 2, to PDF {wall / count * 1e3:24.0f} ms a page, wall")
    print(f"   children's processor time, all of the run {busy / wall:17.2f} of a processor")
    verdict("both cores at edited pages", busy / wall, BOTH, "cores", least=True)


def largest_child() -> float:
    """Return the most memory that a child of this process has held, in MiB."""
    found = [0]
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                status = Path(f"/proc/{child}/status").read_text()
                found += [int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line]
    return max(found) / 1024


def children() -> dict[str, float]:
    """Return the processor time that each child of this process has taken, in seconds."""
    found = {}
    tick = os.sysconf("SC_CLK_TCK")
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                told = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
                found[child] = (int(told[11]) + int(told[12])) / tick
    return found


async def memory_for(service: Service, rows: Sequence[PageRow]) -> float:
    """Return the most memory that a child held while pages became a PDF, in MiB."""
    most = 0.0
    async for _ in service.saving.file(OWNER, rows, "application/pdf", {}):
        most = max(most, largest_child())
    return most


async def copy_many(service: Service, count: int, rounds: int = 5) -> None:
    """Print how JPEG pages that nobody edited become a PDF on the disk, beside a copy of them."""
    jpeg = file_of(Image.effect_noise(A4, 9).convert("RGB"), "JPEG", 300)
    document = (await service.documents.create(OWNER)).id
    small = drawn((248, 351))
    for _ in range(count):
        await put(service.documents, document, jpeg, small)
    rows = [*await service.documents.pages(OWNER, document)]
    with tempfile.TemporaryDirectory() as name:
        plain, out = Path(name) / "plain", Path(name) / "out"
        plain.write_bytes(jpeg * count)
        after: dict[str, float] = {}
        times: tuple[list[float], list[float]] = ([], [])
        work: tuple[list[float], list[float]] = ([], [])
        few = await memory_for(service, rows[: max(1, count // 4)])
        most = 0.0
        for _ in range(rounds):
            await asyncio.sleep(SPARE)
            before = children()
            begun, busy = time.perf_counter(), time.process_time()
            with out.open("wb") as file:
                async for piece in service.saving.file(OWNER, rows, "application/pdf", {}):
                    if file.tell() % 8 == 0:
                        most = max(most, largest_child())
                        after = children()
                    file.write(piece)
                os.fsync(file.fileno())
            times[0].append(time.perf_counter() - begun)
            theirs = sum(took - before.get(child, 0.0) for child, took in after.items())
            work[0].append(time.process_time() - busy + theirs)
            begun, busy = time.perf_counter(), time.process_time()
            with plain.open("rb") as source, out.open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
                os.fsync(file.fileno())
            times[1].append(time.perf_counter() - begun)
            work[1].append(time.process_time() - busy)
        mine, theirs = (statistics.median(each) for each in times)
        size = plain.stat().st_size / 1e6
    print(f"{count} JPEG pages to a PDF, {size:.0f} MB {mine:14.2f} s, a plain copy {theirs:.2f} s")
    verdict("100 JPEG pages to a PDF, beside a copy", mine / theirs, DISK, "times")
    mine, theirs = (statistics.median(each) for each in work)
    print(f"   processor time {mine:31.2f} s, a plain copy {theirs:.2f} s")
    verdict("memory of the largest child", most, 100, "MiB")
    verdict("what it takes more than for a quarter of the pages", most - few, FLAT, "MiB")


async def save_scanned(service: Service, count: int, rounds: int = 5) -> None:
    """Print how long scanned JPEG pages take to become a PDF, as whoever asked for it has it."""
    jpeg = file_of(Image.effect_noise(A4, SENSOR).convert("RGB"), "JPEG", 300)
    document = (await service.documents.create(OWNER)).id
    small = drawn((248, 351))
    for _ in range(count):
        await put(service.documents, document, jpeg, small)
    rows = [*await service.documents.pages(OWNER, document)]
    took = []
    for _ in range(rounds):
        await asyncio.sleep(SPARE)
        begun, size = time.perf_counter(), 0
        async for piece in service.saving.file(OWNER, rows, "application/pdf", {}):
            size += len(piece)
        took.append(time.perf_counter() - begun)
    name = f"{count} JPEG pages of {len(jpeg) / 1e6:.1f} MB to a PDF, in the service"
    verdict(name, statistics.median(took) * 100 / count, SAVED, "s a hundred")


async def main(rounds: int, pages: int) -> None:
    """Run services of its own: one for pictures, one for many pages."""
    works = [partial(copy_many, count=pages), partial(save_scanned, count=pages)]
    works += [partial(save_many, count=pages)]
    if rounds:
        works.append(partial(measure, rounds=rounds))
    for work in works:
        with tempfile.TemporaryDirectory() as home:
            service = await Service.start(load(home=Path(home), environ={}))
            try:
                await work(service)
            finally:
                await service.close()


if __name__ == "__main__":
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--rounds", type=int, default=7, help="0 leaves out all but many pages")
    asking.add_argument("--pages", type=int, default=100)
    asked = asking.parse_args()
    asyncio.run(main(asked.rounds, asked.pages))
