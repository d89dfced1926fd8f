"""What browsers let a public page do to a service on loopback; our guard is for the rest.

A line that turns red after an update of a browser is news, not a fault of the test.
"""

from __future__ import annotations

import pytest
from drivers import Browsers
from listener import Listener
from ways import ALL, at

pytestmark = pytest.mark.timeout(180)


def target(listener: Listener) -> str:
    return f"http://127.0.0.1:{listener.server_port}"


def paths(listener: Listener) -> set[str]:
    return {path.strip("/") for path in listener.heard}


def test_chromium_stops_every_way_of_a_public_page(browsers: Browsers, listener: Listener) -> None:
    """B01: nobody granted anything, so not a byte leaves."""
    with browsers.chromium(public=True) as page:
        heard = page.evaluate(at(target(listener)))

    assert paths(listener) == set()
    assert {heard[way] for way in ("cors", "nocors", "image", "script", "socket")} == {"fails"}


def test_firefox_lets_a_websocket_of_a_public_page_through(
    browsers: Browsers, listener: Listener
) -> None:
    """B02: nobody granted anything. A person is asked about the rest, not about a WebSocket."""
    with browsers.firefox(public=True) as page:
        heard = page.evaluate(at(target(listener)))

    assert paths(listener) == {"socket"}
    assert heard["socket"] == "works"
    rest = {heard[way] for way in ("cors", "nocors", "image", "script", "events", "worker")}
    assert "works" not in rest


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_what_arrives_once_the_person_agreed(
    name: str, browsers: Browsers, listener: Listener
) -> None:
    """B01, B02, B03: then everything comes, and Origin and Fetch Metadata say whence."""
    with browsers.run(name, public=True, granted=True) as page:
        page.evaluate(at(target(listener)))

    site, heard = browsers.site, listener.heard
    here = {"sandbox"} if name == "firefox" else set()  # a frame's word is not the site's there
    assert paths(listener) == ALL - here
    assert heard["/cors"] == (site, "cross-site", "cors")
    assert heard["/events"] == (site, "cross-site", "cors")
    assert heard["/worker"] == (site, "cross-site", "cors")
    for path in ("/nocors", "/image", "/script"):
        assert heard[path] == (None, "cross-site", "no-cors")
    for path in ("/post", "/beacon"):
        assert heard[path] == (site, "cross-site", "no-cors")
    assert heard["/frame"] == (None, "cross-site", "navigate")
    assert heard["/form"] == (site, "cross-site", "navigate")
    if name == "chromium":
        assert heard["/sandbox"] == ("null", "cross-site", "cors")
    told = (None, None) if name == "chromium" else ("cross-site", "websocket")
    assert heard["/socket"] == (site, *told)
