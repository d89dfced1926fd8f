"""Lets the tests here use the sheets that are drawn for them."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "rigs")]
