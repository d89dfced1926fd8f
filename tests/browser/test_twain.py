"""Six sides from a Windows driver, in the browser."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs" / "twain"))
from scanner import set_up
from windows import WINDOWS

pytestmark = pytest.mark.timeout(240)
NUMBERS = """(pictures) => Promise.all(pictures.map(async (picture) => {
    await picture.decode();
    const {naturalWidth: width, naturalHeight: height} = picture;
    const canvas = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
    canvas.drawImage(picture, 0, 0);
    const bits = [...Array(8).keys()].map((bit) =>
        canvas.getImageData(width * (bit + 0.5) / 8, height * 9 / 825, 1, 1).data[0] < 128);
    return bits.reduce((sum, dark, bit) => sum + (dark ? 1 << bit : 0), 0);
}))"""
"""Reads what the scanner drew into the first inch of each page."""


@pytest.fixture(scope="module")
def served(serve: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service whose interpreter for TWAIN is a Windows Python under Wine."""
    if platform.machine() != "x86_64":
        pytest.skip("Debian has this Wine for x86_64 only")
    assert not WINDOWS.missing(), WINDOWS.missing()
    WINDOWS.make()
    folder = tmp_path_factory.mktemp("twain")
    rig = set_up(folder / "windows")
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text(f"[interpreters]\ntwain = {json.dumps(rig.python)}\n")
    yield serve(home)
    WINDOWS.stop(rig.prefix)


def test_six_sides_from_a_windows_driver_show_in_the_page(visit: Callable[..., Page]) -> None:
    """The driver's side is Windows; what a person sees is what every scanner's pages look like."""
    page = visit()
    page.select_option("#devices", label="Virtual Scanner (TWAIN, 64-bit)")
    page.get_by_label("Paper source").select_option(label="Feeder, both sides")

    page.click("#scan-button")
    page.locator(".toast", has_text="6 pages scanned.").wait_for(timeout=120_000)

    expect(page.locator(".page.shown")).to_have_count(6)
    numbers = page.locator(".page.shown img").evaluate_all(NUMBERS)
    assert numbers == [1, 2, 3, 4, 5, 6]
