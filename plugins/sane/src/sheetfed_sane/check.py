"""Whether a value is possible, and what would be."""

from __future__ import annotations

import math

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, Value

NUDGE = 1e-3
"""How far from a step a number may be: a driver's fractions are 65536ths."""


def checked(option: Option, value: Value) -> Value:
    """Return the value as its option holds it; raises BadSettings where it is impossible."""
    if option.readonly:
        raise refusal(option, "it can only be read")
    if option.kind == "action":
        return None
    if option.choices:
        return _chosen(option, value)
    if option.kind == "bool":
        if not isinstance(value, bool):
            raise refusal(option, f"it is on or off, not {value!r}")
        return value
    if option.kind in {"int", "float"}:
        return _number(option, value)
    if not isinstance(value, str):
        raise refusal(option, f"it is a text, not {value!r}")
    return value


def refusal(option: Option, reason: str) -> BadSettings:
    """Return the error that names the option and why not."""
    return BadSettings(f"{option.name}: {reason}", option=option.name)


def _chosen(option: Option, value: Value) -> Value:
    for choice in option.choices:
        if choice.value == value and isinstance(choice.value, bool) == isinstance(value, bool):
            return choice.value
    allowed = ", ".join(str(choice.value) for choice in option.choices)
    raise refusal(option, f"it can be one of {allowed}, not {value!r}")


def _number(option: Option, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refusal(option, f"it is a number, not {value!r}")
    low = -math.inf if option.minimum is None else option.minimum
    high = math.inf if option.maximum is None else option.maximum
    if not low - NUDGE <= value <= high + NUDGE:
        raise refusal(option, f"it can be {in_words(option)}, not {value:g}")
    value = min(max(value, low), high)
    if option.kind == "int" and value != round(value):
        raise refusal(option, f"it is a whole number, {in_words(option)}, not {value:g}")
    if option.step and option.unit != "mm" and not _on_step(option, value):
        raise refusal(option, f"it can be {in_words(option)}, not {value:g}")
    return round(value) if option.kind == "int" else float(value)


def _on_step(option: Option, value: float) -> bool:
    steps = (value - (option.minimum or 0)) / (option.step or 1)
    return abs(steps - round(steps)) * (option.step or 1) <= NUDGE


def in_words(option: Option) -> str:
    """Return the range of a number as a person would say it."""
    unit = f" {option.unit}" if option.unit else ""
    low, high = option.minimum, option.maximum
    if low is None:
        return "any number" if high is None else f"{high:g}{unit} at most"
    if high is None:
        return f"{low:g}{unit} or more"
    said = f"{low:g} to {high:g}{unit}"
    return f"{said} in steps of {option.step:g}" if option.step and option.step != 1 else said
