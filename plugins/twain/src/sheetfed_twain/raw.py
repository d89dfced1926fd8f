"""A device's capabilities as its driver has them, by number."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

from sheetfed.api.model import Choice, Option, OptionKind, Value
from sheetfed_twain.containers import TEXTS, Capability, Item, Type
from sheetfed_twain.driver import Dialled
from sheetfed_twain.dsm import names

PREFIX = "raw."
LONGEST = 1024
"""Characters of a list that are worth showing."""


def raw_name(number: int) -> str:
    """Return the option's name: the number is what all drivers agree about."""
    return f"{PREFIX}0x{number:04x}"


def raw_option(found: Dialled) -> Option | None:
    """Return a capability as an option; None where it says nothing that can be shown."""
    capability = found.capability
    kind = _kind(capability)
    shown = _shown(capability)
    listed = kind == "choice"
    number = kind in ("int", "float") and capability.shape == "range"
    if (listed and not capability.values) or (isinstance(shown, str) and len(shown) > LONGEST):
        return None
    if listed and shown not in capability.values:
        shown = None
    if number and not (capability.low <= capability.high):
        return None
    inside = not number or (
        isinstance(shown, int | float) and capability.low <= shown <= capability.high
    )
    return Option(
        name=raw_name(found.number),
        title=names().get(found.number, f"0x{found.number:04x}"),
        kind=kind,
        default=shown if inside else None,
        choices=tuple(
            Choice(value=value, title=f"{value}")
            for value in capability.values
            if not isinstance(value, tuple)
        )
        if listed
        else (),
        minimum=capability.low if number else None,
        maximum=capability.high if number else None,
        step=capability.step if number and capability.step > 0 else None,
        advanced=True,
        readonly=not found.settable or capability.type == Type.FRAME,
    )


def raw_value(found: Dialled, value: Value) -> Item:
    """Return what to set of a value that fits the option."""
    if value is None:
        return ""
    return int(value) if found.capability.type == Type.BOOL else value


def _kind(capability: Capability) -> OptionKind:
    if capability.type == Type.FRAME or capability.shape == "array":
        return "text"
    if capability.type == Type.BOOL:
        return "bool"
    if capability.shape == "enumeration":
        return "choice"
    if capability.type in TEXTS:
        return "text"
    return "float" if capability.type == Type.FIX32 else "int"


def _shown(capability: Capability) -> Value:
    if capability.shape == "array":
        return ",".join(f"{each}" for each in capability.values)
    if isinstance(capability.now, tuple):
        return ",".join(f"{each:g}" for each in capability.now)
    if capability.type == Type.INT32 and isinstance(capability.now, float):
        return int(capability.now)
    return capability.now
