"""`sheetfed serve`: the service itself."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import click

from sheetfed.cli.root import Run
from sheetfed.config import Config, load, prepare
from sheetfed.discretion import Discreet
from sheetfed.server.frugal import import_aiohttp
from sheetfed.system import account, heap, idleness, notices, parents
from sheetfed.system.logs import Log
from sheetfed.system.notices import Notices
from sheetfed.worker.allocator import share_heaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How the service is shown, watched and ended."""

    opens: bool
    quiet: bool
    monitored: bool
    parent: int | None
    idle: float | None


@click.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this port and no other.")
@click.option("--open/--no-open", "opens", default=False, help="Open the page in the browser.")
@click.option("--strict", is_flag=True, help="Do not start while an addon does not work.")
@click.option(
    "--parent", type=click.IntRange(1), metavar="PID", help="Stop when this process has ended."
)
@click.option(
    "--idle",
    type=click.FloatRange(0, min_open=True),
    metavar="MINUTES",
    help="Stop when nobody was connected and nothing was to do for so long.",
)
@click.option("--monitored", is_flag=True, hidden=True)
@click.pass_obj
def command(
    run: Run,
    *,
    port: int | None,
    opens: bool,
    strict: bool,
    parent: int | None,
    idle: float | None,
    monitored: bool,
) -> None:
    """Answer web pages and local tools until stopped."""
    sys.stderr = discreet = Discreet(sys.stderr)
    for shown in logging.getLogger().handlers:  # the file gets more: see `logs`
        if isinstance(shown, logging.StreamHandler):
            shown.setStream(discreet)
        shown.setLevel(
            {-1: logging.CRITICAL, 0: logging.WARNING}.get(run.verbosity, logging.NOTSET)
        )
    gc.disable()  # until we are ready: what a start makes stays
    share_heaps()
    config = load(file=run.file, home=run.home, port=port)
    life = Life(opens=opens, quiet=run.quiet, monitored=monitored, parent=parent, idle=idle)
    asyncio.run(_serve(replace(config, strict=strict or config.strict), life))


async def _serve(config: Config, life: Life) -> None:
    stop = asyncio.Event()
    told = notices.for_monitor() if life.monitored else notices.for_systemd(os.environ)
    told.starting()
    _watch_for_the_end(life, stop)
    if not life.quiet:
        account.warn_of_root()
    prepare(config)
    log = Log(config.logs, as_json=config.log == "json")
    log.begin()
    try:
        await _answer(config, life, stop, told)
    finally:
        log.end()
    if not life.quiet:
        print("Stopped.", file=sys.stderr)


async def _answer(config: Config, life: Life, stop: asyncio.Event, told: Notices) -> None:
    import_aiohttp()
    from sheetfed.server.app import make_app  # noqa: PLC0415 - half of the time that a start takes
    from sheetfed.server.listen import Listening, listen  # noqa: PLC0415 - as above
    from sheetfed.service import Service  # noqa: PLC0415 - as above

    service = await Service.start(config)

    async def busy(listening: Listening) -> bool:
        return listening.connected or await service.is_needed()

    try:
        listening = await listen(make_app(service), config, tcp=True)
        try:
            assert listening.address
            await asyncio.to_thread(_tell, config, listening.address, life)
            await told.ready(listening.address)
            gc.freeze()
            gc.enable()
            tending = asyncio.create_task(heap.tend(), name="heap")
            await _until(stop, life.idle, lambda: busy(listening))
            tending.cancel()
            told.stopping()
        finally:
            await listening.close()
    finally:
        await service.close()
        await told.close()


def _watch_for_the_end(life: Life, stop: asyncio.Event) -> None:
    """Have signals, the end of a parent and of our input ask us to stop. Raises UsageError."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        # What nohup has us not hear is not heard.
        if number and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(_stop, stop))
    if life.monitored:
        parents.when_input_ends(stop.set)
    if life.parent is not None:
        try:
            parents.when_gone(life.parent, stop.set)
        except OSError as error:
            raise click.UsageError(f"There is no process {life.parent}.") from error


async def _until(
    stop: asyncio.Event, idle: float | None, busy: Callable[[], Awaitable[bool]]
) -> None:
    """Return when we are to stop, or nobody needed us for so many minutes."""
    if idle is None:
        await stop.wait()
        return
    resting = asyncio.create_task(idleness.until_idle(idle * 60, busy))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({resting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (resting, stopping):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _tell(config: Config, address: str, life: Life) -> None:
    """Say in one line where we are; where it opens, in a way that leads to our page."""
    if not life.opens:
        print(f"sheetfed is at {address}", flush=True)
        return
    from sheetfed.cli.open import address_by_hand, can_show, show  # noqa: PLC0415 - slow

    shows = can_show()
    told = address if shows else address_by_hand(config, address)
    print(f"sheetfed is at {told}", flush=True)
    if shows:
        show(config, address)


def _stop(stop: asyncio.Event) -> None:
    """Ask to stop; asked again, leave at once: the store bears it."""
    if stop.is_set():
        os._exit(130)
    stop.set()
