"""`sheetfed pdf`: files rendered, told of, joined and parted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from sheetfed.api.contracts import Command, Host
from sheetfed_pdf import joining, parting, rendering, telling


class PdfCommand(Command):
    """Works on files, in boxed children, without a service."""

    def run(self, host: Host, arguments: Sequence[str]) -> int:
        """Do it and return the exit code."""
        parser = argparse.ArgumentParser(
            prog="sheetfed pdf", description="Work on PDF files. No service is needed."
        )
        words = parser.add_subparsers(title="words", metavar="WORD", required=True)
        for word in (rendering, telling, joining, parting):
            word.add(words)
        asked = parser.parse_args(arguments)
        done: int = asked.run(host, asked)
        return done
