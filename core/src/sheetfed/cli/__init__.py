"""The command line: what the program `sheetfed` opens."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage while modules are imported: what they make stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def main() -> None:
    """Run one command and leave with its exit code."""
    try:
        with uncollected():
            from sheetfed.cli.root import run  # noqa: PLC0415 - importing this package stays free

        code = run()
    except KeyboardInterrupt:  # before there was anything to stop, or while it was being told
        code = 130
    raise SystemExit(code)
