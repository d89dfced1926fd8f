"""The client in a site of the public web: it finds the service, or says why it cannot."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from marionette import Firefox
from playwright.sync_api import Browser, BrowserType, Page, Route, expect
from screen import press, screen
from spare import free_port
from unknown import certificate, fingerprint
from web_site import web_site

from sheetfed.pairings import PENDING

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))
from site_page import Site

NAME = "shop.example"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OLDER_CLIENTS = {
    file.stem: file for file in (Path(__file__).parent / "released").glob("client-*.zip")
}
"""What sites went on with: the client as it was first, and as it was later, as they were packed."""
FRAMED = ("frame.html", "frame.js", "ten-lines.html", "ten-lines.js")
STRICT = (
    "<!doctype html><meta charset=utf-8><title>Strict</title><meta http-equiv="
    "Content-Security-Policy content=\"default-src 'self'\"><h1>Strict</h1>"
)
FRAMES = "<!doctype html><meta charset=utf-8><title>Frames</title><body>"
TELL = """async (wish) => {
    const {connect} = await import("/client/index.js"), told = [];
    const from = performance.now();
    const tell = ({code}) => { told.push(code); };
    const signal = wish.abort ? AbortSignal.timeout(wish.abort) : null;
    const show = wish.code ? (code) => { window.code = code; } : undefined;
    const end = await connect({...wish, tell, signal, show}).then(
        (sheetfed) => { window.sheetfed = sheetfed; return {code: "connected"}; },
        ({code, name, person, developer}) => ({code: person ? code : name, person, developer}));
    return {...end, told, took: performance.now() - from};
}"""


OLDER = """() => {
    const query = navigator.permissions.query.bind(navigator.permissions);
    navigator.permissions.query = async ({name}) => {
        if (name === "loopback-network") throw new TypeError("no such permission");
        return query({name: name === "local-network-access" ? "loopback-network" : name});
    };
}"""
"""Makes a browser one of before the permission had its name of today."""
LISTEN = """async () => {
    window.heard = [];
    (async () => {
        const down = () => heard.push("down");
        for await (const {topic, data} of sheetfed.events({topics: ["document"], down})) {
            heard.push(topic === "ready" ? topic : data.change);
        }
    })();
}"""
WAKING = """export const until = async (what, count) => {
    while (heard.filter((each) => each === what).length < count) {
        await new Promise((go) => setTimeout(go, 30));
    }
    return heard;
};"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the site; the browsers are told to take it."""
    return certificate(tmp_path_factory.mktemp("site") / "site.pem", NAME)


@pytest.fixture(scope="module")
def shop(known: Path) -> Iterator[str]:
    """The origin of a site that browsers take for one of the public web."""
    examples = {f"/{name}": (EXAMPLES / name).read_text() for name in FRAMED}
    pages = {"/strict": STRICT, "/frames": FRAMES, **examples}
    for name, file in OLDER_CLIENTS.items():
        with zipfile.ZipFile(file) as packed:
            modules = [each for each in packed.namelist() if each.endswith(".js")]
            pages |= {f"/{name}/{each}": packed.read(each).decode() for each in modules}
    with web_site(pages, host=NAME, certificate=known) as origin:
        yield origin


def far(shop: str, known: Path) -> tuple[str, ...]:
    """Return what makes Chromium take the site for a public one."""
    port = shop.rpartition(":")[2]
    return (
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP *.example 127.0.0.1",
        f"--ip-address-space-overrides=127.0.0.1:{port}=public",
        f"--ignore-certificate-errors-spki-list={fingerprint(known)}",
    )


@pytest.fixture(scope="module")
def chromium(browser: Browser, shop: str, known: Path) -> Iterator[Browser]:
    """A Chromium that takes the site for a public one."""
    kind: BrowserType = browser.browser_type
    chromium = kind.launch(executable_path=shutil.which("chromium"), args=far(shop, known))
    yield chromium
    chromium.close()


@pytest.fixture
def site(chromium: Browser, shop: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the site, in a profile where the person decided so about it."""

    def site(path: str = "/", *, setting: str = "") -> Page:
        page = chromium.new_context().new_page()
        if setting:
            devtools = page.context.new_cdp_session(page)
            about = devtools.send("Target.getTargetInfo")["targetInfo"]
            decided = {"permission": {"name": "loopback-network"}, "setting": setting}
            wish = {**decided, "browserContextId": about["browserContextId"]}
            devtools.send("Browser.setPermission", wish)
        page.goto(shop + path)
        return page

    yield site
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="module")
def served(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service with TLS, too."""
    return serve(tmp_path_factory.mktemp("served") / "home", {"SHEETFED_TLS": "true"})


@pytest.fixture(autouse=True)
def there(served: Any) -> None:
    """The service goes on that a test stopped before it failed: others share it."""
    served.revive()


@pytest.fixture
def addresses(served: Any) -> list[str]:
    """Where the service of these tests is: TLS, which no browser here trusts, and plain."""
    return [f"https://127.0.0.1:{served.port + 1}", served.address]


class Careless(Firefox):
    """Firefox that takes any certificate."""

    def ask(self, command: str, parameters: Mapping[str, Any]) -> Any:
        """Send one command."""
        if command == "WebDriver:NewSession":
            parameters = {"acceptInsecureCerts": True}
        return super().ask(command, parameters)


HASTY = """
import sheetfed.pairings
sheetfed.pairings.LASTS = 1.5
from sheetfed.cli import main
main()
"""
"""A service in which a person has little time to decide."""


def stopped(firefox: Firefox, *, still: bool) -> None:
    """Let all processes of a Firefox sleep, or go on."""
    known = {firefox.process}
    for _ in range(3):  # children of children of its first one
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                known |= {int(stat.parent.name)} if parent in known else set()
    for process in known:
        os.kill(process, signal.SIGSTOP if still else signal.SIGCONT)


def connected(page: Page, **wish: Any) -> dict[str, Any]:
    """Let a page connect; return how that ended."""
    end: dict[str, Any] = page.evaluate(TELL, wish)
    return end


def crowd(served: Any) -> list[str]:
    """Let as many sites ask as may wait for a person; all strangers share one rate."""
    asking = []
    for number in range(PENDING):
        other = Site(served.port, f"https://other-{number}.example")
        while (answer := other.pair()).status == 429:
            time.sleep(int(answer.headers["Retry-After"]))
        asking.append(answer.json["id"])
    return asking


def forget_sites(served: Any) -> None:
    """Let no site be approved or blocked, as before other tests."""
    for each in served.ask("/v1/sites")["items"]:
        served.forget("/v1/sites", origin=each["origin"])


@contextmanager
def pretending(api: int) -> Iterator[str]:
    """Answer as a sheetfed of another time does, and fail where more is asked."""

    class Hello(http.server.BaseHTTPRequestHandler):
        def do_GET(self, status: int = 200) -> None:
            body = json.dumps({"product": "sheetfed", "api": api}).encode()
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_OPTIONS(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.do_GET(500)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_site_connects_scans_and_saves(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """The ten lines of a site's developer: connect, approve, pages as they arrive, a PDF."""
    page = site(setting="granted")
    page.evaluate(
        f"(wish) => {{ window.end = ({TELL})(wish); }}", {"addresses": addresses, "code": True}
    )
    page.wait_for_function("window.code")
    (asking,) = served.ask("/v1/sites")["pending"]
    assert asking["code"] == page.evaluate("code")
    served.tell(f"/v1/pairings/{asking['id']}/approve", {"code": asking["code"]})
    assert page.evaluate("end")["code"] == "connected"

    seen = page.evaluate(
        """async () => {
            const settings = {source: "feeder", sheets: 3, resolution: 75, speed: 600};
            const scan = await sheetfed.scan({device: "sample:paper", settings});
            const seen = [];
            for await (const page of scan) {
                const picture = await sheetfed.getImage(page.id, {width: 90, height: 90});
                seen.push([page.position, picture.type]);
            }
            const {data, name} = await sheetfed.saveDocument(scan.job.document);
            return {seen, state: scan.job.state, name, head: await data.slice(0, 5).text()};
        }"""
    )
    assert [position for position, _ in seen["seen"]] == [0, 1, 2]
    assert all(kind.startswith("image/") for _, kind in seen["seen"])
    assert (seen["state"], seen["name"], seen["head"]) == ("done", "document.pdf", "%PDF-")

    again = site(setting="granted")
    assert connected(again, addresses=addresses)["code"] == "origin-not-approved"  # another profile
    assert connected(page, addresses=addresses)["code"] == "connected"  # no code: the key is kept


@pytest.mark.parametrize("older", ["client-1", "client-2"])
def test_an_older_client_goes_on_with_the_service_of_today(
    site: Callable[..., Page], served: Any, addresses: list[str], older: str
) -> None:
    """A site changes its client when it likes: paired, scanned, read, ordered, saved, told."""
    forget_sites(served)
    page = site(setting="granted")
    tell = TELL.replace("/client/index.js", f"/{older}/index.js")
    wish = {"addresses": addresses, "code": True}
    page.evaluate(f"(wish) => {{ window.end = ({tell})(wish); }}", wish)
    page.wait_for_function("window.code")
    (asking,) = served.ask("/v1/sites")["pending"]
    assert asking["code"] == page.evaluate("code")
    served.tell(f"/v1/pairings/{asking['id']}/approve", {"code": asking["code"]})
    assert page.evaluate("end")["code"] == "connected"
    page.evaluate(LISTEN)
    page.wait_for_function("heard.includes('ready')")

    seen = page.evaluate(
        """async () => {
            const settings = {source: "feeder", sheets: 2, resolution: 75, speed: 600};
            const {devices, items} = await sheetfed.listDevices();
            const scan = await sheetfed.scan({device: "sample:paper", settings});
            const pages = [], kinds = [];
            for await (const page of scan) {
                pages.push(page.id);
                kinds.push((await sheetfed.getImage(page.id, {width: 90, height: 90})).type);
            }
            const id = scan.job.document;
            await sheetfed.orderPages(id, [...pages].reverse());
            const {pages: now} = await sheetfed.getDocument(id);
            const {data} = await sheetfed.saveDocument(id);
            const jam = {...settings, fault: "paper-jam", "fault-page": 1};
            const stuck = await sheetfed.scan({device: "sample:paper", settings: jam});
            const code = await (async () => { for await (const page of stuck) page.id; })()
                .then(() => "", (problem) => problem.code);
            await sheetfed.discardJob(stuck.job.id);
            await sheetfed.deleteDocument(id);
            return {
                devices: (devices ?? items).map((each) => each.id), kinds, code,
                turned: now.map((each) => each.id ?? each).join() === [...pages].reverse().join(),
                state: scan.job.state, head: await data.slice(0, 5).text(),
                gone: await sheetfed.getDocument(id).catch((problem) => problem.code),
            };
        }"""
    )
    page.wait_for_function("heard.includes('deleted')")

    assert "sample:paper" in seen["devices"]
    assert len(seen["kinds"]) == 2
    assert all(kind.startswith("image/") for kind in seen["kinds"])
    assert seen["turned"]
    assert (seen["state"], seen["head"]) == ("done", "%PDF-")
    assert (seen["code"], seen["gone"]) == ("paper-jam", "not-found")


def test_a_scan_stops_pauses_and_says_why(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """A signal cancels it; what the scanner reports is thrown, or decided by the page."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"

    told = page.evaluate(
        """async () => {
            const device = "sample:paper", base = {source: "feeder", resolution: 75, speed: 600};
            const scan = async (settings, watching) => {
                const pages = [];
                const wish = {device, settings: {...base, ...settings}};
                const scan = await sheetfed.scan(wish, watching);
                try {
                    for await (const page of scan) pages.push(page.id);
                    return [scan.job.state, pages.length];
                } catch ({code, name, status}) {
                    if (scan.job.state === "paused") await sheetfed.discardJob(scan.job.id);
                    return [status === undefined ? name : code, pages.length];
                }
            };
            const stop = new AbortController();
            const progress = (job) => { if (job.pages === 2) stop.abort(); };
            const jam = {sheets: 4, fault: "paper-jam", "fault-page": 3};
            return {
                jammed: await scan(jam),
                kept: await scan(jam, {paused: () => "keep"}),
                stopped: (await scan({sheets: 40, speed: 200}, {signal: stop.signal, progress}))[0],
                wrong: await scan({resolution: "many"}),
                gone: await sheetfed.getDocument("doc_none").catch(({code}) => code),
            };
        }"""
    )

    assert told["jammed"] == ["paper-jam", 2]
    assert told["kept"] == ["done", 2]
    assert told["stopped"] == "AbortError"
    assert told["wrong"] == ["bad-settings", 0]
    assert told["gone"] == "not-found"


def test_events_go_on_after_the_service_was_killed(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """Nothing is missed: what happened while nobody listened is told afterwards."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"
    page.evaluate(LISTEN)
    page.wait_for_function("heard.includes('ready')")
    page.evaluate("sheetfed.createDocument({title: 'before'})")
    page.wait_for_function("heard.includes('created')")

    served.kill()
    page.wait_for_function("heard.includes('down')")
    failed = page.evaluate("sheetfed.createDocument().catch(({code}) => code)")
    served.start()
    page.wait_for_function("heard.filter((each) => each === 'ready').length === 2")
    page.evaluate("sheetfed.createDocument({title: 'after'})")
    page.wait_for_function("heard.filter((each) => each === 'created').length === 2")

    assert failed == "service-gone"


def test_every_cause_is_told_apart(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """B11: whoever cannot scan learns what to do, and so does who made the page."""
    closed = [f"http://127.0.0.1:{free_port()}"]
    free = site(setting="granted")
    ends = {
        "not-running": connected(free, addresses=closed),
        "tls-not-trusted": connected(free, addresses=addresses, tls="require"),
        "csp-blocked": connected(site("/strict", setting="granted"), addresses=addresses),
        "lna-denied": connected(site(setting="denied"), addresses=addresses),
    }
    older = site(setting="denied")
    older.evaluate(OLDER)
    assert connected(older, addresses=addresses)["code"] == "lna-denied"
    with pretending(2) as address:
        ends["service-too-new"] = connected(free, addresses=[address])
    with pretending(0) as address:
        ends["service-too-old"] = connected(free, addresses=[address])
    served.tell("/v1/sites", {"origin": shop, "state": "blocked"})
    ends["site-blocked"] = connected(site(setting="granted"), addresses=addresses, code=True)
    served.forget("/v1/sites", origin=shop)
    with web_site(host="plain.example") as plain:
        insecure = site(setting="granted")
        insecure.goto(plain)
        ends["insecure-page"] = connected(insecure, addresses=addresses)

    assert {code: end["code"] for code, end in ends.items()} == {code: code for code in ends}
    assert all(end["person"] and end["developer"] for end in ends.values())
    assert all("{" not in end["person"] + end["developer"] for end in ends.values())
    rule = ends["csp-blocked"]["developer"].partition("connect-src ")[2].partition(";")[0]
    assert sorted(rule.split()) == sorted(addresses)


def test_the_service_is_found_on_its_usual_ports_and_on_those_beside(
    site: Callable[..., Page], served: Any, shop: str
) -> None:
    """Who makes the page names none. Another program has the first pair, which is asked first."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    asked: list[int] = []

    def lead(route: Route) -> None:
        scheme, port = re.findall(r"(https?)://127.0.0.1:(\d+)/", route.request.url)[0]
        if route.request.url.endswith("/.well-known/sheetfed"):
            asked.append(int(port))
        if (scheme, port) == ("http", "18912"):
            route.continue_(url=route.request.url.replace(":18912", f":{served.port}"))
        else:
            route.abort("connectionrefused")

    page.route(re.compile(r"//127\.0\.0\.1:189\d\d/"), lead)

    assert connected(page, code=True)["code"] == "connected"
    assert page.evaluate("sheetfed.address") == "http://127.0.0.1:18912"
    assert {*asked[:2]} == {18910, 18911}
    assert {*asked[2:]} == {18912, 18913, 18914, 18915, 18916, 18917}
    asked.clear()
    assert connected(page, code=True)["code"] == "connected"
    assert asked == [18912], "where it answered last is asked first"
    served.forget("/v1/sites", origin=shop)


def test_the_person_is_told_before_the_browser_asks(
    site: Callable[..., Page], addresses: list[str]
) -> None:
    """Nothing is asked for until they read why; a headless browser says no to its own question."""
    page = site()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    begun = page.evaluate(
        """async (addresses) => {
            const {connect} = await import("/client/index.js");
            return new Promise((begin) => {
                const tell = (state) => new Promise((go) => { window.go = go; begin(state.code); });
                window.end = connect({addresses, tell}).then(() => "connected", ({code}) => code);
            });
        }""",
        addresses,
    )
    before = [url for url in asked if "well-known" in url]
    page.evaluate("go()")

    assert (begun, before) == ("lna-prompt", [])
    assert page.evaluate("end") in {"lna-denied", "lna-dismissed", "not-running"}


def test_a_question_that_was_closed_is_told(
    browser: Browser, shop: str, known: Path, served: Any
) -> None:
    """The browser's own window asks, and somebody closes it without an answer."""
    kind: BrowserType = browser.browser_type
    with screen() as display:
        headed = kind.launch(
            executable_path=shutil.which("chromium"),
            args=far(shop, known),
            headless=False,
            env={**os.environ, "DISPLAY": display},
        )
        page = headed.new_context(no_viewport=True).new_page()
        page.goto(shop)
        page.evaluate(
            """async (addresses) => {
                const {connect} = await import("/client/index.js");
                window.told = [];
                connect({addresses, tell: ({code}) => { told.push(code); }})
                    .catch(({code, person}) => { window.over = {code, person}; });
            }""",
            [served.address],
        )
        page.wait_for_function("told.includes('lna-prompt-open')")
        for _ in range(60):
            press(display, "alt+shift+a", "Escape")  # to the question, and away with it
            page.wait_for_timeout(500)  # the question comes when the browser likes
            if page.evaluate("window.over !== undefined"):
                break
        end = page.evaluate("over")
        headed.close()

    assert end["code"] == "lna-dismissed"
    assert "choose Allow" in end["person"]


def test_a_frame_that_may_not_ask_says_so(
    site: Callable[..., Page], addresses: list[str], shop: str
) -> None:
    """The makers of the page around it read which attribute is missing."""
    page = site("/frames")
    other = shop.replace(NAME, f"other.{NAME}")

    ends = []
    for allow in ("", "loopback-network"):
        page.evaluate(
            """([src, allow]) => new Promise((onload) => document.body.append(
                Object.assign(document.createElement("iframe"), {src, allow, onload})))""",
            [f"{other}/frames", allow],
        )
        ends.append(page.frames[-1].evaluate(TELL, {"addresses": addresses}))

    assert ends[0]["code"] == "not-delegated"
    assert ends[0]["told"] == []
    assert "allow=" in ends[0]["developer"]
    assert ends[1]["told"][0] == "lna-prompt"


def test_a_page_in_a_frame_of_another_site_scans(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """The example of the docs: what the person approves is the page in the frame."""
    other = shop.replace(NAME, f"other.{NAME}")
    page = site(f"/frame.html#{other}/ten-lines.html", setting="granted")
    frame = page.frame_locator("iframe")
    frame.locator("sheetfed-scan-button").evaluate(
        """(button, addresses) => Object.assign(button, {addresses,
            settings: {source: "feeder", sheets: 2, resolution: 75, speed: 600}})""",
        addresses,
    )
    frame.get_by_role("button", name="Scan").click()
    code = frame.locator(".code").inner_text()
    (asking,) = served.ask("/v1/sites")["pending"]
    assert (asking["origin"], asking["code"]) == (other, code.replace(" ", ""))
    served.tell(f"/v1/pairings/{asking['id']}/approve", {"code": asking["code"]})

    expect(frame.locator(".page.shown")).to_have_count(2, timeout=20_000)


def test_a_service_of_another_key_is_not_taken_for_the_one_that_was_met(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """Who takes our port on this computer gets nothing of a site, not even a token."""
    page = site(setting="granted")
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"
    served.forget("/v1/sites")
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})

    closed = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
    assert connected(page, addresses=[*closed, *addresses])["code"] == "other-service"
    assert connected(page, addresses=addresses, code=True, anew=True)["code"] == "connected"


def in_firefox(firefox: Firefox, **wish: Any) -> dict[str, Any]:
    """Let the page that Firefox shows connect; return how that ended."""
    end: dict[str, Any] = firefox.evaluate(f"async () => ({TELL})({json.dumps(wish)})")
    return end


@pytest.mark.timeout(240)  # a Firefox starts, on a machine that may be busy
def test_firefox_tells_a_site_of_the_public_web_every_cause(
    tmp_path: Path, shop: str, served: Any, addresses: list[str]
) -> None:
    """There a request waits for the answer for minutes, and the page has to say what for.

    Nobody can close its question without an answer; it goes away by itself, here after seconds.
    """
    settings = {
        "network.lna.prompt.timeout": 4_000,
        "network.dns.localDomains": f"{NAME},other.{NAME},trusted.example,plain.example",
        "network.lna.skip-domains": "trusted.example",
        "network.lna.address_space.public.override": f"127.0.0.1:{shop.rpartition(':')[2]}",
    }
    home = shop.replace(NAME, "trusted.example")
    other = shop.replace(NAME, f"other.{NAME}")
    ends: dict[str, Any] = {}
    with (
        web_site(host="plain.example") as plain,
        Careless(tmp_path / "profile", home=tmp_path, settings=settings) as firefox,
    ):
        firefox.goto(shop)
        ends["lna-dismissed"] = in_firefox(firefox, addresses=addresses)
        firefox.goto(f"{other}/frames")
        framed = []
        for place, allow in enumerate(("", "loopback-network")):
            wish = json.dumps({"src": shop, "allow": allow})
            firefox.evaluate(
                f"""() => new Promise((onload) => document.body.append(
                    Object.assign(document.createElement("iframe"), {{...{wish}, onload}})))"""
            )
            firefox.ask("WebDriver:SwitchToFrame", {"id": place})
            framed.append(in_firefox(firefox, addresses=addresses, abort=1_500))
            firefox.ask("WebDriver:SwitchToFrame", {"id": None})
        ends["not-delegated"] = framed[0]
        firefox.goto(shop)
        blocked = {"descriptor": {"name": "loopback-network"}, "state": "denied"}
        firefox.ask("WebDriver:SetPermission", blocked)
        ends["lna-denied"] = in_firefox(firefox, addresses=addresses)
        firefox.goto(f"{shop}/strict")
        ends["csp-blocked"] = in_firefox(firefox, addresses=addresses)
        firefox.goto(plain)
        ends["insecure-page"] = in_firefox(firefox, addresses=addresses)
        firefox.goto(home)
        served.tell("/v1/sites", {"origin": home, "state": "approved"})
        closed = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
        ends["connected"] = in_firefox(firefox, addresses=[*closed, *addresses], code=True)
        ends["not-running"] = in_firefox(firefox, addresses=closed)
    forget_sites(served)

    assert ends["lna-dismissed"]["told"] == ["lna-prompt", "lna-prompt-open"]
    assert framed[1]["told"] == ["lna-prompt"], "a frame that may ask does so"
    assert {code: end["code"] for code, end in ends.items()} == {code: code for code in ends}


def test_who_is_not_approved_in_time_is_told(
    site: Callable[..., Page],
    serve: Callable[..., Any],
    tmp_path: Path,
    served: Any,
    addresses: list[str],
) -> None:
    """The person was away, or the service began anew, or too many ask: each has its sentence."""
    (tmp_path / "hasty").mkdir()
    hasty = serve(tmp_path / "hasty" / "home", None, (sys.executable, "-c", HASTY))
    page = site(setting="granted")
    ends = {"pairing-expired": connected(page, addresses=[hasty.address], code=True)}

    page.evaluate(
        f"(wish) => {{ window.code = ''; window.end = ({TELL})(wish); }}",
        {"addresses": [hasty.address], "code": True},
    )
    page.wait_for_function("window.code")
    hasty.kill()
    hasty.start()
    restarted = page.evaluate("end")

    forget_sites(served)
    asking = crowd(served)
    ends["busy"] = connected(page, addresses=addresses, code=True)
    for each in asking:
        served.tell(f"/v1/pairings/{each}/block")

    assert {code: end["code"] for code, end in ends.items()} == {code: code for code in ends}
    assert restarted["code"] in {"pairing-expired", "not-running"}
    assert all("{" not in end["person"] + end["developer"] for end in ends.values())
    forget_sites(served)


def test_a_page_that_slept_hears_what_it_missed(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """The computer slept, and the service was another process when it woke up."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"
    page.evaluate(LISTEN)
    page.wait_for_function("heard.includes('ready')")
    page.evaluate("sheetfed.createDocument({title: 'before'})")
    page.wait_for_function("heard.includes('created')")
    devtools = page.context.new_cdp_session(page)

    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    served.freeze(still=True)
    served.freeze(still=False)
    served.kill()
    served.start()
    devtools.send("Page.setWebLifecycleState", {"state": "active"})

    page.wait_for_function("heard.filter((each) => each === 'ready').length === 2")
    page.evaluate("sheetfed.createDocument({title: 'after'})")
    page.wait_for_function("heard.filter((each) => each === 'created').length === 2")


@pytest.mark.timeout(180)  # two services and a Firefox start, on a machine that may be busy
def test_firefox_tells_what_the_service_says_and_wakes_up(
    tmp_path: Path, serve: Callable[..., Any], served: Any, addresses: list[str]
) -> None:
    """Who may not ask, which sheetfed answers, and a sleep of all the browser's processes."""
    (tmp_path / "hasty").mkdir()
    hasty = serve(tmp_path / "hasty" / "home", None, (sys.executable, "-c", HASTY))
    ours = {"addresses": [served.address]}
    ends: dict[str, Any] = {}
    with (
        web_site({"/waking.js": WAKING}) as shop,
        Firefox(tmp_path / "profile", home=tmp_path) as firefox,
    ):
        firefox.goto(shop)
        ends["tls-not-trusted"] = in_firefox(firefox, addresses=addresses, tls="require")
        for code, version in (("service-too-new", 2), ("service-too-old", 0)):
            with pretending(version) as address:
                ends[code] = in_firefox(firefox, addresses=[address])
        kept_away = firefox.evaluate(f"() => ({FETCHED})({json.dumps(served.address)})")
        ends["origin-not-approved"] = in_firefox(firefox, **ours)
        served.tell("/v1/sites", {"origin": shop, "state": "blocked"})
        ends["site-blocked"] = in_firefox(firefox, **ours, code=True)
        served.forget("/v1/sites", origin=shop)
        asking = crowd(served)
        ends["busy"] = in_firefox(firefox, **ours, code=True)
        for each in asking:
            served.tell(f"/v1/pairings/{each}/block")
        away = {"addresses": [hasty.address], "code": True}
        ends["pairing-expired"] = in_firefox(firefox, **away)
        for service in (served, hasty):
            service.tell("/v1/sites", {"origin": shop, "state": "approved"})
        ends["connected"] = in_firefox(firefox, **ours, code=True)
        ends["other-service"] = in_firefox(firefox, **away)
        assert in_firefox(firefox, **away, anew=True)["code"] == "connected"
        with pretending(1) as address:
            ends["service-failed"] = in_firefox(firefox, addresses=[address])

        firefox.evaluate(f"async () => ({LISTEN})()")
        until = "async () => (await import('/waking.js')).until(%s, %d)"
        firefox.evaluate(until % ("'ready'", 1))
        stopped(firefox, still=True)
        hasty.kill()
        hasty.start()
        stopped(firefox, still=False)
        firefox.evaluate(until % ("'ready'", 2))
        firefox.evaluate("async () => { await sheetfed.createDocument({title: 'after'}); }")
        heard = firefox.evaluate(until % ("'created'", 1))
    forget_sites(served)

    assert kept_away == "TypeError", "CORS"
    assert {code: end["code"] for code, end in ends.items()} == {code: code for code in ends}
    assert all(end["person"] for code, end in ends.items() if code != "connected")
    assert "created" in heard


def test_every_page_comes_also_from_documents_that_were_parted(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """The job is over before the site looks at it: nothing was heard of its pages."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"

    seen = page.evaluate(
        """async () => {
            const settings = {source: "feeder", sheets: 3, resolution: 75, speed: 600};
            const wish = {device: "sample:paper", settings, split: {by: "pages", every: 1}};
            const scan = await sheetfed.scan(wish);
            let job = scan.job;
            while (job.state !== "done") {
                job = await sheetfed.getJob(job.id, {wait: 5, seen: job.version});
            }
            const pages = [];
            for await (const page of scan) pages.push(page.document);
            return [job.documents.length, new Set(pages).size, pages.length];
        }"""
    )

    assert seen == [3, 3, 3]


def test_who_gives_up_before_the_browser_asks_is_let_go(
    site: Callable[..., Page], addresses: list[str]
) -> None:
    """The page explains why the browser is going to ask, and the person turns away."""
    page = site()

    end = page.evaluate(
        """async (addresses) => {
            const {connect} = await import("/client/index.js");
            const left = new AbortController();
            const tell = () => new Promise(() => setTimeout(() => left.abort(), 50));
            const long = new Promise((late) => setTimeout(() => late("waits for ever"), 3_000));
            const gone = connect({addresses, tell, signal: left.signal}).catch(({name}) => name);
            return Promise.race([gone, long]);
        }""",
        addresses,
    )

    assert end == "AbortError"


def test_no_id_leads_elsewhere(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """A site may take an id from its own address, where anybody can write anything."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"

    told = page.evaluate(
        """async () => {
            const {id} = await sheetfed.createDocument({title: "Kept"});
            const deed = await sheetfed.deletePage("../documents").catch(({code}) => code);
            return [deed, (await sheetfed.getDocument(id).catch(({code}) => code)).title];
        }"""
    )

    assert told == ["not-found", "Kept"]


def test_what_has_no_method_of_its_own_is_asked_all_the_same(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """Such as to change a document only as it was seen."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"

    told = page.evaluate(
        """async () => {
            const {id, version} = await sheetfed.createDocument({title: "Seen"});
            const rename = async (title, seen) => {
                const more = {json: {title}, headers: {"If-Match": `"${seen}"`}};
                return (await sheetfed.request("PATCH", `/v1/documents/${id}`, more)).json();
            };
            const {title} = await rename("Renamed", version);
            return [title, await rename("Lost", version).catch(({code}) => code)];
        }"""
    )

    assert told == ["Renamed", "stale"]


FETCHED = "(a) => fetch(a + '/v1/devices').then(({status}) => String(status), ({name}) => name)"
FORBIDDEN = """() => Object.defineProperty(window, "indexedDB", {get() {
    throw new DOMException("denied", "SecurityError");
}})"""
FULL = """() => { IDBObjectStore.prototype.put = () => {
    throw new DOMException("no room", "QuotaExceededError");
}; }"""
TAKEN = """() => new Promise((done, fail) => {
    const opening = indexedDB.open("sheetfed", 3);
    opening.onsuccess = () => { opening.result.close(); done(); };
    opening.onerror = fail;
})"""
"""The site has a database of this name itself."""


@pytest.mark.parametrize("unkept", [FORBIDDEN, FULL, TAKEN], ids=["forbidden", "full", "taken"])
def test_a_browser_that_keeps_nothing_asks_each_time(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str, unkept: str
) -> None:
    """Whatever keeps the key from being kept, the page is approved for as long as it is open."""
    forget_sites(served)
    page = site(setting="granted")
    page.evaluate(unkept)
    page.evaluate(
        f"(wish) => {{ window.end = ({TELL})(wish); }}", {"addresses": addresses, "code": True}
    )
    page.wait_for_function("window.code")
    (asking,) = served.ask("/v1/sites")["pending"]
    served.tell(f"/v1/pairings/{asking['id']}/approve", {"code": asking["code"]})

    assert page.evaluate("end")["code"] == "connected"
    assert page.evaluate("sheetfed.listDevices().then(({items}) => items.length)") > 0
    served.forget("/v1/sites", origin=shop)


def test_what_the_browser_keeps_from_a_site_is_told_as_what_it_is(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """It says "blocked by CORS" to the console only: the page learns that it is not approved."""
    forget_sites(served)
    page = site(setting="granted")
    said: list[str] = []
    page.on("console", lambda each: said.append(each.text))

    assert page.evaluate(FETCHED, served.address) == "TypeError"
    assert any("blocked by CORS policy" in each for each in said)
    assert connected(page, addresses=addresses)["code"] == "origin-not-approved"

    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"
    devices = "sheetfed.listDevices().then(({items}) => items.length > 0, ({code}) => code)"
    assert page.evaluate(devices) is True
    served.forget("/v1/sites", origin=shop)
    said.clear()
    assert page.evaluate(devices) == "not-allowed"
    assert any("blocked by CORS policy" in each for each in said)


def fulfil(answer: dict[str, Any], route: Route) -> None:
    """Answer so, whoever asks."""
    route.fulfill(**answer)


def test_who_answers_nonsense_is_told_as_a_failure(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """A service that fails, or what took its port: the page learns it by a name."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"
    readable = {"Access-Control-Allow-Origin": "*"}
    for status, said in (
        (500, '{"code": "failed", "title": "No", "status": 500}'),
        (200, "<h1>It works!</h1>"),
        (200, '{"challenge": "", "service_id": "", "signature": "%"}'),
    ):
        answer = {"status": status, "body": said, "headers": readable}
        page.route("**/v1/challenges", partial(fulfil, answer))
        end = connected(page, addresses=addresses)
        page.unroute("**/v1/challenges")
        assert end["code"] == "service-failed", (answer, end)
        assert "{" not in end["person"] + end["developer"]
    served.forget("/v1/sites", origin=shop)


def test_events_that_are_refused_end(
    site: Callable[..., Page], served: Any, addresses: list[str], shop: str
) -> None:
    """Asking again would change nothing; neither where the approval was taken back meanwhile."""
    served.tell("/v1/sites", {"origin": shop, "state": "approved"})
    page = site(setting="granted")
    assert connected(page, addresses=addresses, code=True)["code"] == "connected"
    page.evaluate(
        """() => {
            const heard = async (topics) => {
                try {
                    for await (const {topic} of sheetfed.events({topics})) window.last = topic;
                } catch ({code}) {
                    return code;
                }
            };
            window.refused = heard(["no such thing"]);
            window.revoked = heard(["document"]);
        }"""
    )
    assert page.evaluate("refused") == "bad-request"
    page.wait_for_function("window.last === 'ready'")

    served.forget("/v1/sites", origin=shop)

    assert page.evaluate("revoked") == "not-allowed"
