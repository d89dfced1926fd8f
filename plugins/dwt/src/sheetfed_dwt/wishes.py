"""What a new job asks for, as settings of the device."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetfed_dwt import capabilities, values
from sheetfed_dwt.faults import invalid
from sheetfed_dwt.panel import Panel

WATCH = 15
"""Seconds without a sign of the scanner after which a job fails, where nothing is said."""

GROUND = ("source", "mode")
"""What decides which other options a device has."""

LONGEST = 7 * 24 * 3600
"""Seconds that a time limit may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A new job's options, apart from those of its device."""

    device: str
    name: str
    runs: bool
    watch: int
    limit: int
    settings: str
    caps: Mapping[str, Any]
    config: Mapping[str, Any]


def read(body: Mapping[str, Any]) -> Wish:
    """Return what a body asks for; names that nobody knows are left alone. Raises Fault."""
    for name in ("requestFocusForScanningUI", "checkFeederLoaded", "requireWebsocket"):
        if body.get(name) is not None:
            values.flag(body[name], name)
    return Wish(
        device=values.text(body.get("device"), "device"),
        name=values.text(body.get("name"), "name", most=500),
        runs=_given(values.flag, body, "autoRun", usual=True),
        watch=_seconds(body, "scannerFailureTimeout", WATCH),
        limit=_seconds(body, "jobTimeout", 0),
        settings=_text_of_settings(body.get("settings")),
        caps=values.mapping(body.get("caps"), "caps"),
        config=values.mapping(body.get("config"), "config"),
    )


def ground_for(wish: Wish, options: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return source and mode where something else is asked that the device has not as it is now.

    With these it may have it: legal paper in the feeder, a threshold in black and white. Raises
    Fault for what is not understood.
    """
    panel = _asked(wish, options, leniently=True)
    changed = {
        name: panel.settings[name]
        for name in GROUND
        if name in panel.settings and panel.settings[name] != panel.default(name)
    }
    return changed if panel.missed else {}


def settings_for(wish: Wish, options: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the settings: those saved, then capabilities, then `config`. Raises Fault.

    They come in the device's own order, in which what others depend on is first.
    """
    panel = _asked(wish, options)
    return {name: panel.settings[name] for name in panel.options if name in panel.settings}


def saved(panel: Panel) -> str:
    """Return a device's settings as text that a later job hands back."""
    return base64.b64encode(json.dumps({"settings": panel.all()}).encode()).decode()


def _asked(wish: Wish, options: Sequence[Mapping[str, Any]], *, leniently: bool = False) -> Panel:
    panel = Panel(options, {})
    for name, value in _saved(wish.settings).items():
        panel.ask(name, value)
    capabilities.negotiate(panel, wish.caps, leniently=leniently)
    _configure(panel, wish.config)
    return panel


def _configure(panel: Panel, config: Mapping[str, Any]) -> None:
    """Ask for what `config` says, as far as the device has it: a driver does the same."""
    for name, ask in _CONFIG:
        if config.get(name) is not None:
            ask(panel, config[name])


def _asking(capability: capabilities.Capability) -> Any:
    assert capability.write
    return capability.write


_CONFIG = (
    ("PixelType", _asking(capabilities.PIXEL_TYPE)),
    ("BitDepth", capabilities.set_depth),
    ("Resolution", _asking(capabilities.RESOLUTION)),
    ("IfFeederEnabled", capabilities.feed),
    ("IfDuplexEnabled", capabilities.take_both_sides),
    ("PageSize", _asking(capabilities.PAGE_SIZE)),
    ("Brightness", _asking(capabilities.BRIGHTNESS)),
    ("Contrast", _asking(capabilities.CONTRAST)),
    ("XferCount", capabilities.count),
)


def _saved(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(base64.b64decode(text, validate=True))["settings"]
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise invalid("settings are not what this service gave.") from error
    plain = (bool, int, float, str, type(None))
    if not isinstance(found, dict) or not all(isinstance(v, plain) for v in found.values()):
        raise invalid("settings are not what this service gave.")
    return found


def _text_of_settings(value: Any) -> str:
    if isinstance(value, dict):  # the whole answer of GET settings, handed back
        value = value.get("settings")
    return values.text(value, "settings", most=200_000)


def _seconds(body: Mapping[str, Any], name: str, usual: int) -> int:
    if body.get(name) is None:
        return usual
    return values.whole(body[name], name, low=0, high=LONGEST)


def _given(read_as: Any, body: Mapping[str, Any], name: str, *, usual: bool) -> bool:
    return usual if body.get(name) is None else bool(read_as(body[name], name))
