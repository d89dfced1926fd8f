"""The contracts, for addons that keep and break them; run by test_kit in a pytest of its own."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest
from PIL import Image

from sheetfed.api.hooks import EditSpec
from sheetfed.api.model import Option, Settings
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.codec import CodecContract
from sheetfed.testing.edit import EditContract
from sheetfed.testing.session import SessionContract
from sheetfed.testing.source import SourceContract
from sheetfed.testing.step import StepContract
from sheetfed.testing.target import TargetContract

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from cradle import CRADLE

if sys.platform == "linux":
    CRADLE.rock()


class Tried:
    """What a contract is tried with: a factory, or an addon's name."""

    tried = ""

    @pytest.fixture
    def factory(self) -> str:
        return self.tried

    @pytest.fixture
    def addon(self) -> str:
        return self.tried


class OnSource(Tried, SourceContract):
    pass


class OnSession(Tried, SessionContract):
    pass


class OnCodec(Tried, CodecContract):
    @pytest.fixture
    def examples(self) -> Mapping[str, bytes]:
        out = io.BytesIO()
        Image.effect_noise((90, 60), 90).save(out, "TIFF", dpi=(100, 100))
        return {"image/tiff": out.getvalue()}

    @pytest.fixture
    def writes(self) -> Collection[str]:
        return {"image/tiff"}

    @pytest.fixture
    def copies(self) -> Collection[str]:
        return {"image/tiff"}

    @pytest.fixture
    def passes(self) -> Mapping[str, bytes]:
        out = io.BytesIO()
        Image.effect_noise((90, 60), 90).save(out, "JPEG", dpi=(100, 100))
        return {"image/jpeg": out.getvalue()}


class OnNothing(Tried, CodecContract):
    pass


class OnStep(Tried, StepContract):
    pass


class OnEdit(Tried, EditContract):
    by = Option(name="by", title="By", kind="float", default=0.0, unit="px", minimum=0, maximum=99)
    note = Option(name="note", title="Note", kind="text", default="")

    @pytest.fixture
    def spec(self) -> EditSpec:
        options = (self.by, self.note)
        return EditSpec(name="tried", title="Tried", factory=self.tried, options=options)

    @pytest.fixture
    def settings(self) -> Settings:
        return {"by": 40.0}


class OnCramped(OnEdit):
    by = Option(name="by", title="By", kind="float", default=-1.0, minimum=0, maximum=99)


class OnTarget(Tried, TargetContract):
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return {"folder": str(tmp_path)}

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> Settings:
        return {"folder": str(tmp_path / "nowhere")}

    @pytest.fixture
    def arrived(self, tmp_path: Path) -> Callable[[], Mapping[str, bytes]]:
        return lambda: {file.name: file.read_bytes() for file in tmp_path.iterdir()}


class OnAddon(Tried, AddonContract):
    pass


for contract, tried in json.loads(os.environ["CASES"]):
    name = f"Test{tried.partition(':')[2] or tried}{contract}"
    globals()[name] = type(name, (globals()[contract],), {"tried": tried})
