"""What `name=value` means for a device or a step."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import click

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Value
from sheetfed.cli import faults
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.devices import option_of, range_of

_ADVICE = "`sheetfed devices --options DEVICE` shows what it has."
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def settings_of(client: Client, device: str, pairs: Sequence[str]) -> dict[str, Value]:
    """Return the settings asked for, each as its option's type. Raises BadSettings.

    What a device has with others only, as a threshold in black and white, is looked for with these.
    """
    if not pairs:
        return {}
    asked = dict(_split(pair) for pair in pairs)
    route = f"/v1/devices/{quoted(device)}/options"  # opens this device, and looks for no other
    found: dict[str, Value] = {}
    while left := [name for name in asked if name not in found]:
        options = client.post(route, {"settings": found})["options"]
        known = [option["name"] for option in options if option["name"] in left]
        found |= {name: value_of(options, name, asked[name]) for name in known or left}
    return found


def value_of(
    options: list[dict[str, Any]],
    name: str,
    text: str,
    *,
    whose: str = "The device",
    advice: str = _ADVICE,
) -> Value:
    """Return the value that a text means for one of the options. Raises BadSettings."""
    option = option_of(options, name)
    if option is None:
        hint = faults.guess(name, [option["name"] for option in options])
        raise BadSettings(f"{whose} has no setting '{name}'.{hint}", option=name, advice=advice)
    for choice in option.get("choices") or ():
        known: Value = choice["value"]
        if _same(known, text):
            return known
    try:
        return _typed(option["kind"], text)
    except ValueError as error:
        raise BadSettings(
            f"'{name}' cannot be '{text}'; it accepts {range_of(option)}", option=name
        ) from error


def _split(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        raise click.BadParameter(f"'{pair}' is not name=value", param_hint="--set")
    return name.strip(), value.strip()


def _same(known: Value, text: str) -> bool:
    if isinstance(known, bool):
        return text.lower() in (_TRUE if known else _FALSE)
    if isinstance(known, int | float):
        try:
            return float(text) == known
        except ValueError:
            return False
    return str(known) == text


def _typed(kind: str, text: str) -> Value:
    if kind in ("bool", "action"):
        if text.lower() not in (*_TRUE, *_FALSE):
            raise ValueError(text)
        return text.lower() in _TRUE
    if kind == "int":
        return int(text)
    if kind == "float":
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    return text


def plain_options(given: Sequence[str]) -> dict[str, Any]:
    """Return what `--set NAME=VALUE` says; what is no number and no truth is text."""
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{text}' is not NAME=VALUE", param_hint="--set")
        try:
            plain = json.loads(value)
        except ValueError:
            plain = value
        found[name.strip()] = plain if isinstance(plain, (bool, int, float, str)) else value
    return found
