"""The other engine: our page, a site's pairing, and what it refuses."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from marionette import Firefox, Refused

ASKING = """async () => ({
    asks: !!document.querySelector(".request"), ready: !!document.querySelector(".armed:enabled"),
    focus: document.hasFocus(), sight: document.visibilityState,
})"""
"""Whether a site asks in the open list, whether it can be approved, and why it may not."""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference to one


class Tabs(Firefox):
    """Firefox with two tabs: our page, and a site that knows where the service is."""

    downloads: Path

    def turn(self, tab: str) -> None:
        """Bring a tab to the front."""
        self.ask("WebDriver:SwitchToWindow", {"handle": tab, "focus": True})

    def add(self) -> str:
        """Open another tab; return its handle."""
        handle: str = self.ask("WebDriver:NewWindow", {"type": "tab"})["handle"]
        return handle

    def press(self, selector: str) -> None:
        """Click as a person does."""
        found = self.ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        self.ask("WebDriver:ElementClick", {"id": found["value"][ELEMENT]})

    def call(self, function: str, *arguments: Any) -> Any:
        """Return what a function of JavaScript resolves to, called with these."""
        script = (
            "const done = arguments[arguments.length - 1];"
            f"({function})(...[...arguments].slice(0, -1)).then(done, e => done(String(e)));"
        )
        sent = {"script": script, "args": arguments}
        return self.ask("WebDriver:ExecuteAsyncScript", sent)["value"]

    def until(self, selector: str) -> None:
        """Wait until the page has such an element, wherever it goes meanwhile."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(Refused):  # it is on its way to another page
                if self.call("async (what) => !!document.querySelector(what)", selector):
                    return
            time.sleep(0.03)
        raise AssertionError(f"there is no {selector}")


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabs]:
    """One Firefox for the tests of this file."""
    folder: Path = tmp_path_factory.mktemp("firefox")
    settings = {
        "browser.download.folderList": 2,
        "browser.download.dir": str(folder),
        "browser.download.alwaysOpenPanel": False,  # it takes the keyboard from the page
    }
    with Tabs(folder / "profile", home=folder, settings=settings) as firefox:
        firefox.downloads = folder
        yield firefox


@pytest.fixture(scope="module")
def ours(firefox: Tabs, served: Any) -> str:
    """The tab with our own page, as `sheetfed open` opens it."""
    tab = firefox.add()
    firefox.turn(tab)
    firefox.goto(f"file://{served.tell('/v1/page-nonces', {'page': served.address})['file']}")
    firefox.until("#scan-button:enabled")
    return tab


@pytest.fixture
def site(firefox: Tabs, ours: str, stranger: str, served: Any) -> Iterator[str]:
    """A tab with a site that asks to be approved; `answer` is what it is told."""
    tab = firefox.add()
    firefox.turn(tab)
    firefox.goto(stranger)
    code = firefox.call(
        """async (address) => {
            const {Handshake} = await import("/client/handshake.js");
            window.handshake = new Handshake(address);
            window.ask = async (path, wish = {}) => fetch(address + path, {...wish, headers:
                {...wish.headers, Authorization: `Bearer ${await handshake.token()}`}});
            return new Promise((show, fail) => {
                window.answer = handshake.pair(show).then(
                    () => "approved", ({details}) => details.state);
                answer.then(fail);
            });
        }""",
        served.address,
    )
    assert len(code) == 6
    firefox.turn(ours)
    firefox.until("[data-name=asking]")
    yield tab
    firefox.turn(tab)
    firefox.ask("WebDriver:CloseWindow", {})
    firefox.turn(ours)
    firefox.evaluate("async () => document.querySelector('dialog')?.close()")
    for pairing in served.ask("/v1/sites")["pending"]:
        served.tell(f"/v1/pairings/{pairing['id']}/block")
    for each in served.ask("/v1/sites")["items"]:
        served.forget("/v1/sites", origin=each["origin"])


def approve(firefox: Tabs, ours: str) -> None:
    """Open the list of sites and approve the one that asks, once that can be done.

    Where the window changes as the button is pressed that counts for nothing: it is pressed again.
    """
    firefox.turn(ours)
    firefox.press("[data-name=asking] button")
    end = time.monotonic() + 40
    while (seen := firefox.call(ASKING))["asks"]:
        assert time.monotonic() < end, seen
        if seen["ready"]:
            with suppress(Refused):  # it went meanwhile
                firefox.press(".armed")
            time.sleep(1)
        time.sleep(0.03)


def test_the_address_keeps_no_nonce(firefox: Tabs, ours: str, served: Any) -> None:
    """It came from a file, through the landing page, to our page."""
    firefox.turn(ours)

    assert firefox.evaluate("async () => location.href") == f"{served.address}/"
    assert len(firefox.evaluate("async () => sessionStorage['sheetfed token']")) >= 43


def test_our_page_scans_corrects_names_and_saves(firefox: Tabs, ours: str, served: Any) -> None:
    """The person's own way, in this engine as well: paper, pages, a turn, a title, a file."""
    firefox.turn(ours)
    settings = json.dumps({"sheets": 2, "resolution": 75, "speed": 600})
    firefox.evaluate(
        f"async () => localStorage.setItem('sheetfed settings sample:paper', '{settings}')"
    )
    firefox.ask("WebDriver:Refresh", {})
    firefox.until("#scan-button:enabled")
    firefox.press("#scan-button")
    shown = firefox.evaluate(
        """async () => {
            const {shadowRoot} = document.querySelector("sheetfed-viewer");
            const seen = (what) => shadowRoot.querySelectorAll(what).length;
            while (seen(".page.shown") < 2) await new Promise((go) => setTimeout(go, 50));
            while (document.querySelector("#scan-button").textContent !== "Scan") {
                await new Promise((go) => setTimeout(go, 50));
            }
            shadowRoot.querySelector(".page .sheet").focus();
            const key = (name, more) => document.activeElement.shadowRoot.activeElement
                .dispatchEvent(new KeyboardEvent("keydown",
                    {key: name, bubbles: true, composed: true, cancelable: true, ...more}));
            key("]");
            const title = document.querySelector("#title");
            title.value = "Rent";
            title.dispatchEvent(new Event("change"));
            return seen(".page img");
        }"""
    )
    assert shown == 2
    made = firefox.evaluate("async () => location.hash.slice(1)")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        kept = served.ask(f"/v1/documents/{made}")
        if kept["title"] == "Rent" and kept["pages"][0]["edits"]:
            break
        time.sleep(0.05)
    assert [len(page["edits"]) for page in kept["pages"]] == [1, 0]

    firefox.press("#save")
    file = firefox.downloads / "Rent.pdf"
    while time.monotonic() < end + 20 and not (file.exists() and file.stat().st_size):
        time.sleep(0.05)
    assert file.read_bytes()[:5] == b"%PDF-"
    firefox.evaluate("async () => history.replaceState(null, '', location.pathname)")


def test_a_site_is_approved_and_scans(firefox: Tabs, ours: str, site: str) -> None:
    approve(firefox, ours)
    firefox.turn(site)
    assert firefox.evaluate("() => answer") == "approved"

    job = firefox.evaluate(
        """async () => {
            const wish = {device: "sample:paper",
                settings: {source: "feeder", sheets: 2, resolution: 100, speed: 600}};
            let job = await ask("/v1/jobs", {method: "POST", body: JSON.stringify(wish),
                headers: {"Content-Type": "application/json"}}).then((answer) => answer.json());
            while (["waiting", "scanning"].includes(job.state)) {
                const path = `/v1/jobs/${job.id}?wait=5&seen=${job.version}`;
                job = await ask(path).then((answer) => answer.json());
            }
            return job;
        }"""
    )

    assert (job["state"], job["pages"]) == ("done", 2)


def test_the_button_waits_for_a_second(firefox: Tabs, ours: str, site: str, served: Any) -> None:
    """B08: a click as soon as the list is open is one that was meant for something else."""
    firefox.turn(ours)
    for _ in range(5):  # a machine that is busy may be too slow to try anything
        firefox.press("[data-name=asking] button")
        start = time.monotonic()
        firefox.press(".armed")
        if quick := time.monotonic() - start < 0.9:
            break
        firefox.evaluate("async () => document.querySelector('dialog').close()")
    assert quick

    assert len(served.ask("/v1/sites")["pending"]) == 1
    firefox.until(".armed:enabled")


def test_a_site_sees_no_framed_page_and_cannot_approve_itself(
    firefox: Tabs, ours: str, site: str, served: Any
) -> None:
    """B07: neither by a frame, nor by any request that a script can make."""
    (pending,) = served.ask("/v1/sites")["pending"]
    path = f"{served.address}/v1/pairings/{pending['id']}/approve"
    firefox.turn(site)

    told = firefox.call(
        """async (address, path, body) => {
            const frame = document.body.appendChild(document.createElement("iframe"));
            const loaded = new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
            frame.src = address;
            const wishes = [{headers: {"Content-Type": "application/json"}}, {mode: "no-cors"}];
            const tried = wishes.map((wish) => fetch(path, {method: "POST", body, ...wish}).then(
                ({type, status}) => type === "opaque" ? 403 : status, () => 403));
            await loaded;
            return Promise.all(tried);
        }""",
        served.address,
        path,
        json.dumps({"code": pending["code"]}),
    )

    assert told == [403, 403]
    firefox.ask("WebDriver:SwitchToFrame", {"id": 0})
    shown = firefox.call(
        "async () => [document.title, !!document.querySelector('#locked, #sites')]"
    )
    firefox.ask("WebDriver:SwitchToFrame", {"id": None})
    assert shown[0] != "sheetfed"
    assert shown[1] is False
    sites = served.ask("/v1/sites")
    assert (len(sites["pending"]), sites["items"]) == (1, [])


def test_the_key_of_a_site_cannot_be_taken_away(firefox: Tabs, ours: str, site: str) -> None:
    """B10: not by a script of the site itself."""
    approve(firefox, ours)
    firefox.turn(site)

    taken = firefox.evaluate(
        """async () => {
            await answer;
            const database = await new Promise((done) => {
                const opening = indexedDB.open("sheetfed");
                opening.onsuccess = () => done(opening.result);
            });
            const entry = await new Promise((done) => {
                const reading = database.transaction("keys").objectStore("keys").get("site");
                reading.onsuccess = () => done(reading.result);
            });
            return Promise.all(["pkcs8", "jwk"].map((form) => crypto.subtle.exportKey(
                form, entry.private).then(() => "taken", ({name}) => name)));
        }"""
    )

    assert taken == ["InvalidAccessError", "InvalidAccessError"]
