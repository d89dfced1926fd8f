"""Pages that are named by the address at which they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sheetfed_dwt import files, shelf, values
from sheetfed_dwt.asking import Asked
from sheetfed_dwt.faults import invalid
from sheetfed_dwt.jobs import Jobs
from sheetfed_dwt.scanning import page_named

_JOB = re.compile(r"/+api/device/scanners/jobs/([^/]+)/(next-page|content)")
_DOCUMENT = re.compile(r"/+api/storage/documents/([^/]+)/content")
_LONGEST = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Pages of one document of ours."""

    document: str
    pages: tuple[str, ...]


async def read(asked: Asked, jobs: Jobs, said: Any) -> Source:
    """Return the pages that an address names. Only the interface's own are known. Raises Fault."""
    address = values.text(said, "source", most=_LONGEST)
    try:
        split = urlsplit(address)
        query = parse_qs(split.query, max_num_fields=20)
    except ValueError as error:
        raise _unknown() from error
    if match := _JOB.fullmatch(split.path):
        return await _of_job(asked, jobs, match[1], query)
    if match := _DOCUMENT.fullmatch(split.path):
        return await _of_document(asked, match[1], query.get("pages", [""])[0])
    raise _unknown()


async def _of_job(asked: Asked, jobs: Jobs, uid: str, query: dict[str, list[str]]) -> Source:
    job = await jobs.find(asked, uid)
    named = query.get("page", [""])[0]
    if not named:
        raise _unknown()
    if len(named) < 8 and values.is_whole(named):
        await job.refresh()
        page = files.place_of(named, job.pages)
    else:
        page = (await page_named(job, named))["id"]
    return Source(document=job.document, pages=(page,))


async def _of_document(asked: Asked, uid: str, named: str) -> Source:
    headers = ("DWT-SOURCE-PASSWORD", "DWT-DOC-PASSWORD", "X-DICS-DOC-PASSWORD")
    document, _ = await shelf.opened(asked, uid, *headers)
    pages = document["pages"]
    words = files.words_of(named)
    chosen = [files.place_of(word, pages) for word in words] or [page["id"] for page in pages]
    return Source(document=document["id"], pages=tuple(chosen))


def _unknown() -> Exception:
    return invalid("source must be the url of a page, as next-page-info tells it.")
