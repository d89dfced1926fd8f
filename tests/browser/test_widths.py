"""A page of 60 000 pixels across is kept and shown; one that is too large is told in words."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
from program import PATIENCE, SHEETFED

WIDE = 60_000


def claimed(width: int, height: int) -> bytes:
    """Return a PNG that says it has so many grey pixels."""

    def part(kind: bytes, data: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + end

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 1) * 2))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


@pytest.fixture(scope="module")
def served(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service with a folder of two such pictures as a scanner."""
    home = tmp_path_factory.mktemp("wide") / "home"
    home.mkdir(mode=0o700)
    inbox = home.parent / "inbox"
    inbox.mkdir()
    Image.linear_gradient("L").resize((WIDE, 100)).save(inbox / "1.png")
    (inbox / "2.png").write_bytes(claimed(WIDE, WIDE))
    known = f'disabled = ["sane"]\n[addons.folder]\nfolders = "{inbox}"\n'
    (home / "sheetfed.toml").write_text(known)
    return serve(home)


def test_a_wide_page_is_shown_and_one_that_is_too_large_told(
    context: BrowserContext, served: Any
) -> None:
    (device,) = (each for each in served.ask("/v1/devices")["items"] if "folder" in each["id"])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    job = served.tell("/v1/jobs", {"device": device["id"]})  # a page that comes later shows it
    page.goto(served.door)

    banner = page.locator(".banner", has_text="2.png")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("60000 x 60000")
    picture = page.locator("#pages img").first
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    told = served.ask(f"/v1/jobs/{job['id']}")
    assert told["error"]["code"] == "too-large"
    (kept,) = served.ask(f"/v1/documents/{told['document']}")["pages"]
    assert (kept["width"], kept["height"]) == (WIDE, 100)
    banner.get_by_role("button", name="Keep").click()  # what came before stays
    expect(banner).to_have_count(0)
    expect(picture).to_be_visible()
    assert faults == []


def test_the_command_line_keeps_the_one_and_names_the_other(served: Any, tmp_path: Path) -> None:
    out = tmp_path / "wide.png"
    (device,) = (each for each in served.ask("/v1/devices")["items"] if "folder" in each["id"])
    words = [*SHEETFED, "--home", served.home, "scan", "--device", device["id"], "--out", out]

    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode != 0
    assert "2.png" in done.stderr
    assert "60000 x 60000" in done.stderr
    with Image.open(out) as saved:
        assert saved.size == (WIDE, 100)
