"""Answers: JSON, lists, and rows as their JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from sheetfed.addons import AddonRow
from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Device, Option
from sheetfed.edits import Edits
from sheetfed.events import LOCAL
from sheetfed.imaging import KnownFormat
from sheetfed.server import shapes
from sheetfed.server.problems import dump
from sheetfed.store.documents import DocumentRow, HeadRow
from sheetfed.store.labels import Info
from sheetfed.store.pages import PageRow, page_data


def json_answer(
    value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return an answer of JSON."""
    return answer_of(dump(value), status=status, headers=headers)


def answer_of(
    body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return an answer of JSON that is bytes already."""
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def nothing() -> web.Response:
    """Return the answer that it is done."""
    return web.Response(status=204)


def addon_json(row: AddonRow, *, owner: str) -> shapes.about.Addon:
    """Return an addon's row; where it is on the disk is the person's alone to know."""
    return {
        "name": row.name,
        "state": row.state,
        "reason": row.reason,
        "distribution": row.distribution,
        "version": row.version,
        "location": row.location if owner == LOCAL else "",
        "owner": row.owner if owner == LOCAL else "",
        "warning": row.warning if owner == LOCAL else "",
        "contract": row.contract,
        "hooks": [*row.hooks],
        "offers": {kind: [*names] for kind, names in row.offers.items()},
    }


def device_json(device: Device, held: tuple[str, int] | None = None) -> shapes.devices.Device:
    """Return a device, and for whom it is kept."""
    return {
        "id": device.id,
        "title": device.title,
        "vendor": device.vendor,
        "model": device.model,
        "kind": device.kind,
        "held": {"owner": held[0], "seconds": held[1]} if held else None,
    }


def format_json(known: KnownFormat) -> shapes.formats.Format:
    """Return a type of files, and who reads and writes it."""
    return {
        "type": known.media_type,
        "title": known.title,
        "endings": [*known.endings],
        "many": known.many,
        "gathers": known.gathers,
        "reads": known.reads,
        "writes": known.writes,
        "reading": options_json(known.reading),
        "writing": options_json(known.writing),
    }


def options_json(options: Iterable[Option]) -> list[shapes.devices.Option]:
    """Return options in their order."""
    return [
        {
            "name": option.name,
            "title": option.title,
            "kind": option.kind,
            "default": option.default,
            "description": option.description,
            "unit": option.unit,
            "choices": [{"value": one.value, "title": one.title} for one in option.choices],
            "minimum": option.minimum,
            "maximum": option.maximum,
            "step": option.step,
            "group": option.group,
            "advanced": option.advanced,
            "readonly": option.readonly,
        }
        for option in options
    ]


def head_json(document: HeadRow) -> shapes.documents.DocumentHead:
    """Return a document without its pages."""
    return {
        "id": document.id,
        "title": document.title,
        "created": document.created,
        "changed": document.changed,
        "private": document.private,
        "version": document.version,
        "tags": [*document.tags],
        "info": _info_json(document.info),
        "page_count": document.page_count,
        "first_page": document.first_page,
    }


async def page_json(edits: Edits, owner: str, page: PageRow) -> dict[str, Any]:
    """Return a page as it is shown, and the edits that it is shown without."""
    missing, left_out = edits.missing(page), edits.left_out(page)
    if not missing:
        return page_data(page) | {"missing": missing, "left_out": left_out}
    done = {name: value for name, value in page_data(page).items() if name in _OWN}
    with suppress(SheetfedError):  # then it is told as it was when all of them could be done
        page = await edits.settled(owner, page)
    return {**page_data(page), **done, "missing": missing, "left_out": left_out}


_OWN = ("edits", "edited", "etag", "media_type", "size", "original")
"""What is told of a page as it is, whoever can show it."""


def document_json(document: DocumentRow) -> dict[str, Any]:
    """Return a document, to which its pages are still to be added."""
    return {
        "id": document.id,
        "title": document.title,
        "created": document.created,
        "changed": document.changed,
        "private": document.private,
        "version": document.version,
        "tags": [*document.tags],
        "info": _info_json(document.info),
    }


def _info_json(info: Info) -> shapes.documents.Info:
    return {
        "author": info.author,
        "subject": info.subject,
        "keywords": info.keywords,
        "fields": {**info.fields},
    }
