"""Every way to pack a TIFF: read in a service, or refused by name."""

from __future__ import annotations

import io
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import pytest_asyncio
import strips
from early import old_jpeg, old_lzw, plain
from face import Face, opened
from numpy.typing import NDArray
from PIL import Image
from strips import BITS, LIGHT, PACKING, PLANES, SAMPLES, TILE_WIDTH, WIDTH, written

from sheetfed.api.rare import REFUSED
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
    picture: Picture,
    packing: int,
    *,
    meant: Picture | None = None,
    mode: str = "w",
    near: int = 0,
    **tags: int,
) -> Way:
    """Return a way for numbers; apart, each plane on its own."""
    told = {PACKING: packing, **{getattr(strips, name): value for name, value in tags.items()}}
    rows = np.moveaxis(picture, 2, 0).copy() if told.get(PLANES) == 2 else picture
    return Way(
        data=lambda: written((rows, told), mode=mode),
        meant=picture if meant is None else meant,
        near=near,
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


def of_fax(packing: int) -> Mapping[str, Way]:
    """Fax, in every order of bits and bytes."""
    ways = {
        "in one strip": ink(packing),
        "in strips": ink(packing, ROWS=7),
        "last bit first": ink(packing, FILL=2),
        "black is zero": ink(packing, LIGHT=1),
        "Motorola": ink(packing, mode="wb", ROWS=7),
        "BigTIFF": ink(packing, mode="w8b"),
    }
    if packing == 3:
        ways |= {f"with options {number}": ink(3, FAX=number) for number in range(1, 8)}
    return ways


def of_bytes(packing: int) -> Mapping[str, Way]:
    """Whatever packs bytes: every depth, beside each other and apart, strips and odd tiles."""
    ways = {
        "black and white": ink(packing),
        "colours": numbers(COLOURS, packing, ROWS=7),
        "tiles": numbers(COLOURS, packing, TILE_WIDTH=32, TILE_HEIGHT=16),
        "16 bits in planes": numbers(DEEP, packing, mode="w8", PLANES=2, ROWS=9),
        "16 bits of Motorola in tiles": numbers(
            DEEP, packing, mode="wb", TILE_WIDTH=16, TILE_HEIGHT=48
        ),
    }
    if packing in {1, 32773}:
        return ways
    return ways | {
        "differences": numbers(COLOURS, packing, PREDICTOR=2),
        "differences of 16 bits": numbers(DEEP, packing, mode="wb", PREDICTOR=2),
        "differences of floating bytes": numbers(
            (DEEP / 65535).astype(np.float32), packing, PREDICTOR=3, FORM=3, meant=DEEP
        ),
    }


SMOOTH = np.dstack(np.broadcast_arrays(
    np.arange(ACROSS) * 5, np.arange(HEIGHT)[:, None] * 6, 90,
)).astype(np.uint8)  # fmt: skip


def of_jpeg() -> Mapping[str, Way]:
    quality = {"JPEG_QUALITY": 98, "near": 8}
    return {
        "grey": numbers(SMOOTH[..., 0], 7, **quality),
        "colours in strips": numbers(SMOOTH, 7, ROWS=16, **quality),
        "colours in planes": numbers(SMOOTH, 7, PLANES=2, **quality),
        "brightness": numbers(SMOOTH, 7, LIGHT=6, JPEG_MODE=1, CHROMA=0x101, **quality),
        "shared colours in tiles": numbers(
            SMOOTH, 7, LIGHT=6, JPEG_MODE=1, TILE_WIDTH=32, TILE_HEIGHT=16, **quality
        ),
        "12 bits of grey": twelve(1),
        "12 bits of white grey in strips": twelve(1, ROWS=16, LIGHT=0),
        "12 bits of colour": twelve(3),
        "12 bits of colour in strips, Motorola": twelve(3, mode="wb", ROWS=16),
        "12 bits of colour in planes": twelve(3, PLANES=2),
        "12 bits of brightness": twelve(3, LIGHT=6, JPEG_MODE=1, CHROMA=0x101),
        "12 bits of colour in tiles": twelve(3, TILE_WIDTH=32, TILE_HEIGHT=16),
    }


def twelve(samples: int, *, mode: str = "w", **tags: int) -> Way:
    """Return a way for a JPEG of 12 bits, which Pillow's libtiff writes; it wants pairs."""
    down, across = np.mgrid[0:HEIGHT, 0 : ACROSS - 1]
    picture = np.dstack([across * 60 + 40, down * 80 + 40, (across + down) * 40])[..., :samples]
    told = {
        WIDTH: ACROSS - 1, BITS: 12, SAMPLES: samples, PACKING: 7, strips.JPEG_QUALITY: 95,
        **{getattr(strips, name): value for name, value in tags.items()},
    }  # fmt: skip
    planes = np.moveaxis(picture, 2, 0)[..., None] if told.get(PLANES) == 2 else picture[None]
    if TILE_WIDTH in told:
        planes = np.pad(planes, ((0, 0), (0, 11), (0, 20), (0, 0)), mode="edge")
        told[strips.HEIGHT] = HEIGHT
    packed = np.stack([twelve_bits(plane, told.get(TILE_WIDTH)) for plane in planes])
    meant = ((picture * 65535 + 2047) // 4095).astype(np.uint16)
    meant = 65535 - meant if told.get(LIGHT) == 0 else meant
    rows = packed if told.get(PLANES) == 2 else packed[0]
    return Way(
        data=lambda: written((rows, told), mode=mode, by=strips.bundled()),
        meant=meant[..., 0] if samples == 1 else meant,
        near=160,
    )


def twelve_bits(picture: Picture, tile: int | None) -> Picture:
    """Return rows of 12 bits after 12 bits, 8 a byte; those of a tile end at whole bytes."""
    width = tile or picture.shape[1]
    ones = picture.astype(">u2").reshape(len(picture), -1, width * picture.shape[2], 1)
    bits = np.unpackbits(ones.view(np.uint8), axis=3)[..., 4:]
    return np.packbits(bits.reshape(*bits.shape[:2], -1), axis=2).reshape(len(picture), -1)


def of_light(packing: int) -> Mapping[str, Way]:
    """Light on a logarithmic scale, which is shown as 256 times its root."""
    light = np.tile(np.linspace(0, 1, ACROSS, dtype=np.float32), (HEIGHT, 1))
    shown = (256 * np.sqrt(light.astype(float))).clip(0, 255).astype(np.uint8)
    colour = packing == 34677
    kinds = {32845: np.dstack([light] * 3)} if colour else {
        32844: light, 32845: np.dstack([light] * 3),
    }  # fmt: skip
    return {
        f"{kind} {mode}": numbers(
            picture.byteswap() if "b" in mode else picture,  # libtiff turns what it packs
            packing, mode=mode, LIGHT=kind, BITS=32, FORM=3, LIGHT_FORM=0, ROWS=8,
            meant=np.dstack([shown] * 3) if kind == 32845 else shown,
            near=10,  # where it has 24 bits, libtiff mixes them with chance
        )
        for kind, picture in kinds.items() for mode in ("w", "wb", "w8", "w8b")
    }  # fmt: skip


def of_pixar() -> Mapping[str, Way]:
    return {
        "grey": numbers(SMOOTH[..., 0], 32909),
        "colours in strips": numbers(SMOOTH, 32909, ROWS=7),
        "colours in planes": numbers(SMOOTH, 32909, PLANES=2),
        "16 bits, of which it names 8": numbers(
            SMOOTH.astype(np.uint16) * 257, 32909, meant=SMOOTH, near=1
        ),
    }


def by_hand(data: bytes, meant: Any, near: int = 0) -> Way:
    return Way(data=lambda: data, meant=np.array(meant, np.uint8), near=near)


def of_old_jpeg() -> Mapping[str, Way]:
    meant = np.tile(np.arange(64) * 4, (48, 1))
    ways = ("whole", "no length", "head and scan", "tables", "strips")
    return {
        **{how: by_hand(old_jpeg(how, 1), np.dstack([meant] * 3), 3) for how in ways},
        **{f"grey, {how}": by_hand(old_jpeg(how, 1, 1), meant, 3) for how in ways},
        "white grey": by_hand(old_jpeg("tables", 1, 0), 255 - meant, 3),
    }


def in_pictures(packing: int, *, form: str, **how: Any) -> Mapping[str, Way]:
    """Each piece is a picture file of its own."""
    kinds = {"grey": GREY, "colours": COLOURS, "16 bits": DEEP[..., 0].copy()}
    if form == "WEBP":
        kinds = {"colours": COLOURS}
    made = {}
    for name, picture in kinds.items():
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, form, **how)
        samples = [8 * picture.dtype.itemsize] * (*picture.shape, 1)[2]
        data = plain(stream.getvalue(), (ACROSS, HEIGHT), packing, 2 if len(samples) == 3 else 1,
                     *samples, form=1)  # fmt: skip
        made[name] = Way(data=lambda data=data: data, meant=picture)
    return made


def renumbered(data: bytes, packing: int) -> bytes:
    """Return a file that says to be packed in another way."""
    old = struct.pack("<HHIHH", PACKING, 3, 1, 34661, 0)
    assert data.count(old) == 1
    return data.replace(old, struct.pack("<HHIHH", PACKING, 3, 1, packing, 0))


ROW = bytes([0b00011011, 0b11100100])
NIBBLES = (0, 3, 6, 9, 12, 15, 1, 2)
DOUBLE = [[0, 85, 170, 255, 255, 170, 85, 0]] * 2

WAYS: Mapping[int, Mapping[str, Way]] = {
    1: of_bytes(1),
    2: of_fax(2),
    3: of_fax(3),
    4: of_fax(4),
    5: of_bytes(5),
    6: of_old_jpeg(),
    7: of_jpeg(),
    8: of_bytes(8),
    9: {"as JBIG": Way(data=lambda: renumbered(ink(34661).data(), 9), meant=ON_PAPER)},
    32766: {"grey": by_hand(plain((b"\0" + ROW) * 2, (8, 2), 32766, 1, 2), DOUBLE)},
    32771: of_fax(32771),
    32773: of_bytes(32773),
    32809: {
        "grey": by_hand(
            plain(bytes(0xC0 | one for one in NIBBLES) * 2, (8, 2), 32809, 1, 4),
            [[17 * one for one in NIBBLES]] * 2,
        )
    },
    32909: of_pixar(),
    32946: of_bytes(32946),
    34661: of_jbig(),
    34676: of_light(34676),
    34677: of_light(34677),
    34712: in_pictures(34712, form="JPEG2000"),
    34887: of_lerc(),
    34925: of_bytes(34925),
    50000: of_bytes(50000),
    50001: in_pictures(50001, form="WEBP", lossless=True),
}
"""By number, as libtiff's tiff.h has them."""

CASES = [(packing, name) for packing, ways in WAYS.items() for name in ways]


async def sent(face: Face, data: bytes) -> tuple[int, Any]:
    document = await face.document()
    async with face.client.post(
        f"/v1/documents/{document.id}/pages",
        data=io.BytesIO(data),
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
    small = await drawn(face, look, width="8")
    assert small.shape[1] == 8
    if name != next(iter(WAYS[packing])):
        return
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


async def test_pages_packed_in_different_ways_are_one_document(face: Face) -> None:
    """Each page of the file in another way."""
    meant = [ON_PAPER, COLOURS, ON_PAPER, DEEP, COLOURS, ON_PAPER]
    flat = np.packbits(INK, axis=1)
    told = {WIDTH: ACROSS, BITS: 1, SAMPLES: 1, LIGHT: 0}
    data = written(
        (flat, {**told, PACKING: 34661}),
        (COLOURS, {PACKING: 34887, strips.LERC_WRAP: 2}),
        (flat, {**told, PACKING: 32771, strips.ROWS: 7}),
        (DEEP, {PACKING: 50000, strips.PREDICTOR: 2}),
        (COLOURS, {PACKING: 5, TILE_WIDTH: 16, strips.TILE_HEIGHT: 16}),
        (flat, {**told, PACKING: 3, strips.FAX: 5}),
    )

    status, answer = await sent(face, data)

    assert status == 201, answer
    for page, picture in zip(answer["pages"], meant, strict=True):
        look = f"/v1/pages/{page['id']}/image"
        assert same(await drawn(face, look, type="image/png"), picture, 0)


@pytest.mark.parametrize("packing", REFUSED)
async def test_what_nobody_unpacks_is_refused_by_name(face: Face, packing: int) -> None:
    """That is what the documentation says, too."""
    status, answer = await sent(face, plain(bytes(64), (8, 8), packing, 1, 8))

    assert (status, answer["code"]) == (422, "unreadable")
    assert f"packed as {REFUSED[packing]}, which is not read here" in answer["detail"]
    told = (Path(__file__).parents[3] / "docs/reference/http.md").read_text()
    (line,) = [line for line in told.splitlines() if "PixarFilm" in line]
    assert REFUSED[packing] in line


async def test_no_way_that_libtiff_knows_is_left_out() -> None:
    """Neither one that a libtiff here was built with, nor one that its header has a number for."""
    built = strips.knows(strips.SYSTEM) | strips.knows(strips.bundled())
    header = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 32766, 32771, 32773, 32809, 32895, 32896, 32897, 32898,
        32908, 32909, 32946, 32947, 34661, 34676, 34677, 34712, 34887, 34925, 50000, 50001, 50002,
        52546,
    }  # fmt: skip
    assert built <= header
    assert WAYS.keys() | REFUSED.keys() == header
    assert not WAYS.keys() & REFUSED.keys()


@pytest.mark.parametrize("packing", [34661, 32771])
async def test_black_and_white_of_any_size_comes_in(face: Face, packing: int) -> None:
    """A plan of a house: there may be five times as many pixels as of other pages."""
    width, height = 9936, 14043
    rows = np.zeros((height, width // 8), np.uint8)
    rows[:, 100:200], rows[2000:2100] = 0xF0, 0xFF
    data = written((rows, {PACKING: packing, WIDTH: width, BITS: 1, SAMPLES: 1, LIGHT: 0}))

    status, answer = await sent(face, data)

    assert status == 201, answer
    (page,) = answer["pages"]
    assert (page["width"], page["height"]) == (width, height)
    look = f"/v1/pages/{page['id']}/image"
    part = await drawn(face, look, region="792,1990,16,20", type="image/png")
    meant = np.where(np.unpackbits(rows[1990:2010, 99:101], axis=1), 0, 255)
    assert same(part, meant.astype(np.uint8), 0)


@pytest.mark.parametrize("packing", [34661, 34887, 32771, 7])
async def test_what_is_damaged_is_refused(face: Face, packing: int) -> None:
    """Cut anywhere, and with other bytes in it; the child that reads it lives on."""
    name = {7: "12 bits of colour"}.get(packing, next(iter(WAYS[packing])))
    whole, random = WAYS[packing][name].data(), np.random.default_rng(packing)
    refused = 0
    for number in range(16):
        broken = bytearray(whole[: int(random.integers(1, len(whole)))] if number % 2 else whole)
        for _ in range(4):
            broken[int(random.integers(len(broken) // 2))] = int(random.integers(256))
        status, answer = await sent(face, bytes(broken))
        assert status in {201, 415, 422}, answer
        refused += status != 201
    assert refused >= 6
    assert (await sent(face, whole))[0] == 201


LZW = {"compression": "lzw"}


def untold(data: bytes) -> bytes:
    """Return a file whose strips say that they have no bytes."""
    changed = bytearray(data)
    (at,) = struct.unpack_from("<I", data, 4)
    while at:
        (count,) = struct.unpack_from("<H", data, at)
        for place in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, many = struct.unpack_from("<HHI", data, place)
            if tag == 279:
                size = many * {3: 2, 4: 4}[kind]
                where = place + 8 if size <= 4 else struct.unpack_from("<I", data, place + 8)[0]
                changed[where : where + size] = bytes(size)
        (at,) = struct.unpack_from("<I", data, at + 2 + 12 * count)
    return bytes(changed)


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize("packing", [1, 4, 5, 8, 32771, 34661, 34887])
async def test_strips_whose_size_is_untold_end_at_the_next(
    face: Face, packing: int, pages: int
) -> None:
    """Early writers left it out or empty, and libtiff reads them."""
    tags = {PACKING: packing, **({strips.ROWS: 9} if packing not in {4, 34661} else {})}
    black = packing in {4, 32771, 34661}
    picture = np.packbits(INK, axis=1) if black else COLOURS
    told = {**tags, WIDTH: ACROSS, BITS: 1, SAMPLES: 1, LIGHT: 0} if black else tags
    meant = ON_PAPER if black else COLOURS

    status, answer = await sent(face, untold(written(*[(picture, told)] * pages)))

    assert status == 201, answer
    assert len(answer["pages"]) == pages
    for page in answer["pages"]:
        look = f"/v1/pages/{page['id']}/image"
        assert same(await drawn(face, look, type="image/png"), meant, 0)
    await seen_again(face, answer["document"], meant)


async def seen_again(face: Face, document: str, meant: Picture) -> None:
    """Check what is saved, as it stands and packed anew."""
    file = f"/v1/documents/{document}/file"
    for form, options in (("image/tiff", {}), ("application/pdf", {}), ("image/tiff", LZW)):
        asked = {"type": form, "options": options}
        async with face.client.post(file, json=asked) as saved:
            assert saved.status == 200, await saved.text()
            status, again = await sent(face, await saved.read())
        assert status == 201, (form, again["detail"])
        look = f"/v1/pages/{again['pages'][-1]['id']}/image"
        assert same(await drawn(face, look, type="image/png"), meant, 0), (form, options)


@pytest.mark.parametrize("packing", [1, 4, 5, 32773, 32771, 34661])
async def test_what_does_not_say_what_is_white_is_saved_as_it_is_seen(
    face: Face, packing: int
) -> None:
    """White is what a fax leaves empty, and the highest number of all else."""
    told = {WIDTH: ACROSS, BITS: 1, SAMPLES: 1, LIGHT: 0, PACKING: packing}
    data = written((np.packbits(INK, axis=1), told))
    light = struct.pack("<HHIHH", LIGHT, 3, 1, 0, 0)
    assert data.count(light) == 1
    data = data.replace(light, struct.pack("<HHIHH", 263, 3, 1, 1, 0))  # what is left to chance
    meant = ON_PAPER if packing in {4, 32771} else 255 - ON_PAPER

    status, answer = await sent(face, data)

    assert status == 201, answer
    look = f"/v1/pages/{answer['pages'][0]['id']}/image"
    assert same(await drawn(face, look, type="image/png"), meant, 0)
    await seen_again(face, answer["document"], meant)


@pytest.mark.parametrize("picture", [GREY, COLOURS], ids=["grey", "colours"])
async def test_lzw_of_early_writers_is_packed_anew(face: Face, picture: Picture) -> None:
    """Neither PDF nor most readers of TIFF know it."""
    count = 1 if picture.ndim == 2 else 3
    size = ACROSS, HEIGHT
    data = plain(old_lzw(picture.tobytes()), size, 5, 2 if count == 3 else 1, *[8] * count)

    status, answer = await sent(face, data)

    assert status == 201, answer
    look = f"/v1/pages/{answer['pages'][0]['id']}/image"
    assert same(await drawn(face, look, type="image/png"), picture, 0)
    await seen_again(face, answer["document"], picture)


@pytest.mark.parametrize(
    ("packing", "bits", "told"),
    [
        (34712, (16, 16, 16), "samples of 16 bits, 3 a pixel, packed as JPEG 2000"),
        (34661, (8,), "samples of 8 bits, packed as JBIG"),
        (34887, (12,), "samples of 12 bits, packed as LERC"),
        (50001, (16,), "samples of 16 bits, packed as WebP"),
    ],
)
async def test_what_is_not_read_of_a_way_is_named(
    face: Face, packing: int, bits: tuple[int, ...], told: str
) -> None:
    """By what one knows it as, and not by its number."""
    light = 2 if len(bits) == 3 else 1

    status, answer = await sent(face, plain(bytes(64), (8, 8), packing, light, *bits, form=1))

    assert (status, answer["code"]) == (422, "unreadable")
    assert f"{told}, are not read here" in answer["detail"]
