"""Reads barcodes and separates documents."""

from __future__ import annotations

from sheetfed.api.hooks import CommandSpec, StepSpec, hookimpl
from sheetfed.api.model import Choice, Option

REGION = Option(
    name="region",
    title="Region",
    kind="text",
    default="",
    description="left, top, width, height in pixels of the page, or in percent: 50%, 0, 50%,"
    " 20%. Empty is the whole page.",
)

OPTIONS = (
    Option(
        name="formats",
        title="Formats",
        kind="text",
        default="",
        description="Names with commas between: Code 128, EAN-13, QR Code; or all, common, 1d,"
        " linear, 2d, matrix, postal. Empty reads all.",
    ),
    Option(
        name="preset",
        title="How hard to look",
        kind="choice",
        default="balance",
        choices=(
            Choice(value="speed", title="Speed: one look at clean pages"),
            Choice(value="balance", title="Balance: looks again where it pays"),
            Choice(value="coverage", title="Coverage: photographs, damaged and tiny codes"),
        ),
    ),
    Option(
        name="engine",
        title="Engine",
        kind="choice",
        default="auto",
        choices=(
            Choice(value="auto", title="Whatever finds most"),
            Choice(value="zxing", title="zxing-cpp alone"),
            Choice(value="zbar", title="ZBar alone"),
        ),
        advanced=True,
    ),
    Option(
        name="expected",
        title="Codes expected on a page",
        kind="int",
        default=0,
        minimum=0,
        maximum=2000,
        description="Stops looking once so many are found, and looks harder until then; 0 where"
        " nobody knows.",
    ),
    REGION,
    Option(
        name="polarity",
        title="Polarity",
        kind="choice",
        default="both",
        choices=(
            Choice(value="both", title="Dark on light and light on dark"),
            Choice(value="dark", title="Dark on light only"),
        ),
        advanced=True,
    ),
    Option(
        name="add-on",
        title="Add-on symbols",
        kind="bool",
        default=False,
        description="Reads the two or five digits beside an EAN or UPC with it.",
        advanced=True,
    ),
)


@hookimpl
def sheetfed_steps() -> list[StepSpec]:
    """Offer to mark the codes on pages."""
    return [
        StepSpec(
            name="barcode",
            title="Barcodes",
            factory="sheetfed_barcode.step:Barcodes",
            options=OPTIONS,
        ),
        StepSpec(
            name="patch",
            title="Patch codes",
            factory="sheetfed_barcode.step:Patches",
            options=(REGION,),
        ),
    ]


@hookimpl
def sheetfed_commands() -> list[CommandSpec]:
    """Offer to list the codes of files, and to print codes and separator sheets."""
    return [
        CommandSpec(
            name="barcodes",
            title="List the codes of files; print codes and separator sheets.",
            factory="sheetfed_barcode.command:Barcodes",
        )
    ]
