"""A format that only an addon knows, at the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
import etcher
from program import finding
from spare import free_port

PLATES = b"ETCH\n300 400 100\n500 200 200\n"


@pytest.fixture
def environ(shell: Any) -> dict[str, str]:
    """Return what finds the addon, which is installed beside ours."""
    etcher.plant(shell.folder / "site")
    return finding(shell.folder / "site")


@pytest.fixture(params=["service", "alone"])
def etching(request: pytest.FixtureRequest, shell: Any, environ: dict[str, str]) -> Any:
    """Return what runs a command beside a service, and where there is none."""
    if request.param == "service":
        started = shell.start(
            "serve", "--port", str(free_port()), environ={**environ, "SHEETFED_TLS": "false"}
        )
        assert started.stdout.readline().startswith("sheetfed is at")

    def run(*words: str) -> str:
        done = shell.run(*words, environ=environ)
        assert done.returncode == 0, done.stderr
        out: str = done.stdout
        return out

    return run


def test_an_addons_format_is_scanned_into_taken_in_and_saved(shell: Any, etching: Any) -> None:
    """Its ending is enough to say what is wanted, and its content what came."""
    (shell.folder / "plates").write_bytes(PLATES)

    etching("scan", "-d", "sample:paper", "-s", "resolution=75", "-s", "speed=0",
            "-s", "sheets=2", "--out", "scanned.etch")  # fmt: skip
    document = etching("import", "plates").strip()
    etching("documents", "save", document, "saved.etch", "--set", "ink=blue")
    etching("documents", "save", document, "asked.bin", "--type", "etch")
    listed = {one["type"]: one for one in json.loads(etching("formats", "--json"))["items"]}

    scanned = (shell.folder / "scanned.etch").read_bytes().splitlines()
    assert (scanned[0], len(scanned)) == (b"ETCH", 3)
    saved = b"ETCH\n300 400 100 blue\n500 200 200 blue\n"
    assert (shell.folder / "saved.etch").read_bytes() == saved
    assert (shell.folder / "asked.bin").read_bytes() == saved.replace(b"blue", b"black")
    assert listed["image/x-etch"]["endings"] == ["etch"]
