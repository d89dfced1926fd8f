"""A file that goes along inside a PDF."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from sheetfed.api.errors import BadSettings
from sheetfed_pdf.about import stamp_of
from sheetfed_pdf.asked import Writing
from sheetfed_pdf.output import Output
from sheetfed_pdf.syntax import dictionary, name, reference, text

_TYPE = re.compile(r"[a-z]+/[a-zA-Z0-9.+-]+")
_NO_FILE_NAME = re.compile(r"[\x00-\x1f/\\]")


def add(output: Output, wish: Writing) -> Mapping[str, bytes]:
    """Write the file and return what the catalog says of it. Raises BadSettings."""
    if not _TYPE.fullmatch(wish.attachment_type):
        raise BadSettings(
            f"attachment-type cannot be {wish.attachment_type!r}", option="attachment-type"
        )
    if not wish.attachment_name or _NO_FILE_NAME.search(wish.attachment_name):
        raise BadSettings(
            f"attachment-name cannot be {wish.attachment_name!r}", option="attachment-name"
        )
    data = wish.attachment.encode()
    told = {
        "Type": b"/EmbeddedFile",
        "Subtype": name(wish.attachment_type),
        "Filter": b"/FlateDecode",
        "Params": _parameters(data, wish.date),
    }
    file = output.stream(dictionary(told), [zlib.compress(data)])
    called = text(wish.attachment_name)
    specification = output.add(dictionary({
        "Type": b"/Filespec",
        "F": called,
        "UF": called,
        "Desc": called,
        "AFRelationship": name(wish.attachment_relation.capitalize()),
        "EF": b"<</F %s/UF %s>>" % (reference(file), reference(file)),
    }))  # fmt: skip
    leaf = reference(specification)
    return {
        "AF": b"[%s]" % leaf,
        "Names": b"<</EmbeddedFiles<</Names[%s %s]>>>>" % (called, leaf),
    }


def _parameters(data: bytes, date: str) -> bytes:
    told = {"Size": b"%d" % len(data)}
    if date:
        told["ModDate"] = text(stamp_of(date))
    return dictionary(told)
