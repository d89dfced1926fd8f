"""What every addon must prove, whatever it offers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points

import pytest

from sheetfed.addons import AddonRow, Addons, discover
from sheetfed.api.contracts import Codec, Command, Edit, Source, Step, Target, WebApp
from sheetfed.api.hooks import CONTRACT, Spec
from sheetfed.testing.factory import named
from sheetfed.testing.options import check_options

CONTRACTS: Mapping[str, type] = {
    "sources": Source,
    "codecs": Codec,
    "steps": Step,
    "targets": Target,
    "edits": Edit,
    "webapps": WebApp,
    "commands": Command,
}


class AddonContract:
    """Inherit it, and override `addon`."""

    @pytest.fixture
    def addon(self) -> str:
        """Return the name of the addon's entry point."""
        raise NotImplementedError("override the fixture `addon`")

    @pytest.fixture
    def addons(self) -> Addons:
        """Return what is installed."""
        return discover()

    @pytest.fixture
    def row(self, addons: Addons, addon: str) -> AddonRow:
        """Return how the addon fared."""
        rows = [row for row in addons.rows if row.name == addon]
        assert rows, f"no addon {addon!r} is installed"
        return rows[0]

    def test_it_is_ready(self, row: AddonRow) -> None:
        """Found, imported, its hooks called, and no name that another addon has."""
        assert row.state == "ready", f"{row.state}: {row.reason}"
        assert any(row.offers.values()), "it offers nothing"

    def test_its_hooks_import_no_native_library(self, addon: str) -> None:
        """The service imports them; a library that crashes belongs into a child."""
        (entry,) = entry_points(group=f"sheetfed.v{CONTRACT}", name=addon)
        command = [sys.executable, "-m", "sheetfed.testing.imports", entry.module]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert not done.stdout, f"importing {entry.module} loads {done.stdout.split()}"

    def test_its_factories_keep_their_contract(self, addons: Addons, row: AddonRow) -> None:
        """What a spec names is there, and is a class of the right kind."""
        for kind, spec in _specs(addons, row):
            factory = named(spec.factory)
            assert isinstance(factory, type), f"{spec.factory} is no class"
            assert issubclass(factory, CONTRACTS[kind]), (
                f"{spec.factory} is no {CONTRACTS[kind].__name__}"
            )

    def test_its_settings_are_valid(self, addons: Addons, row: AddonRow) -> None:
        """A form draws them, and the configuration is checked against them."""
        for _, spec in _specs(addons, row):
            check_options(spec.options)

    def test_it_answers_the_same_twice(self, row: AddonRow) -> None:
        """A hook describes; it does not count, look for devices or write files."""
        assert row in discover().rows


def _specs(addons: Addons, row: AddonRow) -> Iterator[tuple[str, Spec]]:
    for kind, offered in row.offers.items():
        found: Mapping[str, Spec] = getattr(addons, kind)
        for name in offered:
            yield kind, found[name]
