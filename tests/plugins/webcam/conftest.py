"""What the tests of cameras share."""

from __future__ import annotations

import sys
from pathlib import Path

RIGS = Path(__file__).parents[2] / "rigs"

sys.path[:0] = [str(RIGS), str(RIGS / "webcam")]
