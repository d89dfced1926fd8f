"""`sheetfed serve`: the service itself."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from dataclasses import replace

import click

from sheetfed.cli.open import address_by_hand, can_show, show
from sheetfed.cli.root import Run
from sheetfed.config import Config, load, prepare
from sheetfed.server.frugal import import_aiohttp
from sheetfed.system import account


@click.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this port and no other.")
@click.option("--open/--no-open", "opens", default=False, help="Open the page in the browser.")
@click.option("--strict", is_flag=True, help="Do not start while an addon does not work.")
@click.pass_obj
def command(run: Run, *, port: int | None, opens: bool, strict: bool) -> None:
    """Answer web pages and local tools until stopped."""
    if run.verbosity == 0:
        logging.getLogger("sheetfed").setLevel(logging.WARNING)  # nobody waits for an answer here
    config = load(file=run.file, home=run.home, port=port)
    asyncio.run(_serve(replace(config, strict=strict or config.strict), run=run, opens=opens))


async def _serve(config: Config, *, run: Run, opens: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _stop, stop)
    if not run.quiet:
        account.warn_of_root()
    prepare(config)
    import_aiohttp()
    from sheetfed.server.app import make_app  # noqa: PLC0415 - half of the time that a start takes
    from sheetfed.server.listen import listen  # noqa: PLC0415 - as above
    from sheetfed.service import Service  # noqa: PLC0415 - as above

    service = await Service.start(config)
    try:
        listening = await listen(make_app(service), config, tcp=True)
        try:
            assert listening.address
            await asyncio.to_thread(_tell, config, listening.address, opens=opens)
            await stop.wait()
        finally:
            await listening.close()
    finally:
        await service.close()
    if not run.quiet:
        print("Stopped.", file=sys.stderr)


def _tell(config: Config, address: str, *, opens: bool) -> None:
    """Say in one line where we are; with `opens`, in a way that leads to our page."""
    shows = opens and can_show()
    told = address_by_hand(config, address) if opens and not shows else address
    print(f"sheetfed is at {told}", flush=True)
    if shows:
        show(config, address)


def _stop(stop: asyncio.Event) -> None:
    """Ask to stop; asked again, leave at once: the store bears it."""
    if stop.is_set():
        os._exit(130)
    stop.set()
