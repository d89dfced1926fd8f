"""Offers cameras as document sources."""

from __future__ import annotations

from sheetfed.api.hooks import SourceSpec, hookimpl
from sheetfed.api.model import Option

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
