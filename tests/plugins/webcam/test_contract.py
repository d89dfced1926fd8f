"""The source of cameras keeps the promises of every source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from sheetfed.api.model import Settings
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.session import SessionContract
from sheetfed.testing.source import SourceContract


@pytest.fixture
def shelf(tmp_path: Path) -> Settings:
    """Return settings that name a folder with one photograph."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    cv2.imwrite(str(folder / "one.jpg"), np.full((90, 160, 3), 200, np.uint8))
    return {"cameras": f"Shelf = {folder}"}


def test_it_needs_no_library_of_a_desktop() -> None:
    """OpenCV loads on a server without libGL, X11 or Qt."""
    program = "import sheetfed_webcam.opening as it; print(open('/proc/self/maps').read())"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    loaded = done.stdout
    assert "cv2" in loaded
    assert not [name for name in ("libGL.", "libX11", "libxcb", "Qt") if name in loaded]


class TestAddon(AddonContract):
    """It loads, and loading it is light."""

    @pytest.fixture
    def addon(self) -> str:
        return "webcam"


class TestSource(SourceContract):
    """It lists cameras."""

    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed_webcam.source:Webcam"

    @pytest.fixture
    def settings(self, shelf: Settings) -> Settings:
        return shelf


class TestSession(SessionContract):
    """An open camera."""

    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed_webcam.source:Webcam"

    @pytest.fixture
    def settings(self, shelf: Settings) -> Settings:
        return shelf
