"""Which readings are too short to be believed.

Code 39, ITF and Codabar have no check digit of their own: a few bars of a picture or a table read
as a short text, and a long ITF cut short is an ITF still.
"""

from __future__ import annotations

from collections.abc import Mapping

from sheetfed_barcode.codes import Code

SHORTEST: Mapping[str, int] = {"Code 39": 4, "ITF": 6, "Codabar": 6}
"""Characters, those that start and stop a Codabar included."""


def plausible(code: Code) -> bool:
    """Say whether a reading is long enough for its format."""
    return len(code.text) >= SHORTEST.get(code.format, 1)
