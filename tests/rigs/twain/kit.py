"""The conformance kit, to be run by a Python for Windows."""

from __future__ import annotations

import pytest

from sheetfed.api.model import Settings
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.session import SessionContract
from sheetfed.testing.source import SourceContract

FACTORY = "sheetfed_twain.source:Twain"


class TestAddon(AddonContract):
    @pytest.fixture
    def addon(self) -> str:
        return "twain"


class TestTwain(SourceContract, SessionContract):
    @pytest.fixture
    def factory(self) -> str:
        return FACTORY

    @pytest.fixture
    def scan_settings(self) -> Settings:
        return {"source": "feeder", "resolution": 200, "mode": "gray"}
