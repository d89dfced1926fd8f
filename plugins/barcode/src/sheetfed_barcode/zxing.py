"""The engine zxing-cpp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from sheetfed.api.model import Value
from sheetfed_barcode.codes import Code, as_printed
from sheetfed_barcode.formats import FORMATS, Format
from sheetfed_barcode.sequence import sequence_of

_BY_ENGINE = {
    getattr(zxingcpp.BarcodeFormat, known.zxing): known for known in FORMATS if known.zxing
}
Binarizer = Literal["local", "global"]
_BINARIZERS: Mapping[Binarizer, zxingcpp.Binarizer] = {
    "local": zxingcpp.Binarizer.LocalAverage,
    "global": zxingcpp.Binarizer.GlobalHistogram,
}

MOST_AT_ONCE = 255
"""Codes that zxing-cpp finds in one picture before it stops."""


def find(
    picture: NDArray[np.uint8],
    formats: Sequence[Format],
    *,
    inverted: bool,
    add_on: bool = False,
    binarizer: Binarizer = "local",
) -> list[Code]:
    """Return the codes on a grey picture."""
    wanted = [getattr(zxingcpp.BarcodeFormat, known.zxing) for known in formats if known.zxing]
    if not wanted:
        return []
    symbol = zxingcpp.EanAddOnSymbol
    found = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(wanted),
        try_invert=inverted,
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=_BINARIZERS[binarizer],
        ean_add_on_symbol=symbol.Read if add_on else symbol.Ignore,
    )
    upc = any(known.name == "UPC-A" for known in formats)
    return [_code(one, upc=upc) for one in found]


def _code(found: Any, *, upc: bool) -> Code:
    extra = dict(found.extra or {})
    known = _BY_ENGINE.get(found.format) or _BY_ENGINE.get(found.symbology)
    name, text = known.name if known else str(found.format), found.text
    if name == "UPC-E":
        text = extra.get("UPCE") or text
    if name in {"EAN-13", "UPC-A"}:
        name, text = as_printed(name, text, upc=upc)
    place = found.position
    corners = tuple(
        (float(point.x), float(point.y))
        for point in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    )
    return Code(
        format=name,
        text=text,
        data=bytes(found.bytes),
        corners=corners,
        engine="zxing",
        details=_details(found, extra),
    )


def _details(found: Any, extra: dict[str, Any]) -> dict[str, Value]:
    """Return what else the engine tells of a code, by names of ours."""
    symbology = str(found.symbology_identifier)
    details: dict[str, Value] = {"symbology": symbology}
    if found.ec_level:
        details["ec_level"] = str(found.ec_level)
    if "UEC" in extra:
        details["confidence"] = float(extra["UEC"])  # the share of error correction not used up
    if extra.get("Version"):
        details["version"] = str(extra["Version"])
    if extra.get("FileId"):
        details["sequence_id"] = str(extra["FileId"])  # a PDF417 that is a part; of others nothing
    kind = found.content_type
    if kind == zxingcpp.ContentType.GS1:
        details["gs1"] = True
    if kind == zxingcpp.ContentType.Binary:
        details["binary"] = True
    if "DataMask" in extra and found.symbology == zxingcpp.BarcodeFormat.QRCode:
        details |= _sequence(found, int(extra["DataMask"]))
    return details


def _sequence(found: Any, mask: int) -> dict[str, Value]:
    """Return which part of a structured append a QR Code is; nothing where it is alone."""
    dark = np.asarray(found.to_image(scale=1, add_quiet_zones=False)) < 128
    part = sequence_of(dark, level=str(found.ec_level), mask=mask)
    if part is None:
        return {}
    return {
        "sequence_place": part.place,
        "sequence_count": part.count,
        "sequence_parity": part.parity,
    }
