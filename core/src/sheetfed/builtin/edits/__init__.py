"""Edits that every installation has."""

from __future__ import annotations

from sheetfed.api.hooks import EditSpec, hookimpl
from sheetfed.api.model import Choice, Option

_PLACE = "sheetfed.builtin.edits"
_MOST = 65_500

FILL = Option(
    name="fill",
    title="Fill colour",
    kind="text",
    default="#ffffff",
    description="As #rrggbb. A grey page takes its lightness, a black and white one the nearer.",
)
INTERPOLATION = Option(
    name="interpolation",
    title="Interpolation",
    kind="choice",
    default="bilinear",
    choices=(
        Choice(value="nearest", title="Nearest pixel"),
        Choice(value="bilinear", title="Bilinear"),
        Choice(value="bicubic", title="Bicubic"),
    ),
    advanced=True,
)
REGION = (
    Option(name="left", title="Left", kind="int", default=0, unit="px", minimum=0, maximum=_MOST),
    Option(name="top", title="Top", kind="int", default=0, unit="px", minimum=0, maximum=_MOST),
    Option(
        name="width",
        title="Width",
        kind="int",
        default=0,
        unit="px",
        minimum=0,
        maximum=_MOST,
        description="0 reaches to the right edge.",
    ),
    Option(
        name="height",
        title="Height",
        kind="int",
        default=0,
        unit="px",
        minimum=0,
        maximum=_MOST,
        description="0 reaches to the bottom edge.",
    ),
)

_POSITION = Option(
    name="position",
    title="Position",
    kind="choice",
    default="bottom-centre",
    choices=tuple(
        Choice(value=f"{place}-{side}", title=f"{place} {side}".capitalize())
        for place in ("top", "middle", "bottom")
        for side in ("left", "centre", "right")
    ),
)
_PLACED = (
    Option(
        name="margin",
        title="Distance from the edge",
        kind="float",
        default=3.0,
        unit="%",
        minimum=0,
        maximum=50,
        description="Of the page's longer side.",
    ),
    Option(
        name="angle",
        title="Angle",
        kind="float",
        default=0.0,
        minimum=-360,
        maximum=360,
        description="Degrees clockwise.",
    ),
)


@hookimpl
def sheetfed_edits() -> list[EditSpec]:
    """Offer what needs nothing but Pillow."""
    return [*_geometry(), *_regions(), *_tones(), _depth(), _text(), _stamp()]


def _geometry() -> list[EditSpec]:
    return [
        EditSpec(
            name="rotate",
            title="Rotate",
            factory=f"{_PLACE}.geometry:Rotate",
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
                Option(
                    name="canvas",
                    title="Canvas",
                    kind="choice",
                    default="grow",
                    choices=(
                        Choice(value="grow", title="Grows with the page"),
                        Choice(value="keep", title="Keeps its size"),
                    ),
                ),
                FILL,
                INTERPOLATION,
            ),
        ),
        EditSpec(name="mirror", title="Mirror", factory=f"{_PLACE}.geometry:Mirror"),
        EditSpec(name="flip", title="Flip", factory=f"{_PLACE}.geometry:Flip"),
        EditSpec(name="crop", title="Crop", factory=f"{_PLACE}.geometry:Crop", options=REGION),
        EditSpec(
            name="resize",
            title="Resize",
            factory=f"{_PLACE}.geometry:Resize",
            options=(
                Option(
                    name="width",
                    title="Width",
                    kind="int",
                    default=0,
                    unit="px",
                    minimum=0,
                    maximum=_MOST,
                    description="0 follows from the height, or from `percent`.",
                ),
                Option(
                    name="height",
                    title="Height",
                    kind="int",
                    default=0,
                    unit="px",
                    minimum=0,
                    maximum=_MOST,
                    description="0 follows from the width, or from `percent`.",
                ),
                Option(
                    name="percent",
                    title="Per cent",
                    kind="float",
                    default=100.0,
                    unit="%",
                    minimum=1,
                    maximum=1000,
                    description="Where neither width nor height is given.",
                ),
                INTERPOLATION,
            ),
        ),
        EditSpec(
            name="resolution",
            title="Resolution",
            factory=f"{_PLACE}.geometry:Resolution",
            options=(
                Option(
                    name="dpi",
                    title="Resolution",
                    kind="float",
                    default=300.0,
                    unit="dpi",
                    minimum=1,
                    maximum=9600,
                ),
                Option(
                    name="dpi-down",
                    title="Resolution, vertical",
                    kind="float",
                    default=0.0,
                    unit="dpi",
                    minimum=0,
                    maximum=9600,
                    description="0 is the same as across.",
                    advanced=True,
                ),
                Option(
                    name="resample",
                    title="Resample",
                    kind="bool",
                    default=False,
                    description="Keep the size on paper and make as many pixels as it takes; else"
                    " the pixels stay and the size on paper changes.",
                ),
                INTERPOLATION,
            ),
        ),
    ]


def _regions() -> list[EditSpec]:
    return [
        EditSpec(
            name="erase",
            title="Erase",
            factory=f"{_PLACE}.regions:Erase",
            options=(
                *REGION,
                Option(
                    name="where",
                    title="Where",
                    kind="choice",
                    default="inside",
                    choices=(
                        Choice(value="inside", title="Inside the region"),
                        Choice(value="outside", title="Outside the region"),
                    ),
                ),
                FILL,
            ),
        ),
        EditSpec(
            name="redact",
            title="Redact",
            factory=f"{_PLACE}.regions:Redact",
            hides=True,
            options=(
                *REGION,
                Option(
                    name="fill",
                    title="Fill colour",
                    kind="text",
                    default="#000000",
                    description=FILL.description,
                ),
            ),
        ),
    ]


def _tones() -> list[EditSpec]:
    def share(name: str, title: str) -> EditSpec:
        return EditSpec(
            name=name,
            title=title,
            factory=f"{_PLACE}.tones:{title}",
            options=(
                Option(
                    name="amount",
                    title=title,
                    kind="float",
                    default=0.0,
                    unit="%",
                    minimum=-100,
                    maximum=100,
                ),
            ),
        )

    def level(name: str, title: str, what: str) -> Option:
        return Option(
            name=name,
            title=title,
            kind="int",
            minimum=0,
            maximum=255,
            description=f"What becomes {what}; found in the page where nothing is given.",
        )

    gamma = Option(name="gamma", title="Gamma", kind="float", default=1.0, minimum=0.1, maximum=10)
    return [
        share("brightness", "Brightness"),
        share("contrast", "Contrast"),
        EditSpec(name="gamma", title="Gamma", factory=f"{_PLACE}.tones:Gamma", options=(gamma,)),
        EditSpec(name="invert", title="Invert", factory=f"{_PLACE}.tones:Invert"),
        EditSpec(
            name="levels",
            title="Levels",
            factory=f"{_PLACE}.tones:Levels",
            options=(
                level("black", "Black point", "black"),
                level("white", "White point", "white"),
                gamma,
            ),
        ),
    ]


def _depth() -> EditSpec:
    return EditSpec(
        name="depth",
        title="Depth",
        factory=f"{_PLACE}.depth:Depth",
        options=(
            Option(
                name="bits",
                title="Bits a pixel",
                kind="choice",
                default="8",
                choices=(
                    Choice(value="1", title="Black and white"),
                    Choice(value="8", title="Grey"),
                    Choice(value="24", title="Colour"),
                ),
            ),
            Option(
                name="method",
                title="Black and white by",
                kind="choice",
                default="otsu",
                choices=(
                    Choice(value="otsu", title="A threshold that suits the page"),
                    Choice(value="fixed", title="A fixed threshold"),
                    Choice(value="dither", title="Dots that look grey"),
                ),
            ),
            Option(
                name="threshold",
                title="Threshold",
                kind="int",
                minimum=1,
                maximum=255,
                description="What is darker becomes black; 128, or found in the page, where"
                " nothing is given.",
            ),
        ),
    )


def _text() -> EditSpec:
    return EditSpec(
        name="text",
        title="Text",
        factory=f"{_PLACE}.text:Text",
        options=(
            Option(
                name="text",
                title="Text",
                kind="text",
                default="{page} / {pages}",
                description="{page} is the page's number, {pages} how many there are, {date} the"
                " day on which the text was put there.",
            ),
            _POSITION,
            Option(
                name="size",
                title="Size",
                kind="float",
                default=2.0,
                unit="%",
                minimum=0.1,
                maximum=100,
                description="Height of the letters, of the page's longer side.",
            ),
            *_PLACED,
            Option(
                name="opacity",
                title="Opacity",
                kind="float",
                default=100.0,
                unit="%",
                minimum=1,
                maximum=100,
                description="A watermark is large and faint.",
            ),
            Option(
                name="colour",
                title="Colour",
                kind="text",
                default="#000000",
                description="As #rrggbb; on a grey page its lightness counts.",
            ),
        ),
    )


def _stamp() -> EditSpec:
    return EditSpec(
        name="stamp",
        title="Stamp",
        factory=f"{_PLACE}.stamp:Stamp",
        options=(
            Option(
                name="picture",
                title="Picture",
                kind="page",
                default="",
                description="The id of a page that holds the signature, seal or logo. A copy of its"
                " picture is kept with every page that is stamped.",
            ),
            _POSITION,
            Option(
                name="size",
                title="Size",
                kind="float",
                default=25.0,
                unit="%",
                minimum=0.5,
                maximum=100,
                description="Width of the picture, of the page's longer side.",
            ),
            *_PLACED,
            Option(
                name="opacity",
                title="Opacity",
                kind="float",
                default=100.0,
                unit="%",
                minimum=1,
                maximum=100,
            ),
            Option(
                name="ink",
                title="Like ink",
                kind="bool",
                default=True,
                description="White in the picture leaves the page as it is; else the picture"
                " covers it.",
            ),
        ),
    )
