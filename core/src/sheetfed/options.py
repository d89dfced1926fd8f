"""Whether a value fits an option."""

from __future__ import annotations

import math

from sheetfed.api.model import Option, OptionKind

_TYPES: dict[OptionKind, tuple[tuple[type, ...], str]] = {
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "text": ((str,), "text"),
    "secret": ((str,), "text"),
    "choice": ((str,), "text"),
    "action": ((bool,), "true or false"),
}


def misfit(option: Option, value: object) -> str:
    """Say in words why a value does not fit; empty where it does."""
    if option.choices:
        return _choice_fault(option, value)
    types, words = _TYPES[option.kind]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        shown = "a secret" if option.kind == "secret" else repr(value)
        return f"must be {words}, not {shown}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _range_fault(option, value)
    return ""


def _choice_fault(option: Option, value: object) -> str:
    values = [choice.value for choice in option.choices]
    if any(
        value == known and isinstance(value, bool) == isinstance(known, bool) for known in values
    ):
        return ""
    return f"must be one of {', '.join(str(known) for known in values)}, not {value!r}"


def _range_fault(option: Option, value: float) -> str:
    if not math.isfinite(value):
        return f"must be a finite number, not {value!r}"
    if option.minimum is not None and value < option.minimum:
        return f"must be at least {option.minimum:g}, not {value!r}"
    if option.maximum is not None and value > option.maximum:
        return f"must be at most {option.maximum:g}, not {value!r}"
    return ""
