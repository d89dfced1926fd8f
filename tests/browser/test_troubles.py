"""What goes wrong is said in words, and nothing is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from sheetfed.api.errors import PaperJam

Visit = Callable[..., Page]
Document = Callable[[Page], dict[str, Any]]

NEWER = """
import sys
from importlib import metadata
known = metadata.version
metadata.version = lambda name: "99.0" if name == "sheetfed" else known(name)
from sheetfed.cli import main
sys.exit(main())
"""

EDITS = "**/v1/pages/*/edits"
JAM = {"sheets": 5, "resolution": 100, "fault": "paper-jam", "fault-page": 3, "fault-row": 200}


def jammed(visit: Visit) -> Page:
    """Scan until the paper is stuck."""
    page = visit(**JAM)
    page.click("#scan-button")
    page.locator(".banner", has_text=PaperJam.title).wait_for()
    return page


def test_a_jam_says_what_to_do_and_goes_on(
    visit: Visit, document: Document, state: Callable[[Page, str], None]
) -> None:
    page = jammed(visit)
    banner = page.locator(".banner")
    expect(banner).to_contain_text(PaperJam.advice)
    expect(banner).to_contain_text("2 pages of this scan are safe.")
    state(page, "18-a-jam")

    banner.get_by_role("button", name="Continue").click()
    page.locator(".toast", has_text="5 pages scanned.").wait_for()

    expect(banner).to_have_count(0)
    assert len(document(page)["pages"]) == 5


@pytest.mark.parametrize("width", [360, 1280])
def test_a_pause_is_told_whole(visit: Visit, served: Any, width: int) -> None:
    """The fact names the page after which to put the sheets back: no word may be cut off."""
    page = jammed(visit)
    page.set_viewport_size({"width": width, "height": 600})
    error = served.ask("/v1/jobs?limit=1")["items"][0]["error"]

    words = page.locator(".banner .words")
    for part in (error["title"], "Page 2 is the last that was kept", error["advice"]):
        expect(words).to_contain_text(part)
    assert error["detail"] == f"{error['title']}; page 2 is the last that was kept"
    assert words.inner_text().count(error["title"]) == 1

    cut = "all => all.filter(each => each.scrollWidth > each.clientWidth)"
    assert words.locator("*").evaluate_all(f"{cut}.map(each => each.textContent)") == []
    assert words.evaluate("each => each.scrollHeight <= each.clientHeight")
    page.get_by_role("button", name="Keep pages").click()
    page.locator(".toast", has_text="2 pages scanned.").wait_for()


def test_a_jam_can_end_with_the_pages_that_are_there(visit: Visit, document: Document) -> None:
    page = jammed(visit)

    page.get_by_role("button", name="Keep pages").click()
    page.locator(".toast", has_text="2 pages scanned.").wait_for()

    assert len(document(page)["pages"]) == 2


def test_a_jam_can_be_thrown_away(visit: Visit, served: Any) -> None:
    page = jammed(visit)
    made = page.evaluate("location.hash.slice(1)")

    page.get_by_role("button", name="Discard").click()
    page.get_by_text("Nothing scanned yet").wait_for()

    assert made not in [each["id"] for each in served.ask("/v1/documents")["items"]]


def test_a_jam_is_still_there_after_a_reload(visit: Visit) -> None:
    page = jammed(visit)

    page.reload()

    expect(page.locator(".banner")).to_contain_text(PaperJam.advice)
    expect(page.locator(".page[data-id]")).to_have_count(2)
    page.get_by_role("button", name="Keep pages").click()
    page.locator(".toast", has_text="2 pages scanned.").wait_for()


def test_news_that_overtake_an_answer_are_not_lost(visit: Visit, served: Any) -> None:
    """The job ends while the page, opened anew, is told that it is paused."""
    page = jammed(visit)
    (job,) = served.ask("/v1/jobs?limit=1")["items"]
    held: list[Route] = []
    page.route("**/v1/jobs?*", lambda route: held.append(route))  # noqa: PLW0108 - it must be a function of Python
    page.reload()
    expect(page.locator(".page[data-id]")).to_have_count(2)
    while not held:
        page.wait_for_timeout(50)

    served.tell(f"/v1/jobs/{job['id']}/keep")
    served.forget(f"/v1/pages/{served.ask('/v1/documents/' + job['document'])['pages'][1]['id']}")
    expect(page.locator(".page[data-id]")).to_have_count(1)  # so the end was heard before
    for route in held:
        route.fulfill(json={"items": [job], "next": None})

    expect(page.locator(".toast", has_text="2 pages scanned.")).to_be_visible()
    expect(page.locator(".banner")).to_have_count(0)


@pytest.mark.parametrize(("fault", "words"), [("crash", "crashed"), ("device-gone", "not there")])
def test_a_fault_is_told_in_words(visit: Visit, expected: set[str], fault: str, words: str) -> None:
    """The document that the job made is gone with it, perhaps before the page could read it."""
    expected.add("404")
    page = visit(sheets=2, **{"fault": fault, "fault-repeat": True})

    page.click("#scan-button")

    banner = page.locator(".banner")
    expect(banner).to_contain_text(words)
    expect(banner).not_to_contain_text("Traceback")
    expect(page.locator("#scan-button")).to_have_text("Scan")


def test_an_impossible_number_is_refused_where_it_stands(visit: Visit) -> None:
    page = visit()

    page.locator("#option-resolution").fill("9999")
    page.locator("#option-resolution").press("Tab")

    expect(page.locator(".mistake", has_text="Between 75 and 600 dpi.")).to_be_visible()
    page.click("#scan-button")
    expect(page.locator("#option-resolution")).to_be_focused()
    expect(page.locator(".page[data-id]")).to_have_count(0)


def test_all_pages_are_a_word_and_no_number(visit: Visit) -> None:
    """Zero would read as none."""
    page = visit(pages=2)
    most = page.get_by_role("spinbutton", name="Most pages")
    expect(most).to_have_value("2")

    most.fill("0")
    with page.expect_response(lambda answer: answer.request.method == "POST") as asking:
        most.press("Tab")

    assert asking.value.request.post_data_json["settings"]["pages"] == 0
    expect(most).to_have_value("")
    expect(most).to_have_attribute("placeholder", "all there are")
    most.fill("3")
    most.press("Tab")
    expect(most).to_have_value("3")
    most.fill("")
    most.press("Tab")
    expect(most).to_have_attribute("aria-invalid", "false")


def test_remembered_settings_that_are_no_longer_possible_are_forgotten(
    visit: Visit, expected: set[str]
) -> None:
    """A driver's update may take an option away; the page must not be stuck with it."""
    expected.add("422")
    page = visit(warmth=3)

    expect(page.locator("#option-resolution")).to_have_value("300")


def test_rooms_that_did_not_come_are_told(context: BrowserContext, served: Any) -> None:
    """A part never comes, though all of it was loaded anew: that is told, and who can scan does."""
    page = context.new_page()
    for room in ("later", "absent"):
        page.route(f"**/app/{room}.js", lambda route: route.abort())
    page.route("**/v1/jobs?*", lambda route: route.abort(), times=1)  # what was asked ahead of all

    page.goto(served.door)

    banner = page.locator(".banner")
    expect(banner).to_contain_text("A part of this page could not be loaded")
    expect(page.locator("#scan-button")).to_be_enabled()
    expect(page.locator("#option-resolution")).to_be_visible()
    page.get_by_role("button", name="Why is my scanner not here?").click()
    expect(page.locator(".banner", has_text="Something failed")).to_be_visible()
    for room in ("later", "absent"):
        page.unroute(f"**/app/{room}.js")
    banner.get_by_role("button", name="Load anew").click()
    page.locator("#save").wait_for(state="attached")
    expect(banner).to_have_count(0)


def test_a_document_that_is_gone_is_told(visit: Visit, expected: set[str]) -> None:
    expected.add("404")
    page = visit()

    page.goto("/docs")
    page.goto("/#doc_that_never_was")

    page.locator(".toast", has_text="no longer here").wait_for()
    page.get_by_text("Nothing scanned yet").wait_for()


def test_pages_survive_the_service_and_the_scan_goes_on(
    visit: Visit, served: Any, document: Document, expected: set[str]
) -> None:
    """The page says that it is gone, finds it again, a newer one, and offers to continue."""
    expected.add("ERR_")
    page = visit(sheets=8, speed=150, resolution=100)
    page.click("#scan-button")
    page.locator(".page[data-number='3']").wait_for()

    served.kill()
    page.locator(".banner", has_text="The service does not answer").wait_for()
    page.get_by_role("button", name="Why is my scanner not here?").dispatch_event("click")
    why = page.get_by_role("dialog", name="Why is my scanner not here?")
    expect(why).to_contain_text("The service does not answer")
    expect(why).to_contain_text("start it with “sheetfed serve”")
    expect(why.get_by_text("Still not here?")).to_be_hidden()  # nobody is there to look
    served.start(sys.executable, "-c", NEWER)
    why.get_by_role("button", name="Look for devices again").click()
    expect(why.get_by_text("Still not here?")).to_be_visible()
    expect(why).not_to_contain_text("does not answer")
    page.keyboard.press("Escape")

    banner = page.locator(".banner.wait")
    banner.get_by_role("button", name="Continue").wait_for()
    expect(page.locator(".banner", has_text="does not answer")).to_have_count(0)
    kept = page.locator(".page[data-id]").count()
    assert kept >= 3
    assert len(document(page)["pages"]) == kept
    banner.get_by_role("button", name="Continue").click()
    page.locator(".toast", has_text="scanned.").wait_for()
    assert len(document(page)["pages"]) > kept

    replaced = page.locator(".banner", has_text="sheetfed is version 99.0 now")
    replaced.get_by_role("button", name="Load anew").click()
    expect(page.locator(".page.shown").first).to_be_visible()
    expect(page.locator("#count")).to_have_text(f"{len(document(page)['pages'])} pages")
    expect(replaced).to_have_count(0)


def test_a_try_that_is_refused_lets_no_other_edit_go(
    visit: Visit, document: Document, expected: set[str]
) -> None:
    """What was done to the page before stays, though the next try is on its way already."""
    expected.add("503")
    page = visit(sheets=1, resolution=75)
    page.click("#scan-button")
    page.get_by_label("Page 1, open large").click()
    viewer = page.locator("dialog.viewer")
    with page.expect_response(EDITS):
        page.keyboard.press("]")
    held: list[Route] = []
    page.route(EDITS, lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks it
    with page.expect_request(EDITS):
        viewer.get_by_label("Change…").select_option(label="Brightness")
    viewer.get_by_role("slider", name="Brightness").fill("40")
    page.wait_for_timeout(300)  # longer than a hand has to rest: the next try waits for this one

    with page.expect_response(lambda answer: answer.url.endswith("/edits") and answer.ok):
        held.pop().fulfill(status=503, json={"code": "exhausted", "title": "No", "status": 503})
    viewer.get_by_role("button", name="Apply", exact=True).click()

    (seen,) = document(page)["pages"]
    assert [edit["name"] for edit in seen["edits"]] == ["rotate", "brightness"]


def test_a_scan_that_waits_is_not_lost_for_another(visit: Visit, expected: set[str]) -> None:
    """Pages are to be put in while the paper is stuck: what can be decided stays in sight."""
    expected.add("409")
    page = jammed(visit)
    page.get_by_label("Select page 1").check()
    page.get_by_label("Insert before the selected page").click()

    page.get_by_role("button", name="Scan pages here").click()

    expect(page.locator(".toast", has_text="end it first")).to_be_visible()
    expect(page.locator(".banner")).to_have_count(1)
    page.locator(".banner").get_by_role("button", name="Continue").dblclick()
    page.locator(".toast", has_text="5 pages scanned.").wait_for()
    expect(page.locator(".banner")).to_have_count(0)  # two presses are one


def test_a_scan_elsewhere_is_not_shown_here(visit: Visit) -> None:
    """The sheet that is in the scanner belongs to the document that was open before."""
    page = visit(sheets=99, speed=60, resolution=75)
    page.click("#scan-button")
    page.locator(".page[data-number='2']").wait_for()
    expect(page.locator(".page.coming")).to_have_count(1)

    page.click("#new")

    expect(page.locator(".page.coming")).to_have_count(0)
    expect(page.get_by_text("Nothing scanned yet")).to_be_visible()
    expect(page.locator("#scan-words")).not_to_have_text("Scanning page 1")
    page.keyboard.press("Escape")
    page.locator(".toast", has_text="Cancelled.").wait_for()
