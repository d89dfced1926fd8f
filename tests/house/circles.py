"""Imports each module named, and prints who imports one of ours that is still half.

Where nobody does, whatever is imported first finds all that it imports whole: each opens alone.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

_import = builtins.__import__


def watched(
    name: str,
    there: Mapping[str, object] | None = None,
    here: Mapping[str, object] | None = None,
    wanted: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Import as ever, and tell of a circle."""
    for one in (name, *(f"{name}.{part}" for part in wanted or ())):
        if one.startswith("sheetfed") and is_half(one):
            print((there or {}).get("__name__"), "imports", one, flush=True)
    return _import(name, there, here, wanted or (), level)


def is_half(name: str) -> bool:
    """Say whether a module has begun and not ended."""
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))


builtins.__import__ = watched
for module in sys.argv[1:]:
    importlib.import_module(module)
