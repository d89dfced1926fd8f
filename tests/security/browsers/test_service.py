"""Real browsers at the real service: pictures in other pages, and names that are rebound."""

from __future__ import annotations

import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from drivers import Browsers
from machine import Machine
from marionette import Firefox
from suite.target import Site, Target

pytestmark = pytest.mark.timeout(180)

REBOUND = "rebind.example"

PAGES = ("/", "/strict", "/loose")
EMBED = """async () => {
    const address = "ADDRESS", short = (ms) => new Promise(done => setTimeout(done, ms, "waits"));
    const shown = (parts) => Promise.race([short(4000), new Promise((done) => Object.assign(
        new Image(), {onload: () => done("shown"), onerror: () => done("blocked")}, parts))]);
    const fetched = async () => {
        const answer = await fetch(address, {headers: {Authorization: "Bearer TOKEN"}});
        return shown({src: URL.createObjectURL(await answer.blob())});
    };
    return [
        await shown({src: address}),
        await shown({src: address, crossOrigin: "anonymous"}),
        await fetched().catch(String),
    ];
}"""
"""Shows a page by its address, by its address with CORS, and as the token's owner."""


def approve(target: Target, origin: str) -> Site:
    """Approve another site, and let it scan."""
    site = target._site(origin)
    target.scan(site)
    return site


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_only_a_token_shows_a_page_in_a_site(name: str, browsers: Browsers, target: Target) -> None:
    """B04: no site embeds a page by its address, however it isolates itself; a blob works."""
    site = approve(target, browsers.site)
    image = f"http://{target.host}/v1/pages/{site.held[0].page}/image"
    attempt = EMBED.replace("ADDRESS", image).replace("TOKEN", site.token)

    with browsers.run(name, public=False) as page:
        seen = {}
        for path in PAGES:
            page.goto(browsers.site + path)
            seen[path] = page.evaluate(attempt)

    assert seen == {path: ["blocked", "blocked", "shown"] for path in PAGES}


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_a_frame_without_an_origin_gets_nothing(
    name: str, browsers: Browsers, target: Target
) -> None:
    """B05: a sandboxed frame of an approved site has its token, but says Origin: null."""
    site = approve(target, browsers.site)
    script = f"""fetch("http://{target.host}/v1/documents",
        {{headers: {{Authorization: "Bearer {site.token}"}}}})
        .then(answer => answer.text()).then(text => parent.postMessage("read " + text, "*"),
              () => parent.postMessage("refused", "*"))"""
    attempt = """async () => {
        const heard = new Promise(done => addEventListener("message", told => done(told.data)));
        const frame = document.createElement("iframe");
        frame.allow = "loopback-network";
        if (SANDBOX) frame.sandbox = "allow-scripts";
        frame.srcdoc = "<script>" + SCRIPT + "</" + "script>";
        document.body.append(frame);
        return heard;
    }""".replace("SCRIPT", f"`{script}`")

    with browsers.run(name, public=False) as page:
        sandboxed = page.evaluate(attempt.replace("SANDBOX", "true"))
        page.goto(browsers.site)
        plain = page.evaluate(attempt.replace("SANDBOX", "false"))

    assert sandboxed == "refused"
    assert plain.startswith("read ")  # so that it is the sandbox that is refused


LURE = b"<!doctype html><title>Yours truly</title><p>Please wait"
REBIND = """async () => {
    const get = (path) => fetch(path, {cache: "no-store"}).then(
        async (answer) => `${answer.status} ${await answer.text()}`, () => "no answer");
    const end = Date.now() + 30000;
    let said = "";
    do {
        await new Promise(done => setTimeout(done, 300));
        said = await get("/v1/documents");
    } while (Date.now() < end && (said === "no answer" || said.includes("Yours truly")));
    const socket = await new Promise((done) => {
        const line = new WebSocket(`ws://${location.host}/v1/events/socket`);
        line.onopen = () => done("open");
        line.onerror = () => done("refused");
    });
    return [said.slice(0, 3), said.includes("items"), socket];
}"""


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_a_name_that_is_rebound_to_us_is_misdirected(
    name: str, tmp_path: Path, play: Any, target: Target
) -> None:
    """B06: the page's own server goes away, and its name leads to the service from then on."""
    before = refusals(target)
    with Machine(tmp_path / "etc") as machine, luring_at("127.0.0.2", target.port) as leave:
        point(machine, "127.0.0.2")
        with opened(name, machine, tmp_path, play) as page:
            page.goto(f"http://{REBOUND}:{target.port}/")
            point(machine, "127.0.0.1")
            leave()
            status, leaked, socket = page.evaluate(REBIND)

    assert (status, leaked, socket) == ("421", False, "refused")
    assert refusals(target) >= before + 2, "the WebSocket did not reach the service"


def refusals(target: Target) -> int:
    """Count the requests that were sent to another name."""
    assert target.log
    return target.log.read_text().count("refused with 421")


def point(machine: Machine, address: str) -> None:
    """Let the name lead to an address, on this machine only."""
    kept = [x for x in Path("/etc/hosts").read_text().splitlines() if REBOUND not in x]
    text = "\n".join([*kept, f"{address} {REBOUND}", ""])
    subprocess.run(
        [*machine.inside, "sh", "-c", "cat > /etc/hosts"], input=text, text=True, check=True
    )


@contextmanager
def opened(name: str, machine: Machine, folder: Path, play: Any) -> Iterator[Any]:
    """Run a browser on a machine."""
    if name == "firefox":
        settings = {"network.dnsCacheExpiration": 0, "network.dnsCacheExpirationGracePeriod": 0}
        home = folder / "home"
        home.mkdir()
        with Firefox(
            home / "profile", home=home, inside=machine.inside, settings=settings
        ) as firefox:
            yield firefox
        return
    program = folder / "browser"
    words = " ".join([*machine.inside, "/usr/bin/chromium"])
    program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    program.chmod(0o700)
    browser = play.chromium.launch(
        executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
    )
    try:
        yield browser.new_page()
    finally:
        browser.close()


@contextmanager
def luring_at(host: str, port: int) -> Iterator[Any]:
    """Serve one page at an address, until it leaves."""

    class Luring(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(LURE)))
            self.end_headers()
            self.wfile.write(LURE)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = http.server.ThreadingHTTPServer((host, port), Luring)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def leave() -> None:
        server.shutdown()
        server.server_close()

    yield leave
    leave()
    thread.join()
