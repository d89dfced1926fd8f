"""Every way to pack a TIFF: read in a service, or refused by name."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import pytest
import pytest_asyncio
import strips
from face import Face, opened
from numpy.typing import NDArray
from PIL import Image
from strips import BITS, LIGHT, PACKING, PLANES, SAMPLES, WIDTH, written

from sheetfed.config import load

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEIGHT, ACROSS = 37, 45
RANDOM = np.random.default_rng(5)
COLOURS = RANDOM.integers(0, 256, (HEIGHT, ACROSS, 3), np.uint8)
DEEP = RANDOM.integers(0, 65536, (HEIGHT, ACROSS, 3), np.uint16)
GREY = COLOURS[..., 0].copy()
INK = RANDOM.random((HEIGHT, ACROSS)) < 0.2
INK[5:15, 3:30] = True
ON_PAPER = np.where(INK, 0, 255).astype(np.uint8)

Picture = NDArray[Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    """One service for all of them."""
    home = tmp_path_factory.mktemp("ways")
    async with opened(replace(load(home=home, environ={}), port=0, tls=False)) as face:
        yield face


@dataclass(frozen=True, kw_only=True)
class Way:
    """A file, and what is to be seen of it: to the last bit, or so near."""

    data: Callable[[], bytes]
    meant: Picture
    near: int = 0


def ink(packing: int, *, mode: str = "w", **tags: int) -> Way:
    """Return a way for black and white; a tag is given by its name here."""
    told = {
        WIDTH: ACROSS, BITS: 1, SAMPLES: 1, LIGHT: 0, PACKING: packing,
        **{getattr(strips, name): value for name, value in tags.items()},
    }  # fmt: skip
    meant = ON_PAPER if told[LIGHT] == 0 else 255 - ON_PAPER
    return Way(data=lambda: written((np.packbits(INK, axis=1), told), mode=mode), meant=meant)


def numbers(
    picture: Picture, packing: int, *, meant: Picture | None = None, mode: str = "w", **tags: int
) -> Way:
    """Return a way for numbers; apart, each plane on its own."""
    told = {PACKING: packing, **{getattr(strips, name): value for name, value in tags.items()}}
    rows = np.moveaxis(picture, 2, 0).copy() if told.get(PLANES) == 2 else picture
    return Way(
        data=lambda: written((rows, told), mode=mode), meant=picture if meant is None else meant
    )


def of_jbig() -> Mapping[str, Way]:
    return {
        "first bit first": ink(34661, FILL=1),
        "last bit first": ink(34661, FILL=2),
        "black is zero": ink(34661, LIGHT=1),
        "Motorola": ink(34661, mode="wb"),
        "BigTIFF": ink(34661, mode="w8"),
    }


def of_lerc() -> Mapping[str, Way]:
    covered = np.dstack([COLOURS, np.where(INK, 0, 255).astype(np.uint8)])
    floats = RANDOM.random((HEIGHT, ACROSS)).astype(np.float32)
    floats[3, 4] = np.nan
    signed = DEEP[..., 0].astype(np.int32).astype(np.uint16) ^ 0x8000
    as_seen = (np.nan_to_num(floats.astype(float)) * 65535 + 0.5).astype(np.uint16)
    return {
        "grey": numbers(GREY, 34887),
        "colours in strips": numbers(COLOURS, 34887, ROWS=7),
        "colours in tiles": numbers(COLOURS, 34887, TILE_WIDTH=32, TILE_HEIGHT=16),
        "planes": numbers(COLOURS, 34887, PLANES=2),
        "16 bits": numbers(DEEP, 34887),
        "16 bits of Motorola": numbers(DEEP, 34887, mode="wb", ROWS=9),
        "16 bits in planes, BigTIFF": numbers(DEEP, 34887, mode="w8b", PLANES=2),
        "signed": numbers(signed.view(np.int16), 34887, FORM=2, meant=signed ^ 0x8000),
        "floating, one of them none": numbers(floats, 34887, FORM=3, meant=as_seen),
        "covered or not": numbers(
            covered, 34887, EXTRA=2, meant=np.where(INK[..., None], 255, COLOURS)
        ),
        "deflated": numbers(COLOURS, 34887, LERC_WRAP=1),
        "Zstandard": numbers(COLOURS, 34887, LERC_WRAP=2),
    }


WAYS: Mapping[int, Mapping[str, Way]] = {34661: of_jbig(), 34887: of_lerc()}
CASES = [(packing, name) for packing, ways in WAYS.items() for name in ways]


async def sent(face: Face, data: bytes) -> tuple[int, Any]:
    document = await face.document()
    async with face.client.post(
        f"/v1/documents/{document.id}/pages",
        data=data,
        headers={"Content-Type": "application/octet-stream"},
    ) as answer:
        return answer.status, {"document": document.id, **await answer.json()}


async def drawn(face: Face, path: str, **query: str) -> Picture:
    async with face.client.get(path, params=query) as answer:
        assert answer.status == 200, await answer.text()
        data = np.frombuffer(await answer.read(), np.uint8)
    found = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert found is not None
    return np.asarray(found[..., ::-1] if found.ndim == 3 else found)


def same(found: Picture, meant: Picture, near: int) -> bool:
    """Say whether two pictures are of one kind and as near as that."""
    if (found.shape, found.dtype) != (meant.shape, meant.dtype):
        return False
    return int(np.abs(found.astype(int) - meant.astype(int)).max()) <= near


@pytest.mark.parametrize(("packing", "name"), CASES)
async def test_it_is_seen_edited_and_saved(face: Face, packing: int, name: str) -> None:
    """To the last bit where the way of packing loses none."""
    way = WAYS[packing][name]

    status, answer = await sent(face, way.data())

    assert status == 201, answer
    (page,) = answer["pages"]
    look = f"/v1/pages/{page['id']}/image"
    assert same(await drawn(face, look, type="image/png"), way.meant, way.near)
    small = await drawn(face, look, width="20")
    assert small.shape[:2] == (16, 20)
    turned = await face.send("POST", f"/v1/pages/{page['id']}/edits", {"edits": [{"name": "flip"}]})
    assert turned[0] == 200, turned
    edited = await drawn(face, look, type="image/png")
    assert same(edited, np.flipud(way.meant), way.near)
    undone = await face.send("POST", f"/v1/pages/{page['id']}/undo", {"all": True})
    assert undone[0] == 200, undone
    file = f"/v1/documents/{answer['document']}/file"
    assert same(await drawn(face, file, type="image/png"), way.meant, way.near)
    async with face.client.get(file, params={"type": "image/tiff"}) as saved:
        with Image.open(io.BytesIO(await saved.read())) as found:
            assert found.size == way.meant.shape[1::-1]
