"""The command that starts our program, as this machine has it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SHEETFED: tuple[str, ...] = (str(Path(sys.executable).with_name("sheetfed")),)
if sys.platform == "win32":  # there this is a checkout, without programs
    SHEETFED = (sys.executable, "-W", "ignore", "-c", "from sheetfed.cli import main; main()")

PATIENCE = 50 if sys.platform != "win32" else 300
"""Seconds that a command may take: Wine is slow to start programs."""


def finding(folder: Path) -> dict[str, str]:
    """Return what has it find the modules of a folder as well."""
    places = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(places)}
