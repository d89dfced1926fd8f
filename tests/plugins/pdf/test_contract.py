"""The addon's codec and the public kit."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping

import pytest
from PIL import Image

from sheetfed.testing.addon import AddonContract
from sheetfed.testing.codec import CodecContract
from sheetfed.testing.pages import drawn_page
from sheetfed_pdf.codec import Pdf


class TestAddon(AddonContract):
    """The hook is light, and says what there is."""

    @pytest.fixture
    def addon(self) -> str:
        return "pdf"


class TestPdf(CodecContract):
    """Everything that any codec has to prove."""

    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed_pdf.codec:Pdf"

    @pytest.fixture
    def writes(self) -> Collection[str]:
        return ["application/pdf"]

    @pytest.fixture
    def copies(self) -> Collection[str]:
        return ["application/pdf"]

    @pytest.fixture
    def passes(self) -> Mapping[str, bytes]:
        stream = io.BytesIO()
        Image.effect_noise((90, 120), 60).save(stream, "JPEG")
        return {"image/jpeg": stream.getvalue()}

    @pytest.fixture
    def examples(self) -> Mapping[str, bytes]:
        stream = io.BytesIO()
        pages = iter([drawn_page(90, 120), drawn_page(120, 90)])
        Pdf({}).encode(pages, stream, "application/pdf", {"compression": "jpeg"}, None)
        return {"application/pdf": stream.getvalue()}
