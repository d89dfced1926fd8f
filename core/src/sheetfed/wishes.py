"""What a request asks of something an addon offers, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetfed.api.errors import BadSettings
from sheetfed.api.hooks import Spec
from sheetfed.api.model import Option, Settings, Value
from sheetfed.api.options import fitted, refusal


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
            escaped = name.replace("~", "~0").replace("/", "~1")
            fault = {"pointer": f"{place}/{escaped}", "detail": error.message, "where": "body"}
            error.details |= {what: spec.name, "errors": [fault]}
            raise
    return found


def _fitting(spec: Spec, what: str, option: Option | None, name: str, value: Value) -> Value:
    if option is None:
        known = ", ".join(option.name for option in spec.options) or "none"
        raise BadSettings(
            f"The {what} {spec.name!r} has no option {name!r}; it has: {known}", option=name
        )
    if option.kind == "secret":
        raise refusal(option, "is set in the configuration, not by a request")
    return fitted(option, value)
