"""Barcodes as they describe them."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sheetfed_dwt import values
from sheetfed_dwt.faults import invalid

FORMATS = {
    "Code 39": 1,
    "Code 128": 2,
    "Code 93": 4,
    "Codabar": 8,
    "ITF": 16,
    "EAN-13": 32,
    "EAN-8": 64,
    "UPC-A": 128,
    "UPC-E": 256,
    "DataBar": 2048,
    "DataBar Stacked": 8192,
    "DataBar Expanded": 32768,
    "DataBar Expanded Stacked": 65536,
    "DataBar Limited": 131072,
    "MicroPDF417": 524288,
    "PDF417": 33554432,
    "QR Code": 67108864,
    "Data Matrix": 134217728,
    "Aztec": 268435456,
    "MaxiCode": 536870912,
    "Micro QR Code": 1073741824,
}
"""Their numbers of the formats that we read and they know."""

_PRESETS = {
    "": "coverage",
    "coverage": "coverage",
    "bestcoverage": "coverage",
    "speed": "speed",
    "bestspeed": "speed",
    "balance": "balance",
}


def options_for(settings: Any) -> dict[str, Any]:
    """Return options of our step: a word for how hard to look, or a template. Raises Fault."""
    if settings is None or isinstance(settings, str):
        word = (settings or "").strip()
        if word.lower() in _PRESETS:
            return {"preset": _PRESETS[word.lower()]}
        if not word.startswith("{"):
            raise invalid("settings must be coverage, speed or balance, or a template.")
        settings = values.parsed(word.encode())
    template = {key.lower(): value for key, value in values.mapping(settings, "settings").items()}
    wanted = values.mapping(template.get("imageparameter"), "ImageParameter")
    asked = {str(key).lower(): value for key, value in wanted.items()}
    expected = values.whole(asked.get("expectedbarcodescount", 0), "ExpectedBarcodesCount", low=0)
    return {"preset": "coverage", "expected": min(expected, 2000)}


def results(marks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the codes among a page's marks. What nobody here knows of a code is 0 or empty."""
    return [_result(mark) for mark in marks if mark["kind"] == "barcode"]


def _result(mark: Mapping[str, Any]) -> dict[str, Any]:
    details = mark["details"]
    name = str(details.get("format", ""))
    form = {
        "barcodeFormat": FORMATS.get(name, 0),
        "barcodeFormatString": name.upper().replace("DATA MATRIX", "DATAMATRIX").translate(_LINES),
        "barcodeFormat_2": 0,
        "barcodeFormatString_2": "",
    }
    raw = [*base64.b64decode(str(details.get("bytes", "")))]
    confidence = round(100 * float(details.get("confidence", 0) or 0))
    found = {
        **form,
        "barcodeText": details.get("text", mark["value"]),
        "barcodeBytes": raw,
        "detailedResult": _detailed(details),
        "localizationResult": {**_place(mark), **form, "confidence": confidence},
        "results": [
            {
                **form,
                "bytes": raw,
                "accompanyingTextBytes": [],
                "clarity": 0,
                "confidence": confidence,
                "deformation": 0,
                "resultType": 0,
            }
        ],
    }
    twins = {
        "BarcodeFormat": found["barcodeFormat"],
        "BarcodeFormatString": found["barcodeFormatString"],
        "LocalizationResult": found["localizationResult"],
    }
    return {**found, **twins}


_LINES = str.maketrans(" -", "__")


def _detailed(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        theirs: details[ours]
        for theirs, ours in (("errorCorrectionLevel", "ec_level"), ("version", "version"))
        if ours in details
    }


def _place(mark: Mapping[str, Any]) -> dict[str, Any]:
    corners = [(round(x), round(y)) for x, y in mark["corners"]] or _box_corners(mark)
    (x1, y1), (x2, y2) = corners[:2]
    place: dict[str, Any] = {
        "angle": round(math.degrees(math.atan2(y2 - y1, x2 - x1))) % 360,
        "moduleSize": 0,
        "pageNumber": 0,
        "regionName": "",
        "resultCoordinateType": 1,
        "terminatePhase": 0,
        "documentName": "",
        "accompanyingTextBytes": [],
        "ResultPoints": [f"{x}, {y}" for x, y in corners],
    }
    for number, (x, y) in enumerate(corners, 1):
        place |= {f"x{number}": x, f"y{number}": y}
    return place


def _box_corners(mark: Mapping[str, Any]) -> list[tuple[int, int]]:
    box = mark["box"] or {"left": 0, "top": 0, "width": 0, "height": 0}
    left, top = round(box["left"]), round(box["top"])
    right, bottom = left + round(box["width"]), top + round(box["height"])
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
