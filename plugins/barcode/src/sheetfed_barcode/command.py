"""`sheetfed barcodes`: codes read, drawn, and on separators."""

from __future__ import annotations

from collections.abc import Sequence

from sheetfed.api.contracts import Command, Host
from sheetfed_barcode import drawing, listing, sheets


class Barcodes(Command):
    """Lists the codes of files; with `sheet` prints separators, with `write` draws a code."""

    def run(self, host: Host, arguments: Sequence[str]) -> int:
        """Do it and return the exit code."""
        match arguments:
            case ["sheet", *rest]:
                return sheets.run(rest)
            case ["write", *rest]:
                return drawing.run(rest)
            case _:
                return listing.run(host, arguments)
