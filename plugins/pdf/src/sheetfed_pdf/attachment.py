"""Files that go along inside a PDF."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetfed.api.errors import BadSettings
from sheetfed_pdf.about import stamp_of
from sheetfed_pdf.asked import Writing
from sheetfed_pdf.output import Output
from sheetfed_pdf.syntax import array, dictionary, name, reference, text

RELATIONS = ("alternative", "source", "data", "supplement", "unspecified")

_TYPE = re.compile(r"[a-z]+/[a-zA-Z0-9.+-]+")
_NO_FILE_NAME = re.compile(r"[\x00-\x1f/\\]")
_KEYS = frozenset({"name", "text", "base64", "type", "relation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file that goes along."""

    name: str
    data: bytes
    media_type: str
    relation: str


def add(output: Output, files: Sequence[Attachment], date: str) -> Mapping[str, bytes]:
    """Write files and return what the catalog says of them."""
    leaves = []
    for file in sorted(files, key=lambda one: text(one.name)):
        told = {
            "Type": b"/EmbeddedFile",
            "Subtype": name(file.media_type),
            "Filter": b"/FlateDecode",
            "Params": _parameters(file.data, date),
        }
        stream = output.stream(dictionary(told), [zlib.compress(file.data)])
        called = text(file.name)
        specification = output.add(dictionary({
            "Type": b"/Filespec",
            "F": called,
            "UF": called,
            "Desc": called,
            "AFRelationship": name(file.relation.capitalize()),
            "EF": b"<</F %s/UF %s>>" % (reference(stream), reference(stream)),
        }))  # fmt: skip
        leaves.append((called, reference(specification)))
    return {
        "AF": array(leaf for _, leaf in leaves),
        "Names": b"<</EmbeddedFiles<</Names%s>>>>" % array(part for one in leaves for part in one),
    }


def attachments_of(wish: Writing) -> list[Attachment]:
    """Return the files that are asked for. Raises BadSettings."""
    found = []
    if wish.attachment:
        found.append(
            Attachment(
                name=_name(wish.attachment_name, "attachment-name"),
                data=wish.attachment.encode(),
                media_type=_type(wish.attachment_type, "attachment-type"),
                relation=wish.attachment_relation,
            )
        )
    if wish.attachments:
        found += _listed(wish.attachments)
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise BadSettings("two attached files have one name", option="attachments")
    return found


def with_files(words: str, files: Sequence[Mapping[str, str]]) -> str:
    """Return the option `attachments` with more files. Raises BadSettings."""
    return json.dumps([*_objects(words or "[]"), *files])


def _listed(words: str) -> list[Attachment]:
    return [_file(one) for one in _objects(words)]


def _objects(words: str) -> list[Mapping[str, Any]]:
    try:
        listed = json.loads(words)
    except ValueError as error:
        raise _refusal(f"is no JSON: {error}") from error
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise _refusal("is no list of objects")
    return listed


def _file(told: Mapping[str, Any]) -> Attachment:
    if unknown := told.keys() - _KEYS:
        raise _refusal(f"has {min(unknown)!r}; a file has {', '.join(sorted(_KEYS))}")
    if not all(isinstance(value, str) for value in told.values()):
        raise _refusal("has a value that is no text")
    relation = told.get("relation", "unspecified")
    if relation not in RELATIONS:
        raise _refusal(f"has the relation {relation!r}; there are {', '.join(RELATIONS)}")
    if ("text" in told) == ("base64" in told):
        raise _refusal("has a file without 'text' or 'base64', or with both")
    try:
        data = (
            told["text"].encode()
            if "text" in told
            else base64.b64decode(told["base64"], validate=True)
        )
    except (binascii.Error, ValueError) as error:
        raise _refusal(f"has a file that cannot be unpacked: {error}") from error
    return Attachment(
        name=_name(told.get("name", ""), "attachments"),
        data=data,
        media_type=_type(told.get("type", "application/octet-stream"), "attachments"),
        relation=relation,
    )


def _name(word: str, option: str) -> str:
    if not word or _NO_FILE_NAME.search(word):
        raise BadSettings(f"a file cannot be called {word!r}", option=option)
    return word


def _type(word: str, option: str) -> str:
    if not _TYPE.fullmatch(word):
        raise BadSettings(f"{word!r} is no media type", option=option)
    return word


def _refusal(words: str) -> BadSettings:
    return BadSettings(f"attachments {words}", option="attachments")


def _parameters(data: bytes, date: str) -> bytes:
    told = {"Size": b"%d" % len(data)}
    if date:
        told["ModDate"] = text(stamp_of(date))
    return dictionary(told)
