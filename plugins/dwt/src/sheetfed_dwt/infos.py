"""What is told of a page that was scanned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetfed_dwt import uids

_PIXELS = {"lineart": (0, 1), "gray": (1, 1), "color": (2, 3)}
"""TWAIN's pixel type, and samples a pixel, of each mode."""


def of(
    page: Mapping[str, Any], *, mode: str, depth: int, place: int, address: str
) -> dict[str, Any]:
    """Return the info of a page; its frame is in inches."""
    pixel, samples = _PIXELS.get(mode, _PIXELS["color"])
    sample = 1 if mode == "lineart" else 16 if depth > 8 else 8
    width, height = page["width"], page["height"]
    across, down = (dpi or 0 for dpi in page["dpi"])
    return {
        "imageId": place,
        "imageuid": uids.of(page["id"]),
        "url": address,
        "imageInfo": {
            "BitsPerPixel": sample * samples,
            "BitsPerSample": [sample] * samples + [0] * (8 - samples),
            "Compression": 0,
            "ImageLayout": {
                "DocumentNumber": 1,
                "Frame": {
                    "Bottom": round(height / down, 4) if down else 0,
                    "Left": 0,
                    "Right": round(width / across, 4) if across else 0,
                    "Top": 0,
                },
                "FrameNumber": 1,
                "PageNumber": place + 1,
            },
            "ImageLength": height,
            "ImageWidth": width,
            "PixelType": pixel,
            "Planar": False,
            "SamplesPerPixel": samples,
            "XResolution": across,
            "YResolution": down,
        },
        "extendedImageInfo": {},
    }
