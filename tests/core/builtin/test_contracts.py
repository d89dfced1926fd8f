"""The addons that ship with the core keep the contracts that they set others."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
from PIL import Image

from sheetfed.api.model import Settings
from sheetfed.builtin.formats.offers import WRITES
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.codec import CodecContract
from sheetfed.testing.session import SessionContract
from sheetfed.testing.source import SourceContract

READS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/bmp": "BMP", "image/tiff": "TIFF"}
MORE = {
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/jp2": "JPEG2000",
    "image/x-portable-anymap": "PPM",
    "application/pdf": "PDF",
}


def picture(form: str, width: int = 90) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, 60), 90).save(out, form, dpi=(100, 100))
    return out.getvalue()


class TestSampleAddon(AddonContract):
    @pytest.fixture
    def addon(self) -> str:
        return "sample"


class TestFolderAddon(AddonContract):
    @pytest.fixture
    def addon(self) -> str:
        return "folder"


class TestImagesAddon(AddonContract):
    @pytest.fixture
    def addon(self) -> str:
        return "images"


class TestSample(SourceContract, SessionContract):
    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed.builtin.sample.scanner:SampleSource"

    @pytest.fixture(
        params=[
            {},
            {"source": "duplex", "mode": "lineart", "resolution": 75},
            {"source": "flatbed", "depth": 16, "resolution": 75},
            {"left": 10, "top": 10, "width": 33, "height": 44},
        ]
    )
    def scan_settings(self, request: pytest.FixtureRequest) -> Settings:
        return {"resolution": 100, "speed": 0} | dict(request.param)


class TestFolder(SourceContract, SessionContract):
    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed.builtin.folder.source:FolderSource"

    @pytest.fixture
    def settings(self, tmp_path_factory: pytest.TempPathFactory) -> Settings:
        folder: Path = tmp_path_factory.mktemp("scans")
        for number, form in enumerate(READS.values()):
            (folder / str(number)).write_bytes(picture(form, 90 + number))
        pages = [Image.effect_noise((70 + n, 50), 90) for n in range(3)]
        pages[0].save(folder / "all.tif", save_all=True, append_images=pages[1:])
        return {"folders": str(folder)}


class TestImages(CodecContract):
    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed.builtin.formats.codec:Images"

    @pytest.fixture
    def examples(self) -> Mapping[str, bytes]:
        return {media_type: picture(form) for media_type, form in (READS | MORE).items()}

    @pytest.fixture
    def writes(self) -> Collection[str]:
        return WRITES

    @pytest.fixture
    def copies(self) -> Collection[str]:
        return {"image/tiff", "application/pdf"}

    @pytest.fixture
    def passes(self) -> Mapping[str, bytes]:
        return {"image/jpeg": picture("JPEG")}
