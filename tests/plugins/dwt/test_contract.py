"""The addon keeps the contract of addons."""

from __future__ import annotations

import pytest

from sheetfed.testing.addon import AddonContract


class TestAddon(AddonContract):
    """Found, ready, light."""

    @pytest.fixture
    def addon(self) -> str:
        return "dwt"
