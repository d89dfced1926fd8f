"""`sheetfed open`: our page, in the browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import click

from sheetfed.api.errors import ServiceGone
from sheetfed.cli.client import Client
from sheetfed.cli.root import Run
from sheetfed.config import Config

BY_HAND = 600
"""Seconds that an address lives which a person copies."""


@click.command("open")
@click.option(
    "--print", "prints", is_flag=True, help="Print an address that opens the page once instead."
)
@click.pass_obj
def command(run: Run, *, prints: bool) -> None:
    """Open the running service's page in the browser.

    The page must be opened this way: that shows that it is you who looks at it. Where there is no
    screen, an address is printed that opens it once, within ten minutes.
    """
    address = address_of(run.config)
    if prints or not can_show():
        print(address_by_hand(run.config, address))
        return
    print(address, flush=True)
    show(run.config, address)


def running(config: Config) -> Client:
    """Return a client of the service, once it is ready. Raises ServiceGone.

    Where the system starts it when it is needed, it is started now.
    """
    client = Client(config.socket)
    if not client.answers():
        raise ServiceGone("No service runs", advice="Start it with `sheetfed serve`.")
    client.get("/livez")
    return client


def address_of(config: Config) -> str:
    """Return where the running service listens. Raises ServiceGone."""
    running(config)
    try:
        port = int((config.runtime / "port").read_text())
    except (OSError, ValueError) as error:
        raise ServiceGone(
            "The service listens on no port", advice="Start it with `sheetfed serve`."
        ) from error
    return f"http://127.0.0.1:{port}"


def address_by_hand(config: Config, address: str) -> str:
    """Return an address that opens our page once."""
    made = running(config).post("/v1/page-nonces", {"lasts": BY_HAND})
    return f"{address}/#nonce={made['nonce']}"


def can_show() -> bool:
    """Tell whether there is a browser, and a screen for it."""
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def show(config: Config, address: str) -> None:
    """Show our page; what opens it goes by a file, as every account can read a command line."""
    made = running(config).post("/v1/page-nonces", {"page": address})
    if not webbrowser.open(Path(made["file"]).as_uri()):
        print(f"No browser could be started. Open {address_by_hand(config, address)}", flush=True)
