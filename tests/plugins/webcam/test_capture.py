"""When a picture becomes a page, and which one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from photographs import black, photograph
from PIL import Image

from sheetfed.api.contracts import Session
from sheetfed.api.errors import DeviceFailed
from sheetfed.api.model import Page, Progress, Raster, View
from sheetfed_webcam.jpeg import whole
from sheetfed_webcam.session import page_of
from sheetfed_webcam.shots import Shot
from sheetfed_webcam.source import Webcam
from sheetfed_webcam.turning import Turn

SIZE = (320, 240)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of photographs that follow one another, a second each."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    return folder


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    """A camera that sees them."""
    photograph(folder / "a.jpg", 1, SIZE)
    session = Webcam({"cameras": f"Shelf = {folder}"}).open("shelf")
    yield session
    session.close()


def taken(session: Session, **settings: Any) -> list[Page | Raster]:
    """Return the pages of a scan."""
    asked = {name.replace("_", "-"): value for name, value in settings.items()}
    return [item for item in session.scan(asked) if not isinstance(item, Progress)]


def test_a_page_is_taken_once_it_lies_still_and_not_twice(session: Session, folder: Path) -> None:
    """One turns pages under the camera, and touches nothing else."""
    first, second = (folder / "a.jpg").read_bytes(), photograph(folder / "b.jpg", 2, SIZE)

    pages = taken(session, capture="still", pages=2)

    data = [page.data for page in pages if isinstance(page, Page)]
    assert sorted(data) == sorted([first, second])


def test_the_sharpest_of_several_is_kept(session: Session, folder: Path) -> None:
    """A hand shakes, a camera looks for its focus."""
    sharp = (folder / "a.jpg").read_bytes()
    blurred = cv2.GaussianBlur(cv2.imread(str(folder / "a.jpg")), (0, 0), 4)
    cv2.imwrite(str(folder / "b.jpg"), blurred)

    (page,) = taken(session, best_of=14)

    assert isinstance(page, Page)
    assert page.data == sharp


def test_a_closed_cover_is_told(session: Session, folder: Path) -> None:
    """Ten black pages help nobody."""
    black(folder / "a.jpg", SIZE)

    with pytest.raises(DeviceFailed, match="cover"):
        taken(session)


def test_a_camera_that_hangs_upside_down_gives_pages_that_stand(
    session: Session, folder: Path
) -> None:
    """Its own JPEG says how it lies, not a pixel packed again; the live picture is turned."""
    came = (folder / "a.jpg").read_bytes()
    seen = cv2.imread(str(folder / "a.jpg"))
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    for degrees, mirrored in product((0, 90, 180, 270), (False, True)):
        wanted = cv2.flip(seen, 1) if mirrored else seen
        wanted = cv2.rotate(wanted, turns[degrees]) if degrees else wanted

        shot = Shot(width=SIZE[0], height=SIZE[1], time=0.0, jpeg=came)
        page = page_of(shot, Turn(degrees=degrees, mirrored=mirrored))

        assert isinstance(page, Page)
        assert page.data.endswith(came[came.index(b"\xff\xda") :])
        found = cv2.imdecode(np.frombuffer(page.data, np.uint8), cv2.IMREAD_COLOR)
        assert np.array_equal(found, wanted)
        assert found.shape[:2] == (page.height, page.width)
    (taken_page,) = taken(session, rotate=90)
    session.set("rotate", 90)
    frame = next(session.frames(View(height=160)))
    assert (taken_page.width, taken_page.height) == (SIZE[1], SIZE[0])
    assert (frame.width, frame.height) == (120, 160)


def test_a_photograph_that_lies_itself_is_kept_without_loss(session: Session, folder: Path) -> None:
    """Two words on how it lies would be one too many."""
    with Image.open(folder / "a.jpg") as photo:
        exif = photo.getexif()
        exif[274] = 6
        photo.save(folder / "a.jpg", exif=exif, quality=90)
    wanted = cv2.rotate(cv2.imread(str(folder / "a.jpg")), cv2.ROTATE_180)

    (page,) = taken(session, rotate=180)

    assert isinstance(page, Raster)
    rows = b"".join(bytes(block) for block in page.rows)
    pixels = np.frombuffer(rows, np.uint8).reshape(page.height or 0, page.width, 3)
    assert np.array_equal(pixels, cv2.cvtColor(wanted, cv2.COLOR_BGR2RGB))


def test_a_video_file_plays_over_and_over(tmp_path: Path) -> None:
    """It is a camera to try where there is none."""
    file = tmp_path / "clip.avi"
    film = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 50, SIZE)
    for level in (60, 120, 180):
        film.write(np.full((SIZE[1], SIZE[0], 3), level, np.uint8))
    film.release()
    session = Webcam({"cameras": f"Clip = {file}"}).open("clip")

    pages = taken(session, pages=7)
    session.close()

    assert {(page.width, page.height) for page in pages} == {SIZE}
    assert len(pages) == 7


def test_half_a_jpeg_is_none_and_what_follows_one_is_cut_off(tmp_path: Path) -> None:
    """Cameras send too little, and buffers that are too long."""
    data = photograph(tmp_path / "one.jpg", 3, SIZE)

    assert whole(data[: len(data) // 2]) is None
    assert whole(b"GIF89a" + data) is None
    assert whole(b"\xff\xd8\xff\xd9") is None
    found = whole(data + bytes(1000))
    assert found is not None
    assert (found.data, found.width, found.height) == (data, *SIZE)


def test_a_jpeg_without_tables_gets_the_usual_ones(tmp_path: Path) -> None:
    """Cameras leave them out, and other programs could not read the page."""
    data = photograph(tmp_path / "one.jpg", 4, SIZE)
    bare, at = data, 2
    while bare[at + 1] != 0xDA:
        length = 2 + int.from_bytes(bare[at + 2 : at + 4], "big")
        if bare[at + 1] == 0xC4:
            bare = bare[:at] + bare[at + length :]
        else:
            at += length

    found = whole(bare)

    assert len(bare) < len(data)
    assert found is not None
    before, after = (cv2.imdecode(np.frombuffer(d, np.uint8), 1) for d in (data, found.data))
    assert np.array_equal(before, after)
