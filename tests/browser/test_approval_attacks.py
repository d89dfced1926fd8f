"""A site cannot approve itself, nor trick the person, nor take a key away (B07 to B10)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, expect

Visit = Callable[..., Page]
Meet = Callable[[str], Page]

ASK = """() => new Promise((show, fail) => {
    window.answer = handshake.pair(show).then(() => "approved", ({details}) => details.state);
    answer.then(fail);
})"""

CALLS = """async ([address, id, code, bearer]) => {
    const path = `${address}/v1/pairings/${id}/approve`;
    const body = JSON.stringify({code});
    const json = {"Content-Type": "application/json"};
    const wishes = [
        {method: "POST", body, headers: json},
        {method: "POST", body, headers: {...json, Authorization: `Bearer ${bearer}`}},
        {method: "POST", body, mode: "no-cors"},
        {method: "POST", body, mode: "no-cors", headers: {"Content-Type": "text/plain"}},
        {method: "POST", body, headers: json, credentials: "include"},
        {method: "POST", body, headers: json, referrerPolicy: "no-referrer"},
        {method: "PUT", body, headers: json},
    ];
    const tried = wishes.map((wish) => fetch(path, wish).then(
        (answer) => answer.type === "opaque" ? "unseen" : answer.status, () => "refused"));
    navigator.sendBeacon(path, new Blob([body], {type: "text/plain"}));
    const site = fetch(`${address}/v1/sites`, {method: "POST", headers: json,
        body: JSON.stringify({origin: location.origin, state: "approved"})})
        .then(({status}) => status, () => "refused");
    return Promise.all([...tried, site]);
}"""

FORM = """([address, id, code]) => {
    const frame = Object.assign(document.createElement("iframe"), {name: "target"});
    const form = Object.assign(document.createElement("form"), {method: "post", target: "target",
        action: `${address}/v1/pairings/${id}/approve`, enctype: "text/plain"});
    form.append(Object.assign(document.createElement("input"),
        {name: `{"code": "${code}", "x": "`, value: `"}`}));
    document.body.append(frame, form);
    form.submit();
}"""


@pytest.fixture(scope="module")
def browser(whole_browser: Browser) -> Browser:
    """Chromium whole: popups and windows behind one another are its own."""
    return whole_browser


@pytest.fixture
def page(visit: Visit, served: Any) -> Iterator[Page]:
    """Our own page; what a test left is gone after it."""
    page = visit()
    yield page
    sites = served.ask("/v1/sites")
    for pairing in sites["pending"]:
        served.tell(f"/v1/pairings/{pairing['id']}/block")
    for site in served.ask("/v1/sites")["items"]:
        served.forget("/v1/sites", origin=site["origin"])


@pytest.fixture
def site(page: Page, meet: Meet, stranger: str) -> Page:
    """A page of a site that asks to be approved."""
    there = meet(stranger)
    there.evaluate(ASK)
    page.bring_to_front()
    page.locator("[data-name=asking]").wait_for()
    return there


def undecided(served: Any, site: Page) -> bool:
    """Tell whether the site's request still waits, and nothing was decided."""
    sites = served.ask("/v1/sites")
    asking = [each["origin"] for each in sites["pending"]]
    return asking == [site.evaluate("location.origin")] and sites["items"] == []


def approve_button(page: Page) -> Locator:
    """Open the list of sites; return the button that approves."""
    page.get_by_role("button", name="Decide…").click()
    return page.get_by_role("button", name="Approve")


def honest_focus(context: BrowserContext, page: Page) -> CDPSession:
    """Let a page lose the focus as for a person; the driver makes every page believe it has it."""
    session = context.new_cdp_session(page)
    session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    return session


def test_a_site_cannot_send_the_approval_itself(site: Page, served: Any) -> None:
    """B07: it knows its own code and id, and tries every way that a script has."""
    (pending,) = served.ask("/v1/sites")["pending"]
    known = [served.address, pending["id"], pending["code"], "a" * 43]

    answers = site.evaluate(CALLS, known)
    with site.expect_response("**/approve") as answering:
        site.evaluate(FORM, known)

    assert set(answers) <= {401, 403, "refused", "unseen"}
    assert answering.value.status == 403
    assert undecided(served, site)


def test_a_site_cannot_frame_the_page(site: Page, served: Any) -> None:
    """B07: what cannot be framed cannot be laid under a button of the site's."""
    for path in ("/", "/open", "/#nonce=x", "/docs"):
        frame = site.evaluate_handle(
            """(address) => new Promise((done) => {
                const frame = document.createElement("iframe");
                frame.onload = () => done(frame);
                frame.src = address;
                document.body.append(frame);
            })""",
            served.address + path,
        )

        framed = frame.as_element().content_frame()
        assert framed is not None, path
        assert framed.locator("#sites, #locked, #contents").count() == 0, path
        assert undecided(served, site), path


def test_a_popup_of_a_site_is_out_of_its_hands(
    context: BrowserContext, site: Page, served: Any
) -> None:
    """B07: it is refused or locked, and the site can neither see into it nor press in it."""
    for path in ("/", "/open", "/open#nonce=x"):
        with context.expect_page() as opening:
            site.evaluate(f"void (window.popup = window.open('{served.address}{path}'))")
        popup = opening.value
        popup.wait_for_load_state("networkidle")  # one page leads to the next

        assert popup.locator("#scan-button").is_visible() is False, path
        seen = site.evaluate(
            """() => { try { return popup.closed || popup.document.body.innerHTML; }
                catch ({name}) { return name; } }"""
        )
        assert seen in {True, "SecurityError"}, path
        assert undecided(served, site), path


def test_a_script_in_the_page_does_not_press_for_the_person(
    page: Page, site: Page, served: Any
) -> None:
    """B07: a click that no person made is none, even where the button is ready."""
    button = approve_button(page)
    expect(button).to_be_enabled()

    button.evaluate("each => each.click()")
    button.evaluate("each => each.dispatchEvent(new MouseEvent('click', {bubbles: true}))")

    page.wait_for_timeout(200)
    assert undecided(served, site)


def test_a_click_meant_for_another_window_approves_nothing(
    context: BrowserContext, page: Page, site: Page, served: Any
) -> None:
    """B08: a window in front goes away between the two clicks of a double click."""
    honest_focus(context, page)
    honest_focus(context, site)
    button = approve_button(page)
    expect(button).to_be_enabled()
    box = button.bounding_box()
    assert box
    spot = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    site.bring_to_front()
    site.mouse.click(*spot)
    page.bring_to_front()
    start = time.monotonic()
    page.mouse.dblclick(*spot)
    took = time.monotonic() - start

    assert took < 0.9, "too slow to try anything"
    page.wait_for_timeout(200)
    assert undecided(served, site)
    expect(button).to_be_enabled()
    button.click()
    assert site.evaluate("answer") == "approved"


def test_the_button_waits_for_a_second_in_sight(page: Page, site: Page, served: Any) -> None:
    """B08: neither a second click where the first one opened the list, nor an impatient key."""
    page.evaluate(
        """() => {
            const look = () => {
                const button = document.querySelector(".armed");
                if (!button) return requestAnimationFrame(look);
                window.shown = performance.now();
                const note = () => { if (!button.disabled) window.ready ??= performance.now(); };
                new MutationObserver(note).observe(button, {attributeFilter: ["disabled"]});
            };
            look();
        }"""
    )

    button = approve_button(page)
    box = button.bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 20, box["y"] + 20)
    page.keyboard.press("Enter")
    expect(button).to_be_disabled()

    assert undecided(served, site)
    expect(button).to_be_enabled()
    assert page.evaluate("ready - shown") >= 1000


def test_what_lies_over_the_button_disarms_it(page: Page, site: Page, served: Any) -> None:
    """B08: a person approves what can be seen."""
    button = approve_button(page)
    expect(button).to_be_enabled()

    button.evaluate(
        """(button) => {
            const {left, top} = button.getBoundingClientRect();
            const cover = Object.assign(document.createElement("div"), {id: "cover"});
            Object.assign(cover.style, {position: "fixed", background: "grey", width: "30px",
                height: "30px", left: `${left - 9}px`, top: `${top - 9}px`});
            button.closest("dialog").append(cover);
        }"""
    )
    expect(button).to_be_disabled()
    page.evaluate("document.getElementById('cover').remove()")
    expect(button).to_be_disabled()

    expect(button).to_be_enabled()
    assert undecided(served, site)


def test_a_signature_of_one_site_opens_nothing_to_another(
    page: Page, site: Page, meet: Meet, stranger: str, served: Any
) -> None:
    """B09: another approved origin replays key, challenge and signature; so does a later hour."""
    approve_button(page).click()
    assert site.evaluate("answer") == "approved"
    other = meet(stranger.replace("127.0.0.1", "localhost"))
    served.tell("/v1/sites", {"origin": other.evaluate("location.origin"), "state": "approved"})

    proof = site.evaluate(
        """(address) => new Promise((done) => {
            const sent = window.fetch;
            window.fetch = (url, more) => {
                if (!url.endsWith("/v1/tokens")) return sent(url, more);
                done(more.body);
                return Promise.reject(new Error("held back"));
            };
            handshake.token().catch(() => 0).finally(() => { window.fetch = sent; });
        })""",
        served.address,
    )
    send = """([address, body]) => fetch(`${address}/v1/tokens`, {method: "POST", body,
        headers: {"Content-Type": "application/json"}}).then(({status}) => status)"""

    assert other.evaluate(send, [served.address, proof]) == 401
    assert site.evaluate(send, [served.address, proof]) == 401  # the try used it up
    assert site.evaluate("handshake.token().then((token) => token.length > 0)")


def test_a_script_in_an_approved_site_cannot_take_its_key_away(page: Page, site: Page) -> None:
    """B10: it can act while the tab is open, and that is all."""
    approve_button(page).click()
    assert site.evaluate("answer") == "approved"

    taken = site.evaluate(
        """async () => {
            const database = await new Promise((done) => {
                const opening = indexedDB.open("sheetfed");
                opening.onsuccess = () => done(opening.result);
            });
            const entry = await new Promise((done) => {
                const reading = database.transaction("keys").objectStore("keys").get("site");
                reading.onsuccess = () => done(reading.result);
            });
            const key = entry.private;
            const aes = {name: "AES-GCM", length: 256, iv: new Uint8Array(12)};
            const wrapping = await crypto.subtle.generateKey(aes, true, ["wrapKey"]);
            const tries = ["pkcs8", "jwk", "raw", "spki"].flatMap((form) => [
                () => crypto.subtle.exportKey(form, key),
                () => crypto.subtle.wrapKey(form, key, wrapping, aes),
            ]);
            const names = await Promise.all(
                tries.map((each) => each().then(() => "taken", ({name}) => name)));
            const {extractable, usages} = key;
            return {names, extractable, usages, text: JSON.stringify(key)};
        }"""
    )

    assert taken["extractable"] is False
    assert taken["usages"] == ["sign"]
    assert taken["text"] == "{}"
    assert set(taken["names"]) <= {"InvalidAccessError", "NotSupportedError"}
