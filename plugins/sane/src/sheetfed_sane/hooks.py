"""Offers the scanners that SANE knows."""

from __future__ import annotations

from sheetfed.api.hooks import SourceSpec, hookimpl
from sheetfed.api.model import Choice, Option

BINDING = Option(
    name="binding",
    title="Way to call libsane",
    kind="choice",
    default="ctypes",
    choices=(
        Choice(value="ctypes", title="Directly: rows while the paper moves"),
        Choice(value="python-sane", title="Through python-sane: whole pages"),
    ),
    advanced=True,
)
LOCAL_ONLY = Option(
    name="local-only",
    title="Only devices of this computer",
    kind="bool",
    default=False,
    description="Leaves out what other computers share through saned.",
)
HIDDEN = Option(
    name="hidden",
    title="Hidden backends",
    kind="text",
    default="",
    description="SANE backends whose devices are not listed, with commas between: v4l, escl",
    advanced=True,
)


@hookimpl
def sheetfed_sources() -> list[SourceSpec]:
    """Offer SANE as a way to reach devices."""
    return [
        SourceSpec(
            name="sane",
            title="SANE scanners",
            factory="sheetfed_sane.source:Sane",
            options=(BINDING, LOCAL_ONLY, HIDDEN),
        )
    ]
