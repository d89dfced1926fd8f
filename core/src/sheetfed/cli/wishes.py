"""What `name:option=value,…` means, for steps and edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import click

from sheetfed.cli.client import Client
from sheetfed.cli.settings import value_of


def wishes_of(
    client: Client, texts: Sequence[str], what: Literal["step", "edit"], *, hint: str
) -> list[dict[str, Any]]:
    """Return what is asked for, each value as its option's type. Raises BadSettings.

    `hint` is the word of the command line that the texts stand behind.
    """
    if not texts:
        return []
    known = {one["name"]: one["options"] for one in client.get(f"/v1/{what}s")["items"]}
    return [_wish(known, text, what, hint) for text in texts]


def _wish(known: dict[str, Any], text: str, what: str, hint: str) -> dict[str, Any]:
    name, _, rest = text.partition(":")
    name = name.strip()
    if not name:
        raise click.BadParameter(f"'{text}' names no {what}", param_hint=hint)
    asked = pairs_of(text, rest, hint=hint)
    if name not in known:  # the service knows which package brings it
        return {"name": name, "options": {}}
    whose, advice = f"The {what} '{name}'", f"`GET /v1/{what}s` tells what it has."
    options = {
        option: value_of(known[name], option, value, whose=whose, advice=advice)
        for option, value in asked.items()
    }
    return {"name": name, "options": options}


def pairs_of(text: str, rest: str, *, hint: str) -> dict[str, str]:
    """Return options and values; what has no `=` belongs to the value before it."""
    asked: dict[str, str] = {}
    last = ""
    for part in rest.split(",") if rest else ():
        option, equals, value = part.partition("=")
        if equals and option.strip():
            last = option.strip()
            asked[last] = value.strip()
        elif last:
            asked[last] = f"{asked[last]},{part.strip()}"
        else:
            raise click.BadParameter(f"'{text}' is not NAME:option=value", param_hint=hint)
    return asked
