"""What copied pages need beside themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pikepdf

from sheetfed_pdf import structure
from sheetfed_pdf.asked import Writing
from sheetfed_pdf.copying import Copied
from sheetfed_pdf.syntax import array, reference, text

_STYLES = {"decimal": b"/D", "roman": b"/r", "upper-roman": b"/R", "letters": b"/a",
           "upper-letters": b"/A"}  # fmt: skip


def entries(wish: Writing, files: Sequence[Copied]) -> Mapping[str, bytes]:
    """Return the entries of the catalog."""
    found: dict[str, bytes] = {}
    if wish.labels != "none":
        prefix = b"/P%s" % text(wish.label_prefix) if wish.label_prefix else b""
        told = (_STYLES[wish.labels], prefix, wish.label_first)
        found["PageLabels"] = b"<</Nums[0<</S%s%s/St %d>>]>>" % told
    language = wish.language or _language(files)
    if language:
        found["Lang"] = text(language)
    fields = [number for copied in files for number in copied.fields.values()]
    if fields:
        found["AcroForm"] = _form(files, fields)
    layers = _layers(files)
    if layers:
        found["OCProperties"] = layers
    return found


def _language(files: Sequence[Copied]) -> str:
    for copied in files:
        language = copied.objects.Root.get("/Lang")
        if isinstance(language, pikepdf.String):
            return str(language)
    return ""


def _form(files: Sequence[Copied], fields: Sequence[int]) -> bytes:
    """Return what makes fields on pages a form; the first file says how they look."""
    said = [b"/Fields%s" % array(map(reference, fields))]
    for key in ("/DR", "/DA", "/NeedAppearances", "/Q"):
        for copied in files:
            form = copied.objects.Root.get("/AcroForm")
            if copied.fields and isinstance(form, pikepdf.Dictionary) and key in form:
                said.append(b"%s %s" % (key.encode(), copied.copied(form[key])))
                break
    return b"<<%s>>" % b"".join(said)


def _layers(files: Sequence[Copied]) -> bytes:
    """Return the layers of all files, those off that were off."""
    groups, off = list[int](), list[int]()
    for copied in files:
        for key in copied.groups():
            number = copied.became(key)
            if number:
                groups.append(number)
        with structure.reading("the list of layers"):
            hidden = structure.entry(copied.objects.Root, "/OCProperties", "/D", "/OFF")
            numbers = [copied.became(group.objgen) for group in hidden or ()]
        off += [number for number in numbers if number]
    if not groups:
        return b""
    return b"<</OCGs%s/D<</Order%s/OFF%s>>>>" % (
        array(map(reference, groups)),
        array(map(reference, groups)),
        array(map(reference, off)),
    )
