"""Names of formats: the standards', the engines', a person's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetfed.api.errors import BadSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of code; `zxing` and `zbar` are what the engines call it, empty where none reads it.

    `group` is `1d`, `2d`, `stacked` or `postal`; what is postal our own engine reads.
    """

    name: str
    group: str
    zxing: str = ""
    zbar: str = ""
    written: bool = False
    also: tuple[str, ...] = ()


FORMATS: tuple[Format, ...] = (
    Format(name="Code 39", group="1d", zxing="Code39", zbar="CODE39", written=True,
           also=("code 39 extended", "3 of 9", "code 3 of 9")),
    Format(name="Code 93", group="1d", zxing="Code93", zbar="CODE93", written=True),
    Format(name="Code 128", group="1d", zxing="Code128", zbar="CODE128", written=True,
           also=("GS1-128", "EAN-128", "UCC-128", "UCC/EAN-128")),
    Format(name="Codabar", group="1d", zxing="Codabar", zbar="CODABAR", written=True,
           also=("NW-7", "Code 2 of 7")),
    Format(name="ITF", group="1d", zxing="ITF", zbar="I25", written=True,
           also=("Interleaved 2 of 5", "I25", "I2of5", "ITF-14")),
    Format(name="EAN-13", group="1d", zxing="EAN13", zbar="EAN13", written=True,
           also=("JAN-13", "GTIN-13", "ISBN")),
    Format(name="EAN-8", group="1d", zxing="EAN8", zbar="EAN8", written=True,
           also=("JAN-8", "GTIN-8")),
    Format(name="UPC-A", group="1d", zxing="UPCA", zbar="UPCA", written=True, also=("GTIN-12",)),
    Format(name="UPC-E", group="1d", zxing="UPCE", zbar="UPCE", written=True),
    Format(name="DataBar", group="1d", zxing="DataBarOmni", zbar="DATABAR", written=True,
           also=("GS1 DataBar", "DataBar Omnidirectional", "DataBar Omni", "DataBar Truncated",
                 "RSS-14")),
    Format(name="DataBar Stacked", group="stacked", zxing="DataBarStk", written=True,
           also=("DataBar Stacked Omnidirectional", "DataBar Stacked Omni", "RSS-14 Stacked")),
    Format(name="DataBar Limited", group="1d", zxing="DataBarLtd", written=True,
           also=("RSS Limited",)),
    Format(name="DataBar Expanded", group="1d", zxing="DataBarExp", zbar="DATABAR_EXP",
           written=True, also=("RSS Expanded",)),
    Format(name="DataBar Expanded Stacked", group="stacked", zxing="DataBarExpStk", written=True,
           also=("RSS Expanded Stacked",)),
    Format(name="Telepen", group="1d", zxing="Telepen", written=True,
           also=("Telepen Alpha", "Telepen Numeric")),
    Format(name="DX Film Edge", group="1d", zxing="DXFilmEdge", written=True),
    Format(name="PDF417", group="stacked", zxing="PDF417", written=True,
           also=("Compact PDF417", "Truncated PDF417")),
    Format(name="MicroPDF417", group="stacked", zxing="MicroPDF417"),
    Format(name="QR Code", group="2d", zxing="QRCode", zbar="QRCODE", written=True,
           also=("QR", "QR Code Model 2", "QR Code Model 1")),
    Format(name="Micro QR Code", group="2d", zxing="MicroQRCode", written=True,
           also=("Micro QR",)),
    Format(name="rMQR Code", group="2d", zxing="RMQRCode", written=True, also=("rMQR",)),
    Format(name="Data Matrix", group="2d", zxing="DataMatrix", written=True, also=("ECC 200",)),
    Format(name="Aztec", group="2d", zxing="Aztec", written=True,
           also=("Aztec Code", "Aztec Rune")),
    Format(name="MaxiCode", group="2d", zxing="MaxiCode", written=True),
    Format(name="USPS Intelligent Mail", group="postal",
           also=("Intelligent Mail", "USPS IMail", "IMb", "USPS 4CB", "OneCode")),
    Format(name="POSTNET", group="postal", also=("USPS POSTNET",)),
    Format(name="PLANET", group="postal", also=("USPS PLANET",)),
    Format(name="RM4SCC", group="postal",
           also=("Royal Mail 4-State", "Royal Mail 4-State Customer Code", "Royal Mail", "CBC")),
    Format(name="KIX", group="postal", also=("KIX Code", "Dutch Post KIX", "Dutch KIX")),
    Format(name="Australia Post", group="postal",
           also=("Australian Post", "Australia Post 4-State", "AusPost")),
    Format(name="Japan Post", group="postal", also=("Japanese Post", "Japan Post 4-State")),
)  # fmt: skip
"""Every format that is read, in the order of the documentation."""

UNREAD: Mapping[str, str] = {
    "Industrial 2 of 5": "2 of 5 whose spaces carry nothing",
    "GS1 Composite": "only its linear part is read",
    "DotCode": "",
    "Royal Mail Mailmark": "postal; as a Data Matrix it is read",
    "MSI Code": "",
    "Pharmacode": "",
}
"""What others read and no engine here does."""

_GROUPS: Mapping[str, frozenset[str]] = {
    "all": frozenset({"1d", "2d", "stacked", "postal"}),
    "1d": frozenset({"1d", "stacked"}),
    "linear": frozenset({"1d"}),
    "2d": frozenset({"2d", "stacked"}),
    "matrix": frozenset({"2d"}),
    "postal": frozenset({"postal"}),
}
_COMMON = (
    "Code 39", "Code 93", "Code 128", "Codabar", "ITF", "EAN-13", "EAN-8", "UPC-A", "UPC-E",
    "DataBar", "DataBar Expanded", "QR Code", "Data Matrix", "PDF417", "Aztec",
)  # fmt: skip

_PATCHES = frozenset({"PATCH", "PATCHES", "PATCHCODE", "PATCHCODES"})


def plain(name: str) -> str:
    """Return a name without what people write differently: `CODE39` for `Code 39`."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())


_BY_NAME: Mapping[str, Format] = {
    plain(name): known for known in FORMATS for name in (known.name, *known.also)
}
_BY_PLAIN_GROUP = {plain(name): members for name, members in _GROUPS.items()}


def chosen(text: str) -> tuple[Format, ...]:
    """Return the formats that a list of names means, commas between; all where it is empty.

    A name may be a group: all, common, 1d, linear, 2d, matrix, postal. Raises BadSettings.
    """
    wanted: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        wanted |= _named(word)
    return tuple(known for known in FORMATS if not wanted or known.name in wanted)


def without_patches(text: str) -> tuple[str | None, bool]:
    """Return a list of names without that of patch codes, and whether these are meant.

    None is the list of nothing but patch codes; where no name stands, all is meant.
    """
    words = [word for word in (part.strip() for part in text.split(",")) if word]
    others = [word for word in words if plain(word) not in _PATCHES]
    everything = not words or any(plain(word) == "ALL" for word in words)
    left = ", ".join(others) if others or not words else None
    return left, everything or len(others) < len(words)


def by_name(name: str) -> Format:
    """Return the format of this name. Raises BadSettings."""
    found = _BY_NAME.get(plain(name))
    if found is None:
        raise BadSettings(f"formats names {name!r}, {_unknown(name)}", option="formats")
    return found


def common(formats: Sequence[Format]) -> tuple[Format, ...]:
    """Return those of the formats that most pages have."""
    return tuple(known for known in formats if known.name in _COMMON)


def _named(word: str) -> set[str]:
    key = plain(word)
    if key == "COMMON":
        return set(_COMMON)
    if members := _BY_PLAIN_GROUP.get(key):
        return {known.name for known in FORMATS if known.group in members}
    if key == "DATABAR":
        return {known.name for known in FORMATS if known.name.startswith("DataBar")}
    return {by_name(word).name}


def _unknown(name: str) -> str:
    if any(plain(name) == plain(other) for other in UNREAD):
        return "which is not read here"
    return "which is no format known here; some are " + ", ".join(_COMMON[:6])
