"""What each addon's children are made of."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Literal

from sheetfed.addons import Addons, settings_for
from sheetfed.api.hooks import Spec
from sheetfed.config import Config
from sheetfed.worker.wire import Recipe, Tool


def recipes(
    kind: Literal["source", "codec", "step"], addons: Addons, config: Config
) -> dict[str, Recipe]:
    """Return by name how the children of one kind are made, with what is configured."""
    offered: dict[str, Mapping[str, Spec]] = {
        "source": addons.sources,
        "codec": addons.codecs,
        "step": addons.steps,
    }
    return {
        name: Recipe(
            kind=kind,
            name=name,
            factory=spec.factory,
            settings=settings_for(addons, spec, config),
            python=_interpreter(kind, name, config),
        )
        for name, spec in offered[kind].items()
    }


def _interpreter(kind: str, name: str, config: Config) -> tuple[str, ...]:
    """Return the command that starts the children of a kind: a source may have its own."""
    named = config.interpreters.get(name, ()) if kind == "source" else ()
    return named or (sys.executable,)


def kits(addons: Addons, config: Config) -> list[tuple[Tool, ...]]:
    """Return the edits of each addon, the core's first, with what is configured."""
    return [
        tuple(
            Tool(name=name, factory=spec.factory, settings=settings_for(addons, spec, config))
            for name in row.offers["edits"]
            for spec in (addons.edits[name],)
        )
        for row in addons.rows
        if row.offers.get("edits")
    ]
