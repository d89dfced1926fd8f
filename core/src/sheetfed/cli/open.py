"""`sheetfed open`: our page, in the browser."""

from __future__ import annotations

import os
import sys
import webbrowser

import click

from sheetfed.api.errors import ServiceGone
from sheetfed.cli.client import Client
from sheetfed.cli.root import Run
from sheetfed.config import Config


@click.command("open")
@click.pass_obj
def command(run: Run) -> None:
    """Open the running service's page in the browser."""
    address = address_of(run.config)
    print(address)
    show(address)


def address_of(config: Config) -> str:
    """Return where the running service listens. Raises ServiceGone."""
    try:
        port = int((config.runtime / "port").read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        port = 0
    if not port or not Client(config.socket).answers():
        raise ServiceGone("No service runs", advice="Start it with `sheetfed serve`.")
    return f"http://127.0.0.1:{port}"


def show(address: str) -> None:
    """Show a page where there is a screen to show it on."""
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return
    webbrowser.open(address)
