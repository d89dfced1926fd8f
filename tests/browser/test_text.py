"""The text of a document in the viewer: searched, selected, copied."""

from __future__ import annotations

import io
import re
from typing import Any

import pikepdf
from playwright.sync_api import expect


def letters(*lines: str) -> bytes:
    """Return a PDF with a page for each line."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for line in lines:
        pdf.add_blank_page(page_size=(300, 400))
        page = pdf.pages[-1].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pikepdf.Stream(pdf, b"BT /F1 20 Tf 20 350 Td (%s) Tj ET" % line.encode())
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


def pdf(*lines: str) -> Any:
    """Return it as a file to be opened."""
    return {"name": "post.pdf", "mimeType": "application/pdf", "buffer": letters(*lines)}


def test_the_text_of_a_document_is_searched_and_copied(visit: Any, context: Any) -> None:
    """What a file says already must not be typed off its picture."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit()
    page.set_input_files("#files", [pdf("Dear Ada Lovelace", "the last invoice", "Nothing here")])
    page.get_by_label("Page 1, open large").press("Enter")
    viewer = page.locator("dialog.viewer")

    line = viewer.locator(".text div")
    expect(line).to_have_text("Dear Ada Lovelace")
    line.click(click_count=3)
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    drawn, laid = viewer.locator(".paper").bounding_box(), line.bounding_box()
    viewer.get_by_role("searchbox", name="Search the text").fill("LAST invoice")
    page.keyboard.press("Enter")
    viewer.get_by_role("button", name="Page 2").click()

    assert copied.strip() == "Dear Ada Lovelace"
    assert abs((laid["x"] - drawn["x"]) / drawn["width"] - 20 / 300) < 0.02
    assert abs(laid["width"] / drawn["width"] - 165 / 300) < 0.05
    expect(viewer.get_by_role("heading")).to_contain_text("Page 2 of 3")
    expect(viewer.locator(".lights div")).to_have_count(2)
    expect(line).to_have_text("the last invoice")
    viewer.get_by_role("searchbox", name="Search the text").fill("nowhere")
    page.keyboard.press("Enter")
    expect(viewer.get_by_text("Nothing found.")).to_be_visible()

    viewer.get_by_role("button", name="All pages below one another").click()
    line = viewer.locator(".roll .paper .text div", has_text="the last invoice")
    line.click(click_count=3)
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()").strip() == "the last invoice"


def test_what_was_searched_ends_with_its_document(visit: Any, expected: set[str]) -> None:
    """Findings of one document lead nowhere in another; what fails is said in words."""
    expected.add("503")
    page = visit()
    viewer = page.locator("dialog.viewer")
    wanted = viewer.get_by_role("searchbox", name="Search the text")
    for line in ("the first invoice", "the second invoice"):
        page.set_input_files("#files", [pdf(line)])
        page.locator(".toast", has_text="1 page added").last.wait_for()
        page.get_by_label("Page 1, open large").press("Enter")
        expect(wanted).to_have_value("")
        expect(viewer.locator(".text-search li")).to_have_count(0)
        wanted.fill("invoice")
        page.keyboard.press("Enter")
        expect(viewer.locator(".text-search li")).to_have_text(re.compile(line))
        viewer.get_by_role("button", name="Close").click()
        page.click("#new")

    page.set_input_files("#files", [pdf("the last invoice")])
    page.get_by_label("Page 1, open large").press("Enter")
    refusal = {"code": "exhausted", "title": "Not now", "advice": "Wait.", "status": 503}
    page.route("**/text?*", lambda route: route.fulfill(status=503, json=refusal))
    wanted.fill("invoice")
    page.keyboard.press("Enter")
    expect(viewer.get_by_text("Not now. Wait.", exact=True)).to_be_visible()


def test_words_that_did_not_come_are_asked_for_again(visit: Any, expected: set[str]) -> None:
    """A page is left and seen again: it is no picture for ever because one answer was lost."""
    expected.add("ERR_FAILED")
    page = visit()
    page.route("**/contents", lambda route: route.abort(), times=1)
    page.set_input_files("#files", [pdf("one", "two")])
    with page.expect_event("requestfailed", lambda each: each.url.endswith("/contents")):
        page.get_by_label("Page 1, open large").press("Enter")
    line = page.locator("dialog.viewer .stage:visible .text div")

    page.keyboard.press("PageDown")
    expect(line).to_have_text("two")
    page.keyboard.press("PageUp")

    expect(line).to_have_text("one")
