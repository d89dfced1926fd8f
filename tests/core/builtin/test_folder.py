"""Any folder of pictures as a feeder."""

from __future__ import annotations

import io
import os
import random
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence

from sheetfed.api.errors import (
    BadSettings,
    DeviceDenied,
    DeviceGone,
    FeederEmpty,
    TooLarge,
    Unreadable,
)
from sheetfed.api.model import Page
from sheetfed.builtin.folder import pictures
from sheetfed.builtin.folder.source import FolderSession, FolderSource
from sheetfed.worker import pictures as worker_pictures

FORMATS = {"jpeg": "image/jpeg", "png": "image/png", "tiff": "image/tiff", "bmp": "image/bmp"}


def drawn(width: int, height: int = 20, mode: str = "RGB") -> Image.Image:
    """Noise, so that a byte that is lost shows."""
    grain = random.Random(width).randbytes(width * height * 3)
    return Image.frombytes("RGB", (width, height), grain).convert(mode)


def encoded(form: str, width: int = 30, **how: Any) -> bytes:
    out = io.BytesIO()
    drawn(width).save(out, form, dpi=(150, 150), **how)
    return out.getvalue()


def opened(folder: Path) -> FolderSession:
    source = FolderSource({"folders": str(folder)})
    (device,) = source.devices()
    return source.open(device.id)


def scan(session: FolderSession, **settings: Any) -> list[Page]:
    return list(session.scan({name.replace("_", "-"): value for name, value in settings.items()}))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything; for a moment, be somebody who may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_comes_in_the_encoding_it_has(tmp_path: Path, form: str) -> None:
    data = encoded(form)
    (tmp_path / "page").write_bytes(data)

    (page,) = scan(opened(tmp_path))

    assert page.data == data
    assert (page.media_type, page.width, page.height) == (FORMATS[form], 30, 20)
    assert page.dpi == pytest.approx((150, 150), abs=0.1)


def test_the_type_is_told_from_the_content_and_not_from_the_name(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(encoded("jpeg"))

    assert [page.media_type for page in scan(opened(tmp_path))] == ["image/jpeg"]


def test_page2_comes_before_page10(tmp_path: Path) -> None:
    names = ["page10", "Page2", "page1", "page002", "cover", "page10b", "7", "12"]
    widths = {name: 30 + place for place, name in enumerate(names)}
    for name, width in widths.items():
        (tmp_path / f"{name}.png").write_bytes(encoded("png", width))

    order = [page.width for page in scan(opened(tmp_path))]

    expected = ["7", "12", "cover", "page1", "Page2", "page002", "page10", "page10b"]
    assert order == [widths[name] for name in expected]


@pytest.mark.parametrize(
    "compression", ["raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg", "group4"]
)
def test_a_tiff_is_split_page_by_page(tmp_path: Path, compression: str) -> None:
    mode = "1" if compression == "group4" else "RGB"
    pages = [drawn(width, 300, mode) for width in (30, 31, 32)]
    pages[0].save(
        tmp_path / "all.tif",
        save_all=True,
        append_images=pages[1:],
        compression=compression,
        dpi=(200, 100),
    )
    with Image.open(tmp_path / "all.tif") as whole:
        expected = [frame.copy() for frame in ImageSequence.Iterator(whole)]

    split = scan(opened(tmp_path))

    assert [page.width for page in split] == [30, 31, 32]
    for page, before in zip(split, expected, strict=True):
        assert page.dpi == pytest.approx((200, 100))
        with Image.open(io.BytesIO(page.data)) as after:
            assert after.n_frames == 1
            assert after.tobytes() == before.tobytes()


def test_a_tiff_of_the_other_byte_order_is_split_too(tmp_path: Path) -> None:
    """Scanners of old write big-endian files."""
    (tmp_path / "two.tif").write_bytes(big_endian_tiff(b"\x11" * 64, b"\x22" * 64))

    split = scan(opened(tmp_path))

    with (
        Image.open(io.BytesIO(split[0].data)) as first,
        Image.open(io.BytesIO(split[1].data)) as second,
    ):
        assert (first.tobytes(), second.tobytes()) == (b"\x11" * 64, b"\x22" * 64)


def big_endian_tiff(*pages: bytes) -> bytes:
    out = bytearray(b"MM\0*" + struct.pack(">I", 8))
    for number, pixels in enumerate(pages):
        start = len(out)
        fields = [
            (256, 8),
            (257, 8),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, start + 102),
            (278, 8),
            (279, 64),
        ]
        last = number == len(pages) - 1
        out += struct.pack(">H", len(fields))
        out += b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in fields)
        out += struct.pack(">I", 0 if last else start + 102 + 64) + pixels
    return bytes(out)


@pytest.mark.parametrize("small", [0, 1], ids=["before its page", "behind its page"])
def test_a_small_version_inside_a_tiff_is_no_page(small: int, tmp_path: Path) -> None:
    """Wherever it stands; what is handed over shows the page and not the small version."""
    first, second = drawn(60 if small else 30), drawn(30 if small else 60)
    second.encoderinfo = {"tiffinfo": {254: small}}
    how = {"save_all": True, "append_images": [second], "tiffinfo": {254: 1 - small}}
    first.save(tmp_path / "a.tif", **how)

    (page,) = scan(opened(tmp_path))

    assert page.width == 60
    assert Image.open(io.BytesIO(page.data)).size == (60, 20)


def test_what_is_hidden_or_no_picture_is_left_out(tmp_path: Path) -> None:
    (tmp_path / ".hidden.png").write_bytes(encoded("png"))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "empty").touch()
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "page.png").write_bytes(encoded("png"))
    os.mkfifo(tmp_path / "pipe.png")

    with pytest.raises(FeederEmpty):
        scan(opened(tmp_path))


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "scans", tmp_path / "private"
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / "secret.png").write_bytes(encoded("png", 99))
    (folder / "b.png").write_bytes(encoded("png", 40))
    (folder / "a.png").symlink_to(elsewhere / "secret.png")
    (folder / "c.png").symlink_to("b.png")
    (folder / "d.png").symlink_to("nowhere.png")
    (folder / "e.png").symlink_to("e.png")

    assert [page.width for page in scan(opened(folder))] == [40, 40]


def test_scanning_again_goes_on_and_finds_what_is_new(tmp_path: Path) -> None:
    for number in range(1, 4):
        (tmp_path / f"{number}.png").write_bytes(encoded("png", 30 + number))
    session = opened(tmp_path)

    assert [page.width for page in scan(session, pages=2)] == [31, 32]
    assert [page.width for page in scan(session)] == [33]
    with pytest.raises(FeederEmpty, match="no new picture"):
        scan(session)
    (tmp_path / "0.png").write_bytes(encoded("png", 30))
    assert [page.width for page in scan(session)] == [30]


def test_a_scan_stopped_inside_a_tiff_goes_on_there(tmp_path: Path) -> None:
    pages = [drawn(width) for width in (30, 31, 32)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    (tmp_path / "b.png").write_bytes(encoded("png", 33))
    session = opened(tmp_path)

    with closing(session.scan({})) as stopped:
        assert [next(stopped).width, next(stopped).width] == [30, 31]
    with closing(session.scan({})) as stopped:
        assert next(stopped).width == 31, "nobody asked on behind it: it may not have been kept"
    assert [page.width for page in scan(session)] == [31, 32, 33]


def damaged(form: str) -> list[bytes]:
    whole = encoded(form)
    return [whole[:20], whole[: len(whole) // 2], whole[:-40], b"", b"\0" * 500]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", range(5))
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, form: str, kind: int) -> None:
    (tmp_path / "1.png").write_bytes(encoded("png"))
    (tmp_path / f"2.{form}").write_bytes(damaged(form)[kind])
    (tmp_path / "3.png").write_bytes(encoded("png", 33))
    session = opened(tmp_path)

    with pytest.raises(Unreadable, match=rf"2\.{form}") as caught:
        scan(session)
    assert caught.value.details["file"] == f"2.{form}"
    assert [page.width for page in scan(session)] == [33]

    assert [page.width for page in scan(opened(tmp_path), on_error="skip")] == [30, 33]


@pytest.mark.parametrize("form", ["png", "bmp", "tiff"])
def test_a_picture_too_large_to_keep_is_named_and_met_only_once(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused behind our back it would come again each time a person continues."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # as in a worker, which has its own limit
    (tmp_path / "1.png").write_bytes(encoded("png", 31))
    Image.new("1", (20_001, 10_000)).save(tmp_path / f"2.{form}")
    (tmp_path / "3.png").write_bytes(encoded("png", 33))
    session = opened(tmp_path)

    with pytest.raises(TooLarge, match=rf"^2\.{form}: it has 20001 x 10000 pixels") as caught:
        scan(session)

    assert caught.value.details["file"] == f"2.{form}"
    assert [page.width for page in scan(session)] == [33]


def test_what_is_handed_over_is_what_a_worker_takes() -> None:
    assert pictures.MOST_PIXELS == worker_pictures.MOST_PIXELS


def test_damage_raises_nothing_but_our_errors(tmp_path: Path) -> None:
    """Bytes changed anywhere in a TIFF, whose directory is ours to read."""
    pages = [drawn(30, 30), drawn(31, 30)]
    pages[0].save(
        tmp_path / "a.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw"
    )
    whole = (tmp_path / "a.tif").read_bytes()
    chance = random.Random(7)
    for _ in range(600):
        bytes_ = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            place = chance.choice([chance.randrange(len(whole)), chance.randrange(8)])
            bytes_[place] = chance.choice([0, 255, chance.randrange(256)])
        (tmp_path / "a.tif").write_bytes(bytes_[: chance.choice([len(whole), 3000, 100])])
        with suppress(Unreadable, TooLarge):
            scan(opened(tmp_path))


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "1.png").write_bytes(encoded("png"))
    session = opened(tmp_path)
    (tmp_path / "1.png").chmod(0)

    with as_nobody(), pytest.raises((Unreadable, DeviceDenied), match=r"1\.png|may not read"):
        scan(session)


def test_a_folder_that_may_not_be_read_is_denied_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    source = FolderSource({"folders": str(folder)})
    (device,) = source.devices()
    folder.chmod(0)

    with as_nobody(), pytest.raises(DeviceDenied, match=r"may not read the folder .*closed"):
        source.open(device.id)
    folder.chmod(0o700)


def test_a_folder_that_went_away_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    source = FolderSource({"folders": str(folder)})
    (device,) = source.devices()
    session = source.open(device.id)
    folder.rmdir()

    assert source.devices() == []
    with pytest.raises(DeviceGone, match="stick"):
        source.open(device.id)
    with pytest.raises(DeviceGone, match="stick"):
        scan(session)
    with pytest.raises(DeviceGone):
        source.open("never-named")


def test_a_folders_id_stays_the_same_and_does_not_tell_where_it_lies(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "Scans", tmp_path / "other" / "Scans"
    one.mkdir(parents=True)
    other.mkdir(parents=True)

    devices = FolderSource({"folders": f"{one}\n{other}{os.pathsep}{one}\n"}).devices()

    assert [device.title for device in devices] == ["Folder Scans", "Folder Scans"]
    assert len({device.id for device in devices}) == 2
    assert all(str(tmp_path) not in device.id for device in devices)
    assert devices == FolderSource({"folders": f"{one}/\n{other}/."}).devices()


def test_no_folder_named_is_no_device() -> None:
    assert FolderSource({}).devices() == []
    assert FolderSource({"folders": " \n "}).devices() == []


@pytest.mark.parametrize(("name", "value"), [("on-error", "hide"), ("pages", -1), ("colour", 1)])
def test_an_impossible_setting_is_refused_by_name(tmp_path: Path, name: str, value: Any) -> None:
    session = opened(tmp_path)
    with pytest.raises(BadSettings) as caught:
        session.set(name, value)
    assert caught.value.details["option"] == name
    with pytest.raises(BadSettings):
        next(session.scan({name: value}))


def test_a_folder_of_thousands_of_files_starts_at_once(tmp_path: Path) -> None:
    """Listing must not look at a file again for each page before it."""
    data = encoded("png")
    for number in range(2000):
        (tmp_path / f"{number}.png").write_bytes(data)
    started = time.monotonic()
    assert len(scan(opened(tmp_path))) == 2000
    assert time.monotonic() - started < 10
