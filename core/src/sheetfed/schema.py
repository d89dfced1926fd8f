"""The configuration as a JSON Schema, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

URI = "https://json-schema.org/draft/2020-12/schema"

_PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
_AMOUNT = {"type": "integer", "minimum": 0, "exclusiveMaximum": 1 << 40}
_ORIGINS = {
    "type": "array",
    "items": {"type": "string", "pattern": "^https?://[^/]+$"},
    "uniqueItems": True,
}

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "home": {"type": "string", "minLength": 1, "description": "The folder that keeps all state."},
    "port": {**_PORT, "description": "The one port to listen on; otherwise 18910 or the next."},
    "tls": {"type": "boolean", "default": True, "description": "Whether to serve TLS as well."},
    "tls_port": {**_PORT, "description": "The port for TLS; otherwise the one after the plain."},
    "strict": {
        "type": "boolean",
        "default": False,
        "description": "Whether to refuse to start while an addon does not work.",
    },
    "accounts": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "description": "Other accounts of this computer that may connect.",
    },
    "disabled": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Addons that are not to be loaded.",
    },
    "retention": {
        "oneOf": [
            {"type": "string", "pattern": "^([1-9][0-9]{0,5}[smhdw]|forever)$"},
            {"const": 0},
        ],
        "default": "1d",
        "description": "How long a document is kept unused; 0 ends it with the service.",
    },
    "quota": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: dict(_AMOUNT)
            for name in (
                "pages",
                "mib",
                "total_pages",
                "total_mib",
                "document_pages",
                "document_mib",
            )
        },
        "description": "How much is kept: of each owner, in all, in a document. 0 is no limit.",
    },
    "key": {
        "enum": ["auto", "file", "keyring"],
        "default": "auto",
        "description": "Where the key of the store is.",
    },
    "log": {
        "enum": ["text", "json"],
        "default": "text",
        "description": "How the lines of the log are written.",
    },
    "sites": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"approved": _ORIGINS, "blocked": _ORIGINS},
        "description": "Sites that the configuration decides about.",
    },
    "targets": {
        "type": "object",
        "additionalProperties": {"type": "object", "required": ["protocol"]},
        "description": "Places that documents go to, by name.",
    },
    "addons": {
        "type": "object",
        "additionalProperties": {"type": "object"},
        "description": "Settings of addons, by the addon's name.",
    },
    "codecs": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Which codec reads or writes a file type, by media type.",
    },
    "interpreters": {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
        },
        "description": "The command that starts a source's own interpreter, by the source's name.",
    },
}
"""What stands in `sheetfed.toml`, in the order of the documentation."""


def schema(addons: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Return the schema; `addons` holds what each installed one's table may have, by its name."""
    properties = {name: dict(setting) for name, setting in SETTINGS.items()}
    if addons:
        properties["addons"]["properties"] = {
            name: {"type": "object", "additionalProperties": False, "properties": dict(options)}
            for name, options in addons.items()
        }
    return {
        "$schema": URI,
        "title": "sheetfed.toml",
        "description": "The configuration of sheetfed.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
