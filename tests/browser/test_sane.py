"""Ten sheets from libsane's own feeder become a PDF, in the browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs" / "sane"))
from setups import set_up_test

PROGRAM = Path(sys.executable).with_name("sheetfed")


@pytest.fixture(scope="module")
def served(serve: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service whose libsane knows its own test backend and nothing else."""
    folder = tmp_path_factory.mktemp("sane")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in set_up_test(folder / "configuration").environment.items():
            patch.setenv(name, value)
        yield serve(folder / "home")


def test_ten_sheets_from_a_feeder_become_a_pdf(
    visit: Callable[..., Page], served: Any, tmp_path: Path
) -> None:
    """What a person does with a real scanner, with the driver that libsane brings for this."""
    page = visit()
    page.select_option("#devices", label="Noname frontend-tester")
    source = page.get_by_label("Paper source")
    source.select_option(label="Automatic Document Feeder")

    page.click("#scan-button")
    page.locator(".toast", has_text="10 pages scanned.").wait_for(timeout=40_000)

    expect(page.locator(".page.shown")).to_have_count(10)
    with page.expect_download() as saving:
        page.click("#save")
    file = tmp_path / "saved.pdf"
    saving.value.save_as(file)
    subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)
    with pypdfium2.PdfDocument(file) as pdf:
        assert len(pdf) == 10
    page.screenshot(path=str(tmp_path / "sane.png"))


def test_the_same_on_the_command_line(served: Any, tmp_path: Path) -> None:
    """Through the service that the page uses."""
    out = tmp_path / "ten.pdf"

    subprocess.run(
        [PROGRAM, "--home", served.home, "scan", "--device", "sane:test:0",
         "--set", "source=feeder", "--set", "resolution=300", "--out", out],
        check=True,
        capture_output=True,
    )  # fmt: skip

    with pypdfium2.PdfDocument(out) as pdf:
        assert len(pdf) == 10
        width, height = pdf[0].get_size()
    assert (round(width), round(height)) == (595, 842)
