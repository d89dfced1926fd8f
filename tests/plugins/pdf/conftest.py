"""Lets the tests here use the papers that are made for them."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
