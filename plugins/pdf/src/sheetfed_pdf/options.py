"""What can be asked of a PDF that is opened or written."""

from __future__ import annotations

from sheetfed.api.model import Choice, Option
from sheetfed.api.packing import packing_options

DPI = 300
MOST_DPI = 2400
MOST_SIDE = 30_000

READING = (
    Option(
        name="mode",
        title="Pages",
        kind="choice",
        default="auto",
        description="auto takes a page that is one picture out as it is and draws the others."
        " render draws all. images takes pictures and refuses other pages.",
        choices=(
            Choice(value="auto", title="Pictures as they are, the rest drawn"),
            Choice(value="render", title="All drawn"),
            Choice(value="images", title="Pictures only"),
        ),
    ),
    Option(
        name="dpi",
        title="Resolution",
        kind="float",
        default=float(DPI),
        unit="dpi",
        description="For pages that are drawn. A page too large for it is drawn with less.",
        minimum=10,
        maximum=MOST_DPI,
    ),
    Option(
        name="max-width",
        title="Widest",
        kind="int",
        default=0,
        unit="px",
        description="Drawn pages are no wider; 0 for no limit. The stricter limit counts.",
        minimum=0,
        maximum=MOST_SIDE,
        advanced=True,
    ),
    Option(
        name="max-height",
        title="Highest",
        kind="int",
        default=0,
        unit="px",
        description="Drawn pages are no higher; 0 for no limit.",
        minimum=0,
        maximum=MOST_SIDE,
        advanced=True,
    ),
    Option(
        name="grey",
        title="In grey",
        kind="bool",
        default=False,
        description="Draws every page in shades of grey; none is taken out as it is.",
    ),
    Option(
        name="format",
        title="Drawn as",
        kind="choice",
        default="png",
        description="PNG loses nothing; JPEG is smaller where pages are photographs.",
        choices=(Choice(value="png", title="PNG"), Choice(value="jpeg", title="JPEG")),
        advanced=True,
    ),
    Option(
        name="annotations",
        title="Annotations",
        kind="bool",
        default=True,
        description="Draws notes, stamps and highlights.",
    ),
    Option(
        name="forms",
        title="Form fields",
        kind="bool",
        default=True,
        description="Draws what is filled in.",
    ),
    Option(name="password", title="Password", kind="secret", description="Of a locked file."),
    Option(
        name="pages",
        title="Page range",
        kind="text",
        default="",
        description="Such as 1-3,7,10- in the order that is wanted; empty for all.",
    ),
)


def _allowed(name: str, what: str) -> Option:
    return Option(
        name=f"allow-{name}",
        title=f"May {what}",
        kind="bool",
        default=True,
        description="For whoever opens the file with its password. Readers heed it; it is no lock.",
        group="Protection",
        advanced=True,
    )


def _choices(**titles: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=value.replace("_", "-"), title=title) for value, title in titles.items()
    )


WAYS = _choices(
    auto="As it fits",
    none="None",
    lzw="LZW",
    deflate="Deflate",
    packbits="PackBits",
    jpeg="JPEG",
    jpeg2000="JPEG 2000",
    g3="Fax G3",
    g4="Fax G4",
    jbig2="JBIG2, without loss",
)

VERSIONS = ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0")

WRITING = (
    Option(
        name="compression",
        title="Compression",
        kind="choice",
        default="auto",
        description="How pixels are packed. auto takes pictures over as they are kept, black and"
        " white as G4, the rest without loss. jpeg2000 loses nothing but where a quality is given"
        " or a page came as JPEG. g3, g4 and jbig2 make pages black and white; jbig2 is the"
        " smallest, and takes a second a page.",
        choices=WAYS,
    ),
    Option(
        name="quality",
        title="JPEG quality",
        kind="int",
        description="Where it is given, pictures that are JPEG already are encoded again; others"
        " become JPEG with 85 where nothing is given.",
        minimum=1,
        maximum=100,
    ),
    *packing_options(WAYS),
    Option(
        name="paper",
        title="Paper",
        kind="choice",
        default="auto",
        description="auto makes pages as large as their pictures are at their resolution. On paper"
        " a picture is scaled to fit, its shape kept. Pages kept from a PDF stay as they are.",
        choices=_choices(
            auto="As large as the picture",
            a3="A3",
            a4="A4",
            a5="A5",
            letter="Letter",
            legal="Legal",
        ),
    ),
    Option(
        name="orientation",
        title="Paper lies",
        kind="choice",
        default="auto",
        description="Which way paper of a size lies; auto is as each picture does.",
        choices=_choices(auto="As the picture", portrait="Upright", landscape="Across"),
        advanced=True,
    ),
    Option(name="title", title="Title", kind="text", group="About the document"),
    Option(name="author", title="Author", kind="text", group="About the document"),
    Option(name="subject", title="Subject", kind="text", group="About the document"),
    Option(name="keywords", title="Keywords", kind="text", group="About the document"),
    Option(name="creator", title="Created with", kind="text", group="About the document"),
    Option(
        name="producer",
        title="Made into a PDF by",
        kind="text",
        default="",
        description="The program that wrote the file: sheetfed-pdf where nothing is said.",
        group="About the document",
        advanced=True,
    ),
    Option(
        name="date",
        title="Date",
        kind="text",
        default="",
        description="Such as 2026-11-25T09:30:00+01:00. Without one the file names none, and the"
        " same pages always make the same file.",
        group="About the document",
        advanced=True,
    ),
    Option(
        name="modified",
        title="Date of the last change",
        kind="text",
        default="",
        description="As the date, which it is where nothing is said.",
        group="About the document",
        advanced=True,
    ),
    Option(
        name="language",
        title="Language",
        kind="text",
        default="",
        description="Such as en or de-CH, for those who have the document read aloud.",
        group="About the document",
        advanced=True,
    ),
    Option(
        name="fields",
        title="More fields",
        kind="text",
        default="",
        description="A JSON object of names and texts, as those of a document's own.",
        group="About the document",
        advanced=True,
    ),
    Option(
        name="bookmarks",
        title="Bookmarks",
        kind="choice",
        default="kept",
        description="kept takes those of the files that pages came in. barcode and tag make one at"
        " each page that has such a mark.",
        choices=_choices(kept="As in the files", none="None", barcode="Barcodes", tag="Tags"),
    ),
    Option(
        name="labels",
        title="Page labels",
        kind="choice",
        default="none",
        description="What readers call the pages.",
        choices=_choices(
            none="None",
            decimal="1, 2, 3",
            roman="i, ii, iii",
            upper_roman="I, II, III",
            letters="a, b, c",
            upper_letters="A, B, C",
        ),
        advanced=True,
    ),
    Option(name="label-prefix", title="Before each label", kind="text", default="", advanced=True),
    Option(
        name="label-first", title="First label", kind="int", default=1, minimum=1, advanced=True
    ),
    Option(
        name="text",
        title="Text that can be searched",
        kind="bool",
        default=True,
        description="Lays the text that steps found on a page over its picture, invisibly.",
    ),
    Option(
        name="archive",
        title="PDF/A",
        kind="choice",
        default="none",
        description="Written to ISO 19005, without a certificate. A page of another file that it"
        " does not allow is drawn, its text kept.",
        choices=(
            Choice(value="none", title="No"),
            Choice(value="1b", title="PDF/A-1b"),
            Choice(value="2b", title="PDF/A-2b"),
            Choice(value="3b", title="PDF/A-3b"),
        ),
    ),
    Option(
        name="version",
        title="PDF version",
        kind="choice",
        default="auto",
        description="Before 1.5, and in PDF/A, samples have 8 bits. Before 1.4 there is no XMP,"
        " before 1.3 no text that can be searched and no colour profile, and in 1.1 LZW stands for"
        " Deflate. Pages kept from a PDF stay as they are.",
        choices=(
            Choice(value="auto", title="As it fits"),
            *(Choice(value=value, title=value) for value in VERSIONS),
        ),
        advanced=True,
    ),
    Option(
        name="object-streams",
        title="Small objects packed",
        kind="bool",
        default=False,
        description="Makes files of many pages a little smaller. Needs PDF 1.5.",
        advanced=True,
    ),
    Option(
        name="password",
        title="Password to open",
        kind="secret",
        description="Locks the file with AES-256. A locked file is another one each time.",
        group="Protection",
    ),
    Option(
        name="owner-password",
        title="Password for all rights",
        kind="secret",
        group="Protection",
        advanced=True,
    ),
    _allowed("print", "print"),
    _allowed("change", "change"),
    _allowed("copy", "copy"),
    _allowed("annotate", "annotate and fill in"),
    Option(
        name="attachment",
        title="Attached file",
        kind="text",
        default="",
        description="The text of a file that goes along, such as an invoice in XML.",
        group="Attachment",
        advanced=True,
    ),
    Option(
        name="attachment-name",
        title="Its name",
        kind="text",
        default="attachment.xml",
        group="Attachment",
        advanced=True,
    ),
    Option(
        name="attachment-type",
        title="Its media type",
        kind="text",
        default="text/xml",
        group="Attachment",
        advanced=True,
    ),
    Option(
        name="attachment-relation",
        title="What it is to the document",
        kind="choice",
        default="alternative",
        choices=_choices(
            alternative="The same in another form",
            source="What it was made from",
            data="Data it shows",
            supplement="More",
            unspecified="Something else",
        ),
        group="Attachment",
        advanced=True,
    ),
    Option(
        name="attachments",
        title="More attached files",
        kind="text",
        default="",
        description="A list in JSON of files with name, text or base64, type and relation.",
        group="Attachment",
        advanced=True,
    ),
)
