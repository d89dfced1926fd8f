"""What the addon offers, and what can be asked of it."""

from __future__ import annotations

from sheetfed.api.hooks import EditSpec, StepSpec
from sheetfed.api.model import Choice, Option

FILL = Option(
    name="fill",
    title="Fill colour",
    kind="text",
    default="",
    description="As #rrggbb: what comes into sight beside the page. The colour of its margin where"
    " none is given.",
)

CANVAS = Option(
    name="canvas",
    title="Size",
    kind="choice",
    default="keep",
    description="keep cuts off what the turned page loses at its corners; grow makes room for it.",
    choices=(
        Choice(value="keep", title="As before"),
        Choice(value="grow", title="Larger, so that nothing is cut off"),
    ),
)

MOST_SKEW = Option(
    name="most",
    title="Most skew",
    kind="float",
    default=15.0,
    minimum=1,
    maximum=40,
    advanced=True,
    description="Degrees to either side that are looked at.",
)

DESKEW = EditSpec(
    name="deskew",
    title="Straighten",
    factory="sheetfed_imaging.edits.deskew:Deskew",
    options=(
        Option(
            name="angle",
            title="Skew",
            kind="float",
            minimum=-45,
            maximum=45,
            description="By how many degrees the page lies askew, clockwise; it is turned back by"
            " as much. Where none is given it is found, and a page without lines stays as it is.",
        ),
        CANVAS,
        FILL,
        MOST_SKEW,
    ),
)

SKEW = StepSpec(
    name="skew",
    title="Measure the skew",
    factory="sheetfed_imaging.steps.skew:MarkSkew",
    options=(MOST_SKEW,),
)

EDITS = (DESKEW,)
STEPS = (SKEW,)
