"""What a file and its pages are, without drawing them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf

from sheetfed.api.model import Mark, Value
from sheetfed_pdf import structure
from sheetfed_pdf.texts import Placing

BY = "pdf"

_TEXTS = {"/Title": "title", "/Author": "author", "/Subject": "subject", "/Keywords": "keywords",
          "/Creator": "creator", "/Producer": "producer", "/CreationDate": "created",
          "/ModDate": "changed"}  # fmt: skip
_LONGEST = 2000
_DEEPEST = 5
_MOST = 2000
"""Fonts, pictures or links of one page that are told of."""


def of_file(objects: pikepdf.Pdf) -> dict[str, Value]:
    """Return what a file says about itself; what it says wrongly is left out."""
    root = objects.Root
    about: dict[str, Value] = {"version": objects.pdf_version, "locked": objects.is_encrypted}
    try:
        about |= _said(objects)
        if objects.is_encrypted:
            about |= _protection(objects)
        about["tagged"] = bool(structure.entry(root, "/MarkInfo", "/Marked"))
        about["form"] = bool(structure.entry(root, "/AcroForm", "/Fields"))
        about["layers"] = "/OCProperties" in root
        about["attachments"] = structure.entry(root, "/Names", "/EmbeddedFiles") is not None
        about["scripts"] = _has_scripts(root)
        archive = _archive(objects)
        if archive:
            about["archive"] = archive
    except structure.DAMAGE:
        about["damaged"] = True
    if objects.get_warnings():
        about["damaged"] = True
    return about


def of_page(page: Any, place: Placing, *, words: Sequence[Mark]) -> list[Mark]:
    """Return what a page is made of: fonts, pictures and links, and what that makes it."""
    resources = structure.inherited(page, "/Resources")
    found = [*_fonts(resources), *_pictures(resources), *_links(page, place)]
    kinds = {mark.kind for mark in found}
    kind = "text" if words else "drawing"
    if "picture" in kinds:
        kind = "mixed" if words else "picture"
    elif not words and page.get("/Contents") is None:
        kind = "empty"
    return [Mark(kind="page", value=kind, by=BY), *found]


def _said(objects: pikepdf.Pdf) -> dict[str, Value]:
    information = objects.trailer.get("/Info")
    if not isinstance(information, pikepdf.Dictionary):
        return {}
    return {
        word: str(information[name])[:_LONGEST]
        for name, word in _TEXTS.items()
        if isinstance(information.get(name), pikepdf.String) and str(information[name])
    }


def _protection(objects: pikepdf.Pdf) -> dict[str, Value]:
    allowed = objects.allow
    rights = {
        "print": allowed.print_highres,
        "change": allowed.modify_other,
        "copy": allowed.extract,
        "annotate": allowed.modify_annotation,
    }
    method = str(objects.encryption.stream_method).rpartition(".")[2]
    told = {"aesv3": "AES-256", "aes": "AES-128", "rc4": "RC4"}.get(method, method)
    return {
        "protection": told,
        "allowed": " ".join(name for name, allow in rights.items() if allow) or "nothing",
    }


def _has_scripts(root: Any) -> bool:
    action = root.get("/OpenAction")
    opens = isinstance(action, pikepdf.Dictionary) and action.get("/S") in (
        "/JavaScript", "/Launch",
    )  # fmt: skip
    return opens or "/AA" in root or structure.entry(root, "/Names", "/JavaScript") is not None


def _archive(objects: pikepdf.Pdf) -> str:
    with objects.open_metadata() as metadata:
        status = metadata.pdfa_status
    return f"PDF/A-{status.lower()}" if status else ""


def _fonts(resources: Any) -> Iterator[Mark]:
    seen: set[str] = set()
    for value in _entries(resources, "/Font"):
        name = str(value.get("/BaseFont", value.get("/Name", "/Type3")))[1:]
        if name in seen:
            continue
        seen.add(name)
        yield Mark(
            kind="font",
            value=name.partition("+")[2] or name,
            by=BY,
            details={"type": str(value.get("/Subtype", ""))[1:], "embedded": _is_embedded(value)},
        )


def _is_embedded(font: Any) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    if font.get("/Subtype") == "/Type0":
        below = font.get("/DescendantFonts")
        if not isinstance(below, pikepdf.Array) or not len(below):
            return False
        font = below[0]
    descriptor = structure.entry(font, "/FontDescriptor")
    files = ("/FontFile", "/FontFile2", "/FontFile3")
    return descriptor is not None and any(name in descriptor for name in files)


def _pictures(resources: Any) -> Iterator[Mark]:
    for value in _entries(resources, "/XObject"):
        if not isinstance(value, pikepdf.Stream) or value.get("/Subtype") != "/Image":
            continue
        filters = value.get("/Filter")
        names = list(filters) if isinstance(filters, pikepdf.Array) else [filters]
        space = value.get("/ColorSpace")
        if isinstance(space, pikepdf.Array) and len(space):
            space = space[0]
        yield Mark(
            kind="picture",
            value=" ".join(str(name)[1:] for name in names if name is not None) or "plain",
            by=BY,
            details={
                "width": int(value.get("/Width", 0)),
                "height": int(value.get("/Height", 0)),
                "bits": 1 if value.get("/ImageMask") else int(value.get("/BitsPerComponent", 8)),
                "colors": "" if space is None else str(space)[1:],
            },
        )


def _links(page: Any, place: Placing) -> Iterator[Mark]:
    notes = page.get("/Annots")
    if not isinstance(notes, pikepdf.Array):
        return
    for note in list(notes)[:_MOST]:
        target = structure.entry(note, "/A", "/URI")
        corners = structure.rectangle(structure.entry(note, "/Rect"))
        if isinstance(target, pikepdf.String) and corners:
            yield Mark(kind="link", value=str(target)[:_LONGEST], by=BY, box=place.box(corners))


def _entries(resources: Any, kind: str) -> Iterator[Any]:
    """Yield the fonts or pictures of a page, those of the forms on it too."""
    waiting, seen = [(resources, 0)], set[tuple[int, int]]()
    tally = 0
    while waiting and tally < _MOST:
        resources, depth = waiting.pop()
        for name in ("/Font", "/XObject"):
            entries = structure.entry(resources, name)
            if not isinstance(entries, pikepdf.Dictionary):
                continue
            for value in entries.values():
                if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                    continue
                if value.is_indirect and value.objgen in seen:
                    continue
                seen.add(value.objgen)
                tally += 1
                if name == kind:
                    yield value
                if value.get("/Subtype") == "/Form" and depth < _DEEPEST:
                    waiting.append((value.get("/Resources"), depth + 1))
