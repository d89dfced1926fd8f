"""The service was away for a moment: what the page shows afterwards, and what it says meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

Visit = Callable[..., Page]

TARGETS = """disabled = ["sane"]

[targets.nowhere]
protocol = "http"
url = "http://127.0.0.1:9/documents"
title = "Nowhere"
internal = true
plain = true
"""


@pytest.fixture(scope="module")
def served(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service that knows a place which nobody can reach."""
    home = tmp_path_factory.mktemp("away") / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text(TARGETS)
    return serve(home)


def restart(served: Any) -> None:
    """Pull the plug, and start it again."""
    served.kill()
    served.start()


def test_a_picture_that_did_not_come_comes_later(
    scanned: Page, served: Any, expected: set[str]
) -> None:
    """On the table, and below one another."""
    expected.add("ERR_FAILED")
    made = scanned.evaluate("location.hash.slice(1)")
    viewer = scanned.locator("dialog.viewer")
    scanned.route("**/image?*", lambda route: route.abort())
    scanned.reload()
    expect(scanned.locator(".page.lost")).to_have_count(5)
    scanned.get_by_label("Page 1, open large").click()
    viewer.get_by_role("button", name="All pages below one another").click()
    expect(viewer.get_by_role("img", name="This page cannot be shown").first).to_be_visible()
    scanned.unroute("**/image?*")

    served.tell(f"/v1/documents/{made}/tag", {"pages": "all", "add": ["seen"]})

    expect(viewer.get_by_role("img", name="Page 1", exact=True)).to_be_visible()
    expect(viewer.get_by_role("img", name="This page cannot be shown")).to_have_count(0)
    viewer.get_by_role("button", name="All pages below one another").click()
    scanned.keyboard.press("Escape")
    expect(scanned.locator(".page.shown")).to_have_count(5)
    expect(scanned.locator(".page.lost")).to_have_count(0)
    expect(scanned.locator(".page[title]")).to_have_count(0)


def test_a_delivery_is_what_was_told_last(scanned: Page, served: Any) -> None:
    """It is given up while the list of deliveries is on its way, which knows nothing of that."""
    made = scanned.evaluate("location.hash.slice(1)")
    sent = served.tell("/v1/deliveries", {"document": made, "target": "nowhere"})
    held: list[Route] = []
    scanned.route("**/v1/deliveries?*", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it must be a function of Python
    scanned.reload()
    while not held:
        scanned.wait_for_timeout(50)
    before = served.ask("/v1/deliveries?limit=20")

    served.tell(f"/v1/deliveries/{sent['id']}/cancel")
    scanned.wait_for_timeout(500)  # the news is there in far less
    held.pop().fulfill(json=before)

    scanned.locator("#send").click()
    expect(scanned.locator(f"[data-delivery='{sent['id']}']")).to_contain_text("given up")
    expect(scanned.locator("#send .badge")).to_be_hidden()


def test_a_job_that_is_forgotten_is_in_nobodys_way(
    scanned: Page, served: Any, expected: set[str]
) -> None:
    """A page that was open for days connects again, and who types in it goes on."""
    expected.update({"404", "ERR_"})
    scanned.click("#scan-button")
    scanned.locator(".toast", has_text="pages scanned.").wait_for()
    gone = {"code": "not-found", "title": "There is nothing by this name", "status": 404}
    scanned.route("**/v1/jobs/job_*", lambda route: route.fulfill(status=404, json=gone))
    scanned.locator("#steps summary").click()
    scanned.get_by_label("Begin a new document").select_option(label="After so many pages")
    scanned.locator("#split-every").fill("7")

    with scanned.expect_request("**/v1/devices?*"):
        restart(served)
        scanned.locator(".toast", has_text="The service is back.").wait_for()

    expect(scanned.locator("#scan-button")).to_be_enabled()
    expect(scanned.locator(".banner")).to_have_count(0)
    expect(scanned.locator("#split-every")).to_be_focused()
    expect(scanned.locator("#split-every")).to_have_value("7")


def test_a_look_at_pages_ends_with_the_service(
    scanned: Page, served: Any, expected: set[str]
) -> None:
    """Nobody knows any more of what was begun: that is told, and the dialog ends."""
    expected.update({"404", "ERR_"})
    scanned.locator("#arrange summary").click()
    scanned.get_by_role("button", name="Look for codes, blank pages…").click()
    dialog = scanned.get_by_role("dialog", name="Look for codes, blank pages…")
    dialog.locator("#kept-step-barcode").check()
    with scanned.expect_response("**/steps"):
        dialog.get_by_role("button", name="Look at 5 pages").click()

    restart(served)

    expect(dialog).to_have_count(0)
    expect(scanned.locator(".banner")).to_contain_text("The service began anew")


def test_a_title_is_kept_until_the_service_takes_it(
    scanned: Page, served: Any, expected: set[str]
) -> None:
    """It was typed while nobody answered: it stays, that is told, and it is saved by itself."""
    expected.add("ERR_")
    made = scanned.evaluate("location.hash.slice(1)")
    title = scanned.get_by_label("Document title")
    served.kill()
    scanned.locator(".banner", has_text="does not answer").wait_for()

    title.fill("Rent")
    title.press("Enter")

    expect(scanned.locator(".toast", has_text="The title is not saved yet")).to_be_visible()
    expect(title).to_have_value("Rent")
    served.start()
    expect(scanned).to_have_title(re.compile("^Rent .* sheetfed$"))
    expect(title).to_have_value("Rent")
    assert served.ask(f"/v1/documents/{made}")["title"] == "Rent"


def test_a_title_that_got_lost_on_its_way_is_sent_again(
    scanned: Page, served: Any, expected: set[str]
) -> None:
    """The service was there all the time; another document is looked at meanwhile."""
    expected.add("ERR_FAILED")
    made = scanned.evaluate("location.hash.slice(1)")
    title = scanned.get_by_label("Document title")
    patched = "**/v1/documents/*"
    scanned.route(
        patched,
        lambda route: route.fallback() if route.request.method == "GET" else route.abort(),
    )
    title.fill("Rent")
    title.press("Enter")
    expect(scanned.locator(".toast", has_text="The title is not saved yet")).to_be_visible()
    scanned.click("#new")
    expect(title).to_have_value("")

    scanned.unroute(patched)

    with scanned.expect_response(lambda answer: answer.request.method == "PATCH"):
        pass
    assert served.ask(f"/v1/documents/{made}")["title"] == "Rent"


def test_what_is_refused_to_a_page_held_up_large_is_told_there(
    scanned: Page, expected: set[str]
) -> None:
    """A banner would lie behind it; and that it has to wait for its steps is no silence either."""
    expected.add("409")
    told = "A page has yet to take the steps of its job; edit it then"
    refusal = {
        "code": "conflict",
        "title": "Not now",
        "detail": told,
        "advice": "Wait.",
        "status": 409,
    }
    scanned.route("**/edits", lambda route: route.fulfill(status=409, json=refusal), times=1)
    scanned.get_by_label("Page 1, open large").click()
    viewer = scanned.locator("dialog.viewer")

    scanned.keyboard.press("]")

    expect(viewer.locator(".toast", has_text="Not now. Wait.")).to_be_visible()
    scanned.keyboard.press("Escape")
    expect(scanned.locator(".banner", has_text=told)).to_be_visible()
