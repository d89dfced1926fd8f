"""Which package brings what, installed or not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


def package_for(kind: str, name: str) -> str | None:
    """Return the package that brings this; None where nobody knows one that is there.

    A kind is `addon`, `source`, `codec`, `step`, `target`, `edit`, `webapp` or `command`; or
    `reads` or `writes`, and then the name is a media type.
    """
    return _first(packages(), kind, name)


def keeper_of(kind: str, name: str) -> str | None:
    """Return the package that has the right to a name, also one that is yet to come."""
    return _first(_catalogue(), kind, name)


def packages() -> Mapping[str, Mapping[str, Any]]:
    """Return every package that can be installed, as far as we know, and what each brings."""
    return {name: entry for name, entry in _catalogue().items() if not entry.get("planned")}


def _first(known: Mapping[str, Mapping[str, Any]], kind: str, name: str) -> str | None:
    return next((package for package, entry in known.items() if name in entry.get(kind, ())), None)


@cache
def _catalogue() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("sheetfed").joinpath("catalogue.toml").read_text("utf-8"))
