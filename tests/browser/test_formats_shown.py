"""The page takes in, shows and saves a format that only an addon knows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
import etcher

Visit = Callable[..., Page]

DECODED = """async picture => {
    while (await picture.decode().then(() => false, () => picture.isConnected)) {
        await new Promise((go) => setTimeout(go, 20));
    }
    return picture.naturalWidth;
}"""
"""A better picture may take the place of the first one at any moment."""


@pytest.fixture(scope="module")
def served(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service beside which the addon is installed."""
    site, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("etchings")
    etcher.plant(site)
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    return serve(home, {"PYTHONPATH": str(site)})


def test_a_format_of_an_addon_is_opened_seen_and_saved(visit: Visit, tmp_path: Path) -> None:
    """Nothing of the page names it: its title, what it can be asked and its ending are told."""
    page = visit()
    plate = b"ETCH\n300 400 100\n500 200 200\n"

    page.set_input_files("#files", [{"name": "plate.etch", "mimeType": "", "buffer": plate}])
    page.locator(".toast", has_text="plate.etch: 2 pages added.").wait_for()
    expect(page.locator(".page[data-id]")).to_have_count(2)
    for number in (1, 2):
        seen = page.locator(f".page[data-number='{number}'] img")
        assert seen.evaluate(DECODED) > 20
    page.get_by_label("More ways to save").click()
    page.get_by_role("button", name="Save as…").click()
    page.get_by_label("Format").select_option("Etching")
    page.get_by_label("Ink").fill("blue")
    with page.expect_download() as saving:
        page.locator("dialog[open]").get_by_role("button", name="Save").click()

    file = tmp_path / "saved"
    saving.value.save_as(file)
    assert saving.value.suggested_filename.endswith(".etch")
    assert file.read_bytes() == b"ETCH\n300 400 100 blue\n500 200 200 blue\n"


def test_the_description_for_reading_lists_a_format_of_an_addon(visit: Visit) -> None:
    """Who looks up what may be sent and asked for finds it there, too."""
    page = visit()

    page.goto("/docs")

    row = page.locator("#formats tr", has_text="Etching")
    expect(row.locator("td")).to_have_text(
        ["Etching", "image/x-etch", "etch", "etch", "etch", "light, ink"]
    )
    expect(page.locator("#import_document p", has_text="A file:")).to_contain_text("image/x-etch")
    expect(page.locator("#save_document tr", has_text="The media type wanted")).to_contain_text(
        '"image/x-etch"'
    )
    expect(page.locator("#save_document tr", has_text="200")).to_contain_text("image/x-etch")
