"""What is sent and answered, as JSON schemas."""

from __future__ import annotations

from sheetfed_dwt.codes import FORMATS
from sheetfed_dwt.shapes import TEXT, Schema, exactly, members, or_null, ref, several, text, whole

_FLAG: Schema = {
    "anyOf": [
        {"type": "boolean"},
        {"enum": [0, 1, "0", "1"]},
        {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"},
    ]
}
_SECONDS = or_null(whole(0, 7 * 24 * 3600))
_LABELLED = exactly({"value": {"type": "integer"}, "label": TEXT})
_FORM = {
    "barcodeFormat": {"enum": [0, *FORMATS.values()]},
    "barcodeFormatString": TEXT,
    "barcodeFormat_2": {"type": "integer"},
    "barcodeFormatString_2": TEXT,
}
_NUMBER: Schema = {"type": "number"}
_PICTURE: Schema = {"type": "string", "format": "binary"}
_WORD: Schema = {"type": ["string", "integer", "null"]}

SCHEMAS: dict[str, Schema] = {
    "Fault": members(
        {
            "statusCode": {"type": "integer"},
            "code": {"type": "integer", "maximum": 0},
            "message": TEXT,
            "cause": exactly({"code": {"type": "integer"}, "message": TEXT}),
        },
        ["statusCode", "code", "message"],
    ),
    "Scanner": exactly({"name": TEXT, "type": {"type": "integer"}, "device": TEXT}),
    "Config": members(
        {
            **{
                name: or_null(whole())
                for name in ("PixelType", "Resolution", "PageSize", "Brightness", "Contrast")
            },
            "BitDepth": or_null(whole(1, 48)),
            "XferCount": or_null(whole(-1, 2**15)),
            "IfFeederEnabled": or_null(_FLAG),
            "IfDuplexEnabled": or_null(_FLAG),
        }
    ),
    "Caps": members(
        {
            "exception": {"enum": ["ignore", "fail", "", None]},
            "capabilities": or_null(
                several(
                    members(
                        {
                            "capability": whole(0, 0xFFFF),
                            "curValue": {},
                            "values": or_null(several({}, 1)),
                            "exception": {"enum": ["ignore", "fail", "", None]},
                        },
                        ["capability"],
                    ),
                    500,
                )
            ),
        }
    ),
    "NewJob": members(
        {
            "autoRun": or_null(_FLAG),
            "requestFocusForScanningUI": or_null(_FLAG),
            "checkFeederLoaded": or_null(_FLAG),
            "requireWebsocket": or_null(_FLAG),
            "scannerFailureTimeout": _SECONDS,
            "jobTimeout": _SECONDS,
            "device": or_null(text(1000)),
            "name": or_null(text(500)),
            "settings": or_null({"anyOf": [text(200_000), {"type": "object"}]}),
            "caps": or_null(ref("Caps")),
            "config": or_null(ref("Config")),
        }
    ),
    "Job": exactly(
        {
            "jobuid": TEXT,
            "status": {"enum": ["pending", "running", "completed", "faulted", "canceled"]},
            "scanner": ref("Scanner"),
        }
    ),
    "JobState": exactly(
        {"status": {"enum": ["pending", "running", "completed", "faulted", "canceled"]}}
    ),
    "JobStatus": exactly(
        {
            "status": {"enum": ["pending", "running", "completed", "faulted", "canceled"]},
            "code": {"type": "integer"},
            "message": TEXT,
        }
    ),
    "JobChange": members({"status": {"enum": ["running", "canceled", "cancelled"]}}, ["status"]),
    "Capability": members(
        {
            "capability": _LABELLED,
            "conType": _LABELLED,
            "valueType": _LABELLED,
            "query": several(TEXT),
            "curValue": {},
            "defaultValue": {},
            "defValue": {},
            "values": several({}),
            "enums": several({}),
        },
        ["capability", "conType", "valueType", "query"],
    ),
    "Settings": exactly({"settings": TEXT}),
    "PageInfo": exactly(
        {
            "imageId": {"type": "integer"},
            "imageuid": TEXT,
            "url": TEXT,
            "imageInfo": {"type": "object"},
            "extendedImageInfo": {"type": "object"},
        }
    ),
    "NewDocument": members({"password": or_null(text(32)), "name": or_null(text(500))}),
    "Metadata": members({"metadata": {"type": ["string", "object"]}}, ["metadata"]),
    "Document": members(
        {
            "uid": TEXT,
            "metadata": {"type": ["string", "object"]},
            "pages": several(exactly({"uid": TEXT})),
        },
        ["uid", "pages"],
    ),
    "Insert": members({"source": text(8000), "insertPos": or_null(whole())}, ["source"]),
    "ReadBarcode": members({"source": text(8000), "settings": {}}, ["source"]),
    "CheckBlank": members(
        {
            "source": text(8000),
            "settings": or_null(members({"minBlockHeight": whole(1), "maxBlockHeight": whole(1)})),
        },
        ["source"],
    ),
    "BarcodeParts": members({"settings": TEXT, "stream": _PICTURE}, ["stream"]),
    "BlankParts": members({"settings": TEXT, "stream": _PICTURE}, ["stream"]),
    "Blank": exactly({"result": {"type": "boolean"}}),
    "Barcode": exactly(
        {
            **_FORM,
            "barcodeText": TEXT,
            "barcodeBytes": several({"type": "integer"}),
            "detailedResult": {"type": "object"},
            "localizationResult": members(
                {**{f"{axis}{n}": _NUMBER for axis in "xy" for n in range(1, 5)}, "angle": _NUMBER}
            ),
            "results": several({"type": "object"}),
        }
    ),
    "LogLevel": exactly({"logLevel": {"enum": [0, 1, 30]}}),
    "NewLogLevel": members({"logLevel": {"enum": [0, 1, 30, "0", "1", "30"]}}),
    "Version": members(
        {"version": TEXT, "compatible": {"type": "boolean"}, "moduleVersions": {"type": "object"}},
        ["version", "compatible"],
    ),
    "Command": members({"id": _WORD, "cmdId": _WORD}),
    "Commanded": exactly({"id": TEXT, "method": TEXT, "result": several({}), "cmdId": TEXT}),
}
