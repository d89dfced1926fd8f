"""Plants an addon with the tray and the inspector, as pip would leave it."""

from __future__ import annotations

import os
from pathlib import Path

MODULE = """
from sheetfed.api.hooks import SourceSpec, StepSpec, hookimpl
from sheetfed.api.model import Option


@hookimpl
def sheetfed_sources():
    return [SourceSpec(name="tray", title="Tray", factory="tray:Tray")]


@hookimpl
def sheetfed_steps():
    options = (
        Option(name="delay", title="Delay", kind="float", default=0.0, minimum=0, maximum=60),
        Option(name="word", title="Word", kind="text", default=""),
        Option(name="only", title="Only these", kind="text", default=""),
        Option(name="password", title="Password", kind="secret", default=""),
    )
    return [
        StepSpec(
            name="inspector", title="Inspector", factory="inspector:Inspector", options=options
        )
    ]
"""


def plant(folder: Path) -> dict[str, str]:
    """Install it into a folder; return the environment in which it is found."""
    info = folder / "stepper-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "stepper.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stepper\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sheetfed.v1]\nstepper = stepper\n")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{Path(__file__).parent}"}
