"""Imports each module named, alone; prints those that fail."""

from __future__ import annotations

import gc
import importlib
import os
import sys


def opens(name: str) -> bool:
    """Import a module; tell whether it could be."""
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - an import may raise anything
        print("failed:", name, repr(error), flush=True)
        return False
    return True


def others(names: list[str]) -> list[str]:
    """Return what these modules import that is not ours, found out in a child."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        for name in names:
            opens(name)
        with os.fdopen(writer, "w") as told:
            print(*(name for name in sys.modules if not name.startswith("sheetfed")), file=told)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as heard:
        found = heard.read().split()
    os.wait()
    return found


def main(names: list[str]) -> None:
    """Import each in a child of its own.

    What others wrote is imported beforehand, once: it cannot be part of a circle of ours.
    """
    for name in others(names):
        try:
            importlib.import_module(name)
        except ImportError:  # made by hand, as `__main__` and parts of six are
            continue
    assert not any(name.startswith("sheetfed") for name in sys.modules)
    gc.freeze()  # a child that collects what it got here copies all of it
    gc.disable()
    for name in names:
        child = os.fork()
        if child == 0:
            os._exit(0 if opens(name) else 1)
        if os.waitpid(child, 0)[1]:
            print("failed:", name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
