"""Pictures turned and mirrored."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from sheetfed_webcam.shots import Pixels

_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

_ORIENTATIONS = {
    False: {0: 1, 90: 6, 180: 3, 270: 8},
    True: {0: 2, 90: 7, 180: 4, 270: 5},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How a camera hangs: its pictures are mirrored, then turned clockwise."""

    degrees: int = 0
    mirrored: bool = False

    @property
    def is_none(self) -> bool:
        """Whether pictures stay as they are."""
        return not (self.degrees or self.mirrored)

    @property
    def lies(self) -> bool:
        """Whether width and height change places."""
        return self.degrees in (90, 270)

    @property
    def orientation(self) -> int:
        """What Exif calls it (Exif 2.32, 4.6.4 A)."""
        return _ORIENTATIONS[self.mirrored][self.degrees]

    def of(self, pixels: Pixels) -> Pixels:
        """Return the picture turned."""
        turned: Pixels = cv2.flip(pixels, 1) if self.mirrored else pixels
        return cv2.rotate(turned, _ROTATIONS[self.degrees]) if self.degrees else turned
