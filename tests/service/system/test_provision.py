"""An administrator's file: applied whole, silently, as often as anybody likes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from machine import Machine
from package_index import wheel
from test_packages import GOOD, PROGRAM, Home

FILE = """\
# The office in Bern.
[provision]
addons = ["acme-stapler==1.0"]
wheels = "wheels"
trust = true

[sites]
approved = ["https://scan.example"]  # the intranet

[policies]
locked = ["sites"]
"""


@pytest.mark.timeout(180)
def test_it_is_applied_twice_and_the_second_time_says_and_does_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    wheel(tmp_path / "wheels", "acme-stapler", "1.0", GOOD.format("stapler"))
    file = tmp_path / "office.toml"
    file.write_text(FILE)
    with Machine(tmp_path / "machine") as machine:

        def run(*words: object) -> Any:
            before = [*machine.inside, "env", f"HOME={tmp_path}", home.python, "-P", "-c", PROGRAM]
            return subprocess.run(
                [*map(str, before), *map(str, words)],
                env=os.environ,
                capture_output=True,
                text=True,
                check=False,
            )

        first = run("provision", file)
        after = machine.listing()
        second = run("provision", file)
        again = machine.listing()
        file.write_text(FILE.replace("https://scan", "scan"))
        wrong = run("provision", file)
        kept = machine.listing()
        shown = json.loads(run("config", "show", "--origin", "--json").stdout)
        locked = run("config", "set", "sites.approved", '["https://own.example"]')
        cat = [*machine.inside, "cat", "/etc/sheetfed/conf.d/50-provision.toml"]
        unit = machine.listing("/etc/systemd/user")
        text = subprocess.run(cat, capture_output=True, text=True, check=True).stdout

    assert first.returncode == 0, first.stderr
    assert "acme-stapler 1.0 was installed" in first.stderr
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert after == again == kept
    assert wrong.returncode == 2
    assert f"{file}, line 8: " in wrong.stderr
    assert shown["sites.approved"]["value"] == ["https://scan.example"]
    assert shown["sites.approved"]["origin"].startswith("/etc/sheetfed/conf.d/50-provision.toml")
    assert "./sheetfed-trust.service" in unit
    assert locked.returncode == 1
    assert "The administrator decides" in locked.stderr
    assert "# the intranet" in text
    assert "provision]" not in text
