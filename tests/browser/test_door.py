"""Our own page works for the person who opened it from this computer, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

Visit = Callable[..., Page]


@pytest.fixture(autouse=True)
def there(served: Any) -> None:
    """The service goes on that a test stopped before it failed: others share it."""
    served.revive()


def asked(page: Page) -> list[Request]:
    """Return the list that will hold what a page asks the service for."""
    requests: list[Request] = []
    page.on("request", lambda each: "/v1/" in each.url and requests.append(each))
    return requests


def is_locked(page: Page) -> None:
    """Expect a page that says how to open it and shows nothing else."""
    expect(page.locator("#locked")).to_contain_text("sheetfed open")
    expect(page.locator(".desk")).to_be_hidden()
    expect(page.locator("main")).to_be_hidden()


def test_without_a_nonce_the_page_says_how_to_open_it(context: BrowserContext) -> None:
    """It does not even ask: there is nothing that the service would answer."""
    page = context.new_page()
    requests = asked(page)

    page.goto("/")

    is_locked(page)
    assert requests == []


def test_the_nonce_leaves_no_trace(visit: Visit) -> None:
    """An address is copied, bookmarked and photographed."""
    page = visit()

    assert page.evaluate("location.hash") == ""
    assert "nonce" not in page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    page.reload()
    page.locator("#scan-button:enabled").wait_for()


def test_a_nonce_opens_once(browser: Browser, served: Any) -> None:
    """Who reads it afterwards, from a history or a shoulder away, has nothing."""
    door = served.door
    for locked in (False, True):
        context = browser.new_context()
        page = context.new_page()
        page.goto(door)
        if locked:
            is_locked(page)
        else:
            page.locator("#scan-button:enabled").wait_for()
        context.close()


def test_a_redirect_file_opens_the_page(context: BrowserContext, served: Any) -> None:
    """As `sheetfed open` does it: the nonce stands in no program's arguments."""
    made = served.tell("/v1/page-nonces", {"page": served.address})
    page = context.new_page()

    page.goto(f"file://{made['file']}")

    page.locator("#scan-button:enabled").wait_for()
    assert page.url == f"{served.address}/"


@pytest.mark.parametrize("width", [390, 1280])
def test_what_to_do_is_read_before_the_modules_have_come(
    context: BrowserContext, served: Any, width: int
) -> None:
    """The words stay where they are while the rest comes: who reads them looks for no line."""
    made = served.tell("/v1/page-nonces", {"page": served.address})
    context.add_init_script("localStorage['sheetfed welcomed'] = 'true'")
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 844})
    modules = re.compile(r"/at/\w+/app/(?!begin)\w+\.js$")
    page.route(modules, lambda _: None)  # until they are let go

    page.goto(f"file://{made['file']}", wait_until="commit")

    heading = page.get_by_role("heading", name="Nothing scanned yet")
    expect(heading).to_be_visible()
    expect(page.get_by_text("then press Scan")).to_be_visible()
    before = heading.bounding_box()
    page.unroute(modules)
    page.locator("#scan-button:enabled").wait_for()
    page.locator("#about").wait_for()
    assert heading.bounding_box() == before


def test_each_tab_is_opened_for_itself(visit: Visit, context: BrowserContext) -> None:
    visit()
    other = context.new_page()

    other.goto("/")

    is_locked(other)


def test_a_locked_tab_is_opened_by_a_new_nonce(context: BrowserContext, served: Any) -> None:
    """The person pastes the address into the tab that is there."""
    page = context.new_page()
    page.goto("/")
    is_locked(page)

    page.goto(served.door)

    page.locator("#scan-button:enabled").wait_for()
    expect(page.locator("#locked")).to_be_hidden()


def test_a_nonce_in_an_open_tab_keeps_the_document(scanned: Page, served: Any) -> None:
    address = scanned.url

    with scanned.expect_navigation(wait_until="load", url=address):
        scanned.goto(served.door)

    expect(scanned.locator(".page.shown")).to_have_count(5)


def test_a_token_that_is_known_no_more_locks_the_page(
    scanned: Page, served: Any, expected: set[str]
) -> None:
    """Nothing of a document stays in sight, an open dialog included; a nonce brings it back."""
    expected.add("401")
    scanned.evaluate("sessionStorage['sheetfed token'] = 'a'.repeat(43)")

    scanned.locator("#documents").dispatch_event("click")  # another request may have been first

    is_locked(scanned)
    expect(scanned.locator("dialog")).to_have_count(0)
    scanned.goto(served.door)
    expect(scanned.locator(".page.shown")).to_have_count(5)


def test_a_restart_of_the_service_does_not_lock_the_page(
    visit: Visit, served: Any, expected: set[str]
) -> None:
    expected.add("ERR_")
    page = visit()

    served.stop()
    page.locator(".banner", has_text="The service does not answer").wait_for()
    served.start()

    page.locator(".toast", has_text="The service is back.").wait_for()
    expect(page.locator("#locked")).to_be_hidden()


def test_rooms_that_a_stop_cut_off_come_with_the_service(
    context: BrowserContext, served: Any
) -> None:
    """The page can scan already, and the last of its rooms is on its way: one thing is told.

    What was typed meanwhile stays.
    """
    page = context.new_page()
    held: list[Route] = []
    page.route("**/app/later.js", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it must be a function of Python
    page.goto(served.door)
    page.locator("#scan-button:enabled").wait_for()
    while not held:
        page.wait_for_timeout(50)

    page.locator("#option-resolution").fill("123")
    served.stop()
    with page.expect_event("requestfailed", lambda each: each.url.endswith("/later.js")):
        held.pop().continue_()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("The service does not answer")
    page.wait_for_timeout(300)  # longer than a failed module takes to be told
    expect(banner).to_have_count(1)
    expect(banner.get_by_role("button")).to_have_count(0)  # nobody would answer
    served.start()

    page.locator("#save").wait_for(state="attached")
    expect(banner).to_have_count(0)
    expect(page.locator("#option-resolution")).to_have_value("123")
    page.locator("#about").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_part_that_is_missing_does_not_lock_the_page(
    context: BrowserContext, served: Any
) -> None:
    """The nonce is spent, and its answer on its way: who loads anew now would stand outside."""
    page = context.new_page()
    held: list[Route] = []
    asked: list[str] = []
    page.on("request", lambda each: each.url.endswith("/livez") and asked.append(each.url))
    page.route("**/v1/page-tokens", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it must be a function of Python
    page.route("**/app/save.js", lambda route: route.fallback() if asked else route.abort())
    page.goto(served.door)
    while not (held and asked):
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)  # longer than it takes to know that the service answers

    held.pop().continue_()

    page.locator("#scan-button:enabled").wait_for()
    page.locator("#save").wait_for(state="attached")


@pytest.mark.parametrize(
    "part", ["app/app", "app/early", "app/words/de", "client/elements/facts/de", "app/save"]
)
def test_what_did_not_come_once_comes_by_itself(browser: Browser, served: Any, part: str) -> None:
    """Whatever of the page it is: it is asked for again, or the page loaded anew."""
    context = browser.new_context(base_url=served.address, locale="de-AT")
    page = context.new_page()
    asked: list[str] = []  # whether the service answers

    def missing(route: Route) -> None:
        if asked:
            route.fallback()
        else:
            route.abort()

    page.on("request", lambda each: each.url.endswith("/livez") and asked.append(each.url))
    page.route(f"**/{part}.js", missing)

    page.goto(served.door)

    page.locator("#save").wait_for(state="attached")
    page.locator("#scan-button:enabled").wait_for()
    expect(page.locator(".banner")).to_have_count(0)
    assert len(asked) == 1
    context.close()


def test_every_question_carries_the_token_and_no_address_does(visit: Visit) -> None:
    """Addresses stand in histories and logs; pictures and events go the same way as all else."""
    page = visit(sheets=2, resolution=100)
    requests = asked(page)
    token = page.evaluate("sessionStorage['sheetfed token']")

    page.click("#scan-button")
    page.locator(".toast", has_text="2 pages scanned.").wait_for()
    expect(page.locator(".page.shown")).to_have_count(2)

    assert {"/image?" in each.url for each in requests} == {True, False}
    for each in requests:
        assert each.resource_type == "fetch", each.url
        assert each.headers["authorization"] == f"Bearer {token}", each.url
        assert token not in each.url
    assert page.context.cookies() == []


def test_a_page_that_another_site_opened_is_locked(
    browser: Browser, served: Any, stranger: str
) -> None:
    """The landing page lets anybody move on to the page, without a nonce as with a wrong one."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(stranger)
    with context.expect_page() as opening:
        page.evaluate(f"window.open('{served.address}/open#nonce={'a' * 43}')")

    is_locked(opening.value)
    context.close()


def test_the_description_is_open_and_says_who_may_do_what(
    context: BrowserContext, served: Any
) -> None:
    """Who builds a site reads it before there is anything to approve."""
    page = context.new_page()

    page.goto("/docs")

    expect(page.locator("#list_sites .soft")).to_contain_text("For the person at this computer")
    expect(page.locator("#list_devices .soft")).to_contain_text("Needs a token")


def keep_nothing(context: BrowserContext) -> None:
    """Block site data, as people can."""
    for storage in ("sessionStorage", "localStorage"):
        context.add_init_script(
            f"""Object.defineProperty(window, "{storage}", {{get() {{
                throw new DOMException("denied", "SecurityError");
            }}}})"""
        )


def test_a_browser_that_keeps_nothing_is_not_locked_out(
    context: BrowserContext, served: Any
) -> None:
    """A part of the page is missing: loaded anew, it would have no token any more."""
    keep_nothing(context)
    page = context.new_page()
    page.route("**/app/save.js", lambda route: route.abort())

    page.goto(served.door)

    expect(page.locator(".banner")).to_contain_text("A part of this page could not be loaded")
    page.locator("#scan-button:enabled").wait_for()
    expect(page.locator("#locked")).to_be_hidden()


def scans(page: Page) -> None:
    """A scan begins, shows a page and is stopped."""
    page.click("#scan-button:enabled")
    expect(page.locator(".page.shown").first).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".toast", has_text="Cancelled.").wait_for()


def test_a_browser_whose_storage_is_full_shows_the_page(
    context: BrowserContext, served: Any
) -> None:
    """What is there can be read, as the token of another time, and nothing can be added."""
    context.add_init_script(
        """sessionStorage["sheetfed token"] ??= "of yesterday";
        Storage.prototype.setItem = () => {
            throw new DOMException("full", "QuotaExceededError");
        };"""
    )
    page = context.new_page()

    page.goto(served.door)

    scans(page)


def test_a_browser_that_keeps_nothing_shows_the_page(context: BrowserContext, served: Any) -> None:
    """Site data is blocked: the page works until it is left, and says then how it is opened."""
    keep_nothing(context)
    page = context.new_page()

    page.goto(served.door)

    scans(page)
    page.goto(f"{served.address}/docs")
    page.goto(served.address)
    expect(page.locator("#locked")).to_contain_text("sheetfed open")
