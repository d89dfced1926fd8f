"""Cameras of the network that speak RTSP, through OpenCV and FFmpeg."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from photographs import photograph
from rtsp import camera

from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Progress, Raster, View
from sheetfed_webcam.source import Webcam


def test_its_pictures_are_seen_and_become_pages_until_it_hangs_up(tmp_path: Path) -> None:
    """Whoever it does not let in is told that it is gone: FFmpeg does not say why."""
    jpeg = photograph(tmp_path / "one.jpg", 1, (640, 480))
    seen = cv2.imread(str(tmp_path / "one.jpg"))[:, :, ::-1].astype(int)
    with camera(jpeg, pictures=40) as server:
        source = Webcam({"cameras": f"Gate = {server.address()}"})
        session = source.open("gate")

        frame = next(session.frames(View(width=320)))
        taken = [item for item in session.scan({"pages": 1}) if not isinstance(item, Progress)]
        with pytest.raises(DeviceGone):
            [*session.scan({"pages": 0})]
        session.close()

        with pytest.raises(DeviceGone):
            Webcam({"cameras": f"Gate = {server.address(login='')}"}).open("gate")

    (page,) = taken
    assert isinstance(page, Raster)
    assert (frame.width, frame.height) == (320, 240)
    assert (page.width, page.height) == (640, 480)
    drawn = np.frombuffer(b"".join(map(bytes, page.rows)), np.uint8).reshape(480, 640, 3)
    assert abs(drawn.astype(int) - seen).mean() < 12  # colour comes at half the size
