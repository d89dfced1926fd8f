"""What is done to a whole document: looked through, printed, added to, searched, ordered."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

Visit = Callable[..., Page]
Document = Callable[[Page], dict[str, Any]]

PRINTS = """
    window.print = () => {
        const {images} = document;
        const dots = [...images].map((each) => [
            each.naturalWidth, each.style.width, getComputedStyle(each).objectFit]);
        (top.printed ??= []).push(dots);
        dispatchEvent(new Event("afterprint"));
    };
"""
"""Takes the place of the dialog that a browser without a window cannot open."""


LATE = """async () => {
    const viewer = document.querySelector("sheetfed-viewer");
    const {id, version} = viewer.document;
    await viewer.show(null);
    viewer.hear({topic: "document", data: {id, version: version + 1, change: "changed"}});
    await viewer.show(id, {id, version, title: "", tags: [], pages: []});
    return viewer.order.length;
}"""
"""Opens a document by an answer that something has overtaken."""


def picture() -> dict[str, Any]:
    """Return a file with one page."""
    file = io.BytesIO()
    Image.new("RGB", (310, 438), "white").save(file, "PNG", dpi=(75, 75))
    return {"name": "added.png", "mimeType": "image/png", "buffer": file.getvalue()}


def stored(document: Document, page: Page) -> list[str]:
    """Return the ids of the pages as the service has them."""
    return [each["id"] for each in document(page)["pages"]]


def choose(page: Page, entry: str) -> None:
    """Choose from the menu of the document."""
    page.locator("#arrange summary").click()
    page.get_by_role("button", name=entry, exact=True).click()


def test_a_document_is_looked_through_printed_and_added_to(
    visit: Visit, context: BrowserContext, document: Document
) -> None:
    """All pages below one another; on paper as large as they were; new ones where they belong."""
    context.add_init_script(PRINTS)
    page = visit(sheets=3, resolution=100)
    page.click("#scan-button")
    page.locator(".toast", has_text="3 pages scanned.").wait_for()
    page.get_by_label("Page 1, open large").click()
    viewer = page.locator("dialog.viewer")
    viewer.get_by_role("button", name="All pages below one another").click()
    expect(viewer.get_by_role("img", name="Page 1")).to_be_visible()
    viewer.locator(".roll").evaluate("each => { each.scrollTop = each.scrollHeight; }")
    expect(viewer.get_by_role("heading")).to_have_text("Page 3 of 3")
    expect(viewer.get_by_role("img", name="Page 1")).to_have_count(0)
    page.keyboard.press("]")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^1169"))
    page.keyboard.press("Control+z")
    expect(viewer.locator(".facts")).to_contain_text(re.compile("^827"))
    viewer.get_by_label("Print (Ctrl+P)").click()
    page.wait_for_function("() => window.printed?.length === 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+p")
    page.wait_for_function("() => window.printed?.length === 2")
    one, all_three = page.evaluate("printed")
    assert [len(one), len(all_three)] == [1, 3]
    assert all(dots == 827 and width.startswith("8.27") for dots, width, _ in all_three)
    assert {fit for *_, fit in all_three} == {"contain"}, (
        "too long a page would be pressed together"
    )

    before = stored(document, page)
    page.get_by_label("Select page 2").check()
    page.get_by_label("Insert before the selected page").click()
    page.get_by_role("button", name="Scan pages here").click()
    expect(page.locator(".page[data-id]")).to_have_count(6)
    page.locator(".toast", has_text="3 pages scanned.").last.wait_for()
    with page.expect_file_chooser() as choosing:
        page.get_by_label("Insert before the selected page").click()
        page.get_by_role("button", name="Open files here…").click()
    choosing.value.set_files([picture()])  # type: ignore[list-item]
    expect(page.locator(".page[data-id]")).to_have_count(7)
    now = stored(document, page)
    assert [now[0], *now[-2:]] == before


def test_kept_pages_are_searched_ordered_and_joined(
    visit: Visit, served: Any, document: Document
) -> None:
    """Codes are found afterwards; backs come between fronts; two documents become one."""
    page = visit(sheets=4, resolution=150)
    page.click("#scan-button")
    page.locator(".toast", has_text="4 pages scanned.").wait_for()
    choose(page, "Look for codes, blank pages…")
    dialog = page.get_by_role("dialog", name="Look for codes, blank pages…")
    dialog.locator("#kept-step-barcode").check()
    dialog.get_by_role("button", name="Look at 4 pages").click()
    page.locator(".toast", has_text="All pages were looked at.").wait_for(timeout=50_000)
    expect(page.locator(".chip", has_text="code").first).to_be_visible()

    a, b, c, d = stored(document, page)
    for entry, order in {
        "Reverse the order": [d, c, b, a],
        "Fronts, then backs: interleave": [d, b, c, a],
        "Take fronts and backs apart": [d, c, b, a],
        "Fronts, then backs from the last: interleave": [d, a, c, b],
    }.items():
        choose(page, entry)
        expect(page.locator(".page[data-number='2']")).to_have_attribute("data-id", order[1])
        assert stored(document, page) == order, entry

    with page.expect_response("**/edits"):
        choose(page, "Turn even pages upside down")
    turned = [
        [each["options"]["angle"] for each in one["edits"]] for one in document(page)["pages"]
    ]
    assert turned == [[], [180], [], [180]]

    markup = "<img src=x onerror=alert(1)>'\"&amp;"
    page.locator("#title").fill(markup)
    page.locator("#title").press("Enter")
    page.click("#tag")
    page.get_by_role("combobox", name="Add a tag").fill("<script>alert(1)</script>")
    page.keyboard.press("Enter")
    expect(page.locator(".tag")).to_have_text("<script>alert(1)</script>")
    page.click("#new")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.set_input_files("#files", [picture()])  # type: ignore[list-item]
    expect(page.locator(".page.shown")).to_have_count(1)
    again = [one for one in asked if one.startswith("GET") and "/v1/documents/" in one]
    assert not again, "what was imported was just told, with all its pages"
    assert page.evaluate(LATE) == 1, "an answer that is older than the last event was believed"
    (own,) = stored(document, page)
    page.click("#documents")
    expect(page.locator(".document-name", has_text=markup)).to_be_visible()
    page.get_by_role("button", name="<script>alert(1)</script>", exact=True).click()
    expect(page.locator(".document-name")).to_have_count(1)
    page.keyboard.press("Escape")
    choose(page, "Add another document…")
    page.locator(".document-name", has_text=markup).click()
    expect(page.locator(".page[data-id]")).to_have_count(5)

    assert stored(document, page) == [own, d, a, c, b]
    assert markup not in {each["title"] for each in served.ask("/v1/documents")["items"]}
    page.get_by_label("Select page 2").check()
    page.get_by_label("Select page 4").check()
    choose(page, "Split at the selected pages")
    page.locator(".toast", has_text="There are 3 documents now.").wait_for()
    assert stored(document, page) == [own]


def told_in_german(page: Page, served: Any) -> None:
    """Hear of a jam and of a driver that lies: ours is said in German, its own quoted."""
    jam = {"sheets": 3, "resolution": 75, "speed": 600, "fault-page": 2, "fault-row": 9}
    banner = page.locator(".banner.wait")
    page.locator("#option-resolution").wait_for(state="attached")
    served.tell("/v1/jobs", {"device": "sample:paper", "settings": {**jam, "fault": "paper-jam"}})
    page.reload()
    expect(banner.locator("h2")).to_have_text("Im Einzug steckt Papier fest")
    expect(banner.locator("p").first).to_have_text("Seite 1 ist die letzte, die behalten wurde")
    banner.get_by_role("button", name="Seiten behalten").click()
    expect(banner).to_have_count(0)
    lie = json.dumps({**jam, "fault": "lie"})
    page.evaluate("each => { localStorage['sheetfed settings sample:paper'] = each; }", lie)
    page.reload()
    page.locator("#option-resolution").wait_for(state="attached")
    page.click("#scan-button")
    expect(banner.locator("h2")).to_have_text("Der Treiber hat etwas Unmögliches geliefert")
    expect(banner.locator("q[lang=en]")).to_contain_text("the driver")
    expect(banner).to_contain_text("Seite 1 ist die letzte, die behalten wurde")
    banner.get_by_role("button", name="Seiten behalten").click()
    expect(banner).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "said", "chosen"),
    [
        ("de-AT", ("Scannen", "Schwarzweiß"), ("fr", "Numériser", "Noir et blanc")),
        ("pt-BR", ("Scan", "Black and white"), ("ja", "スキャン", "白黒")),
    ],
)
def test_the_page_speaks_the_language_of_its_reader(
    context: BrowserContext,
    served: Any,
    locale: str,
    said: tuple[str, str],
    chosen: tuple[str, str, str],
) -> None:
    """The browser's at first, where it is one of ours; then the one that was chosen."""
    scan, lineart = said
    language, then_scan, then_lineart = chosen
    assert context.browser
    other = context.browser.new_context(locale=locale)
    page = other.new_page()
    page.goto(served.door)
    expect(page.locator("#scan-button")).to_have_text(scan)
    expect(page.locator("#settings").get_by_text(lineart, exact=True)).to_be_visible()
    if locale == "de-AT":
        told_in_german(page, served)

    page.click("#about")
    page.locator("#language").select_option(language)

    expect(page.locator("#scan-button")).to_have_text(then_scan)
    expect(page.locator("#settings").get_by_text(then_lineart, exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == language
    other.close()
