"""Pictures in the documentation are what the program does today."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

sys.path.insert(0, str(Path(__file__).parents[2] / "docs/images"))
import codes


def test_pictures_of_codes_show_what_is_found_today() -> None:
    """`python docs/images/codes.py` draws them anew."""
    for name, drawn in codes.pictures().items():
        kept = Image.open(codes.HERE / name).convert("RGB")

        assert kept.size == drawn.size, name
        apart = ImageStat.Stat(ImageChops.difference(kept, drawn.convert("RGB")))
        assert max(apart.mean) < 1, f"{name}: {apart.mean}"
