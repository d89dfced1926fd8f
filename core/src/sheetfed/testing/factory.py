"""Makes what an addon's spec names, as a child process would."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from sheetfed.api.model import Settings

T = TypeVar("T")


def named(factory: str) -> Any:
    """Return what `module:Class` names."""
    module, colon, name = factory.partition(":")
    assert module and colon and name, f"a factory is written module:Class, not {factory!r}"  # noqa: PT018
    return getattr(importlib.import_module(module), name)


def make(factory: str, settings: Settings, contract: Callable[..., T]) -> T:
    """Make one; it must keep the contract's class."""
    made: T = named(factory)(settings)
    assert isinstance(contract, type)
    keeps_it = isinstance(made, contract)
    assert keeps_it, f"{factory} makes no {contract.__name__}"
    return made
