"""A document parted by marks, in its caller's transaction."""

from __future__ import annotations

from dataclasses import replace

from sheetfed.naming import Facts, fill
from sheetfed.separation import Group, Rule, plan
from sheetfed.store import changes, documents, labels, pages, transfers
from sheetfed.store.documents import DocumentRow
from sheetfed.store.transfers import Desk, Part

LONGEST_TAG = 100


def separate(
    desk: Desk,
    document: str,
    rule: Rule,
    *,
    job: str | None,
    version: int | None,
    used: float,
    moment: float,
) -> tuple[list[DocumentRow], list[str], int]:
    """Part a document; return it, those that follow it, unneeded files, and how many pages went.

    With a job only its pages may be separators. Raises NotFound, Stale, BadRequest.
    """
    row = changes.current(desk.connection, desk.owner, document, version)
    sheets = pages.pages_of(desk.connection, document)
    ours = None if job is None else {page.id for page in sheets if page.job == job}
    made = plan(sheets, rule, ours=ours)
    if not made.groups:
        return [row], [], 0
    facts = [
        Facts(
            moment=moment,
            marks=group.marks,
            number=number,
            pages=len(group.pages),
            title=row.title,
        )
        for number, group in enumerate(made.groups, 1)
    ]
    parts = [_part(group, rule, said) for group, said in zip(made.groups, facts, strict=True)]
    rows = transfers.split(desk, document, parts[1:], version=None, used=used)
    files: list[str] = []
    if made.dropped:
        files = changes.remove(desk.connection, desk.owner, made.dropped)[1]
    for one, said in zip(rows, facts, strict=True):
        _describe(desk, one.id, rule, said)
    rows = [documents.get(desk.connection, desk.owner, one.id) for one in rows]
    return rows, files, len(made.dropped)


def _part(group: Group, rule: Rule, facts: Facts) -> Part:
    """Return where a document begins; without words of its own it is numbered."""
    return Part(first=group.pages[0], title=fill(rule.title or "", facts) or None)


def _describe(desk: Desk, document: str, rule: Rule, facts: Facts) -> None:
    title = fill(rule.title or "", facts)
    said = [fill(template, facts)[:LONGEST_TAG].strip() for template in rule.tags]
    values = {name: text for name in rule.fields if (text := fill(rule.fields[name], facts))}

    def words(row: DocumentRow) -> DocumentRow:
        room = labels.MOST_TAGS - len(row.tags)
        return replace(
            row,
            title=title or row.title,
            tags=labels.retagged(row.tags, list(filter(None, said))[:room], ()),
            info=replace(row.info, fields={**row.info.fields, **values}),
        )

    changes.describe(desk.connection, desk.owner, document, words, version=None)
