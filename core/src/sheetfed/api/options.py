"""Whether a value fits an option, and what would."""

from __future__ import annotations

import math

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, OptionKind, Value

NUDGE = 1e-3
"""How far off a number may be: a driver's fractions are 65536ths."""

_TYPES: dict[OptionKind, tuple[tuple[type, ...], str]] = {
    "bool": ((bool,), "true or false"),
    "int": ((int, float), "a number"),
    "float": ((int, float), "a number"),
    "text": ((str,), "text"),
    "secret": ((str,), "text"),
    "page": ((str,), "the id of a page"),
    "corners": ((str,), "four points x,y with spaces between them"),
    "choice": ((str,), "text"),
    "action": ((bool,), "true or false"),
}


def fitted(option: Option, value: Value) -> Value:
    """Return the value as the option holds it: a number in range, the choice's own value.

    Raises BadSettings, naming the option and what would fit.
    """
    if option.readonly:
        raise refusal(option, "can only be read")
    if option.kind == "action" and value is None:
        return None
    if reason := misfit(option, value):
        raise refusal(option, reason)
    if option.choices:
        return next(known.value for known in option.choices if _same(known.value, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = -math.inf if option.minimum is None else option.minimum
        high = math.inf if option.maximum is None else option.maximum
        number = min(max(value, low), high)
        return round(number) if option.kind == "int" else float(number)
    return value


def misfit(option: Option, value: object) -> str:
    """Say in words what is wrong with a value; empty where it fits."""
    if option.choices:
        if any(_same(known.value, value) for known in option.choices):
            return ""
        offered = ", ".join(str(known.value) for known in option.choices)
        return f"must be one of {offered}, not {value!r}"
    types, words = _TYPES[option.kind]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        shown = "a secret" if option.kind == "secret" else repr(value)
        return f"must be {words}, not {shown}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_fault(option, value)
    return ""


def refusal(option: Option, reason: str) -> BadSettings:
    """Return the error that names an option and what is wrong with its value."""
    return BadSettings(f"{option.name} {reason}", option=option.name)


def in_words(option: Option) -> str:
    """Return the range of a number as a person would say it."""
    unit = f" {option.unit}" if option.unit else ""
    low, high = option.minimum, option.maximum
    if low is None:
        return "a number" if high is None else f"{high:g}{unit} at most"
    if high is None:
        return f"{low:g}{unit} or more"
    said = f"{low:g} to {high:g}{unit}"
    return f"{said} in steps of {option.step:g}" if _stepped(option) else said


def _same(known: Value, value: object) -> bool:
    return known == value and isinstance(known, bool) == isinstance(value, bool)


def _number_fault(option: Option, value: float) -> str:
    try:
        finite = math.isfinite(value)
    except OverflowError:  # a whole number may have any number of digits
        return f"must be {in_words(option)}, not a number of hundreds of digits"
    if not finite:
        return f"must be a number, not {value!r}"
    low = -math.inf if option.minimum is None else option.minimum
    high = math.inf if option.maximum is None else option.maximum
    if not low - NUDGE <= value <= high + NUDGE:
        return f"must be {in_words(option)}, not {value:g}"
    if option.kind == "int" and value != round(value):
        return f"must be a whole number, not {value:g}"
    if _stepped(option) and not _on_step(option, value):
        return f"must be {in_words(option)}, not {value:g}"
    return ""


def _stepped(option: Option) -> bool:
    """Say whether steps are a person's business; those of a place on the glass are not."""
    return bool(option.step) and option.unit != "mm" and (option.kind, option.step) != ("int", 1)


def _on_step(option: Option, value: float) -> bool:
    step = option.step or 1
    steps = (value - (option.minimum or 0)) / step
    return abs(steps - round(steps)) * step <= NUDGE
