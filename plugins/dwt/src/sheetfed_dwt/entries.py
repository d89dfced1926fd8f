"""Every call, as the description and its readers know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sheetfed_dwt.files import HIGHEST_PAPER, PDF_PACKED, TIFF_PACKED, VERSIONS
from sheetfed_dwt.pictures import JPEG, PDF, PNG, TIFF
from sheetfed_dwt.shapes import TEXT, Schema, text

_PAGES = text(8000)
_WORDS = ("author", "creator", "producer", "subject", "title", "keyWords", "password")
_DATES = ("creationDate", "modifiedDate")
_FILE_QUERY: dict[str, Schema] = {
    "type": {"enum": [JPEG, PNG, TIFF, PDF]},
    "pages": _PAGES,
    "quality": {"type": "integer", "minimum": 0, "maximum": 100},
    "compression": {"enum": sorted({*PDF_PACKED, *TIFF_PACKED})},
    "pageType": {"type": "integer", "minimum": 0, "maximum": HIGHEST_PAPER},
    "version": {"enum": [*VERSIONS]},
    **{word: text(32 if word == "password" else 1000) for word in _WORDS},
    **{
        date: {
            "type": "string",
            "pattern": r"^(D:)?[0-9]{4}([0-9]{2}){0,5}([+-][0-9]{2}'[0-9]{2}')?$",
        }
        for date in _DATES
    },
}
_PIXELS: Schema = {"type": "integer", "minimum": -1, "maximum": 100_000}
_FILES = (PDF, TIFF, JPEG, PNG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One call."""

    method: str
    path: str
    summary: str
    answers: Mapping[int, str | tuple[str, ...] | None]
    """What is answered: a schema, media types, or nothing."""
    query: Mapping[str, Schema] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: str = ""
    parts: str = ""
    """The schema of the same body in parts, where there is one."""
    plain: bool = False
    """Whether faults are text."""


_JOB = "/api/device/scanners/jobs/{jobuid}"
_ALL = "/api/storage/documents"
_ONE = f"{_ALL}/{{documentuid}}"
_KEY = ("DWT-PRODUCT-KEY",)
_LOCK = ("DWT-DOC-PASSWORD",)
_UID = {"documentuid": TEXT}

ENTRIES = (
    Entry(
        method="GET", path="/api/server", summary="How much is logged", answers={200: "LogLevel"}
    ),
    Entry(
        method="PATCH",
        path="/api/server",
        summary="Log more or less",
        body="NewLogLevel",
        answers={200: "LogLevel"},
    ),
    Entry(
        method="GET",
        path="/api/server/version",
        summary="The version of the interface",
        answers={200: "Version"},
    ),
    Entry(
        method="GET",
        path="/api/device/scanners",
        summary="The scanners that are there",
        query={"type": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}},
        answers={200: "[Scanner"},
    ),
    Entry(
        method="POST",
        path="/api/device/scanners/jobs",
        summary="Make a job",
        headers=_KEY,
        body="NewJob",
        answers={201: "Job"},
    ),
    Entry(method="GET", path=_JOB, summary="How a job is", answers={200: "JobStatus"}),
    Entry(
        method="PATCH",
        path=_JOB,
        summary="Start or stop a job",
        body="JobChange",
        answers={200: "JobState"},
    ),
    Entry(method="DELETE", path=_JOB, summary="Delete a job and its pages", answers={204: None}),
    Entry(
        method="GET",
        path=f"{_JOB}/scanner/capabilities",
        summary="The capabilities of a pending job's scanner",
        query={"caps": {"type": "string", "pattern": "^[0-9]{1,4}(,[0-9]{1,4}){0,20}$"}},
        answers={200: "[Capability"},
    ),
    Entry(
        method="GET",
        path=f"{_JOB}/scanner/settings",
        summary="The settings of a pending job's scanner, to be handed back",
        query={"showui": {"type": "boolean"}},
        answers={200: "Settings"},
    ),
    Entry(
        method="GET",
        path=f"{_JOB}/next-page-info",
        summary="What is known of the next page, once it is there",
        answers={200: "[PageInfo", 204: None},
    ),
    Entry(
        method="GET",
        path=f"{_JOB}/next-page",
        summary="The next page, once it is there, or one that is named",
        query={"type": {"enum": [PNG, JPEG]}, "page": TEXT},
        answers={200: (PNG, JPEG), 204: None},
    ),
    Entry(
        method="GET",
        path=f"{_JOB}/content",
        summary="A page by its number, or all as a file",
        query={
            **_FILE_QUERY,
            "page": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
        },
        needed=("type", "page"),
        answers={200: _FILES},
    ),
    Entry(
        method="POST",
        path=_ALL,
        summary="Make a document, perhaps with a password",
        body="NewDocument",
        answers={201: "Document"},
    ),
    Entry(
        method="GET",
        path=_ALL,
        summary="A document; older form",
        query=_UID,
        needed=("documentuid",),
        headers=_LOCK,
        answers={200: "Document"},
    ),
    Entry(
        method="DELETE",
        path=_ALL,
        summary="Delete a document; older form",
        query=_UID,
        needed=("documentuid",),
        headers=_LOCK,
        answers={204: None},
    ),
    Entry(
        method="GET",
        path=_ONE,
        summary="A document",
        headers=_LOCK,
        answers={200: "Document"},
    ),
    Entry(
        method="PATCH",
        path=_ONE,
        summary="Put other metadata in the place of what was there",
        headers=_LOCK,
        body="Metadata",
        answers={200: "Document"},
    ),
    Entry(
        method="DELETE",
        path=_ONE,
        summary="Delete a document and its pages",
        headers=_LOCK,
        answers={204: None},
    ),
    Entry(
        method="GET",
        path=f"{_ONE}/content",
        summary="The document, or pages of it, as a file",
        query=_FILE_QUERY,
        headers=_LOCK,
        answers={200: _FILES},
    ),
    Entry(
        method="POST",
        path=f"{_ONE}/pages",
        summary="Put copies of pages before another page, or at the end",
        headers=(*_LOCK, "DWT-SOURCE-PASSWORD"),
        body="Insert",
        answers={200: "Document"},
    ),
    Entry(
        method="DELETE",
        path=f"{_ONE}/pages/{{page}}",
        summary="Delete a page, named by its id or its number from 0 on",
        headers=_LOCK,
        answers={204: None},
    ),
    Entry(
        method="POST",
        path="/api/process/read-barcode",
        summary="The codes on a page",
        headers=_KEY,
        body="ReadBarcode",
        parts="BarcodeParts",
        answers={200: "[Barcode"},
    ),
    Entry(
        method="POST",
        path="/api/process/check-blank",
        summary="Whether a page is blank",
        body="CheckBlank",
        parts="BlankParts",
        answers={200: "Blank"},
    ),
    Entry(
        method="GET",
        path="/DWTAPI/Scanners",
        summary="The scanners that are there",
        query={"type": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}},
        answers={200: "[Scanner"},
        plain=True,
    ),
    Entry(
        method="POST",
        path="/DWTAPI/ScanJobs",
        summary="Start a job; answers its bare id",
        query={"timeout": {"type": "integer", "minimum": 0, "maximum": 3600}},
        body="NewJob",
        answers={201: ("text/plain",)},
        plain=True,
    ),
    Entry(
        method="GET",
        path="/DWTAPI/ScanJobs/{jobuid}/NextDocument",
        summary="The next page, once it is there; 410 at the end",
        answers={200: (JPEG,)},
        plain=True,
    ),
    Entry(
        method="DELETE",
        path="/DWTAPI/ScanJobs/{jobuid}",
        summary="Delete a job and its pages",
        answers={200: ()},
        plain=True,
    ),
    Entry(
        method="GET",
        path="/fa/VersionInfo",
        summary="Who is there",
        query={"ts": TEXT},
        answers={200: "Commanded"},
    ),
    Entry(
        method="GET",
        path="/f/RemoveAllImages",
        summary="Empty a buffer",
        query={"id": TEXT},
        answers={200: "Commanded"},
    ),
    Entry(
        method="POST",
        path="/f/RemoveAllImages",
        summary="Empty a buffer",
        query={"id": TEXT},
        body="Command",
        answers={200: "Commanded"},
    ),
    Entry(
        method="GET",
        path="/dwt/{module}/img",
        summary="A page of a buffer, no larger than asked",
        query={"id": TEXT, "index": _PIXELS, "width": _PIXELS, "height": _PIXELS},
        needed=("id", "index"),
        answers={200: (PNG,)},
    ),
    Entry(
        method="GET",
        path="/api/openapi.json",
        summary="This description",
        answers={200: ("application/json",)},
    ),
)
