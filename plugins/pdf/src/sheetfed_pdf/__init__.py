"""Reads, draws and writes PDF."""

from __future__ import annotations

from sheetfed.api.hooks import CodecSpec, CommandSpec, Format, hookimpl
from sheetfed_pdf.options import READING, WRITING

MEDIA_TYPE = "application/pdf"


@hookimpl
def sheetfed_codecs() -> list[CodecSpec]:
    """Offer to read and write PDF."""
    return [
        CodecSpec(
            name="pdf",
            title="PDF, drawn and kept as it is",
            factory="sheetfed_pdf.codec:Pdf",
            options=WRITING,
            reading=READING,
            reads=frozenset({MEDIA_TYPE}),
            writes=frozenset({MEDIA_TYPE}),
            copies=frozenset({MEDIA_TYPE}),
            passes=frozenset({"image/jpeg"}),
            takes=frozenset({"image/tiff", "image/bmp", "image/jp2"}),
            formats=(
                Format(
                    media_type=MEDIA_TYPE,
                    title="PDF",
                    endings=("pdf",),
                    signs=(rb".{0,1000}%PDF-",),
                    many=True,
                    gathers=True,
                ),
            ),
        )
    ]


@hookimpl
def sheetfed_commands() -> list[CommandSpec]:
    """Offer to work on files."""
    return [
        CommandSpec(
            name="pdf",
            title="Render, tell of, merge and split PDF files",
            factory="sheetfed_pdf.command:PdfCommand",
        )
    ]
