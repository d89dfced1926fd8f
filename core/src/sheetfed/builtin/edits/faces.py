"""Fonts for letters: Pillow's own, then this computer's."""

from __future__ import annotations

import io
import mmap
import os
import sys
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from sheetfed.api.errors import BadSettings

Face = ImageFont.FreeTypeFont

WANTED = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSans[wght].ttf", "LiberationSans-Regular.ttf",
    "Arial.ttf", "segoeui.ttf", "Arial Unicode.ttf", "NotoSansCJK-Regular.ttc",
    "NotoSansCJK-VF.ttc", "DroidSansFallbackFull.ttf", "wqy-microhei.ttc", "ipag.ttf",
    "Hiragino Sans GB.ttc", "meiryo.ttc", "YuGothM.ttc", "msyh.ttc", "msgothic.ttc",
)  # fmt: skip
"""Files of fonts by their names, the plainest letters first."""

_ROOTS = {
    "win32": [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"],
    "darwin": [Path("/System/Library/Fonts"), Path("/Library/Fonts")],
}
_LINUX = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
_PROBE = 20
_NOWHERE = "\U0010ffff"
"""Stands for no letter: what is drawn for it is drawn for every letter that a font lacks."""


def _found() -> list[mmap.mmap]:
    """Open the fonts that are there; nothing of them is read before a letter needs it."""
    places: dict[str, Path] = {}
    for root in _ROOTS.get(sys.platform, _LINUX):
        for folder, _, names in os.walk(root):
            for name in names:
                places.setdefault(name.lower(), Path(folder) / name)
    found = []
    for name in WANTED:
        place = places.get(name.lower())
        try:
            if place:
                with place.open("rb") as file:
                    found.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError):
            continue
    return found


_FILES = _found()
"""Opened as this room is: a box opens no file."""


def check(text: str) -> None:
    """Raise BadSettings where no font has all letters of a text, or it runs to the left."""
    for letter in text:
        if unicodedata.bidirectional(letter) in {"R", "AL"}:
            raise BadSettings(
                f"text runs from left to right here, {letter!r} does not", option="text"
            )
    if _place(text) is None:
        lacking = min((_lacking(place, text) for place in range(-1, len(_FILES))), key=len)
        raise BadSettings(
            f"no font of this computer has {lacking!r}; install one that has, such as"
            " fonts-dejavu-core or fonts-noto-cjk of Debian and Ubuntu",
            option="text",
        )


def face_for(text: str, size: float) -> Face:
    """Return the first font that has every letter of a text, else Pillow's own."""
    place = _place(text)
    return _face(-1 if place is None else place, size)


@lru_cache(maxsize=64)
def _place(text: str) -> int | None:
    places = range(-1, len(_FILES))
    return next((place for place in places if not _lacking(place, text)), None)


def _lacking(place: int, text: str) -> str:
    """Return the letters of a text that a font lacks."""
    face = _face(place, _PROBE)
    nothing = _drawn(face, _NOWHERE)
    letters = dict.fromkeys(letter for letter in text if letter.isprintable() and letter != " ")
    return "".join(letter for letter in letters if _drawn(face, letter) == nothing)


def _drawn(face: Face, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = face.getmask(letter)
    return mask.size, bytes(mask)


@lru_cache(maxsize=4)
def _face(place: int, size: float) -> Face:
    if place < 0:
        own = ImageFont.load_default(size)
        assert isinstance(own, Face)
        return own
    return ImageFont.truetype(io.BytesIO(_FILES[place]), size, layout_engine=ImageFont.Layout.BASIC)
