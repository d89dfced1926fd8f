"""A site asks, the person compares a code and decides, and can take it back."""

from __future__ import annotations

import re
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Locator, Page, expect

Visit = Callable[..., Page]
Meet = Callable[[str], Page]

SHEETS = {"source": "feeder", "sheets": 3, "resolution": 100, "speed": 600}


def ask(site: Page) -> str:
    """Let a site ask; return the code that it shows."""
    code: str = site.evaluate(
        """() => new Promise((show, fail) => {
            window.answer = handshake.pair(show).then(
                () => "approved", ({details}) => details.state);
            answer.then(fail);
        })"""
    )
    return code


def told(site: Page) -> str:
    """Wait for what the site is told in the end."""
    answer: str = site.evaluate("answer")
    return answer


def fetched(site: Page, path: str, **wish: Any) -> tuple[int, Any]:
    """Let a site ask the service for something; return status and body."""
    status, body = site.evaluate(
        """([path, wish]) => ask(path, {...wish,
            ...(wish.body && {body: JSON.stringify(wish.body)}),
            headers: {...(wish.body && {"Content-Type": "application/json"})},
        }).then(async (answer) => [answer.status, await answer.json()], ({code}) => [0, code])""",
        [path, wish],
    )
    return status, body


def scan(site: Page, **settings: Any) -> dict[str, Any]:
    """Let a site scan; return the job."""
    wish = {"device": "sample:paper", "settings": {**SHEETS, **settings}}
    status, job = fetched(site, "/v1/jobs", method="POST", body=wish)
    assert status == 201, job
    return dict(job)


def done(site: Page, job: dict[str, Any]) -> dict[str, Any]:
    """Return a job of a site once it is over."""
    while job["state"] in {"waiting", "scanning"}:
        _, job = fetched(site, f"/v1/jobs/{job['id']}?wait=5&seen={job['version']}")
    return job


def decide(page: Page) -> Locator:
    """Open the list of sites from the notice; return the request."""
    page.get_by_role("button", name="Decide…").click()
    return page.locator(".request")


def approve(page: Page, site: Page) -> None:
    """Let a site ask, and approve it."""
    ask(site)
    decide(page).get_by_role("button", name="Approve").click()
    assert told(site) == "approved"
    page.keyboard.press("Escape")


def origin_of(site: Page) -> str:
    """Return a site's origin."""
    origin: str = site.evaluate("location.origin")
    return origin


def row(page: Page, site: Page) -> Locator:
    """Open the list of sites; return the site's row."""
    page.locator("#sites").click()
    return page.locator(f"[data-origin='{origin_of(site)}']")


def press_twice(where: Locator, name: str) -> None:
    """Press a button that asks back."""
    where.get_by_role("button", name=name).click()
    where.get_by_role("button", name=f"{name}, really?").click()


@pytest.fixture
def page(visit: Visit, served: Any) -> Iterator[Page]:
    """Our own page; what was decided in a test is forgotten after it."""
    page = visit()
    yield page
    for pairing in served.ask("/v1/sites")["pending"]:
        served.tell(f"/v1/pairings/{pairing['id']}/block")
    for site in served.ask("/v1/sites")["items"]:
        served.forget("/v1/sites", origin=site["origin"])


@pytest.fixture
def site(meet: Meet, stranger: str, page: Page) -> Page:
    """A page of a site that nobody decided about, in another tab."""
    there = meet(stranger)
    page.bring_to_front()
    return there


def test_a_site_is_approved_and_scans(
    page: Page, site: Page, state: Callable[[Page, str], None]
) -> None:
    """The whole way, as a person goes it; the site gets its pages and the person's list stays."""
    code = ask(site)
    request = decide(page)
    expect(request.locator("h3")).to_have_text(origin_of(site))
    expect(request.locator(".code")).to_have_text(re.compile(f"^{code[:3]}.{code[3:]}$"))

    state(page, "16-a-site-asks")
    request.get_by_role("button", name="Approve").click()

    assert told(site) == "approved"
    expect(page.locator("[data-name=asking]")).to_have_count(0)
    expect(page.locator(f"[data-origin='{origin_of(site)}']")).to_contain_text("not used yet")
    job = done(site, scan(site))
    assert job["state"] == "done"
    _, document = fetched(site, f"/v1/documents/{job['document']}")
    assert len(document["pages"]) == 3
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Documents").click()
    expect(page.locator(".library")).to_contain_text("No documents yet.")


def test_a_reload_of_the_site_needs_no_new_approval(page: Page, site: Page, meet: Meet) -> None:
    """The key rests in the browser; another tab of the site has it, too."""
    approve(page, site)

    again = meet(origin_of(site))

    assert fetched(again, "/v1/devices")[0] == 200


def test_a_site_is_blocked_and_cannot_ask_again(page: Page, site: Page) -> None:
    ask(site)

    decide(page).get_by_role("button", name="Block").click()

    assert told(site) == "blocked"
    expect(page.locator(f"[data-origin='{origin_of(site)}']")).to_contain_text("cannot ask")
    assert site.evaluate("handshake.pair(() => 0).catch(({status}) => status)") == 403


def test_a_block_is_forgotten(page: Page, site: Page) -> None:
    ask(site)
    decide(page).get_by_role("button", name="Block").click()
    there = page.locator(f"[data-origin='{origin_of(site)}']")

    press_twice(there, "Forget")

    expect(there).to_have_count(0)
    assert len(ask(site)) == 6


def test_an_approval_is_taken_back(page: Page, site: Page) -> None:
    """At once: what the site holds is worth nothing any more."""
    approve(page, site)
    assert fetched(site, "/v1/devices")[0] == 200
    token = site.evaluate("handshake.token()")

    there = row(page, site)
    there.get_by_role("button", name="Revoke").click()
    there.get_by_role("button", name="Its documents are deleted").click()

    expect(there).to_have_count(0)
    assert fetched(site, "/v1/devices")[0] != 200
    status = site.evaluate(
        """([address, token]) => fetch(address + "/v1/devices",
            {headers: {Authorization: `Bearer ${token}`}}).then(({status}) => status, () => 0)""",
        [page.evaluate("location.origin"), token],
    )
    assert status in {0, 401, 403}


def test_an_approved_site_is_blocked(page: Page, site: Page) -> None:
    approve(page, site)

    there = row(page, site)
    press_twice(there, "Block")

    expect(there).to_contain_text("cannot ask")
    assert fetched(site, "/v1/devices")[0] != 200


def test_the_person_sees_that_a_site_scans(
    page: Page, site: Page, visit: Visit, expected: set[str]
) -> None:
    """While it does (R15), in a page that is opened in the middle as well, and that it did."""
    expected.add("409")  # the device was in use
    approve(page, site)

    job = scan(site, sheets=99, speed=60)

    notice = page.locator("[data-name=site-scans]")
    expect(notice).to_have_text(
        re.compile(f"{re.escape(origin_of(site))} is scanning with Sample scanner.")
    )
    expect(visit().locator("[data-name=site-scans]")).to_contain_text(origin_of(site))
    fetched(site, f"/v1/jobs/{job['id']}/cancel", method="POST")
    expect(notice).to_have_count(0)
    expect(page.locator(".toast", has_text=f"{origin_of(site)} has scanned.")).to_be_visible()


def test_a_request_is_there_when_the_page_is_opened_for_it(
    visit: Visit, page: Page, site: Page
) -> None:
    """Who reads the code on the site opens our page only then."""
    ask(site)

    late = visit()

    expect(late.locator("[data-name=asking]")).to_contain_text(origin_of(site))
    expect(late.locator("#sites")).to_have_accessible_name("1 site asks to use your scanners")


def test_the_keyboard_decides(page: Page, site: Page) -> None:
    ask(site)
    press = page.keyboard.press
    page.get_by_role("button", name="Decide…").focus()
    press("Enter")
    expect(page.get_by_role("button", name="Approve")).to_be_enabled()

    page.get_by_role("button", name="Block").focus()
    press("Tab")
    press("Enter")

    assert told(site) == "approved"


def test_a_second_request_stands_below_the_first(
    page: Page, site: Page, meet: Meet, stranger: str
) -> None:
    """Nothing moves under a finger."""
    ask(site)
    first = decide(page).first
    before = first.bounding_box()

    ask(meet(stranger.replace("127.0.0.1", "localhost")))
    page.bring_to_front()
    expect(page.locator(".request")).to_have_count(2)

    expect(first.locator("h3")).to_have_text(origin_of(site))
    assert first.bounding_box() == before


@pytest.mark.parametrize("width", [360, 1280])
def test_a_long_name_of_a_site_sticks_out_nowhere(page: Page, served: Any, width: int) -> None:
    """A name is the site's choice; none is cut off to look like another one."""
    origin = f"https://{'paypal.com-' * 5}x.{'login-' * 8}y.xn--80ak6aa92e.example"
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    request = urllib.request.Request(
        f"{served.address}/v1/pairings",
        data=b'{"key": "%s"}' % urlsafe_b64encode(spki).rstrip(b"="),
        headers={"Origin": origin, "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()

    page.set_viewport_size({"width": width, "height": 700})
    name = decide(page).locator("h3")

    expect(name).to_have_text(origin)
    for element in (page.locator("html"), page.locator("dialog"), name):
        assert element.evaluate("each => each.scrollWidth <= each.clientWidth")
    page.get_by_role("button", name="Block").click()
    expect(page.locator(f"[data-origin='{origin}']")).to_be_visible()
    assert page.locator("dialog").evaluate("each => each.scrollWidth <= each.clientWidth")


def test_what_the_administrator_decided_stands_and_says_so(
    visit: Visit, serve: Callable[[Path], Any], tmp_path: Path, browser: Any
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text('[sites]\napproved = ["https://scan.example"]\n')
    context = browser.new_context()
    page = context.new_page()
    page.goto(serve(home).door)

    page.locator("#sites").click()

    there = page.locator("[data-origin='https://scan.example']")
    expect(there).to_contain_text("set by the administrator")
    expect(there.get_by_role("button")).to_have_count(0)
    context.close()


def test_who_decides_is_left_alone(page: Page, site: Page) -> None:
    """The site scans while the person is asked whether they mean it: the question stays."""
    approve(page, site)
    there = row(page, site)
    there.get_by_role("button", name="Revoke").click()
    sure = there.get_by_role("button", name="Its documents are deleted")

    with page.expect_response("**/v1/sites"):
        done(site, scan(site))
    expect(there).to_contain_text("last used")

    expect(sure).to_be_focused()
    sure.click()
    expect(there).to_have_count(0)
