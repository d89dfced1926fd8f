"""The text of a document in the viewer: searched, selected, copied."""

from __future__ import annotations

import io
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


def test_the_text_of_a_document_is_searched_and_copied(visit: Any, context: Any) -> None:
    """What a file says already must not be typed off its picture."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit()
    data = letters("Dear Ada Lovelace", "the last invoice", "Nothing here")
    file: Any = {"name": "post.pdf", "mimeType": "application/pdf", "buffer": data}
    page.set_input_files("#files", [file])
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
