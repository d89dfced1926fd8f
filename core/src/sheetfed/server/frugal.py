"""Imports aiohttp for a service, which calls nobody."""

from __future__ import annotations

import importlib.util
import mimetypes
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from threading import RLock
from types import ModuleType
from typing import Any


def import_aiohttp() -> None:
    """Make aiohttp's server known, and all the rest once somebody asks for some of it.

    Its client is a third of what `import aiohttp` takes, and reads this machine's authorities
    twice; a service that delivers nothing has no use for it. Which ending a type has is not to
    depend on what else this machine has installed.
    """
    mimetypes.knownfiles.clear()
    spec = importlib.util.find_spec("aiohttp")
    if spec and "aiohttp" not in sys.modules:
        sys.modules["aiohttp"] = _Package(spec)


class _Package(ModuleType):
    """A package whose modules can be imported, and that runs when its own names are asked for."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        self.__loader__ = spec.loader
        self.__file__ = spec.origin
        self.__path__ = list(spec.submodule_search_locations or ())
        self.__package__ = spec.name
        self._runs = False
        self._lock = RLock()

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return version(self.__name__)
        if not name.startswith("_") and not importlib.util.find_spec(f"{self.__name__}.{name}"):
            with self._lock:  # others wait; what it imports may ask again
                if not self._runs:
                    self._runs = True
                    assert self.__spec__
                    assert self.__spec__.loader
                    self.__spec__.loader.exec_module(self)
                if name in vars(self):
                    return vars(self)[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
