"""What the addon offers, and what can be asked of it."""

from __future__ import annotations

from dataclasses import replace

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

BORDER = EditSpec(
    name="border",
    title="Crop to the paper",
    factory="sheetfed_imaging.edits.border:Border",
    options=(
        Option(
            name="look-for",
            title="What to look for",
            kind="choice",
            default="paper",
            description="paper is told from what lies around it: a dark or coloured lid, a table in"
            " a photograph. White paper under a white lid cannot be told; content crops to what is"
            " written.",
            choices=(
                Choice(value="paper", title="The sheet of paper"),
                Choice(value="content", title="What is written"),
            ),
        ),
        Option(
            name="margin",
            title="Margin",
            kind="int",
            default=0,
            minimum=-1000,
            maximum=1000,
            unit="px",
            description="How much is left around it; below 0, how much is cut off inside.",
        ),
        Option(
            name="corners",
            title="Corners",
            kind="text",
            default="",
            advanced=True,
            description="Four points x,y in pixels with spaces between them, clockwise from the top"
            " left. Found where none are given; all of the page where no paper is seen.",
        ),
    ),
)

DESPECKLE = EditSpec(
    name="despeckle",
    title="Take specks away",
    factory="sheetfed_imaging.edits.despeckle:Despeckle",
    options=(
        Option(
            name="size",
            title="Largest speck",
            kind="int",
            default=4,
            minimum=1,
            maximum=50,
            unit="px",
            description="How wide and high a speck is at most.",
        ),
        Option(
            name="specks",
            title="Which",
            kind="choice",
            default="black",
            choices=(
                Choice(value="black", title="Dark ones on paper"),
                Choice(value="white", title="White ones in ink"),
                Choice(value="both", title="Both"),
            ),
        ),
        Option(
            name="keep-near-writing",
            title="Keep what is near writing",
            kind="bool",
            default=True,
            description="Dots of letters, commas and broken strokes stay.",
        ),
    ),
)

HOLES = EditSpec(
    name="holes",
    title="Fill punched holes",
    factory="sheetfed_imaging.edits.holes:Holes",
    options=(
        Option(
            name="circles",
            title="Holes",
            kind="text",
            default="",
            advanced=True,
            description="Each as x,y,radius in pixels, with spaces between them; none for no hole."
            " Found where nothing is given: 4 to 10 mm wide and within 20 mm of an edge.",
        ),
    ),
)


def _shadow(side: str) -> Option:
    return Option(
        name=side,
        title=f"At the {side}",
        kind="int",
        minimum=0,
        maximum=65_500,
        unit="px",
        description="How wide the shadow is. Found where nothing is given.",
    )


SHADOWS = EditSpec(
    name="shadows",
    title="Take shadows off the edges",
    factory="sheetfed_imaging.edits.shadows:Shadows",
    options=tuple(_shadow(side) for side in ("left", "top", "right", "bottom")),
)

ADAPTIVE_THRESHOLD = EditSpec(
    name="adaptive-threshold",
    title="Black and white, evenly",
    factory="sheetfed_imaging.edits.threshold:AdaptiveThreshold",
    options=(
        Option(
            name="method",
            title="Method",
            kind="choice",
            default="paper",
            description="paper evens out how the paper is lit, and cuts half way to the ink;"
            " areas stay filled. sauvola looks at the contrast around each pixel; it hollows areas"
            " out.",
            choices=(
                Choice(value="paper", title="By the paper"),
                Choice(value="sauvola", title="By contrast (Sauvola)"),
            ),
        ),
        Option(
            name="darkness",
            title="Darkness",
            kind="int",
            default=0,
            minimum=-100,
            maximum=100,
            description="Above 0 more becomes black, below 0 less.",
        ),
        Option(
            name="window",
            title="Window",
            kind="int",
            default=51,
            minimum=3,
            maximum=501,
            unit="px",
            advanced=True,
            description="How far around a pixel sauvola looks.",
        ),
    ),
)

DROPOUT = EditSpec(
    name="dropout",
    title="Drop a colour",
    factory="sheetfed_imaging.edits.dropout:Dropout",
    options=(
        Option(
            name="colour",
            title="Colour",
            kind="choice",
            default="red",
            choices=(
                Choice(value="red", title="Red"),
                Choice(value="green", title="Green"),
                Choice(value="blue", title="Blue"),
                Choice(value="custom", title="Another"),
            ),
        ),
        Option(
            name="custom",
            title="Another colour",
            kind="text",
            default="#e02020",
            description="As #rrggbb; its hue counts.",
        ),
        Option(
            name="tolerance",
            title="Tolerance",
            kind="float",
            default=35.0,
            minimum=5,
            maximum=90,
            description="By how many degrees of the colour circle a hue may differ.",
        ),
    ),
)

FAST_ROTATE = EditSpec(
    name="fast-rotate",
    title="Rotate, fast",
    factory="sheetfed_imaging.edits.geometry:FastRotate",
    options=(
        Option(
            name="angle",
            title="Angle",
            kind="float",
            default=90.0,
            minimum=-360,
            maximum=360,
            description="Degrees clockwise. Quarter turns move pixels and change none.",
        ),
        replace(CANVAS, default="grow"),
        replace(FILL, default="#ffffff", description="As #rrggbb: what comes into sight."),
        Option(
            name="interpolation",
            title="Interpolation",
            kind="choice",
            default="bilinear",
            advanced=True,
            choices=(
                Choice(value="bilinear", title="Bilinear"),
                Choice(value="bicubic", title="Bicubic"),
            ),
        ),
    ),
)

FAST_RESIZE = EditSpec(
    name="fast-resize",
    title="Resize, fast",
    factory="sheetfed_imaging.edits.geometry:FastResize",
    options=(
        Option(
            name="width",
            title="Width",
            kind="int",
            default=0,
            minimum=0,
            maximum=65_500,
            unit="px",
            description="0 follows from the height, or from the per cent.",
        ),
        Option(
            name="height",
            title="Height",
            kind="int",
            default=0,
            minimum=0,
            maximum=65_500,
            unit="px",
            description="0 follows from the width, or from the per cent.",
        ),
        Option(
            name="percent",
            title="Per cent",
            kind="float",
            default=100.0,
            minimum=1,
            maximum=1000,
            unit="%",
            description="Where neither width nor height is given.",
        ),
    ),
)

SKEW = StepSpec(
    name="skew",
    title="Measure the skew",
    factory="sheetfed_imaging.steps.skew:MarkSkew",
    options=(MOST_SKEW,),
)

COLOR = StepSpec(
    name="color",
    title="Tell colour, grey, black and white",
    factory="sheetfed_imaging.steps.color:MarkColor",
    options=(
        Option(
            name="threshold",
            title="Least colour",
            kind="int",
            default=500,
            minimum=0,
            maximum=1_000_000,
            description="A page is in colour with more than so many millionths of its area in"
            " colour; a signature in blue ink has 3000. The paper's own colour is none.",
        ),
    ),
)

HISTOGRAM = StepSpec(
    name="histogram",
    title="Count the tones",
    factory="sheetfed_imaging.steps.histogram:MarkHistogram",
    options=(
        Option(
            name="bins",
            title="Bins",
            kind="choice",
            default=32,
            choices=tuple(Choice(value=many, title=str(many)) for many in (16, 32, 64, 256)),
            description="Into how many equal parts the tones from black to white are counted.",
        ),
    ),
)

ORIENTATION = StepSpec(
    name="orientation",
    title="Tell which way is up",
    factory="sheetfed_imaging.steps.orientation:MarkOrientation",
)

EDITS = (
    DESKEW, BORDER, DESPECKLE, HOLES, SHADOWS, ADAPTIVE_THRESHOLD, DROPOUT,
    FAST_ROTATE, FAST_RESIZE,
)  # fmt: skip
STEPS = (SKEW, COLOR, HISTOGRAM, ORIENTATION)
