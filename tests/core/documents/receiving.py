"""Takes in pages until it is killed, and says which ones are safe.

    python receiving.py STORE SEED

Every line on standard output is a page that was announced: its id and its digest.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
from contextlib import suppress
from pathlib import Path

from sheetfed.api.errors import BadRequest, NotFound
from sheetfed.documents import Documents
from sheetfed.store.folder import Store
from sheetfed.store.pages import PageRow
from sheetfed.store.transfers import Part
from sheetfed.worker.wire import PageBegun, PicturePart


async def receive(documents: Documents, document: str, chance: random.Random) -> None:
    """Take in pages of all sizes, each with its pictures."""
    begun = PageBegun(
        number=1,
        media_type="image/jpeg",
        width=10,
        height=10,
        mode=None,
        dpi=(300.0, 300.0),
        side="",
    )
    while True:
        data = chance.randbytes(chance.choice([1, 5_000, 300_000, 2_000_000]))
        incoming = await documents.receive("me", document, job=None, begun=begun)
        for start in range(0, len(data), 200_000):
            await incoming.write(data[start : start + 200_000])
        thumbnail = data[:100]
        await incoming.picture(
            PicturePart(
                kind="thumbnail", media_type="image/jpeg", width=1, height=1, data=thumbnail
            )
        )
        row = await incoming.keep(width=10, height=10)
        announce(row, hashlib.sha256(data).hexdigest())


async def tidy(documents: Documents, one: str, two: str, chance: random.Random) -> None:
    """Move and copy pages, split and merge documents; every page stays in one of them."""
    extra = (await documents.create("me", "extra")).id
    while True:
        await asyncio.sleep(0.003)
        with suppress(NotFound):
            pages = (await documents.get("me", one)).pages
            if pages:
                await documents.move_to("me", [chance.choice(pages)], two, None)
        pages = (await documents.get("me", two)).pages
        if len(pages) > 1:
            await documents.swap("me", two, *chance.sample(pages, 2))
            await documents.rule("me", two, "interleave")
            await documents.tag("me", two, "odd", add=[f"tag {chance.randrange(3)}"])
            with suppress(BadRequest):  # pages that came in meanwhile made that page the first
                rows = await documents.split("me", two, [Part(first=chance.choice(pages[1:]))])
                await documents.merge("me", two, [rows[1].id])
        if pages and chance.random() < 0.1:
            await documents.copy_to("me", [chance.choice(pages)], two, pages[0])
        await documents.delete("me", extra)
        extra = (await documents.create("me", "extra")).id


def announce(row: PageRow, digest: str) -> None:
    """Say that a page is safe."""
    sys.stdout.write(f"{row.id} {digest}\n")
    sys.stdout.flush()


async def main(path: Path, seed: str) -> None:
    """Open the store and keep it busy."""
    store = await Store.open(path)
    sys.stdout.write("open\n")
    sys.stdout.flush()
    documents = Documents(store)
    one, two = [(await documents.create("me")).id for _ in range(2)]
    await asyncio.gather(
        receive(documents, one, random.Random(f"{seed} one")),
        receive(documents, two, random.Random(f"{seed} two")),
        tidy(documents, one, two, random.Random(f"{seed} three")),
    )


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
