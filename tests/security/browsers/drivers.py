"""Chromium and Firefox on a site that is, or is not, one of the public web."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from lure import NAME
from marionette import Firefox
from playwright.sync_api import Playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--ignore-certificate-errors",
    f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
)


class Careless(Firefox):
    """Firefox that takes any certificate: who the site is does not matter here."""

    def ask(self, command: str, parameters: Mapping[str, Any]) -> Any:
        """Send one command."""
        if command == "WebDriver:NewSession":
            parameters = {"acceptInsecureCerts": True}
        return super().ask(command, parameters)


class Browsers:
    """Starts browsers; those that are `public` take the site for one of the public web."""

    def __init__(self, play: Playwright, port: int, folder: Path) -> None:
        self._play = play
        self._port = port
        self._folder = folder
        self.site = f"https://{NAME}:{port}"

    @contextmanager
    def chromium(self, *, public: bool, granted: bool = False) -> Iterator[Any]:
        """Run a Chromium and open the site."""
        spaces = [f"--ip-address-space-overrides=127.0.0.1:{self._port}=public"] if public else []
        browser = self._play.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*QUIET, *spaces]
        )
        try:
            page = browser.new_context(ignore_https_errors=True).new_page()
            if granted:
                _grant(page)
            page.goto(self.site)
            yield page
        finally:
            browser.close()

    @contextmanager
    def firefox(self, *, public: bool, granted: bool = False) -> Iterator[Any]:
        """Run a Firefox and open the site."""
        settings = {"network.dns.localDomains": NAME}
        if public:
            settings["network.lna.address_space.public.override"] = f"127.0.0.1:{self._port}"
        if granted:
            settings["network.lna.skip-domains"] = NAME
        with Careless(self._folder / "profile", home=self._folder, settings=settings) as firefox:
            firefox.goto(self.site)
            yield firefox

    def run(self, name: str, **options: bool) -> AbstractContextManager[Any]:
        """Run a browser by its name."""
        return self.chromium(**options) if name == "chromium" else self.firefox(**options)


def _grant(page: Any) -> None:
    """Say yes for the person, as the browser's question would be answered."""
    devtools = page.context.new_cdp_session(page)
    about = devtools.send("Target.getTargetInfo")["targetInfo"]
    permission = {"permission": {"name": "loopback-network"}, "setting": "granted"}
    devtools.send(
        "Browser.setPermission", {**permission, "browserContextId": about["browserContextId"]}
    )
