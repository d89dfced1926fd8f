"""The command line: what the program `sheetfed` opens."""

from __future__ import annotations


def main() -> None:
    """Run one command and leave with its exit code."""
    from sheetfed.cli.root import run  # noqa: PLC0415 - a bare import of this package stays free

    raise SystemExit(run())
