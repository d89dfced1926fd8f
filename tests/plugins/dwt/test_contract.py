"""The addon keeps the contract of addons."""

from __future__ import annotations

import pytest

from sheetfed.testing.addon import AddonContract
from sheetfed_dwt import sheetfed_webapps


class TestAddon(AddonContract):
    """Found, ready, light."""

    @pytest.fixture
    def addon(self) -> str:
        return "dwt"


def test_its_ports_are_shut_until_the_person_opens_them() -> None:
    """They are another product's, and programs without an Origin need one more word."""
    for spec in sheetfed_webapps():
        usual = {option.name: option.default for option in spec.options}

        assert (usual["enabled"], usual["programs"], spec.auth) == (False, False, "origin")
