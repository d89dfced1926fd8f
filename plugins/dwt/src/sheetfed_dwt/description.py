"""The description of these calls, as OpenAPI 3.1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetfed_dwt.codes import FORMATS
from sheetfed_dwt.files import HIGHEST_PAPER, PDF_PACKED, TIFF_PACKED, VERSIONS
from sheetfed_dwt.pictures import JPEG, PDF, PNG, TIFF

Schema = dict[str, Any]

_WHOLE = r"^\s*[+-]?[0-9]{1,18}(\.0{1,18})?\s*$"
_TEXT: Schema = {"type": "string"}


def _whole(low: int | None = None, high: int | None = None) -> Schema:
    """Return what takes a whole number, also as text."""
    bounds = {"minimum": low, "maximum": high}
    kept = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"anyOf": [{"type": "integer", **kept}, {"type": "string", "pattern": _WHOLE}]}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _text(most: int) -> Schema:
    return {"type": "string", "maxLength": most}


def _object(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    found: Schema = {"type": "object", "properties": {**properties}}
    return {**found, "required": [*required]} if required else found


def _exactly(properties: Mapping[str, Schema]) -> Schema:
    """Return an answer that has all of these."""
    return _object(properties, [*properties])


def _list(schema: Schema, most: int | None = None) -> Schema:
    found: Schema = {"type": "array", "items": schema}
    return found if most is None else {**found, "maxItems": most}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_FLAG: Schema = {
    "anyOf": [
        {"type": "boolean"},
        {"enum": [0, 1, "0", "1"]},
        {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"},
    ]
}
_SECONDS = _or_null(_whole(0, 7 * 24 * 3600))
_LABELLED = _exactly({"value": {"type": "integer"}, "label": _TEXT})
_FORM = {
    "barcodeFormat": {"enum": [0, *FORMATS.values()]},
    "barcodeFormatString": _TEXT,
    "barcodeFormat_2": {"type": "integer"},
    "barcodeFormatString_2": _TEXT,
}
_NUMBER: Schema = {"type": "number"}

SCHEMAS: dict[str, Schema] = {
    "Fault": _object(
        {
            "statusCode": {"type": "integer"},
            "code": {"type": "integer", "maximum": 0},
            "message": _TEXT,
            "cause": _exactly({"code": {"type": "integer"}, "message": _TEXT}),
        },
        ["statusCode", "code", "message"],
    ),
    "Problem": _object({"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}}, ["title"]),
    "Scanner": _exactly({"name": _TEXT, "type": {"type": "integer"}, "device": _TEXT}),
    "Config": _object(
        {
            **{
                name: _or_null(_whole())
                for name in ("PixelType", "Resolution", "PageSize", "Brightness", "Contrast")
            },
            "BitDepth": _or_null(_whole(1, 48)),
            "XferCount": _or_null(_whole(-1, 2**15)),
            "IfFeederEnabled": _or_null(_FLAG),
            "IfDuplexEnabled": _or_null(_FLAG),
        }
    ),
    "Caps": _object(
        {
            "exception": {"enum": ["ignore", "fail", "", None]},
            "capabilities": _or_null(
                _list(
                    _object(
                        {
                            "capability": _whole(0, 0xFFFF),
                            "curValue": {},
                            "values": _or_null(_list({}, 1)),
                            "exception": {"enum": ["ignore", "fail", "", None]},
                        },
                        ["capability"],
                    ),
                    500,
                )
            ),
        }
    ),
    "NewJob": _object(
        {
            "autoRun": _or_null(_FLAG),
            "requestFocusForScanningUI": _or_null(_FLAG),
            "checkFeederLoaded": _or_null(_FLAG),
            "requireWebsocket": _or_null(_FLAG),
            "scannerFailureTimeout": _SECONDS,
            "jobTimeout": _SECONDS,
            "device": _or_null(_text(1000)),
            "name": _or_null(_text(500)),
            "settings": _or_null({"anyOf": [_text(200_000), {"type": "object"}]}),
            "caps": _or_null(_ref("Caps")),
            "config": _or_null(_ref("Config")),
        }
    ),
    "Job": _exactly(
        {
            "jobuid": _TEXT,
            "status": {"enum": ["pending", "running", "completed", "faulted", "canceled"]},
            "scanner": _ref("Scanner"),
        }
    ),
    "JobState": _exactly(
        {"status": {"enum": ["pending", "running", "completed", "faulted", "canceled"]}}
    ),
    "JobStatus": _exactly(
        {
            "status": {"enum": ["pending", "running", "completed", "faulted", "canceled"]},
            "code": {"type": "integer"},
            "message": _TEXT,
        }
    ),
    "JobChange": _object({"status": {"enum": ["running", "canceled", "cancelled"]}}, ["status"]),
    "Capability": _object(
        {
            "capability": _LABELLED,
            "conType": _LABELLED,
            "valueType": _LABELLED,
            "query": _list(_TEXT),
            "curValue": {},
            "defaultValue": {},
            "defValue": {},
            "values": _list({}),
            "enums": _list({}),
        },
        ["capability", "conType", "valueType", "query"],
    ),
    "Settings": _exactly({"settings": _TEXT}),
    "PageInfo": _exactly(
        {
            "imageId": {"type": "integer"},
            "imageuid": _TEXT,
            "url": _TEXT,
            "imageInfo": {"type": "object"},
            "extendedImageInfo": {"type": "object"},
        }
    ),
    "NewDocument": _object({"password": _or_null(_text(32)), "name": _or_null(_text(500))}),
    "Metadata": _object({"metadata": {"type": ["string", "object"]}}, ["metadata"]),
    "Document": _object(
        {
            "uid": _TEXT,
            "metadata": {"type": ["string", "object"]},
            "pages": _list(_exactly({"uid": _TEXT})),
        },
        ["uid", "pages"],
    ),
    "Insert": _object({"source": _text(8000), "insertPos": _or_null(_whole())}, ["source"]),
    "ReadBarcode": _object({"source": _text(8000), "settings": {}}, ["source"]),
    "CheckBlank": _object(
        {
            "source": _text(8000),
            "settings": _or_null(
                _object({"minBlockHeight": _whole(1), "maxBlockHeight": _whole(1)})
            ),
        },
        ["source"],
    ),
    "Blank": _exactly({"result": {"type": "boolean"}}),
    "Barcode": _exactly(
        {
            **_FORM,
            "barcodeText": _TEXT,
            "barcodeBytes": _list({"type": "integer"}),
            "detailedResult": {"type": "object"},
            "localizationResult": _object(
                {**{f"{axis}{n}": _NUMBER for axis in "xy" for n in range(1, 5)}, "angle": _NUMBER}
            ),
            "results": _list({"type": "object"}),
        }
    ),
    "LogLevel": _exactly({"logLevel": {"enum": [0, 1, 30]}}),
    "NewLogLevel": _object({"logLevel": {"enum": [0, 1, 30, "0", "1", "30"]}}),
    "Version": _object(
        {"version": _TEXT, "compatible": {"type": "boolean"}, "moduleVersions": {"type": "object"}},
        ["version", "compatible"],
    ),
    "Command": _object({"id": {}, "cmdId": {}}),
    "Commanded": _exactly({"id": _TEXT, "method": _TEXT, "result": _list({}), "cmdId": _TEXT}),
}

_PAGES = _text(8000)
_WORDS = ("author", "creator", "producer", "subject", "title", "keyWords", "password")
_DATES = ("creationDate", "modifiedDate")
_FILE_QUERY: dict[str, Schema] = {
    "type": {"enum": [JPEG, PNG, TIFF, PDF]},
    "pages": _PAGES,
    "quality": {"type": "integer", "minimum": 0, "maximum": 100},
    "compression": {"enum": sorted({*PDF_PACKED, *TIFF_PACKED})},
    "pageType": {"type": "integer", "minimum": 0, "maximum": HIGHEST_PAPER},
    "version": {"enum": [*VERSIONS]},
    **{word: _text(32 if word == "password" else 1000) for word in _WORDS},
    **{date: {"type": "string", "pattern": r"^(D:)?[0-9]{4}([0-9]{2}){0,5}$"} for date in _DATES},
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
    plain: bool = False
    """Whether faults are text."""


_JOB = "/api/device/scanners/jobs/{jobuid}"
_ALL = "/api/storage/documents"
_ONE = f"{_ALL}/{{documentuid}}"
_KEY = ("DWT-PRODUCT-KEY",)
_LOCK = ("DWT-DOC-PASSWORD",)
_UID = {"documentuid": _TEXT}

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
        query={"type": {"enum": [PNG, JPEG]}, "page": _TEXT},
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
        answers={200: "[Barcode"},
    ),
    Entry(
        method="POST",
        path="/api/process/check-blank",
        summary="Whether a page is blank",
        body="CheckBlank",
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
        query={"ts": _TEXT},
        answers={200: "Commanded"},
    ),
    Entry(
        method="GET",
        path="/f/RemoveAllImages",
        summary="Empty a buffer",
        query={"id": _TEXT},
        answers={200: "Commanded"},
    ),
    Entry(
        method="POST",
        path="/f/RemoveAllImages",
        summary="Empty a buffer",
        query={"id": _TEXT},
        body="Command",
        answers={200: "Commanded"},
    ),
    Entry(
        method="GET",
        path="/dwt/{module}/img",
        summary="A page of a buffer, no larger than asked",
        query={"id": _TEXT, "index": _PIXELS, "width": _PIXELS, "height": _PIXELS},
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

FAULTS = (400, 401, 403, 404, 405, 409, 410, 413, 421, 423, 429, 500, 501, 502, 504, 507)


def describe() -> dict[str, Any]:
    """Return the description."""
    paths: dict[str, Any] = {}
    for entry in ENTRIES:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _operation(entry)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sheetfed, as programs written for Dynamic Web TWAIN find it",
            "version": "20240719",
            "description": "Published calls of another product, answered by sheetfed.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


def _operation(entry: Entry) -> dict[str, Any]:
    placed = [
        *(_parameter(name, _TEXT, "path", needed=True) for name in _parts(entry.path)),
        *(
            _parameter(name, schema, "query", needed=name in entry.needed)
            for name, schema in entry.query.items()
        ),
        *(_parameter(name, _text(32), "header", needed=False) for name in entry.headers),
    ]
    words = re.findall(r"[A-Za-z]+", f"{entry.method.lower()} {entry.path}")
    found: dict[str, Any] = {
        "operationId": "_".join(words),
        "summary": entry.summary,
        "parameters": placed,
        "responses": _responses(entry),
    }
    if entry.body:
        schema = _ref(entry.body)
        found["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return found


def _parts(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _parameter(name: str, schema: Schema, place: str, *, needed: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": needed, "schema": schema}


def _responses(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, what in entry.answers.items():
        found[str(status)] = {"description": entry.summary}
        if what:
            found[str(status)]["content"] = _content(what)
    fault = {"text/plain": {"schema": _TEXT}}
    if not entry.plain:
        fault = {"application/json": {"schema": _ref("Fault")}}
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    told = {"application/json": {"schema": _ref("Fault")}, **fault, **problem}
    for status in FAULTS:
        found[str(status)] = {"description": "Not so, and why", "content": told}
    return found


def _content(what: str | tuple[str, ...]) -> dict[str, Any]:
    if isinstance(what, tuple):
        return {media_type: {} for media_type in what}
    schema = _ref(what.removeprefix("["))
    schema = _list(schema) if what.startswith("[") else schema
    return {"application/json": {"schema": schema}}
