"""Checks a value against the option that it is for."""

from __future__ import annotations

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, Value


def accept(option: Option, value: Value) -> Value:
    """Return the value as the option holds it; raises BadSettings where it cannot."""
    if option.readonly:
        raise BadSettings(f"{option.title} cannot be set.", option=option.name)
    if option.kind in ("int", "float"):
        return _number(option, value)
    if option.kind == "choice":
        return _choice(option, value)
    wanted = bool if option.kind == "bool" else str
    if not isinstance(value, wanted):
        raise BadSettings(f"{option.title} cannot be {value!r}.", option=option.name)
    return value


def _number(option: Option, value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124
        raise BadSettings(f"{option.title} must be a number, not {value!r}.", option=option.name)
    low = option.minimum if option.minimum is not None else value
    high = option.maximum if option.maximum is not None else value
    if not low <= value <= high:
        unit = f" {option.unit}" if option.unit else ""
        raise BadSettings(
            f"{option.title} must be {low:g} to {high:g}{unit}, not {value:g}.", option=option.name
        )
    if option.kind == "float":
        return float(value)
    if value != int(value):
        raise BadSettings(f"{option.title} must be whole, not {value:g}.", option=option.name)
    return int(value)


def _choice(option: Option, value: Value) -> Value:
    for choice in option.choices:
        if choice.value == value and isinstance(choice.value, bool) == isinstance(value, bool):
            return choice.value
    offered = ", ".join(str(choice.value) for choice in option.choices)
    raise BadSettings(
        f"{option.title} must be one of {offered}, not {value!r}.", option=option.name
    )
