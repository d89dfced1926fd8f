"""Everything that is found out about this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from sheetfed.addons import AddonRow
from sheetfed.config import Config
from sheetfed.system import (
    account,
    backends,
    clock,
    folders,
    gates,
    history,
    listeners,
    protection,
    usb,
    versions,
)
from sheetfed.system.findings import Finding, State
from sheetfed.trust.report import status

ADDON_STATES: dict[str, State] = {
    "ready": "ok",
    "disabled": "missing",
    "incompatible": "broken",
    "broken": "broken",
}


async def findings(
    config: Config, addons: Iterable[AddonRow], ports: Sequence[int], *, runs: bool
) -> AsyncIterator[Finding]:
    """Yield what holds here, what does not, and what to do; `ports` are those that are tried."""
    yield _service(config, runs=runs)
    for found in await asyncio.to_thread(lambda: [*_about_the_machine(config, ports, runs=runs)]):
        yield found
    for found in await protection.findings():
        yield found
    for row in await asyncio.to_thread(status, config.trust, config.runtime):
        yield Finding(name=row.name, state=row.state, text=row.text, advice=row.advice)
    for addon in addons:
        yield of_addon(addon)


def of_addon(row: AddonRow) -> Finding:
    """Say how an addon fared."""
    name, known = f"Addon {row.name}", f"{row.distribution} {row.version}"
    if row.state == "ready" and row.warning:
        advice = "Take their right to write it away: what they put there runs as you."
        return Finding(name=name, state="weak", text=row.warning, advice=advice)
    text = f"{known}: {row.reason}" if row.reason else known
    return Finding(name=name, state=ADDON_STATES[row.state], text=text)


def _service(config: Config, *, runs: bool) -> Finding:
    if runs:
        return Finding(name="Service", state="ok", text=f"it runs, at {config.socket}")
    advice = "Start it with `sheetfed serve`, or have it started: `sheetfed service install`."
    return Finding(name="Service", state="missing", text="none runs", advice=advice)


def _about_the_machine(config: Config, ports: Sequence[int], *, runs: bool) -> Iterator[Finding]:
    yield listeners.finding(config, ports, runs=runs)
    yield from versions.findings()
    yield account.finding()
    yield folders.home(config)
    yield folders.key(config)
    yield folders.disk(config)
    yield clock.finding(config)
    for note in config.notes:
        yield Finding(name="Configuration", state="weak", text=note)
    yield history.crashes(config)
    watched = history.watch(config)
    if watched:
        yield watched
    yield from gates.findings()
    yield from usb.findings()
    yield from backends.findings()
