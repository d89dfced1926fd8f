"""What a PDF says about itself, in both of its forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sheetfed.api.errors import BadSettings
from sheetfed_pdf.archive import LEVELS
from sheetfed_pdf.output import Output
from sheetfed_pdf.syntax import dictionary, reference, text

PRODUCER = "sheetfed-pdf"

_NAMES = {"title": "Title", "author": "Author", "subject": "Subject", "keywords": "Keywords",
          "creator": "Creator", "producer": "Producer"}  # fmt: skip
_TAKEN = frozenset({*_NAMES.values(), "CreationDate", "ModDate", "Trapped", ""})
"""What the standard itself says about a file, and so is no field of a person's own."""

_ONE_LANGUAGE = ("<rdf:Alt><rdf:li xml:lang='x-default'>", "</rdf:li></rdf:Alt>")
_IN_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_XMP = {
    "title": ("dc:title", *_ONE_LANGUAGE),
    "author": ("dc:creator", "<rdf:Seq><rdf:li>", "</rdf:li></rdf:Seq>"),
    "subject": ("dc:description", *_ONE_LANGUAGE),
    "keywords": ("pdf:Keywords", "", ""),
    "creator": ("xmp:CreatorTool", "", ""),
    "producer": ("pdf:Producer", "", ""),
}
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add(
    output: Output,
    fields: Mapping[str, str],
    *,
    own: Mapping[str, str],
    made: str,
    modified: str,
    archive: str,
) -> tuple[int, bytes]:
    """Write both; return the dictionary's number and a reference to the XMP.

    A person's own fields go into the dictionary. Raises BadSettings.
    """
    fields = {"producer": PRODUCER, **fields}
    fields = {name: _readable(fields[name]) for name in _NAMES if fields.get(name)}
    own = {_readable(name): _readable(value) for name, value in own.items()}
    dates = {"CreationDate": _moment(made, "date")}
    dates["ModDate"] = _moment(modified, "modified") or dates["CreationDate"]
    told = {_NAMES[name]: text(value) for name, value in fields.items()}
    told |= {key: text(own[key]) for key in sorted(own) if key not in _TAKEN}
    told |= {key: text(_stamp(when)) for key, when in dates.items() if when is not None}
    info = output.add(dictionary(told))
    if not output.allows("1.4"):
        return info, b""
    packet = _packet(fields, dates, archive)
    return info, reference(output.stream(b"<</Type/Metadata/Subtype/XML>>", [packet]))


def stamp_of(date: str) -> str:
    """Return a date as PDF writes it. Raises BadSettings."""
    made = _moment(date, "date")
    return "" if made is None else _stamp(made)


def _readable(words: str) -> str:
    """Return words without what XMP cannot say, nor a name of PDF."""
    return _NO_XML.sub("", words)


def _moment(date: str, option: str) -> datetime | None:
    if not date:
        return None
    try:
        made = datetime.fromisoformat(date)
    except ValueError as error:
        raise BadSettings(
            f"{option} cannot be {date!r}; write it as 2026-11-25T09:30:00+01:00", option=option
        ) from error
    if made.tzinfo is None:
        raise BadSettings(f"{option} lacks its time zone, such as Z or +01:00", option=option)
    return made


def _stamp(made: datetime) -> str:
    zone = made.strftime("%z")
    return f"D:{made:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"


def _packet(fields: Mapping[str, str], dates: Mapping[str, datetime | None], archive: str) -> bytes:
    lines = []
    for name, value in fields.items():
        element, before, after = _XMP[name]
        lines.append(f"<{element}>{before}{value.translate(_IN_XML)}{after}</{element}>")
    for name, key in (("CreateDate", "CreationDate"), ("ModifyDate", "ModDate")):
        if (when := dates[key]) is not None:
            lines.append(f"<xmp:{name}>{when.isoformat(timespec='seconds')}</xmp:{name}>")
    if archive:
        part = LEVELS[archive][0]
        lines += [
            f"<pdfaid:part>{part}</pdfaid:part>",
            "<pdfaid:conformance>B</pdfaid:conformance>",
        ]
    spaces = (
        "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:pdf='http://ns.adobe.com/pdf/1.3/'"
        " xmlns:xmp='http://ns.adobe.com/xap/1.0/'"
        " xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/'"
    )
    described = "\n".join(lines)
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        f"<rdf:Description rdf:about='' {spaces}>\n{described}\n</rdf:Description>"
        "</rdf:RDF></x:xmpmeta>\n<?xpacket end='w'?>"
    ).encode()
