"""Lets the tests here use the papers that are made for them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]


@pytest.fixture(scope="package")
def codec() -> object:
    """Return the codec, made once: it rehearses all it can do."""
    from sheetfed_pdf.codec import Pdf

    return Pdf({})
