"""A real service, a real browser, and a page that may not complain."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from sheetfed.api.errors import ServiceGone
from sheetfed.cli.client import Client
from sheetfed.config import load

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
import lives
from axe import faults
from spare import free_port
from web_site import web_site

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

SCREENS = Path(__file__).with_name(".screens")
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}

Visit = Callable[..., Page]

expect.set_options(timeout=20_000)  # a child process that starts may take its time


class Served:
    """`sheetfed serve`, or another program, in a process of its own.

    It serves TLS only where `environ` says so.
    """

    def __init__(
        self,
        home: Path,
        environ: Mapping[str, str] | None = None,
        program: Sequence[str | Path] = (),
    ) -> None:
        self.home = home
        self._program = program
        self._environ = {**os.environ, "SHEETFED_TLS": "false", **(environ or {})}
        self._process: Any = None
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._tool = Client(load(home=home).socket)

    def start(self, *program: str | Path) -> None:
        """Start it, or another program in its place, and wait until it answers."""
        self._program = program or self._program
        with (self.home.parent / "serve.log").open("ab") as log:
            words = ("--home", self.home, "serve", "--port", str(self.port))
            self._process = (
                subprocess.Popen(
                    [*self._program, *words], env=self._environ, stdout=log, stderr=log
                )
                if self._program
                else lives.begin(*words, environ=self._environ, out=log)
            )
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                self.ask("/readyz")
            except (OSError, ServiceGone):
                assert self._process.poll() is None, (self.home.parent / "serve.log").read_text()
                time.sleep(0.02)
            else:
                return
        raise AssertionError("the service does not answer")

    def kill(self) -> None:
        """Pull the plug."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def freeze(self, still: bool) -> None:  # noqa: FBT001 - it is, or it is not
        """Let it sleep, as when the computer does, or go on."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP if still else signal.SIGCONT)

    def limit(self, size: int | None) -> None:
        """Let none of its files grow beyond so many bytes, or all again."""
        assert self._process
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        soft = hard if size is None else size
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (soft, hard))

    def stop(self) -> None:
        """Ask it to end."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)

    def revive(self) -> None:
        """Let it go on, as it was at first, where a test left it still, full or stopped."""
        if self._process and self._process.poll() is None:
            self.freeze(still=False)
            self.limit(None)
        else:
            self.start()

    def ask(self, path: str) -> Any:
        """Read something, as a tool of the same person does."""
        return self._tool.get(path)

    def tell(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Change something, as a tool does."""
        return self._tool.post(path, body)

    def alter(self, path: str, body: dict[str, Any]) -> None:
        """Give something other facts, as a tool does."""
        self._tool.change("PATCH", path, body)

    def forget(self, path: str, **query: str) -> None:
        """Delete something, as a tool does."""
        self._tool.delete(path, **query)

    def scan(self, **settings: object) -> str:
        """Scan as a tool does; return the document."""
        job = self.tell("/v1/jobs", {"device": "sample:paper", "settings": settings})
        while job["state"] in {"waiting", "scanning"}:
            job = self.ask(f"/v1/jobs/{job['id']}?wait=5&seen={job['version']}")
        assert job["state"] == "done", job
        return str(job["document"])

    @property
    def door(self) -> str:
        """An address that lets a page in, once."""
        return f"{self.address}/#nonce={self.tell('/v1/page-nonces')['nonce']}"


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., Served]]:
    """Start services, each with a home of its own."""
    services: list[Served] = []

    def serve(home: Path, *how: Any) -> Served:
        services.append(Served(home, *how))
        services[-1].start()
        return services[-1]

    yield serve
    for service in services:
        service.stop()


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The service that the tests of a file share."""
    return serve(quiet_home(tmp_path_factory.mktemp("served")))


def quiet_home(folder: Path) -> Path:
    """Make a home whose service looks for no network scanners, which takes seconds."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    return home


def program(name: str) -> str:
    """Return where a browser is."""
    found = shutil.which(name)
    assert found, f"the tests of the page need {name}"
    return found


@pytest.fixture(scope="package")
def engine() -> Iterator[BrowserType]:
    """What starts Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="package")
def browser(engine: BrowserType) -> Iterator[Browser]:
    """One browser for all tests of this folder.

    It is Chromium without the windows around its pages, whose making is most of a page's cost.
    """
    shell = program("chromium-headless-shell")
    with engine.launch(executable_path=shell, args=QUIET) as browser:
        yield browser


@pytest.fixture(scope="package")
def whole_browser(engine: BrowserType) -> Iterator[Browser]:
    """Chromium as people have it, for tests of what a window does."""
    with engine.launch(executable_path=program("chromium"), args=QUIET) as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    """A fresh browser profile whose clock and language do not depend on the machine."""
    served.revive()
    context = browser.new_context(
        base_url=served.address, viewport={"width": 1280, "height": 800}, locale="en-GB"
    )
    context.set_default_timeout(25_000)
    yield context
    for page in context.pages:
        with suppress(Error):  # it goes elsewhere by itself just now
            page.goto("about:blank")  # a page that still loads can keep the browser from closing it
    context.close()


@pytest.fixture
def stranger() -> Iterator[str]:
    """The origin of a site that nobody decided about."""
    with web_site() as origin:
        yield origin


@pytest.fixture
def meet(context: BrowserContext, served: Served) -> Callable[[str], Page]:
    """Open a page of a site that knows where the service is.

    `handshake` is there what pairs with it, and `ask` sends it a request in the site's name.
    """

    def meet(origin: str) -> Page:
        page = context.new_page()
        page.goto(origin)
        page.evaluate(
            """async (address) => {
                const {Handshake} = await import("/client/handshake.js");
                window.handshake = new Handshake(address);
                window.ask = async (path, wish = {}) => fetch(address + path, {...wish, headers:
                    {...wish.headers, Authorization: `Bearer ${await handshake.token()}`}});
            }""",
            served.address,
        )
        return page

    return meet


@pytest.fixture
def complaints() -> list[str]:
    """What pages complained of: script errors, failed requests, broken content policy."""
    return []


@pytest.fixture
def expected() -> set[str]:
    """Words of complaints that belong to the test; the browser tells them when it likes."""
    return set()


@pytest.fixture
def visit(
    context: BrowserContext, served: Served, complaints: list[str], expected: set[str]
) -> Iterator[Visit]:
    """Open the page, its settings remembered from another time; it must not complain."""

    def hear(said: ConsoleMessage) -> None:
        known = any(word in said.text for word in expected)
        if said.type in {"error", "warning"} and not known:
            complaints.append(said.text)

    def visit(**settings: object) -> Page:
        chosen = json.dumps(json.dumps({"speed": 600, **settings}))
        context.add_init_script(
            "if (!localStorage['sheetfed settings sample:paper'])"
            f" localStorage['sheetfed settings sample:paper'] = {chosen};"
        )
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(served.door)
        page.locator("#scan-button:enabled").wait_for()
        page.locator("#option-resolution").wait_for(state="attached")
        page.locator("#save").wait_for(state="attached")  # which comes with the last of its rooms
        return page

    yield visit
    assert complaints == []


@pytest.fixture
def state() -> Callable[[Page, str], None]:
    """Check that everybody can use what is shown.

    Where SCREENS is set, its pictures to be looked at go into `.screens` beside this file: by day
    and by night, wide and narrow.
    """

    def state(page: Page, name: str) -> None:
        found = faults(page)
        if "SCREENS" in os.environ:
            picture(page, name)
        assert found == [], name

    def picture(page: Page, name: str) -> None:
        SCREENS.mkdir(exist_ok=True)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.screenshot(path=SCREENS / f"{name}-{size}-{scheme}.png", caret="initial")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="light")

    return state


@pytest.fixture
def document(served: Served) -> Callable[[Page], dict[str, Any]]:
    """Read the document that a page shows, as the service has it."""

    def document(page: Page) -> dict[str, Any]:
        found: dict[str, Any] = served.ask(
            f"/v1/documents/{page.evaluate('location.hash.slice(1)')}"
        )
        return found

    return document


@pytest.fixture
def scanned(visit: Visit, served: Served) -> Page:
    """The page with a document of five sheets, which somebody scanned before."""
    made = served.scan(source="feeder", sheets=5, resolution=100, speed=0)
    page = visit(sheets=5, resolution=100)
    page.evaluate("made => { location.hash = made; }", made)
    expect(page.locator(".page.shown")).to_have_count(5)
    return page
