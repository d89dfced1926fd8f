"""Values as clients send them: also numbers as text."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from sheetfed_dwt.faults import invalid

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def parsed(data: bytes) -> Any:
    """Return JSON, whatever it was called. Raises Fault."""
    try:
        text = data.decode("utf-8-sig")
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise invalid("The body is not JSON.") from error


def mapping(value: Any, name: str) -> dict[str, Any]:
    """Return an object; nothing is an empty one. Raises Fault."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object.")
    return value


def items(value: Any, name: str, *, most: int) -> list[Any]:
    """Return a list; nothing is an empty one. Raises Fault."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        raise invalid(f"{name} must be a list of at most {most}.")
    return value


def text(value: Any, name: str, *, most: int = 1000) -> str:
    """Return text; nothing is empty. Raises Fault."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise invalid(f"{name} must be text of at most {most} characters.")
    return value


def whole(value: Any, name: str, *, low: int = -(2**31), high: int = 2**31 - 1) -> int:
    """Return a whole number, also from its text. Raises Fault."""
    found = number(value, name)
    if found != math.floor(found) or not low <= found <= high:
        raise invalid(f"{name} must be a whole number from {low} to {high}.")
    return int(found)


def number(value: Any, name: str) -> float:
    """Return a number, also from its text. Raises Fault."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(f"{name} must be a number.")
    try:
        found = float(value)
    except OverflowError as error:
        raise invalid(f"{name} is too large.") from error
    if not math.isfinite(found):
        raise invalid(f"{name} is too large.")
    return found


def flag(value: Any, name: str) -> bool:
    """Return true or false, also from their text or 1 and 0. Raises Fault."""
    if isinstance(value, bool):
        return value
    found = _FLAGS.get(str(value).lower()) if isinstance(value, str | int) else None
    if found is None:
        raise invalid(f"{name} must be true or false.")
    return found


def is_whole(value: str) -> bool:
    """Tell whether a text is a whole number."""
    return _WHOLE.fullmatch(value) is not None


def _finite(said: str) -> float:
    """Return a number; one without end could not be told as JSON again."""
    found = float(said)
    if not math.isfinite(found):
        raise ValueError(said)
    return found


def _no_number(said: str) -> NoReturn:
    raise ValueError(said)
