"""Everything that is found out about this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

from sheetfed.addons import AddonRow
from sheetfed.api.errors import SheetfedError
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

Look = Callable[[], Iterable[Finding]]

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
    for name, look in _about_the_machine(config, ports, runs=runs):
        for found in await asyncio.to_thread(looked, name, look):
            yield found
    for found in await protection.findings():
        yield found
    for found in await asyncio.to_thread(looked, "TLS certificate", lambda: _trust(config)):
        yield found
    for addon in addons:
        yield of_addon(addon)


def looked(name: str, look: Look) -> list[Finding]:
    """Return what a look finds. That it fails is a finding, and keeps no other look away."""
    try:
        return [*look()]
    except OSError as error:
        fact = f"{error.filename or name}: {error.strerror or error}"
    except (RuntimeError, ValueError, SheetfedError) as error:
        fact = str(error)
    return [Finding(name=name, state="broken", text=f"it cannot be looked at: {fact}")]


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


def _about_the_machine(
    config: Config, ports: Sequence[int], *, runs: bool
) -> Iterator[tuple[str, Look]]:
    """Yield every look at the machine, and what is not known where it fails."""
    yield "Port", lambda: [listeners.finding(config, ports, runs=runs)]
    yield "Python", versions.findings
    yield "Account", lambda: [account.finding()]
    yield "Home", lambda: [folders.home(config)]
    yield "Key", lambda: [folders.key(config)]
    yield "Store", lambda: [folders.store(config)]
    yield "Disk", lambda: [folders.disk(config)]
    yield "Clock", lambda: [clock.finding(config)]
    yield "Configuration", lambda: _notes(config)
    yield "Crashes", lambda: [history.crashes(config)]
    yield "Monitor", lambda: [watched] if (watched := history.watch(config)) else []
    yield "Browsers' policy", gates.findings
    yield "USB", usb.findings
    yield "SANE backends", backends.findings


def _notes(config: Config) -> Iterator[Finding]:
    for note in config.notes:
        yield Finding(name="Configuration", state="weak", text=note)


def _trust(config: Config) -> Iterator[Finding]:
    for row in status(config.trust, config.runtime):
        yield Finding(name=row.name, state=row.state, text=row.text, advice=row.advice)
