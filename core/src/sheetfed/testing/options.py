"""Whether options say something that can be drawn as a form."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import get_args

from sheetfed.api.model import Option, OptionKind, Value

KINDS = get_args(OptionKind)
UNITS = ("", "dpi", "mm", "px", "%", "s")
TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "text": (str,),
    "secret": (str,),
    "page": (str,),
}


def check_options(options: Iterable[Option]) -> None:
    """Fail where an option contradicts itself or cannot travel."""
    options = list(options)
    names = [option.name for option in options]
    assert len(set(names)) == len(names), f"a name stands twice in {names}"
    for option in options:
        for fault in faults_of(option):
            raise AssertionError(f"option {option.name!r}: {fault}")


def faults_of(option: Option) -> Iterator[str]:
    """Yield what is wrong with an option."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*|raw\.\S+", option.name):
        yield "a name has small letters, digits and hyphens, or begins with raw."
    if not option.title.strip():
        yield "it has no title"
    if option.kind not in KINDS:
        yield f"there is no kind {option.kind!r}"
    if option.unit not in UNITS:
        yield f"there is no unit {option.unit!r}"
    yield from _faults_of_range(option)
    yield from _faults_of_default(option)
    try:
        json.dumps(dataclasses.asdict(option), allow_nan=False)
    except (TypeError, ValueError) as error:
        yield f"it cannot be written as JSON: {error}"


def other_values(option: Option) -> Iterator[Value]:
    """Yield values that the option offers, other than the one in force."""
    offered: list[Value] = [choice.value for choice in option.choices]
    if option.kind == "bool":
        offered = [True, False]
    if option.kind in ("int", "float") and not offered:
        offered = [option.minimum, option.maximum]
    yield from (value for value in offered if value not in (None, option.default))


def is_in_force(option: Option, value: Value) -> bool:
    """Say whether an option has a value, or a device's nearest to it."""
    now = option.default
    if option.choices or isinstance(now, str | bool | None) or not isinstance(value, int | float):
        return now == value
    span = (option.maximum or 0) - (option.minimum or 0)
    return abs(now - value) <= max(option.step or 0, span / 100)


def impossible_values(option: Option) -> Iterator[Value]:
    """Yield values that the option must refuse."""
    if option.kind == "choice":
        yield "no-such-choice"
    if option.kind in ("int", "float"):
        yield "a word"
    if option.kind == "int":
        yield (option.minimum or 0) + 0.5
        if option.minimum is not None:
            yield option.minimum - 1
        if option.maximum is not None:
            yield option.maximum + 1
    if option.kind == "bool":
        yield "perhaps"


def _faults_of_range(option: Option) -> Iterator[str]:
    bounds = [bound for bound in (option.minimum, option.maximum) if bound is not None]
    if bounds and option.kind not in ("int", "float"):
        yield "only numbers have a range"
    if not all(math.isfinite(bound) for bound in bounds):
        yield "its range is not finite"
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        yield f"its range is empty: {bounds[0]:g} to {bounds[1]:g}"
    if option.step is not None and option.step <= 0:
        yield f"its step is {option.step:g}"


def _faults_of_default(option: Option) -> Iterator[str]:
    value = option.default
    choices = [choice.value for choice in option.choices]
    if option.kind == "choice" and not choices:
        yield "a choice needs choices"
    if len(set(map(repr, choices))) != len(choices):
        yield "a choice stands twice"
    if value is None:  # nothing was chosen yet, or nobody knows
        return
    if choices and value not in choices:
        yield f"its default {value!r} is none of its choices"
    types = TYPES.get(option.kind)
    if types and (not isinstance(value, types) or isinstance(value, bool) != (types == (bool,))):
        yield f"its default {value!r} is no {option.kind}"
    elif isinstance(value, int | float) and not choices:
        low = -math.inf if option.minimum is None else option.minimum
        high = math.inf if option.maximum is None else option.maximum
        if not low <= value <= high:
            yield f"its default {value!r} is out of its range {low:g} to {high:g}"
