"""The examples in the docs: pages of somebody else, as they stand there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe import faults
from playwright.sync_api import BrowserContext, Page, Route, expect
from web_site import web_site

sys.path.insert(0, str(Path(__file__).parents[1] / "client"))
from builds import build

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
STRICT = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'self'; connect-src http://127.0.0.1:*; img-src blob:\">"
)
"""The strictest policy under which anything can be shown."""
PASTE = """async (viewer) => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 60});
    const blob = await new Promise((done) => canvas.toBlob(done));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["no picture"], "notes.png", {type: "image/png"}));
    clipboardData.items.add(new File([blob], "pasted.png", {type: "image/png"}));
    viewer.dispatchEvent(new ClipboardEvent("paste", {clipboardData, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """A site with the examples."""
    files = [file for file in EXAMPLES.iterdir() if file.is_file()]
    pages = {f"/{file.name}": file.read_text() for file in files}
    pages["/strict.html"] = pages["/ten-lines.html"].replace("<title>", STRICT + "<title>")
    with web_site(pages) as origin:
        yield origin


@pytest.fixture(scope="module")
def product() -> Iterator[str]:
    """A site whose pages were built: React by webpack, Vue and Svelte by Vite."""
    with web_site({**build("react"), **build("vue"), **build("svelte")}) as origin:
        yield origin


@pytest.fixture
def example(context: BrowserContext, served: Any, shop: str) -> Iterator[Callable[..., Page]]:
    """Open an example, which is told where the service of the test is."""

    def example(name: str, site: str = "") -> Page:
        page = context.new_page()
        page.goto(f"{site or shop}/{name}")
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


@pytest.mark.timeout(120)
def test_ten_lines_scan_and_show(example: Callable[[str], Page], served: Any) -> None:
    """From the first click to pages that can be arranged, also from right to left."""
    page = example("ten-lines.html")
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.get_by_role("button", name="Scan").click()
    approve(page, served)

    expect(page.locator(".page.shown")).to_have_count(2, timeout=20_000)
    expect(page.locator(".scan-words")).to_have_text("2 pages scanned.")
    assert faults(page, "landmark-one-main") == []  # there is no more than the example
    page.get_by_label("Page 1, open large").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Page 2, open large")).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator(".page[data-id]")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".page[data-id]")).to_have_count(2)
    page.locator("sheetfed-viewer").evaluate(PASTE)
    expect(page.locator(".page[data-id]")).to_have_count(3)
    expect(page.locator(".toast", has_text="pasted.png: 1 page added.")).to_be_visible()
    expect(page.locator(".toast", has_text="notes.png could not be opened")).to_be_visible()


def test_elements_live_under_a_strict_policy(example: Callable[[str], Page], served: Any) -> None:
    """No style, script or frame of theirs needs leave that a careful site does not give."""
    page = example("strict.html")
    complaints: list[str] = []
    page.on(
        "console", lambda said: said.type in {"error", "warning"} and complaints.append(said.text)
    )
    page.get_by_role("button", name="Scan").click()
    approve(page, served)
    expect(page.locator(".page.shown")).to_have_count(2, timeout=20_000)

    page.get_by_label("Page 1, open large").click()
    viewer = page.locator("dialog.viewer")
    viewer.get_by_label("Crop").click()
    expect(viewer.locator(".region")).to_be_visible()
    page.evaluate(
        """() => new MutationObserver((_, watch) => {
            const {contentWindow} = document.querySelector("iframe.printed") ?? {};
            if (!contentWindow) return;
            watch.disconnect();
            contentWindow.print = () => {
                window.printed = contentWindow.document.images.length;
                contentWindow.dispatchEvent(new Event("afterprint"));
            };
        }).observe(document.body, {childList: true})"""
    )
    viewer.get_by_label("Print (Ctrl+P)").click()
    while not page.evaluate(
        "window.printed"
    ):  # waiting for it in the page would be against its rules
        page.wait_for_timeout(50)

    assert page.evaluate("printed") == 1
    assert complaints == []


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


@pytest.mark.timeout(180)  # the first of them builds all, on a machine that may be busy
@pytest.mark.parametrize("name", ["react", "vue", "svelte"])
def test_a_page_that_was_built_scans(
    example: Callable[..., Page], served: Any, product: str, name: str
) -> None:
    """The client goes through bundlers whole: its modules, its languages, its elements."""
    page = example(f"{name}/index.html", product)
    page.get_by_role("button", name="Scan").click()
    approve(page, served)

    expect(page.locator(".page.shown")).to_have_count(2, timeout=20_000)
    expect(page.get_by_text("2 pages so far.")).to_be_visible()
    expect(page.get_by_role("link", name="Save the PDF")).to_have_attribute(
        "download", "document.pdf"
    )


def test_what_is_scanned_is_uploaded_unseen(
    context: BrowserContext, served: Any, shop: str
) -> None:
    """No element, no page shown: a document goes from the scanner to the site's own server."""
    sent: list[bytes] = []

    def archive(route: Route) -> None:
        sent.append(route.request.post_data_buffer or b"")
        route.fulfill(status=201)

    page = context.new_page()
    page.route("**/archive", archive)
    page.goto(f"{shop}/upload.html")
    page.evaluate(
        """(addresses) => { window.example = {addresses, settings: {
            source: "feeder", sheets: 2, resolution: 75, speed: 600}}; }""",
        [served.address],
    )
    page.get_by_role("button", name="Scan and send").click()
    page.get_by_text("Approve").wait_for()
    (asking,) = served.ask("/v1/sites")["pending"]
    assert asking["code"] in page.locator("#notice").inner_text()
    served.tell(f"/v1/pairings/{asking['id']}/approve", {"code": asking["code"]})

    expect(page.locator("#notice")).to_have_text("2 pages are in the archive", timeout=20_000)
    assert [body[:5] for body in sent] == [b"%PDF-"]
    served.forget("/v1/sites", origin=shop)


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


def test_a_button_asks_anew_and_leaves_no_code_behind(
    example: Callable[[str], Page], served: Any, shop: str
) -> None:
    """The person gives up, asks again, takes the approval back, and asks once more."""
    page = example("ten-lines.html")
    page.get_by_role("button", name="Scan").click()
    page.locator(".code").wait_for()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".connection")).to_be_hidden()
    expect(page.get_by_role("button", name="Scan")).to_be_visible()
    for asking in served.ask("/v1/sites")["pending"]:
        served.tell(f"/v1/pairings/{asking['id']}/block")
        served.forget("/v1/sites", origin=shop)

    page.get_by_role("button", name="Scan").click()
    page.locator(".code").wait_for()
    approve(page, served)
    expect(page.locator(".scan-words")).to_have_text("2 pages scanned.")
    served.forget("/v1/sites", origin=shop)
    page.get_by_role("button", name="Scan").click()
    page.locator(".code").wait_for()
    approve(page, served)
    expect(page.locator(".scan-words")).to_have_text("2 pages scanned.")

    served.kill()
    page.get_by_role("button", name="Scan").click()
    expect(page.locator(".scan-words")).to_contain_text("sheetfed does not answer on this computer")
    served.start()


def test_a_site_gives_elements_its_own_look(example: Callable[[str], Page]) -> None:
    """By custom properties and parts, from the site's own style sheet."""
    page = example("ten-lines.html")
    page.evaluate(
        """() => {
            const look = new CSSStyleSheet();
            look.replaceSync(`sheetfed-scan-button { --sheetfed-accent: rgb(1, 2, 3); }
                sheetfed-scan-button::part(button) { border-radius: 21px; }`);
            document.adoptedStyleSheets = [look];
        }"""
    )

    button = page.get_by_role("button", name="Scan")
    expect(button).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(button).to_have_css("border-radius", "21px")
