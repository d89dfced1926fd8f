"""Which devices are found, and why others are not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from sheetfed.addons import Addons
from sheetfed.api.errors import SheetfedError
from sheetfed.catalogue import package_for
from sheetfed.config import Config
from sheetfed.devices import Devices
from sheetfed.devices.listing import Listing
from sheetfed.events import Events
from sheetfed.recipes import recipes
from sheetfed.system.findings import Finding


def findings(listing: Listing) -> Iterator[Finding]:
    """Say what is there, and what keeps a source from listing: a missing library, for one."""
    for problem in listing.problems:
        error = problem.error
        advice = str(error.details.get("advice") or error.advice)
        name = f"Devices of {problem.source}"
        yield Finding(name=name, state="broken", text=error.message, advice=advice)
    real = [device for device in listing.devices if not device.id.startswith("sample:")]
    if real:
        text = ", ".join(device.title for device in real)
        yield Finding(name="Devices", state="ok", text=text)
    else:
        advice = "Check cable and power, then `sheetfed devices --refresh`."
        yield Finding(name="Devices", state="missing", text="none is found", advice=advice)


async def look_alone(config: Config, addons: Addons) -> list[Finding]:
    """Look for devices without a service; nothing of it stays, and no disk has to take anything."""
    with ExitStack() as stack:
        crashes = config.crashes
        with suppress(OSError):  # then no record of a crash can be kept there either
            temporary = tempfile.TemporaryDirectory(prefix="sheetfed-")
            crashes = Path(stack.enter_context(temporary))
        devices = Devices(
            recipes("source", addons, config),
            events=Events(),
            crashes=crashes,
            package_for=package_for,
        )
        try:
            return [*findings(await devices.list())]
        except (OSError, SheetfedError) as error:
            text = f"they cannot be looked for: {error}"
            return [Finding(name="Devices", state="broken", text=text)]
        finally:
            await devices.close()
