"""Codes to be printed, as modules that are dark or light."""

from __future__ import annotations

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from sheetfed.api.errors import BadSettings
from sheetfed_barcode.formats import Format, by_name

Modules = NDArray[np.bool_]


def drawn(
    text: str, name: str, *, gs1: bool = False, level: str = "", quiet: bool = True
) -> tuple[Modules, Format]:
    """Return the dark modules of a code; of a linear one a single row. Raises BadSettings."""
    known = by_name(name)
    if not known.written:
        raise BadSettings(f"{known.name} is read here, not written", option="format")
    options: dict[str, object] = {"gs1": True} if gs1 else {}
    if level:
        options["ec_level"] = level
    try:
        made = zxingcpp.create_barcode(
            text, getattr(zxingcpp.BarcodeFormat, known.zxing), **options
        )
        picture = np.asarray(made.to_image(scale=1, add_quiet_zones=quiet))
    except (ValueError, RuntimeError) as error:
        raise BadSettings(f"{known.name} cannot hold that: {error}", option="text") from error
    dark: Modules = picture < 128
    if known.group == "1d":
        dark = dark[dark.shape[0] // 2 :][:1]
    return dark, known
