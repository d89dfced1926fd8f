"""Tells blank pages."""

from __future__ import annotations

from sheetfed.api.hooks import StepSpec, hookimpl
from sheetfed.api.model import Option

BLANK = StepSpec(
    name="blank",
    title="Tell blank pages",
    factory="sheetfed.builtin.blank.step:MarkBlank",
    options=(
        Option(
            name="threshold",
            title="Most ink",
            kind="int",
            default=10,
            minimum=0,
            maximum=100_000,
            description="A page is blank with at most so many millionths of its area under ink."
            " Specks, punch holes and shadows at the edges do not count; a page number of one digit"
            " has 25.",
        ),
        Option(
            name="ignore-bleed-through",
            title="Ignore what shows through from the back",
            kind="bool",
            default=True,
            description="Ink counts from 28 levels of 255 below the paper around it. If nothing"
            " shows through the paper, switch this off: 14 are enough then.",
        ),
    ),
)


@hookimpl
def sheetfed_steps() -> list[StepSpec]:
    """Offer to mark blank pages."""
    return [BLANK]
