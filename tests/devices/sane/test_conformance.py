"""The addon keeps the contract that others are held to, with both bindings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from setups import Rig, Setup

KIT = Path(__file__).parents[2] / "rigs" / "sane" / "sane_kit.py"
GLASS, FEEDER = {"resolution": 75}, {"resolution": 75, "source": "feeder"}


def passed(setup: Setup, binding: str, folder: Path) -> str:
    """Run the kit; return what pytest says at the end. libsane reads its configuration once."""
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)]
    command += ["-p", "no:cacheprovider", "--import-mode=importlib", str(KIT)]
    told = {"BINDING": binding, "SETTINGS": json.dumps([GLASS, FEEDER])}
    told["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        command, env=setup.environ() | told, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.timeout(300)
def test_libsanes_own_scanner_passes_the_kit(
    test_backend: Setup, binding: str, tmp_path: Path
) -> None:
    """It has every kind of option that a driver can have."""
    said = passed(test_backend, binding, tmp_path)

    assert "skipped" not in said
    assert int(said.split()[0]) > 25


@pytest.mark.timeout(300)
def test_a_scanner_with_a_feeder_passes_the_kit(rig: Rig, binding: str, tmp_path: Path) -> None:
    """Its paper and its threshold depend on other settings."""
    said = passed(rig, binding, tmp_path)

    assert "skipped" not in said
    assert int(said.split()[0]) > 25
