"""The command line: what the program `sheetfed` opens."""

from __future__ import annotations

import gc


def main() -> None:
    """Run one command and leave with its exit code."""
    try:
        gc.disable()  # what modules make stays
        from sheetfed.cli.root import run  # noqa: PLC0415 - a bare import of this package stays free

        gc.enable()
        code = run()
    except KeyboardInterrupt:  # before there was anything to stop, or while it was being told
        code = 130
    raise SystemExit(code)
