"""What can be asked of the codec `images`."""

from __future__ import annotations

from sheetfed.api.model import Choice, Option
from sheetfed.api.packing import packing_options

SHEETS = {
    "a3": (841.89, 1190.55),
    "a4": (595.276, 841.89),
    "a5": (419.528, 595.276),
    "letter": (612.0, 792.0),
    "legal": (612.0, 1008.0),
}
"""Sizes of paper, in points."""

WAYS = (
    Choice(value="auto", title="As it fits"),
    Choice(value="none", title="None"),
    Choice(value="lzw", title="LZW"),
    Choice(value="deflate", title="Deflate"),
    Choice(value="packbits", title="PackBits"),
    Choice(value="jpeg", title="JPEG"),
    Choice(value="jpx", title="JPEG 2000, without loss; PDF only"),
    Choice(value="rle", title="Fax RLE; TIFF only"),
    Choice(value="g3", title="Fax G3"),
    Choice(value="g3-2d", title="Fax G3, two-dimensional"),
    Choice(value="g4", title="Fax G4"),
)

OPTIONS = (
    Option(
        name="compression",
        title="Compression",
        kind="choice",
        default="auto",
        description="How pixels are packed in PDF and TIFF. auto takes pages over as they are kept,"
        " black and white as G4, the rest without loss. rle, g3 and g4 make pages black"
        " and white.",
        choices=WAYS,
    ),
    Option(
        name="quality",
        title="JPEG quality",
        kind="int",
        description="Where it is given, pages that are JPEG already are encoded again; the others"
        " become JPEG with 85 where nothing is given.",
        minimum=1,
        maximum=100,
    ),
    Option(
        name="depth",
        title="Depth",
        kind="choice",
        default="auto",
        description="auto keeps every bit: a page of 16 bits a sample is refused by BMP and WebP,"
        " which hold 8. With 8 it is saved with 8, as JPEG does by itself.",
        choices=(
            Choice(value="auto", title="As it came"),
            Choice(value="8", title="8 bits a sample"),
        ),
    ),
    *packing_options(WAYS),
    Option(
        name="page-size",
        title="Page size",
        kind="choice",
        default="auto",
        description="PDF only: pages are as large as their pictures, or pictures are made to fit"
        " onto the middle of a sheet.",
        choices=(
            Choice(value="auto", title="As the picture"),
            *(Choice(value=name, title=name.capitalize()) for name in SHEETS),
        ),
    ),
    Option(
        name="tags",
        title="Tags",
        kind="text",
        description="TIFF only: more tags for every page, a JSON object of numbers, texts and"
        ' bytes, as {"315": "Ann", "65000": 7, "65001": {"base64": "AAE="}}.',
    ),
    Option(name="title", title="Title", kind="text", description="In PDF and TIFF."),
    Option(name="author", title="Author", kind="text", description="In PDF and TIFF."),
    Option(name="subject", title="Subject", kind="text", description="In PDF and TIFF."),
    Option(name="keywords", title="Keywords", kind="text", description="In PDF."),
    Option(name="creator", title="Created with", kind="text", description="In PDF and TIFF."),
    Option(
        name="fields",
        title="More fields",
        kind="text",
        description="In PDF: a JSON object of names and texts, as those of a document's own.",
    ),
)

PACKING = ("compression", "quality", "depth", "black-white", "grey", "colour", "by-page")

BOTH = frozenset({"image/jpeg", "image/png", "image/bmp", "image/tiff"})
MORE = {"image/gif", "image/webp", "image/jp2", "image/x-portable-anymap"}
READS = BOTH | MORE | {"application/pdf"}
WRITES = BOTH | {"image/webp", "image/jp2", "image/x-portable-anymap", "application/pdf"}
