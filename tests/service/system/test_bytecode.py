"""What is installed is compiled, so that no start has to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from package_index import wheel
from test_packages import GOOD, Home

COMPILE = "from sheetfed.system.bytecode import compile_installed; print(compile_installed())"


@pytest.mark.timeout(120)
def test_an_addon_that_is_not_compiled_is(tmp_path: Path) -> None:
    """`service install` does it, as the account that may write there."""
    home = Home(tmp_path)
    wheel(tmp_path / "wheels", "acme-stapler", "1.0", GOOD.format("stapler"))
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-index")
    place = ("--find-links", tmp_path / "wheels", "--target", home.packages)
    subprocess.run([*pip, *place, "acme-stapler"], check=True)
    before = [*home.packages.rglob("acme_stapler*.pyc")]

    done = subprocess.run(
        [home.python, "-P", "-c", COMPILE], capture_output=True, text=True, check=True
    )

    assert before == []
    assert done.stdout == "True\n"
    assert [each.name for each in home.packages.rglob("acme_stapler*.pyc")] == [
        f"acme_stapler.{sys.implementation.cache_tag}.pyc"
    ]
