"""The conformance kit on SANE, for a process of its own."""

from __future__ import annotations

import json
import os

import pytest

from sheetfed.api.model import Settings
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.session import SessionContract
from sheetfed.testing.source import SourceContract


class TestAddon(AddonContract):
    @pytest.fixture
    def addon(self) -> str:
        return "sane"


class TestSane(SourceContract, SessionContract):
    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed_sane.source:Sane"

    @pytest.fixture
    def settings(self) -> Settings:
        return {"binding": os.environ["BINDING"]}

    @pytest.fixture(params=json.loads(os.environ["SETTINGS"]), ids=str)
    def scan_settings(self, request: pytest.FixtureRequest) -> Settings:
        return dict(request.param)
