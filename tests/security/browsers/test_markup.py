"""Words of others in our own page: they are text, whatever they look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from drivers import QUIET
from playwright.sync_api import Playwright
from suite.target import Target

pytestmark = pytest.mark.timeout(120)

MARKUP = '"><img class=planted src=x onerror="document.title=1"><script class=planted>1</script>'
CARELESS = """(child instanceof Node
    ? element.append(child) : element.insertAdjacentHTML("beforeend", child))"""


@pytest.fixture
def page(play: Playwright) -> Iterator[Any]:
    """A tab of Chromium."""
    browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
    yield browser.new_page()
    browser.close()


def test_markup_in_titles_and_devices_is_text(page: Any, target: Target) -> None:
    """R27 (P09, X14): a site names documents, a scanner in the network names itself."""
    assert show(page, target) == 0
    assert page.get_by_text(MARKUP).count() >= 2


def test_a_page_that_takes_words_for_markup_is_noticed(page: Any, target: Target) -> None:
    """The same page with its one escaping taken out: so the test above would see it."""
    source = target.ask("GET", "/client/elements/dom.js").body.decode()
    careless = source.replace("element.append(child)", CARELESS)
    assert careless != source
    page.route(
        "**/client/elements/dom.js",
        lambda route: route.fulfill(body=careless, content_type="text/javascript"),
    )

    assert show(page, target) > 0


def show(page: Any, target: Target) -> int:
    """Let our page show strange names; return how many elements they became."""
    made = target.tool("POST", "/v1/documents", {"title": MARKUP})
    assert made.status == 201

    told = target.tool("GET", "/v1/devices").json
    for device in told["items"]:
        device["title"] = device["vendor"] = device["model"] = MARKUP
    page.route(re.compile(r"/v1/devices(\?|$)"), lambda route: route.fulfill(json=told))
    nonce = target.tool("POST", "/v1/page-nonces", {}).json["nonce"]
    page.goto(f"http://{target.host}/#nonce={nonce}")
    page.locator("#devices option").first.wait_for(state="attached")
    page.locator("#documents").click()
    page.locator(".documents li").first.wait_for()
    planted: int = page.locator(".planted").count()
    return planted
