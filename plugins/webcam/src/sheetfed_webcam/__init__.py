"""Offers cameras as document sources."""

from __future__ import annotations

from sheetfed.api.hooks import EditSpec, SourceSpec, StepSpec, hookimpl
from sheetfed.api.model import Option
from sheetfed_webcam.sheets.offers import BOOK, FIND_SHEET, SHEET

CAMERAS = Option(
    name="cameras",
    title="Named cameras",
    kind="secret",  # addresses have passwords in them
    default="",
    description=(
        "One a line, as NAME = ADDRESS: http:// or https:// for MJPEG, rtsp://, a video file, "
        "or a folder of pictures."
    ),
)


@hookimpl
def sheetfed_sources() -> list[SourceSpec]:
    """Offer cameras as a way to reach devices."""
    return [
        SourceSpec(
            name="webcam",
            title="Cameras",
            factory="sheetfed_webcam.source:Webcam",
            options=(CAMERAS,),
        )
    ]


@hookimpl
def sheetfed_edits() -> list[EditSpec]:
    """Offer to lay photographed sheets flat."""
    return [SHEET]


@hookimpl
def sheetfed_steps() -> list[StepSpec]:
    """Offer to find sheets and books in photographs."""
    return [FIND_SHEET, BOOK]
