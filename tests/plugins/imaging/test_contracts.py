"""The addon keeps the contracts that everyone's does."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
import sheets

from sheetfed.api.hooks import EditSpec
from sheetfed.api.model import Page, Settings
from sheetfed.catalogue import package_for
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.edit import EditContract
from sheetfed.testing.step import StepContract
from sheetfed_imaging.offers import EDITS, STEPS


class TestAddon(AddonContract):
    """It loads, and its hooks stay light."""

    @pytest.fixture
    def addon(self) -> str:
        return "imaging"


@pytest.fixture(scope="module")
def written() -> Page:
    """Return a letter as a scanner sends it."""
    picture = sheets.captured(sheets.skewed(sheets.letter(dpi=72), 2.5))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return Page(data=out.getvalue(), media_type="image/png", width=595, height=842)


@pytest.mark.parametrize("factory", [spec.factory for spec in STEPS])
class TestSteps(StepContract):
    """Each step marks, and changes nothing."""

    @pytest.fixture
    def page(self, written: Page) -> Page:
        return written


ASKED: Mapping[str, Settings] = {
    "deskew": {"angle": 7.0, "canvas": "grow"},
    "border": {"corners": "30,20 330,40 320,460 25,450", "margin": 4},
    "despeckle": {"size": 9, "specks": "both"},
    "holes": {"circles": "20,240,14"},
    "shadows": {"left": 40, "bottom": 30},
    "adaptive-threshold": {"method": "sauvola", "window": 41},
    "dropout": {"colour": "blue"},
    "fast-rotate": {"angle": 30.0},
    "fast-resize": {"percent": 70.0},
}
"""What shows what an edit does, where its defaults do not."""


@pytest.mark.parametrize("spec", EDITS, ids=lambda spec: spec.name)
class TestEdits(EditContract):
    """Each edit keeps its promises at any size, in every mode, in its box."""

    @pytest.fixture
    def settings(self, spec: EditSpec) -> Settings:
        return ASKED.get(spec.name, {})


@pytest.mark.parametrize("kind", ["edit", "step"])
def test_the_core_knows_who_brings_what(kind: str) -> None:
    """Where the addon is missing, a person is told which package to install."""
    offered = {"edit": EDITS, "step": STEPS}[kind]

    assert {package_for(kind, spec.name) for spec in offered} == {"sheetfed-imaging"}
