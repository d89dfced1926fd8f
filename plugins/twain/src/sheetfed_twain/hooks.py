"""Offers the scanners that TWAIN drivers reach."""
# SPDX-License-Identifier: MIT
# The service imports this module and nothing else of the package, which is GPL-2.0-only.

from __future__ import annotations

from sheetfed.api.hooks import SourceSpec, hookimpl
from sheetfed.api.model import Option

DSM = Option(
    name="dsm",
    title="Data source manager",
    kind="text",
    default="",
    description="Name or path of the library; empty for TWAINDSM.dll, then twain_32.dll.",
    advanced=True,
)
PATIENCE = Option(
    name="patience",
    title="Seconds a scanner may take to begin",
    kind="float",
    default=45.0,
    unit="s",
    minimum=0.1,
    maximum=600,
    advanced=True,
)


@hookimpl
def sheetfed_sources() -> list[SourceSpec]:
    """Offer TWAIN twice: a process sees drivers of its own bitness only.

    `twain32` is for a 32-bit interpreter beside a 64-bit service.
    """
    factory = "sheetfed_twain.source:Twain"
    options = (DSM, PATIENCE)
    return [
        SourceSpec(
            name="twain",
            title="TWAIN scanners",
            factory=factory,
            options=options,
            platforms=("win32",),
        ),
        SourceSpec(
            name="twain32",
            title="TWAIN scanners with 32-bit drivers",
            factory=factory,
            options=options,
            platforms=(),
        ),
    ]
