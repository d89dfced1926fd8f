"""Pictures and image-only documents, JPEG to PDF."""

from __future__ import annotations

from sheetfed.api.hooks import CodecSpec, Format, hookimpl
from sheetfed.builtin.formats.offers import OPTIONS, PACKING, READS, WRITES

FORMATS = (
    Format(
        media_type="image/jpeg",
        title="JPEG",
        endings=("jpg", "jpeg", "jpe", "jfif"),
        signs=(rb"\xff\xd8\xff",),
        options=("quality",),
    ),
    Format(
        media_type="image/png",
        title="PNG",
        endings=("png",),
        signs=(rb"\x89PNG\r\n\x1a\n",),
        options=("depth",),
    ),
    Format(
        media_type="image/tiff",
        title="TIFF",
        endings=("tiff", "tif"),
        signs=(rb"II\*\0", rb"MM\0\*", rb"II\+\0\x08\0\0\0", rb"MM\0\+\0\x08\0\0"),
        many=True,
        gathers=True,
        options=(*PACKING, "tags", "title", "author", "subject", "creator"),
    ),
    Format(
        media_type="image/bmp",
        title="BMP",
        endings=("bmp", "dib"),
        signs=(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",),
        options=("depth",),
    ),
    Format(
        media_type="image/gif", title="GIF", endings=("gif",), signs=(rb"GIF8[79]a",), many=True
    ),
    Format(
        media_type="image/webp",
        title="WebP",
        endings=("webp",),
        signs=(rb"RIFF.{4}WEBP",),
        many=True,
        options=("quality", "depth"),
    ),
    Format(
        media_type="image/jp2",
        title="JPEG 2000",
        endings=("jp2", "j2k", "jpf", "jpx", "j2c"),
        signs=(rb"\0\0\0\x0cjP  \r\n\x87\n", rb"\xff\x4f\xff\x51"),
        options=("depth",),
    ),
    Format(
        media_type="image/x-portable-anymap",
        title="PNM",
        endings=("pnm", "pbm", "pgm", "ppm"),
        signs=(rb"P[1-6][\s#]",),
        many=True,
        options=("depth",),
    ),
    Format(
        media_type="application/pdf",
        title="PDF",
        endings=("pdf",),
        signs=(rb".{0,1000}?%PDF-",),
        many=True,
        gathers=True,
        options=(
            *PACKING,
            "page-size",
            "title",
            "author",
            "subject",
            "keywords",
            "creator",
            "fields",
        ),
    ),
)


@hookimpl
def sheetfed_codecs() -> list[CodecSpec]:
    """Offer the formats that every installation reads and writes."""
    return [
        CodecSpec(
            name="images",
            title="Pictures, TIFF and image-only PDF",
            factory="sheetfed.builtin.formats.codec:Images",
            options=OPTIONS,
            reads=READS,
            writes=WRITES,
            formats=FORMATS,
            copies=frozenset({"image/tiff", "application/pdf"}),
            passes=frozenset({"image/jpeg"}),
        )
    ]
