"""The examples in the docs: pages of somebody else, as they stand there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from web_site import web_site

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
AXE = Path(sys.prefix) / "client" / "node_modules" / "axe-core" / "axe.min.js"
FAULTS = """async () => {
    const off = {enabled: false}; // there is no more than the example
    const {violations} = await axe.run({rules: {region: off, "landmark-one-main": off}});
    return violations.map(({id, nodes}) => [id, nodes[0].html]);
}"""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """A site with the examples."""
    pages = {f"/{file.name}": file.read_text() for file in EXAMPLES.iterdir()}
    with web_site(pages) as origin:
        yield origin


@pytest.fixture
def example(context: BrowserContext, served: Any, shop: str) -> Iterator[Callable[[str], Page]]:
    """Open an example, which is told where the service of the test is."""

    def example(name: str) -> Page:
        page = context.new_page()
        page.goto(f"{shop}/{name}")
        page.evaluate(
            """(addresses) => Object.assign(document.querySelector("sheetfed-scan-button"), {
                addresses, settings: {source: "feeder", sheets: 2, resolution: 75, speed: 600}})""",
            [served.address],
        )
        return page

    yield example
    for site in served.ask("/v1/sites")["items"]:
        served.forget("/v1/sites", origin=site["origin"])


def approve(page: Page, served: Any) -> None:
    """Compare the code, and approve the page."""
    code = page.locator(".code").text_content() or ""
    (asking,) = served.ask("/v1/sites")["pending"]
    assert asking["code"] == code.replace(" ", "")
    served.tell(f"/v1/pairings/{asking['id']}/approve", {"code": asking["code"]})


def test_ten_lines_scan_and_show(example: Callable[[str], Page], served: Any) -> None:
    """From the first click to pages that can be arranged, also from right to left."""
    page = example("ten-lines.html")
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.get_by_role("button", name="Scan").click()
    approve(page, served)

    expect(page.locator(".page.shown")).to_have_count(2, timeout=20_000)
    expect(page.locator(".scan-words")).to_have_text("2 pages scanned.")
    page.evaluate(AXE.read_text())
    assert page.evaluate(FAULTS) == []
    page.get_by_label("Page 1, open large").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Page 2, open large")).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator(".page[data-id]")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".page[data-id]")).to_have_count(2)


def test_a_form_gets_the_scanned_file(example: Callable[[str], Page], served: Any) -> None:
    """A field that took files takes paper, and nothing stays behind."""
    page = example("form.html")
    page.get_by_role("button", name="Scan").click()
    approve(page, served)

    page.wait_for_function("document.querySelector('input').files.length === 1")
    told = page.evaluate(
        """async () => {
            const [file] = document.querySelector("input").files;
            return [file.type, await file.slice(0, 5).text()];
        }"""
    )
    assert told == ["application/pdf", "%PDF-"]


def test_a_button_says_what_to_do_where_nothing_answers(example: Callable[[str], Page]) -> None:
    """In the language of the page."""
    page = example("ten-lines.html")
    page.evaluate(
        "document.querySelector('sheetfed-scan-button').addresses = ['http://127.0.0.1:9']"
    )

    page.get_by_role("button", name="Scan").click()

    expect(page.locator(".connection")).to_contain_text("sheetfed does not answer on this computer")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Scan")).to_be_visible()
