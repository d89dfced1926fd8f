"""What a hand is at stays in it: tools, pictures, words and offers, whatever comes meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

Document = Callable[[Page], dict[str, Any]]

LET_GO = """async () => {
    const {document: {pages: [page]}, pictures} = document.querySelector("sheetfed-viewer");
    const coming = pictures.thumbnail({...page, etag: "another"});
    pictures.forget(page.id);
    const img = new Image();
    img.src = await coming;
    return img.decode().then(() => "shown", () => "lost");
}"""
"""Waits for a picture that is let go of meanwhile, and shows it."""


def test_tools_come_once_it_is_known_what_can_be_done(scanned: Page) -> None:
    """A page is held up large before the service has answered: nobody has to open it again."""
    held: list[Route] = []
    scanned.route("**/v1/edits", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it must be a function of Python
    scanned.reload()
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")
    expect(viewer.get_by_label("Print (Ctrl+P)")).to_be_visible()
    while not held:
        scanned.wait_for_timeout(50)
    expect(viewer.get_by_label("Crop")).to_have_count(0)

    held.pop().continue_()

    expect(viewer.get_by_label("Crop")).to_be_visible()
    names = viewer.locator(".toolbar > *").evaluate_all("all => all.map(each => each.ariaLabel)")
    assert names[-2:] == ["Print (Ctrl+P)", "Delete (Del)"]
    with scanned.expect_response("**/edits"):
        viewer.get_by_label("Turn right (])").click()


def test_tools_are_asked_for_again_when_a_page_is_opened(scanned: Page, expected: set[str]) -> None:
    """The first answer was lost, and nothing else happened since."""
    expected.add("ERR_FAILED")
    scanned.route("**/v1/edits", lambda route: route.abort(), times=1)
    with scanned.expect_event("requestfailed", lambda each: each.url.endswith("/v1/edits")):
        scanned.reload()
    scanned.get_by_label("Page 1, open large").click()

    expect(scanned.locator("dialog.viewer").get_by_label("Crop")).to_be_visible()


def test_undoing_ends_what_is_being_set(scanned: Page, document: Document) -> None:
    """What is tried goes, and only that; a slider that moves then would replace another edit."""
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")
    with scanned.expect_response("**/edits"):
        scanned.keyboard.press("]")
    viewer.get_by_label("Change…").select_option(label="Brightness")
    with scanned.expect_response("**/edits"):
        viewer.get_by_role("slider", name="Brightness").fill("40")

    with scanned.expect_response("**/undo"):
        scanned.keyboard.press("Control+z")

    expect(viewer.get_by_role("button", name="Apply", exact=True)).to_be_hidden()
    page = document(scanned)["pages"][0]
    assert [each["name"] for each in page["edits"][: page["edited"]]] == ["rotate"]


def test_what_an_edit_asks_for_is_picked(scanned: Page, document: Document) -> None:
    """Nobody knows a page by its id, nor a colour by its number."""
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")

    for change, name in (("Stamp", "Picture"), ("Erase", "Fill colour")):
        viewer.get_by_label("Change…").select_option(label=change)
        if change == "Stamp":
            viewer.get_by_label(name).select_option(label="Page 2")
        else:
            viewer.locator("input[type=color]").fill("#336699")
            expect(viewer.get_by_label(name)).to_have_value("#336699")
        with scanned.expect_response("**/edits*") as answer:
            viewer.get_by_role("button", name="Apply", exact=True).click()
        assert answer.value.ok, change

    stamped, erased = document(scanned)["pages"][0]["edits"]
    assert stamped["options"]["picture"].startswith("stamp-")  # a copy of what is on page 2
    assert erased["options"]["fill"] == "#336699"


def test_an_edit_that_comes_again_begins_anew(scanned: Page) -> None:
    """It comes on top of the first, so it does not show what that was asked."""
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")
    slider = viewer.get_by_role("slider", name="Brightness")

    viewer.get_by_label("Change…").select_option(label="Brightness")
    slider.fill("40")
    viewer.get_by_role("button", name="Apply", exact=True).click()
    expect(viewer.get_by_label("Undo (Ctrl+Z)")).to_be_enabled()
    viewer.get_by_label("Change…").select_option(label="Brightness")

    expect(slider).to_have_value("0")


def test_what_one_page_got_all_get(scanned: Page, document: Document) -> None:
    """It is set on one page, seen there, then done to the others, and taken back from all."""
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")
    count = len(document(scanned)["pages"])

    viewer.get_by_label("Change…").select_option(label="Text")
    with scanned.expect_response(re.compile("/documents/.*/edits")):
        viewer.get_by_role("button", name=f"Apply to all {count} pages").click()

    done = scanned.locator(".toast", has_text=f"“Text”: {count} pages changed.")
    done.wait_for()
    pages = document(scanned)["pages"]
    assert [[each["name"] for each in page["edits"]] for page in pages] == [["text"]] * count
    with scanned.expect_response(re.compile("/documents/.*/undo")):
        done.get_by_role("button", name="Undo").click()
    assert {page["edited"] for page in document(scanned)["pages"]} == {0}


def test_many_pages_are_changed_some_at_a_time(
    scanned: Page, document: Document, served: Any
) -> None:
    """Somebody sees how far it is."""
    pages = [page["id"] for page in document(scanned)["pages"]]
    copied = f"/v1/documents/{document(scanned)['id']}/copy"
    for _ in range(8):
        served.tell(copied, {"pages": pages})
    expect(scanned.locator("#count")).to_have_text("45 pages")
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")
    asked: list[Route] = []
    scanned.route(re.compile("/documents/.*/edits"), lambda route: asked.append(route))  # noqa: PLW0108 - it must be a function of Python

    viewer.get_by_label("Change…").select_option(label="Mirror")
    viewer.get_by_role("button", name="Apply to all 45 pages").click()
    scanned.locator(".toast", has_text="“Mirror”: 1 of 45 pages…").wait_for()
    asked.pop().continue_()
    scanned.locator(".toast", has_text="“Mirror”: 31 of 45 pages…").wait_for()
    asked.pop().continue_()

    scanned.locator(".toast", has_text="“Mirror”: 45 pages changed.").wait_for()
    assert {page["edited"] for page in document(scanned)["pages"]} == {1}


def test_the_selected_pages_get_what_one_of_them_got(scanned: Page, document: Document) -> None:
    """Others stay as they are."""
    scanned.get_by_label("Select page 1").check()
    scanned.get_by_label("Select page 3").check()
    scanned.get_by_label("Page 3, open large").click()
    viewer = scanned.locator("dialog.viewer")

    viewer.get_by_label("Change…").select_option(label="Invert")
    with scanned.expect_response(re.compile("/documents/.*/edits")):
        viewer.get_by_role("button", name="Apply to the 2 selected pages").click()

    scanned.locator(".toast", has_text="“Invert”: 2 pages changed.").wait_for()
    assert [page["edited"] for page in document(scanned)["pages"]] == [1, 0, 1, 0, 0]


def test_a_picture_that_was_asked_for_later_stays(scanned: Page) -> None:
    """It is held up larger before the first picture has come, which comes last."""
    held: list[Route] = []
    scanned.route(re.compile(r"/image\?.*width=600"), lambda route: held.append(route), times=1)  # noqa: PLW0108 - it must be a function of Python
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")
    picture = viewer.get_by_role("img", name="Page 1")
    while not held:
        scanned.wait_for_timeout(50)
    with scanned.expect_response(re.compile(r"/image\?.*width=827")):
        viewer.get_by_label("Actual size").click()
    scanned.wait_for_function("each => each.naturalWidth === 827", arg=picture.element_handle())
    shown = picture.get_attribute("src") or ""

    with scanned.expect_event("requestfinished", lambda each: each.url == held[0].request.url):
        held[0].continue_()
    scanned.evaluate("fetch('/livez').then((answer) => answer.blob())")  # which comes after it

    expect(picture).to_have_attribute("src", shown)


def test_who_waited_for_a_picture_sees_it(scanned: Page) -> None:
    """It was let go of as it came, and its address with it."""
    assert scanned.evaluate(LET_GO) == "shown"


def test_an_offer_stays_while_somebody_is_at_it(scanned: Page) -> None:
    """The pointer goes by, and the keyboard stands on it still."""
    scanned.clock.install()
    scanned.locator(".page[data-number='2']").hover()
    scanned.get_by_label("Delete page 2").click()
    undo = scanned.locator(".toast").get_by_role("button", name="Undo")
    undo.focus()
    undo.hover()
    scanned.mouse.move(5, 5)

    scanned.clock.fast_forward(20_000)
    expect(undo).to_be_focused()

    undo.evaluate("each => each.blur()")
    scanned.clock.fast_forward(20_000)
    expect(undo).to_have_count(0)


def test_a_tag_takes_no_other_away(scanned: Page, served: Any, document: Document) -> None:
    """Somebody else adds one while this one is being written."""
    made = scanned.evaluate("location.hash.slice(1)")
    scanned.click("#tag")
    name = scanned.get_by_role("combobox", name="Add a tag")
    name.fill("mine")
    with scanned.expect_response(f"**/v1/documents/{made}"):
        served.alter(f"/v1/documents/{made}", {"tags": ["theirs"]})

    with scanned.expect_response(lambda answer: answer.request.method == "PATCH"):
        name.press("Enter")

    expect(scanned.locator(".tag")).to_have_text(["mine", "theirs"])
    assert document(scanned)["tags"] == ["mine", "theirs"]
