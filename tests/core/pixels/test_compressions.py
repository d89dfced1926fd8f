"""TIFF as it comes from anywhere: every way of packing that libtiff unpacks, old ones too."""

from __future__ import annotations

import ctypes
import io
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import pytest
from early import GREY, old_jpeg, plain
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin
from rasters import images

from sheetfed.api import libraries, rare
from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.builtin.formats import pixels
from sheetfed.builtin.formats.rehearsal import Nowhere


def by_pillow(compression: str, mode: str = "L") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(GREY).convert(mode).save(stream, "TIFF", compression=compression)
    return stream.getvalue()


def by_libtiff(folder: Path, *words: str, mode: str = "L") -> bytes:
    """Return what libtiff's own program makes of the same picture."""
    (folder / "plain.tif").write_bytes(by_pillow("raw", mode))
    subprocess.run(["tiffcp", *words, folder / "plain.tif", folder / "packed.tif"], check=True)
    return (folder / "packed.tif").read_bytes()


def seen(data: bytes) -> NDArray[Any]:
    """Return what is shown of the last page of a file; it is described, too, and drawn small."""
    book = images().open(io.BytesIO(data), {})
    last = book.count - 1
    info = book.info(last)
    small, page = book.page(last, width=max(1, info.width // 2)), book.page(last)
    book.close()
    assert small.width == max(1, info.width // 2)
    found = pixels.decode(page.data, page.media_type)
    return np.asarray(np.where(found, 0, 255) if found.dtype == bool else found)


LEVELS = (0.0, 0.01, 0.1, 0.25, 0.5, 0.9)
"""Of light, as a picture on a logarithmic scale has it; it is shown as 256 times its root."""

SHOWN = [int(256 * math.sqrt(level)) for level in LEVELS]


def logarithms(*, colour: bool) -> bytes:
    """Return two rows of SGILog: the bytes of each pixel one after the other, as literal runs."""
    found = [0 if not level else int(256 * (math.log2(level) + 64)) for level in LEVELS]
    shifts = (8, 0)
    if colour:  # white: u' and v' of its place among the colours
        found = [level << 16 | int(410 * 0.2105) << 8 | int(410 * 0.4737) for level in found]
        shifts = (24, 16, 8, 0)  # type: ignore[assignment]
    runs = (bytes([len(found), *(one >> shift & 255 for one in found)]) for shift in shifts)
    return b"".join(runs) * 2


def test_fax_and_the_usual_ones_lose_nothing(tmp_path: Path) -> None:
    """Packed by libtiff's own program, in strips and in tiles, in both byte orders."""
    for mode, ways in {
        "1": ("none", "packbits", "lzw", "zip", "g3", "g3:2d:fill", "g4", "lzma", "zstd"),
        "L": ("none", "packbits", "lzw:2", "zip:2", "lzma", "zstd"),
        "RGB": ("none", "packbits", "lzw:2", "zip:2", "lzma:2", "zstd:2"),
    }.items():
        meant = seen(by_pillow("raw", mode))
        assert meant.mean() == pytest.approx(GREY.mean(), abs=2)
        for number, way in enumerate(ways):
            form = (["-s", "-B"], ["-t", "-w", "32", "-l", "16", "-L"])[number % 2]
            data = by_libtiff(tmp_path, *form, "-c", way, mode=mode)
            assert np.array_equal(seen(data), meant), (mode, way, form)
    for way in ("tiff_ccitt", "tiff_deflate"):
        assert np.array_equal(seen(by_pillow(way, "1")), seen(by_pillow("raw", "1"))), way
    for form in (["-s", "-r", "16"], ["-t", "-w", "32", "-l", "16"]):
        data = by_libtiff(tmp_path, *form, "-c", "jpeg:r:95", mode="RGB")
        assert np.abs(seen(data).astype(int) - GREY[..., None]).max() < 9


def test_seldom_ones_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fax machines, NeXT, ThunderScan, Pixar, and light that was measured."""
    monkeypatch.setitem(TiffImagePlugin.COMPRESSION_INFO_REV, "pixarlog", 32909)
    row = bytes([0b00011011, 0b11100100])
    assert (
        seen(plain((b"\0" + row) * 2, (8, 2), 32766, 1, 2)).tolist()
        == [[0, 85, 170, 255, 255, 170, 85, 0]] * 2
    )
    nibbles = (0, 3, 6, 9, 12, 15, 1, 2)
    raw = bytes(0xC0 | one for one in nibbles) * 2
    assert seen(plain(raw, (8, 2), 32809, 1, 4)).tolist() == [[17 * one for one in nibbles]] * 2
    for mode in ("L", "RGB"):
        meant = np.asarray(Image.fromarray(GREY).convert(mode))
        assert np.array_equal(seen(by_pillow("pixarlog", mode)), meant)
    size = (len(LEVELS), 2)
    assert seen(plain(logarithms(colour=False), size, 34676, 32844, 16)).tolist() == [SHOWN] * 2
    colour = seen(plain(logarithms(colour=True), size, 34676, 32845, 16, 16, 16))
    assert np.abs(colour.astype(int) - np.array([SHOWN] * 2)[..., None]).max() <= 2


@pytest.mark.parametrize("how", ["whole", "no length", "head and scan", "tables"])
def test_old_style_jpeg_is_read(how: str) -> None:
    """Alone, and as the last page of several."""
    for pages in (1, 2):
        assert np.abs(seen(old_jpeg(how, pages)).astype(int) - GREY[..., None]).max() <= 2


def test_all_that_our_libtiff_unpacks_is_read_above() -> None:
    """Where a new one comes with a new Pillow, it is to be tried here.

    32771 is left out: libtiff cannot read what it writes so.
    """
    (library,) = (Path(PIL.__file__).parents[1] / "pillow.libs").glob("libtiff-*")
    known = ctypes.CDLL(str(library)).TIFFGetConfiguredCODECs

    class Codec(ctypes.Structure):
        _fields_ = (
            ("name", ctypes.c_char_p),
            ("scheme", ctypes.c_uint16),
            ("init", ctypes.c_void_p),
        )

    known.restype = ctypes.POINTER(Codec)
    found, at = known(), 0
    schemes = set()
    while found[at].name:
        schemes.add(found[at].scheme)
        at += 1

    assert schemes - {32771} == {
        1, 2, 3, 4, 5, 6, 7, 8, 32766, 32773, 32809, 32909, 32946, 34676, 34677, 34925, 50000,
    }  # fmt: skip


@pytest.mark.parametrize("way", ["jbig", "lerc"])
def test_a_library_that_is_missing_is_named(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to install; those of a Python package are found, too."""
    data = by_libtiff(tmp_path, "-c", way, mode="1" if way == "jbig" else "L")
    meant = seen(by_pillow("raw", "1" if way == "jbig" else "L"))
    assert np.array_equal(seen(data), meant)
    number = 34661 if way == "jbig" else 34887
    name, library = libraries.NEEDED[number]
    gone = replace(library, names=("libsheetfednone.so.4",), package="brought")
    monkeypatch.setattr(libraries, "NEEDED", {number: (name, gone)})

    with pytest.raises(Unreadable, match=f"packed as {name} needs lib.*: install lib"):
        images().open(io.BytesIO(data), {}).info(0)

    (tmp_path / "brought").mkdir()
    (tmp_path / "brought/__init__.py").touch()
    there = libraries.loaded(library)
    shutil.copy(where(there), tmp_path / "brought" / gone.names[0])
    monkeypatch.syspath_prepend(tmp_path)
    libraries.loaded.cache_clear()
    assert np.array_equal(seen(data), meant)
    assert libraries.loaded(gone)._name == str(tmp_path / "brought" / gone.names[0])


def where(library: Any) -> str:
    """Return the file of a loaded library."""
    name = library._name.split(".so")[0]
    lines = Path("/proc/self/maps").read_text().splitlines()
    return next(line.split()[-1] for line in lines if f"/{name}.so" in line)


@pytest.mark.parametrize("number", [10, 32895, 32896, 32897, 32898, 32908, 32947, 50002, 52546])
def test_what_nobody_unpacks_is_named(number: int) -> None:
    """So that one knows what to save it as instead."""
    data = plain(bytes(64), (8, 8), number, 1, 8)

    with pytest.raises(Unreadable, match=f"packed as {rare.REFUSED[number]}, which is not read"):
        images().open(io.BytesIO(data), {}).info(0)


@pytest.mark.parametrize("way", ["jbig", "lerc"])
def test_what_is_damaged_is_refused(way: str, tmp_path: Path) -> None:
    """Wherever it breaks off, and whatever bits are other ones: never more than an error."""
    data = by_libtiff(tmp_path, "-c", way, mode="1" if way == "jbig" else "L")
    random = np.random.default_rng(4)
    refused = 0
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(int(random.integers(1, 4))):
            broken[int(random.integers(8, len(data) - 200))] ^= int(random.integers(1, 256))
        try:
            seen(bytes(broken))
        except (Unreadable, TooLarge):
            refused += 1
    assert refused > 0


def test_what_was_packed_seldom_is_saved() -> None:
    """In ways that others read."""
    for data in (plain(logarithms(colour=False), (6, 2), 34676, 32844, 16), old_jpeg("tables", 1)):
        meant, page = seen(data), images().open(io.BytesIO(data), {}).page(0)
        for media_type in ("image/tiff", "image/png"):
            stream = io.BytesIO()
            images().encode(iter([page]), stream, media_type, {}, Nowhere())
            with Image.open(stream) as found:
                assert np.array_equal(np.asarray(found), meant)
