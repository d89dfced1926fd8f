"""Files that come in: whatever they are called, and where they were meant to."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

Visit = Callable[..., Page]

NAMES = ('"quoted".png', "a\\b]c.png", "two\nlines.png", "<img src=x onerror=alert(1)>.png")


def file(name: str, data: bytes = b"no picture") -> Any:
    """Return a file, which is no picture where nothing else is given."""
    return {"name": name, "mimeType": "image/png", "buffer": data}


def picture(name: str) -> Any:
    """Return a file with one page."""
    drawn = io.BytesIO()
    Image.new("RGB", (310, 438), "white").save(drawn, "PNG", dpi=(75, 75))
    return file(name, drawn.getvalue())


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_file_keeps_others_back(visit: Visit, expected: set[str], name: str) -> None:
    """A refused file is told by its name, and the next one comes in all the same."""
    expected.update({"415", "422"})
    page = visit()

    page.set_input_files("#files", [file(name), picture("good.png")])

    expect(page.locator(".page[data-id]")).to_have_count(1)
    refused = page.locator(".banner", has_text="could not be opened")
    expect(refused).to_have_count(1)
    assert name.split("\n", maxsplit=1)[0] in (refused.text_content() or "")
    expect(page.locator("[data-name=importing]")).to_have_count(0)
    expect(page.locator("#open")).to_have_attribute("aria-busy", "false")


def test_files_go_where_the_person_dropped_them(visit: Visit, served: Any) -> None:
    """Another document is opened while they come in: nothing of them lands in it."""
    page = visit()
    held: list[Route] = []
    page.route("**/v1/imports?*", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it must be a function of Python
    other = served.tell("/v1/documents", {"title": "Another"})["id"]

    page.set_input_files("#files", [picture("one.png"), picture("two.png")])
    while not held:
        page.wait_for_timeout(50)
    page.evaluate("id => { location.hash = id; }", other)
    expect(page.locator("#title")).to_have_value("Another")
    held.pop().continue_()

    page.locator(".toast", has_text="two.png: 1 page added.").wait_for()
    expect(page.locator("#title")).to_have_value("Another")
    expect(page.locator(".page[data-id]")).to_have_count(0)
    counts = {each["title"]: each["page_count"] for each in served.ask("/v1/documents")["items"]}
    assert (counts["Another"], counts["one"]) == (0, 2)


def test_many_files_do_not_hide_the_pages_behind_notices(visit: Visit) -> None:
    """Each tells its name as it comes in; the newest few are enough."""
    page = visit()

    page.set_input_files("#files", [picture(f"{number}.png") for number in range(6)])

    page.locator(".toast", has_text="5.png: 1 page added.").wait_for()
    told = page.locator(".toast > span").all_inner_texts()
    assert told == [f"{number}.png: 1 page added." for number in (3, 4, 5)]


def test_a_press_that_began_inside_closes_no_dialog(visit: Visit) -> None:
    """Who selects a number in a field may let go beside the dialog."""
    page = visit()
    page.set_input_files("#files", picture("one.png"))
    expect(page.locator(".page.shown")).to_have_count(1)
    page.get_by_label("More ways to save").click()
    page.get_by_role("button", name="Save as…").click()
    dialog = page.get_by_role("dialog", name="Save as…")
    page.get_by_label("Format").select_option(label="JPEG")
    field = dialog.get_by_label("Quality")
    field.fill("40")
    box, around = field.bounding_box(), dialog.bounding_box()
    assert box
    assert around

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(around["x"] / 2, around["y"] + 40, steps=4)
    page.mouse.up()

    expect(dialog).to_be_visible()
    expect(field).to_have_value("40")
    page.mouse.click(around["x"] / 2, around["y"] + 40)
    expect(dialog).to_have_count(0)


def test_no_password_is_remembered(visit: Visit) -> None:
    """The next document is locked with none that was meant for this one."""
    page = visit()
    page.set_input_files("#files", picture("one.png"))
    expect(page.locator(".page.shown")).to_have_count(1)

    for secret in ("open sesame", ""):
        page.get_by_label("More ways to save").click()
        page.get_by_role("button", name="Save as…").click()
        dialog = page.get_by_role("dialog", name="Save as…")
        dialog.get_by_label("Format").select_option(label="PDF")
        dialog.locator("details.all > summary").click()
        password = dialog.get_by_label("Password to open")
        expect(password).to_have_value("")
        password.fill(secret)
        password.press("Tab")
        with page.expect_download() as saving:
            dialog.get_by_role("button", name="Save").click()
        locked = b"/Encrypt" in saving.value.path().read_bytes()
        assert locked == bool(secret)
        assert "sesame" not in page.evaluate("JSON.stringify(localStorage)")
