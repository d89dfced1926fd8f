"""The addon passes the public kit."""

from __future__ import annotations

import io

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from sheetfed.api.model import Page, Settings
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.step import StepContract


def letter(form: str = "PNG") -> Page:
    """Return a small page with a QR code on it, in one of the types that codecs hand on."""
    code = zxingcpp.create_barcode("kit", zxingcpp.BarcodeFormat.QRCode)
    sheet = Image.new("L", (240, 320), 255)
    sheet.paste(Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=3))), (60, 80))
    data = io.BytesIO()
    sheet.save(data, form)
    media_type = "image/jp2" if form == "JPEG2000" else f"image/{form.lower()}"
    return Page(
        data=data.getvalue(), media_type=media_type, width=240, height=320, dpi=(200.0, 200.0)
    )


class TestAddon(AddonContract):
    @pytest.fixture
    def addon(self) -> str:
        return "barcode"


class TestBarcodes(StepContract):
    @pytest.fixture(params=["auto", "zxing", "zbar"])
    def settings(self, request: pytest.FixtureRequest) -> Settings:
        return {"engine": request.param, "preset": "coverage"}

    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed_barcode.step:Barcodes"

    @pytest.fixture(params=["PNG", "JPEG", "WEBP", "JPEG2000", "GIF"])
    def page(self, request: pytest.FixtureRequest) -> Page:
        return letter(request.param)


class TestPatches(StepContract):
    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed_barcode.step:Patches"

    @pytest.fixture
    def page(self) -> Page:
        return letter()
