"""Pages on the table: looked at, moved, deleted, brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

Document = Callable[[Page], dict[str, Any]]

LARGE = """async (img) => {
    while (img.naturalWidth <= 400) await new Promise(loaded => { img.onload = loaded; });
}"""


def order(page: Page) -> list[str]:
    """Return the ids of the pages as they are shown."""
    ids: list[str] = page.locator(".page[data-id]").evaluate_all(
        "all => all.map(each => each.dataset.id)"
    )
    return ids


def stored(document: Document, page: Page) -> list[str]:
    """Return the ids of the pages as the service has them."""
    return [each["id"] for each in document(page)["pages"]]


def test_a_deleted_page_can_be_brought_back(scanned: Page, document: Document) -> None:
    """Also from a dialog that opens meanwhile; what was only said lies over none."""
    before = order(scanned)
    with scanned.expect_download():
        scanned.click("#save")
    scanned.locator(".toast", has_text=".pdf").wait_for()
    scanned.locator(".page[data-number='2']").hover()

    scanned.get_by_label("Delete page 2").click()
    expect(scanned.locator(".page[data-id]")).to_have_count(4)
    scanned.click("#documents")
    expect(scanned.locator("dialog .toast > span")).to_have_text(["Page 2 deleted."])
    scanned.locator("dialog").get_by_role("button", name="Undo").click()
    scanned.keyboard.press("Escape")

    expect(scanned.locator(".page[data-id]")).to_have_count(5)
    assert order(scanned) == before == stored(document, scanned)


def test_a_deleted_page_is_gone_after_a_reload(
    scanned: Page, document: Document, expected: set[str]
) -> None:
    """Who leaves the page does not want it back; it may go while the page is being read again."""
    expected.add("404")
    second = order(scanned)[1]
    scanned.locator(".page[data-number='2']").hover()
    scanned.get_by_label("Delete page 2").click()

    scanned.reload()

    expect(scanned.locator(".page.shown")).to_have_count(4)
    assert second not in stored(document, scanned)


def test_a_deleted_page_is_not_saved(scanned: Page, document: Document) -> None:
    scanned.locator(".page[data-number='1']").hover()
    scanned.get_by_label("Delete page 1").click()

    with scanned.expect_download():
        scanned.click("#save")

    assert len(stored(document, scanned)) == 4


def test_what_is_saved_cannot_be_undone(scanned: Page, document: Document) -> None:
    """Saving deletes for good, so the offer to bring the page back must end."""
    undo = scanned.get_by_role("button", name="Undo")
    scanned.locator(".page[data-number='2']").hover()
    scanned.get_by_label("Delete page 2").click()
    expect(undo).to_have_count(1)

    with scanned.expect_download():
        scanned.keyboard.press("Control+s")
    expect(undo).to_have_count(0)
    scanned.keyboard.press("Control+z")

    expect(scanned.locator(".page[data-id]")).to_have_count(4)
    expect(scanned.locator("#live")).not_to_contain_text("back")
    assert order(scanned) == stored(document, scanned)


def test_another_document_ends_undoing(scanned: Page, document: Document) -> None:
    scanned.locator(".page[data-number='2']").hover()
    scanned.get_by_label("Delete page 2").click()

    made = scanned.evaluate("location.hash")
    with scanned.expect_response("**/remove"):
        scanned.click("#new")
    expect(scanned.get_by_role("button", name="Undo")).to_have_count(0)
    scanned.evaluate("made => { location.hash = made; }", made)

    expect(scanned.locator(".page[data-id]")).to_have_count(4)
    assert order(scanned) == stored(document, scanned)


def test_nothing_is_saved_if_a_page_could_not_be_deleted(
    scanned: Page, document: Document, expected: set[str]
) -> None:
    expected.add("ERR_FAILED")
    downloads: list[str] = []
    scanned.on("download", lambda download: downloads.append(download.suggested_filename))
    scanned.route("**/remove", lambda route: route.abort())
    scanned.locator(".page[data-number='2']").hover()
    scanned.get_by_label("Delete page 2").click()

    scanned.click("#save")

    expect(scanned.locator(".page[data-id]")).to_have_count(5)
    expect(scanned.locator("#save")).to_be_enabled()
    assert not downloads
    assert order(scanned) == stored(document, scanned)


def test_a_page_that_is_gone_already_is_told(
    scanned: Page, served: Any, document: Document, expected: set[str]
) -> None:
    """Another tab may be quicker; the rest of the document stays open."""
    expected.add("404")
    first, *rest = order(scanned)

    def too_late(route: Route) -> None:
        served.forget(f"/v1/pages/{first}")
        route.continue_()

    scanned.route("**/move", too_late)
    scanned.locator(".page[data-number='1']").hover()
    scanned.get_by_label("Move page 1 one place on").click()

    scanned.locator(".toast", has_text="deleted elsewhere").wait_for()
    expect(scanned.locator(".page[data-id]")).to_have_count(4)
    assert order(scanned) == rest == stored(document, scanned)


def test_a_document_that_is_deleted_elsewhere_is_told(
    scanned: Page, served: Any, expected: set[str]
) -> None:
    expected.add("404")
    made = scanned.evaluate("location.hash.slice(1)")

    served.forget(f"/v1/documents/{made}")

    scanned.locator(".toast", has_text="The open document was deleted.").wait_for()
    scanned.get_by_text("Nothing scanned yet").wait_for()


def test_an_answer_that_was_overtaken_is_not_shown(scanned: Page, document: Document) -> None:
    """The answer to the first of two quick moves comes last, and is older."""
    first, second, third, *rest = order(scanned)
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        ours = {**route.request.headers, "sec-fetch-site": "same-origin"}
        held.append((route, route.fetch(headers=ours)))

    scanned.route("**/move", hold)
    sheet = scanned.locator(f".page[data-id='{first}']")
    for number in (1, 2):
        sheet.hover()
        sheet.get_by_label(f"Move page {number} one place on").click()
        while len(held) < number:
            scanned.wait_for_timeout(50)
    scanned.wait_for_timeout(300)
    for route, answer in reversed(held):
        with scanned.expect_response("**/move"):
            route.fulfill(response=answer)
    scanned.wait_for_timeout(300)

    assert order(scanned) == [second, third, first, *rest] == stored(document, scanned)


def test_what_failed_is_not_shown(scanned: Page, document: Document, expected: set[str]) -> None:
    expected.add("ERR_FAILED")
    before = order(scanned)
    scanned.route("**/move", lambda route: route.abort())

    scanned.locator(".page[data-number='1']").hover()
    with scanned.expect_response("**/v1/documents/*"):
        scanned.get_by_label("Move page 1 one place on").click()

    expect(scanned.locator(".banner", has_text="Something failed")).to_be_visible()
    assert order(scanned) == before == stored(document, scanned)


def test_a_picture_that_was_overtaken_is_not_shown(scanned: Page) -> None:
    """A page is turned and turned back: the picture of the first turn comes last."""
    held: list[Route] = []
    scanned.route("**/image?*", lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks it
    picture = scanned.locator(".page[data-number='1'] img")
    first = picture.get_attribute("src")
    scanned.get_by_label("Page 1, open large").focus()
    with scanned.expect_request("**/image?*"):
        scanned.keyboard.press("]")
    scanned.keyboard.press("[")
    expect(picture).not_to_have_attribute("src", first or "")
    second = picture.get_attribute("src") or ""

    with scanned.expect_event("requestfinished", lambda each: each.url == held[0].request.url):
        held[0].continue_()
    scanned.evaluate("fetch('/livez').then((answer) => answer.blob())")  # which comes after it

    expect(picture).to_have_attribute("src", second)


def test_a_page_moves_by_its_buttons(scanned: Page, document: Document) -> None:
    first, second, *rest = order(scanned)
    scanned.locator(".page[data-number='1']").hover()

    with scanned.expect_response("**/move"):
        scanned.get_by_label("Move page 1 one place on").click()

    assert order(scanned) == [second, first, *rest] == stored(document, scanned)
    expect(scanned.locator("#live")).to_have_text("Page is now number 2.")


def test_pages_move_by_dragging(scanned: Page, document: Document) -> None:
    first, second, third, *rest = order(scanned)

    with scanned.expect_response("**/move"):
        scanned.locator(".page[data-number='1'] .sheet").drag_to(
            scanned.locator(".page[data-number='3']"), target_position={"x": 170, "y": 100}
        )

    assert order(scanned) == [second, third, first, *rest] == stored(document, scanned)


def test_several_pages_move_and_go_together(scanned: Page, document: Document) -> None:
    one, two, three, four, five = order(scanned)
    scanned.get_by_label("Select page 2").check()
    scanned.get_by_label("Select page 3").check()

    with scanned.expect_response("**/move"):
        scanned.get_by_role("button", name="Move right", exact=True).click()
    assert order(scanned) == [one, four, two, three, five] == stored(document, scanned)

    scanned.locator("#selection").get_by_text("Delete").click()
    expect(scanned.locator(".page[data-id]")).to_have_count(3)
    assert order(scanned) == [one, four, five]


def test_a_page_is_looked_at_large(scanned: Page) -> None:
    scanned.get_by_label("Page 2, open large").dblclick()
    viewer = scanned.locator("dialog.viewer")
    picture = viewer.locator("img")
    expect(viewer).to_contain_text("Page 2 of 5")
    picture.evaluate(LARGE)
    whole = picture.bounding_box()
    assert whole
    assert whole["height"] < 700, "the second of two clicks made it larger"
    for percent in ("100 %", f"{round(whole['height'] / 1169 * 100)} %"):
        picture.dblclick()
        expect(viewer.locator(".percent")).to_have_text(percent)

    stage = viewer.locator(".stage:not(.roll)")
    viewer.get_by_role("button", name="Fit the width").click()
    wide = stage.bounding_box()
    assert wide
    assert abs((picture.bounding_box() or {})["width"] - wide["width"]) <= 48
    scanned.mouse.move(wide["x"] + wide["width"] / 2, wide["y"] + 300)
    scanned.mouse.down()
    scanned.mouse.move(wide["x"] + wide["width"] / 2, wide["y"] + 100, steps=4)
    scanned.mouse.up()
    assert stage.evaluate("each => each.scrollTop") > 150, "it moves with the pointer"
    viewer.get_by_role("button", name="Fit the height").click()
    high = picture.bounding_box()
    assert high
    assert abs(high["height"] - whole["height"]) < 2
    viewer.get_by_role("button", name="Fit to the window").click()

    scanned.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("Page 3 of 5")
    expect(picture).to_have_attribute("alt", "Page 3")
    scanned.keyboard.press("Delete")
    expect(viewer).to_contain_text("Page 3 of 4")
    scanned.keyboard.press("Control+z")
    expect(viewer).to_contain_text("of 5")
    scanned.keyboard.press("Escape")

    expect(viewer).to_have_count(0)
    expect(scanned.locator(".page .sheet:focus")).to_have_count(1)


def test_a_document_has_a_name_and_is_found_again(scanned: Page, document: Document) -> None:
    """Its name and tag are words, whatever stands in them: `complaints` would tell of a script."""
    name, tag = "Rent <img src=x onerror=alert(1)>", "<script>alert(2)</script>"
    with scanned.expect_response(lambda answer: answer.request.method == "PATCH"):
        scanned.get_by_label("Document title").fill(name)
        scanned.get_by_label("Document title").press("Enter")
    assert document(scanned)["title"] == name
    scanned.click("#tag")
    scanned.get_by_role("combobox", name="Add a tag").fill(tag)
    scanned.keyboard.press("Enter")
    expect(scanned.locator(".tag")).to_contain_text(tag)

    scanned.click("#new")
    scanned.get_by_text("Nothing scanned yet").wait_for()
    scanned.click("#documents")
    expect(scanned.locator("dialog").get_by_text(tag)).to_be_visible()
    scanned.locator("dialog").get_by_text(name).click()

    expect(scanned.locator(".page.shown")).to_have_count(5)


def test_a_document_is_deleted_when_asked_twice(scanned: Page, served: Any) -> None:
    def kept() -> list[str]:
        return [each["id"] for each in served.ask("/v1/documents")["items"]]

    wanted = scanned.evaluate("location.hash.slice(1)")
    scanned.click("#documents")
    row = scanned.locator("dialog li.current")
    row.get_by_label("Delete “Untitled document”").click()
    assert wanted in kept()

    row.get_by_text("Delete for good?").click()

    expect(row).to_have_count(0)
    scanned.keyboard.press("Escape")
    scanned.get_by_text("Nothing scanned yet").wait_for()
    assert wanted not in kept()


def test_another_tab_sees_the_change(scanned: Page, served: Any) -> None:
    other = scanned.context.new_page()
    other.goto(served.door)
    other.locator("#scan-button:enabled").wait_for()
    other.goto(scanned.url)
    expect(other.locator(".page.shown")).to_have_count(5)

    scanned.locator(".page[data-number='1']").hover()
    scanned.get_by_label("Move page 1 one place on").click()
    scanned.click("#scan-button")

    expect(other.locator(".page[data-id]")).to_have_count(10)
    assert order(other) == order(scanned)


def test_pages_that_are_read_from_the_right_go_where_they_are_dropped(
    scanned: Page, document: Document
) -> None:
    """The half of a sheet that is read first is the right one; so is the way to the page before."""
    first, second, third, *rest = order(scanned)
    scanned.evaluate("document.documentElement.dir = 'rtl'")

    with scanned.expect_response("**/move"):
        scanned.locator(".page[data-number='1'] .sheet").drag_to(
            scanned.locator(".page[data-number='3']"), target_position={"x": 10, "y": 100}
        )
    assert order(scanned) == [second, third, first, *rest] == stored(document, scanned)

    scanned.get_by_label("Select page 3").check()
    with scanned.expect_response("**/move"):
        scanned.get_by_role("button", name="Move left", exact=True).click()
    assert order(scanned) == [second, third, rest[0], first, rest[1]]

    scanned.get_by_label("Page 2, open large").click()
    scanned.keyboard.press("ArrowLeft")
    expect(scanned.locator("dialog.viewer").get_by_role("heading").first).to_have_text(
        "Page 3 of 5"
    )


def test_a_region_is_stretched_and_moved_and_a_page_is_moved_about(scanned: Page) -> None:
    """By its handles, by keys; and where a page is larger than the window, by the pointer."""
    scanned.get_by_label("Page 2, open large").click()
    viewer = scanned.locator("dialog.viewer")
    viewer.get_by_label("Crop").click()
    region = viewer.locator(".region")

    def box() -> tuple[float, float, float, float]:
        found = region.bounding_box()
        assert found
        return found["x"], found["y"], found["width"], found["height"]

    left, top, width, height = box()
    scanned.mouse.move(left + width, top + height)
    scanned.mouse.down()
    scanned.mouse.move(left + width - 60, top + height - 90)
    scanned.mouse.up()
    assert box() == pytest.approx((left, top, width - 60, height - 90), abs=2)
    region.focus()
    scanned.keyboard.press("ArrowRight")
    scanned.keyboard.press("Shift+ArrowDown")
    moved = box()
    assert (moved[0] > left, moved[3] > height - 90) == (True, True)
    assert (moved[1], moved[2]) == pytest.approx((top, width - 60), abs=2)

    scanned.keyboard.press("Escape")
    viewer.get_by_label("Actual size").click()
    stage = viewer.locator(".stage:visible")
    seen = stage.bounding_box()
    assert seen
    before = stage.evaluate("each => each.scrollTop")
    scanned.mouse.move(seen["x"] + 300, seen["y"] + 300)
    scanned.mouse.down()
    scanned.mouse.move(seen["x"] + 300, seen["y"] + 200)
    scanned.mouse.up()
    assert stage.evaluate("each => each.scrollTop") == before + 100


def test_a_deletion_that_fails_is_told_wherever_the_person_is(
    scanned: Page, document: Document, expected: set[str]
) -> None:
    """They went on to another document, and would believe that the page is gone."""
    expected.add("503")
    before = stored(document, scanned)
    made = scanned.evaluate("location.hash.slice(1)")
    refusal = {"code": "exhausted", "title": "Not now", "status": 503}
    scanned.route("**/remove", lambda route: route.fulfill(status=503, json=refusal))
    scanned.locator(".page[data-number='2']").hover()
    scanned.get_by_label("Delete page 2").click()

    scanned.click("#new")

    expect(scanned.locator(".banner")).to_contain_text("Not now")
    scanned.evaluate("id => { location.hash = id; }", made)
    expect(scanned.locator(".page[data-id]")).to_have_count(5)
    assert order(scanned) == before


def test_what_is_set_on_a_page_ends_with_it(scanned: Page, served: Any, expected: set[str]) -> None:
    """Another tab deletes the page: nothing of what was begun comes onto the one that is shown."""
    expected.add("404")
    first, second, *_ = order(scanned)
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")
    viewer.get_by_label("Crop").click()
    expect(viewer.get_by_role("button", name="Apply", exact=True)).to_be_visible()

    served.forget(f"/v1/pages/{first}")

    expect(viewer.get_by_role("heading").first).to_have_text("Page 1 of 4")
    expect(viewer.get_by_role("button", name="Apply", exact=True)).to_be_hidden()
    assert served.ask(f"/v1/pages/{second}")["edits"] == []
