"""The built-in edits keep the contract that they set others."""

from __future__ import annotations

import base64

import pytest
from desk import file_of
from PIL import Image

from sheetfed.api.hooks import EditSpec
from sheetfed.api.model import Settings
from sheetfed.builtin.edits import sheetfed_edits
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.edit import EditContract

SPECS = {spec.name: spec for spec in sheetfed_edits()}
REGION = {"left": 20, "top": 30, "width": 60, "height": 40}
SEAL = base64.b64encode(file_of(Image.linear_gradient("L"))).decode()
CASES: dict[str, Settings] = {
    "rotate": {"angle": 7.5},
    "mirror": {},
    "flip": {},
    "crop": {"left": 60, "top": 60, "width": 280, "height": 250},
    "resize": {"percent": 60.0},
    "resolution": {"dpi": 150.0, "resample": True},
    "erase": REGION,
    "redact": REGION,
    "brightness": {"amount": 20.0},
    "contrast": {"amount": 20.0},
    "gamma": {"gamma": 1.5},
    "invert": {},
    "levels": {},
    "depth": {"bits": "1"},
    "stamp": {"picture": SEAL, "size": 30.0, "angle": 10.0},
    "text": {"text": "Copy\n1", "size": 20.0, "angle": -45.0, "opacity": 30.0},
}
LOADED = ("depth", "levels", "text")


class TestEditsAddon(AddonContract):
    @pytest.fixture
    def addon(self) -> str:
        return "edits"


class TestFinding(EditContract):
    """Edits that look for something or load something."""

    @pytest.fixture(params=LOADED)
    def case(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def spec(self, case: str) -> EditSpec:
        return SPECS[case]

    @pytest.fixture
    def settings(self, case: str) -> Settings:
        return CASES[case]


class TestPlain(TestFinding):
    """The others, which go through a child in the tests of pictures."""

    test_it_works_behind_the_worker = None  # type: ignore[assignment]

    @pytest.fixture(params=sorted(CASES.keys() - LOADED))
    def case(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)


def test_every_edit_has_a_case() -> None:
    """One without would be tried by nobody."""
    assert CASES.keys() == SPECS.keys()
