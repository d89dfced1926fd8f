"""Each protocol keeps the contract of targets, at a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pytest
from spare import free_port

from sheetfed.api.model import Settings
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.target import TargetContract

if TYPE_CHECKING:
    from places import Place


class TestProtocols(TargetContract):
    """Whole or not at all, once, and told."""

    @pytest.fixture
    def factory(self, place: Place) -> str:
        return place.factory

    @pytest.fixture
    def settings(self, place: Place) -> Settings:
        return place.settings()

    @pytest.fixture
    def unreachable(self, place: Place) -> Settings:
        return place.settings(port=free_port())

    @pytest.fixture
    def arrived(self, place: Place) -> Iterator[Callable[[], Mapping[str, bytes]]]:
        place.clear()
        yield place.arrived
        place.clear()


class TestUploader(AddonContract):
    """The hook is light, and says what there is."""

    @pytest.fixture
    def addon(self) -> str:
        return "uploader"
