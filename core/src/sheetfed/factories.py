"""Loads the class behind a spec, to run in this process."""

from __future__ import annotations

import importlib
from typing import Any

from sheetfed.api.errors import AddonBroken
from sheetfed.api.hooks import Spec


def loaded(spec: Spec, contract: type[Any]) -> Any:
    """Return the class that a spec names and that implements a contract. Raises AddonBroken."""
    module, _, name = spec.factory.partition(":")
    try:
        found: Any = getattr(importlib.import_module(module), name)
    except Exception as error:
        raise AddonBroken(f"'{spec.name}' cannot be loaded: {error}") from error
    if not (isinstance(found, type) and issubclass(found, contract)):
        raise AddonBroken(f"{spec.factory}, behind '{spec.name}', is no {contract.__name__}")
    return found
