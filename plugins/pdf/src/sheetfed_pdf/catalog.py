"""What copied pages need beside themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf

from sheetfed_pdf import outline, structure
from sheetfed_pdf.asked import Writing
from sheetfed_pdf.copying import Copied
from sheetfed_pdf.outline import Bookmark
from sheetfed_pdf.syntax import array, dictionary, name, reference, text

_STYLES = {"decimal": b"/D", "roman": b"/r", "upper-roman": b"/R", "letters": b"/a",
           "upper-letters": b"/A"}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Beside:
    """What stood beside the pages that were copied out of one file after the other."""

    bookmarks: list[Bookmark] = field(default_factory=list)
    version: str = ""
    language: str = ""
    fields: list[int] = field(default_factory=list)
    form: dict[str, bytes] = field(default_factory=dict)
    layers: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def take(self, copied: Copied) -> None:
        """Take what belongs to the pages that were copied out of a file."""
        root = copied.objects.Root
        self.bookmarks += outline.bookmarks_of(copied)
        self.version = max(self.version, copied.objects.pdf_version)
        language = root.get("/Lang")
        if not self.language and isinstance(language, pikepdf.String):
            self.language = str(language)
        copied.add_families()
        if copied.fields:
            self.fields += copied.fields.values()
            for key in ("/DR", "/DA", "/NeedAppearances", "/Q"):
                value = structure.entry(root, "/AcroForm", key)
                if value is not None and key not in self.form:
                    self.form[key] = copied.copied(value)
        with structure.reading("the list of layers"):
            layers = structure.entry(root, "/OCProperties", "/OCGs")
            hidden = structure.entry(root, "/OCProperties", "/D", "/OFF")
            self.layers += copied.became(layers or ())
            self.hidden += copied.became(hidden or ())

    def entries(self, wish: Writing) -> Mapping[str, bytes]:
        """Return the entries of the catalog."""
        found: dict[str, bytes] = {}
        if (wish.archive, wish.version) == ("none", "auto") and self.version > wish.pdf_version:
            found["Version"] = name(self.version)
        if wish.labels != "none":
            prefix = b"/P%s" % text(wish.label_prefix) if wish.label_prefix else b""
            told = (_STYLES[wish.labels], prefix, wish.label_first)
            found["PageLabels"] = b"<</Nums[0<</S%s%s/St %d>>]>>" % told
        if wish.language or self.language:
            found["Lang"] = text(wish.language or self.language)
        if self.fields:
            looks = {key[1:]: value for key, value in self.form.items()}
            found["AcroForm"] = dictionary({"Fields": _references(self.fields), **looks})
        if self.layers:
            layers = _references(self.layers)
            shown = {"Order": layers, "OFF": _references(self.hidden)}
            found["OCProperties"] = dictionary({"OCGs": layers, "D": dictionary(shown)})
        return found


def _references(numbers: Sequence[int]) -> bytes:
    return array(map(reference, numbers))
