"""What is offered for sheets, and what can be asked."""

from __future__ import annotations

from dataclasses import replace

from sheetfed.api.hooks import EditSpec, StepSpec
from sheetfed.api.model import Choice, Option

PAGE_SIZE = Option(
    name="page-size",
    title="Paper",
    kind="choice",
    default="auto",
    description="How large the sheet is, so that its resolution is known. auto tells A4, Letter and"
    " cards by their shape, and says nothing of any other.",
    choices=(
        Choice(value="auto", title="By its shape"),
        Choice(value="a3", title="A3"),
        Choice(value="a4", title="A4"),
        Choice(value="a5", title="A5"),
        Choice(value="letter", title="Letter"),
        Choice(value="legal", title="Legal"),
        Choice(value="card", title="Bank card"),
        Choice(value="free", title="Another"),
    ),
)

LIGHTING = Option(
    name="lighting",
    title="Light",
    kind="choice",
    default="gentle",
    description="gentle takes shadows away and makes paper white; strong makes print darker too.",
    choices=(
        Choice(value="off", title="As it was"),
        Choice(value="gentle", title="Even, white paper"),
        Choice(value="strong", title="Even, more contrast"),
    ),
)

EDGES = Option(
    name="clean-edges",
    title="Clean edges",
    kind="bool",
    default=True,
    description="What is left of the table along the edges becomes paper.",
)

CORNERS = Option(
    name="corners",
    title="Corners",
    kind="corners",
    default="",
    advanced=True,
    description="Four points x,y in pixels with spaces between them, clockwise from the top left of"
    " the sheet. Found where none are given; all of the page where no sheet is seen.",
)

SHEET = EditSpec(
    name="sheet",
    title="Lay the sheet flat",
    factory="sheetfed_webcam.sheets.edit:LaySheet",
    options=(PAGE_SIZE, LIGHTING, EDGES, CORNERS),
)

FIND_SHEET = StepSpec(
    name="sheet",
    title="Lay photographed sheets flat",
    factory="sheetfed_webcam.sheets.steps:FindSheet",
    options=(PAGE_SIZE, LIGHTING, EDGES),
)

BOOK = StepSpec(
    name="book",
    title="Two pages of an open book",
    factory="sheetfed_webcam.sheets.steps:PartBook",
    options=(
        replace(PAGE_SIZE, default="free"),
        LIGHTING,
        EDGES,
        Option(
            name="from-right",
            title="Right page first",
            kind="bool",
            default=False,
            description="For books that are read from right to left.",
        ),
    ),
)
