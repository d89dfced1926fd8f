"""The codec `pdf`: opens and writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sheetfed.api.contracts import Codec, Files
from sheetfed.api.errors import UnsupportedType
from sheetfed.api.model import Page, Settings
from sheetfed_pdf import MEDIA_TYPE, asked, writer
from sheetfed_pdf.book import Pages
from sheetfed_pdf.rehearsal import rehearse


class Pdf(Codec):
    """Reads PDF through PDFium and qpdf; writes it as its pages come."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        rehearse(self)

    def open(self, stream: BinaryIO, options: Settings) -> Pages:
        """Open a PDF."""
        return Pages(stream, asked.reading(options))

    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        """Write pages as they come; what was not touched is copied out of the file it came in."""
        if media_type != MEDIA_TYPE:
            raise UnsupportedType(f"{media_type} is not written here", media_type=media_type)
        writer.write(pages, stream, asked.writing(options), files)
