"""What a request asks of something an addon offers, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetfed.api.errors import BadSettings
from sheetfed.api.hooks import Spec
from sheetfed.api.model import Option, Settings, Value
from sheetfed.api.options import fitted, refusal

MOST = 10_000
"""Characters of a value. It is kept with every page, however many are edited with one request."""


def fitting(spec: Spec, what: str, asked: Mapping[str, Any], *, place: str) -> Settings:
    """Return the values as the options hold them; `what` is asked: a step, an edit.

    Raises BadSettings with a pointer to the value that does not fit, below `place`.
    """
    options = {option.name: option for option in spec.options}
    found: dict[str, Value] = {}
    for name, value in asked.items():
        try:
            found[name] = _fitting(spec, what, options.get(name), name, value)
        except BadSettings as error:
            raise pointed(error, what, spec.name, place, name) from None
    return found


def pointed(error: BadSettings, what: str, name: str, place: str, option: str) -> BadSettings:
    """Return a refusal that says where in the request, below `place`, the option stands."""
    escaped = option.replace("~", "~0").replace("/", "~1")
    pointer = f"{place}/{escaped}" if option else place
    fault = {"pointer": pointer, "detail": error.message, "where": "body"}
    error.details |= {what: name, "errors": [fault]}
    return error


def _fitting(spec: Spec, what: str, option: Option | None, name: str, value: Value) -> Value:
    if option is None:
        known = ", ".join(option.name for option in spec.options) or "none"
        raise BadSettings(
            f"The {what} {spec.name!r} has no option {name!r}; it has: {known}", option=name
        )
    if option.kind == "secret":
        raise refusal(option, "is set in the configuration, not by a request")
    if isinstance(value, str) and len(value) > MOST:
        raise refusal(option, f"has {len(value)} characters; there may be {MOST}")
    return fitted(option, value)
