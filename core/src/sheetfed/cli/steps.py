"""What `--step name:option=value,…` means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from sheetfed.cli.client import Client
from sheetfed.cli.settings import value_of


def steps_of(client: Client, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the steps asked for, each value as its option's type. Raises BadSettings."""
    if not texts:
        return []
    known = {step["name"]: step["options"] for step in client.get("/v1/steps")["items"]}
    return [_step(known, text) for text in texts]


def _step(known: dict[str, Any], text: str) -> dict[str, Any]:
    name, _, rest = text.partition(":")
    name = name.strip()
    if not name:
        raise click.BadParameter(f"'{text}' names no step", param_hint="--step")
    asked = pairs_of(text, rest, hint="--step")
    if name not in known:  # the service knows which package brings it
        return {"name": name, "options": {}}
    whose, advice = f"The step '{name}'", "`GET /v1/steps` tells what it has."
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
