"""Straightens, cleans and judges pages with OpenCV."""

from __future__ import annotations

from sheetfed.api.hooks import EditSpec, StepSpec, hookimpl
from sheetfed_imaging.offers import EDITS, STEPS


@hookimpl
def sheetfed_edits() -> list[EditSpec]:
    """Offer to straighten and clean."""
    return [*EDITS]


@hookimpl
def sheetfed_steps() -> list[StepSpec]:
    """Offer to say what a page is like."""
    return [*STEPS]
