"""A store of every older sheetfed opens: its pages, documents, edits and deliveries.

Each was written by the program of its time, see `tests/rigs/released.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from face import Face, opened
from PIL import Image, ImageOps

from sheetfed.api.errors import StoreDamaged
from sheetfed.config import Config
from sheetfed.keeping import Keeping
from sheetfed.store.database import SEALED, SQL

RELEASED = Path(__file__).parent / "released"
FORMS = sorted(int(step.name[:3]) for step in SQL.glob("[0-9][0-9][0-9]_*.sql"))
STORES = sorted(RELEASED.glob("*.zip"))
WORDS, SENT, EDITED = 5, 6, 8
"""The first forms that have tags and info, deliveries, edits."""


def unpacked(file: Path, folder: Path) -> Any:
    """Put a store where it is looked for; return what its own program told of it."""
    folder.parent.mkdir(mode=0o700)
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    folder.chmod(0o700)
    for place in folder.rglob("*"):
        place.chmod(0o700 if place.is_dir() else 0o600)
    told = folder / "told.json"
    found = json.loads(told.read_text())
    told.unlink()
    return found


def test_there_is_a_store_of_every_form() -> None:
    """Whoever makes a new one keeps a store of it, for those who come later."""
    assert {file.stem for file in STORES} >= {f"form-{form}" for form in FORMS}


@pytest.mark.parametrize("file", STORES, ids=lambda file: file.stem)
async def test_what_an_older_sheetfed_kept_is_seen_edited_saved_and_sent(
    config: Config, tmp_path: Path, file: Path
) -> None:
    told = unpacked(file, config.store)
    archive = tmp_path / "archive"
    archive.mkdir()
    config = replace(
        config,
        keeping=Keeping(retention=None, key="file"),
        targets={"archive": {"protocol": "folder", "path": str(archive)}},
    )

    async with opened(config) as face:
        backups = [each.name for each in config.store.glob("store.db.form-*")]
        await as_it_was(face, told)
        await rest(face, told, archive)
    async with opened(config) as face:
        (again,) = (await face.send("GET", "/v1/documents"))[1]["items"]

    assert backups == (
        [f"store.db.form-{told['form']}"] if SEALED <= told["form"] < FORMS[-1] else []
    )
    assert again["page_count"] == 2


async def as_it_was(face: Face, told: Any) -> None:
    """See documents, pages, words and edits as their program left them."""
    form, path = told["form"], f"/v1/documents/{told['document']}"
    (listed,) = (await face.send("GET", "/v1/documents"))[1]["items"]
    _, document = await face.send("GET", path)
    _, job = await face.send("GET", f"/v1/jobs/{told['job']}")

    assert (listed["id"], listed["title"]) == (told["document"], told["title"])
    assert document["tags"] == (["bills"] if form >= WORDS else [])
    assert document["info"]["author"] == ("Ann" if form >= WORDS else "")
    assert (job["state"], job["pages"], job["documents"]) == ("done", 2, [told["document"]])
    assert [page["id"] for page in document["pages"]] == [page["id"] for page in told["pages"]]
    for number, page in enumerate(told["pages"]):
        _, _, original = await face.get(f"/v1/pages/{page['id']}/image?edited=false")
        _, _, seen = await face.get(f"/v1/pages/{page['id']}/image")
        _, _, small = await face.get(f"/v1/pages/{page['id']}/image?width=200")
        turned = form >= EDITED and number == 0
        wide = [is_wide(data) for data in (original, seen, small)]
        assert hashlib.sha256(original).hexdigest() == page["original"]
        assert wide == [False, turned, turned]


def is_wide(data: bytes) -> bool:
    """Tell how a picture lies that is shown as it says itself."""
    with Image.open(io.BytesIO(data)) as picture:
        across, down = ImageOps.exif_transpose(picture).size
    return across > down


async def rest(face: Face, told: Any, archive: Path) -> None:
    """Go on with it: edit, save, send what waited."""
    path = f"/v1/documents/{told['document']}"
    edited = await face.send("POST", f"{path}/edits", {"edits": [{"name": "rotate"}]})
    saved = await face.send("POST", "/v1/documents", {"copy_of": told["document"]})
    async with face.client.get(f"{path}/file?type=application/pdf") as answer:
        pdf = await answer.read()
    removed = await face.send("DELETE", f"/v1/documents/{saved[1]['id']}")

    assert [answer[0] for answer in (edited, saved, removed)] == [200, 201, 204]
    assert pdf.startswith(b"%PDF-")
    if told["form"] >= SENT:
        await arrives(face, told["delivery"], archive)


async def arrives(face: Face, sent: Any, archive: Path) -> None:
    """Have what waited sent, byte for byte as it was encoded then."""
    path = f"/v1/deliveries/{sent['id']}"
    await face.send("POST", f"{path}/retry")
    async with asyncio.timeout(20):
        now: Any = {}
        while now.get("state") != "done":
            _, now = await face.send("GET", path)
    data = (archive / now["name"]).read_bytes()

    assert data.startswith(b"%PDF-")
    assert len(data) == sent["size"]


async def test_pages_whose_database_was_taken_away_are_never_swept(config: Config) -> None:
    """As somebody does who goes back to an older form: what is put back finds its pages."""
    unpacked(STORES[-1], config.store)
    config = replace(config, keeping=Keeping(retention=None, key="file"))
    pages = sorted(each.name for each in (config.store / "blobs").iterdir())
    (config.store / "store.db").rename(config.store / "away")

    with pytest.raises(StoreDamaged, match="is gone, and pages are there"):
        async with opened(config):
            pass

    assert pages
    assert sorted(each.name for each in (config.store / "blobs").iterdir()) == pages
    (config.store / "away").rename(config.store / "store.db")
    async with opened(config) as face:
        assert len((await face.send("GET", "/v1/documents"))[1]["items"]) == 1
