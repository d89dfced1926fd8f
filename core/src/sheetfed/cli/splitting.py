"""What `--split patch:title={n},drop=no` means."""

from __future__ import annotations

from typing import Any

import click

from sheetfed.cli.wishes import pairs_of

WORDS = "BY[:OPTION=VALUE,…]"
_BY = ("barcode", "patch", "blank", "pages")
_LISTS = ("patches", "tags")
_TEXTS = ("format", "pattern", "title")
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}


def split_of(text: str) -> dict[str, Any]:
    """Return the rule asked for; the service looks at its values."""
    by, _, rest = text.partition(":")
    if by not in _BY:
        raise click.BadParameter(f"'{by}' is none of {', '.join(_BY)}", param_hint="--split")
    rule: dict[str, Any] = {"by": by}
    for name, value in pairs_of(text, rest, hint="--split").items():
        if name.startswith("field."):
            rule.setdefault("fields", {})[name.removeprefix("field.")] = value
        else:
            rule[name] = _value(name, value)
    return rule


def _value(name: str, text: str) -> Any:
    if name in _LISTS:
        return text.split()
    if name in _TEXTS:
        return text
    if name == "every" and text.isdecimal():
        return int(text)
    if name == "drop" and text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    known = (*_TEXTS, *_LISTS, "every", "drop", "field.NAME")
    if name in known:
        raise click.BadParameter(f"'{name}' cannot be '{text}'", param_hint="--split")
    said = f"there is no '{name}'; there are {', '.join(known)}"
    raise click.BadParameter(said, param_hint="--split")
