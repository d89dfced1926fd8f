"""Where a document ends and the next begins, by marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, Protocol

from sheetfed.api.errors import BadRequest
from sheetfed.api.model import Mark, Side
from sheetfed.naming import check, plain

By = Literal["barcode", "patch", "blank", "pages"]

DROPPED: frozenset[By] = frozenset({"patch", "blank"})
"""What separates and nothing else; a page with a barcode may be a letter's first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a batch is parted into documents.

    `format` and `pattern` say which codes part; in a pattern `*` stands for anything, `?` for one
    letter. `patches` are those that part, all where it is empty. `every` is for `pages`. `drop`
    says what becomes of the separators; None is as the kind of separator suggests. `title`, `tags`
    and `fields` are templates.
    """

    by: By
    format: str = ""
    pattern: str = "*"
    patches: tuple[str, ...] = ()
    every: int = 0
    drop: bool | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def drops(self) -> bool:
        """Whether separators go."""
        return self.by in DROPPED if self.drop is None else self.drop


class Sheet(Protocol):
    """A page as far as a rule looks at it."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def marks(self) -> Sequence[Mark]:
        """What steps found on it."""

    @property
    def side(self) -> Side:
        """Which side of its sheet it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The pages of one document to be, and the marks that its name is made of."""

    pages: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a batch: documents in their order, and the separators that go."""

    groups: tuple[Group, ...]
    dropped: tuple[str, ...] = ()


def check_rule(rule: Rule) -> None:
    """Raise BadRequest where a rule cannot be followed."""
    if rule.by == "pages" and rule.every < 1:
        raise BadRequest("Parting by 'pages' needs 'every', a number of pages from 1")
    if rule.by != "pages" and rule.every:
        raise BadRequest(f"'every' is for parting by 'pages', not by '{rule.by}'")
    if rule.by == "pages" and rule.drop:
        raise BadRequest("Nothing separates where a document ends after so many pages")
    for template in (rule.title or "", *rule.tags, *rule.fields.values()):
        check(template)


def plan(sheets: Sequence[Sheet], rule: Rule, *, ours: Collection[str] | None = None) -> Plan:
    """Return how a rule parts pages; only `ours` may be separators, all where nothing is said.

    No page is lost: what goes are separators, and blank backs of their sheets. Where nothing else
    would be left nothing goes.
    """
    if rule.by == "pages":
        return _counted(sheets, rule.every, ours)
    groups: list[list[Sheet]] = [[]]
    heads: list[list[Sheet]] = [[]]
    dropped: list[str] = []
    for place, sheet in enumerate(sheets):
        if not _ours(sheet, ours) or not _separates(sheet, rule):
            if rule.drops and _is_back_of(sheet, sheets[place - 1] if place else None, dropped):
                dropped.append(sheet.id)
            else:
                groups[-1].append(sheet)
            continue
        if groups[-1] or not rule.drops:
            groups.append([])
            heads.append([])
        heads[-1].append(sheet)
        if rule.drops:
            dropped.append(sheet.id)
        else:
            groups[-1].append(sheet)
    made = [
        Group(
            pages=tuple(sheet.id for sheet in group),
            marks=_marks([*head, *group] if rule.drops else group),
        )
        for head, group in zip(heads, groups, strict=True)
        if group
    ]
    return Plan(groups=tuple(made), dropped=tuple(dropped) if made else ())


def _ours(sheet: Sheet, ours: Collection[str] | None) -> bool:
    return ours is None or sheet.id in ours


def _separates(sheet: Sheet, rule: Rule) -> bool:
    return any(_parts(mark, rule) for mark in sheet.marks)


def _parts(mark: Mark, rule: Rule) -> bool:
    match rule.by:
        case "barcode":
            found = plain(str(mark.details.get("format", "")))
            return (
                mark.kind == "barcode"
                and (not rule.format or found == plain(rule.format))
                and fnmatchcase(mark.value, rule.pattern)
            )
        case "patch":
            return mark.kind == "patch" and (not rule.patches or mark.value in rule.patches)
        case _:
            return mark.kind == "blank"


def _is_back_of(sheet: Sheet, before: Sheet | None, dropped: Sequence[str]) -> bool:
    """Say whether a page is the blank back of a separator that goes."""
    return (
        before is not None
        and before.id in dropped
        and (before.side, sheet.side) == ("front", "back")
        and any(mark.kind == "blank" for mark in sheet.marks)
    )


def _counted(sheets: Sequence[Sheet], every: int, ours: Collection[str] | None) -> Plan:
    """Return groups of so many pages; those that are not ours go before the first."""
    first = next((at for at, sheet in enumerate(sheets) if _ours(sheet, ours)), len(sheets))
    starts = [*range(first, len(sheets), every)] or [0]
    starts[0] = 0
    cuts = zip(starts, [*starts[1:], len(sheets)], strict=True)
    groups = (sheets[start:end] for start, end in cuts)
    made = (Group(pages=tuple(s.id for s in group), marks=_marks(group)) for group in groups)
    return Plan(groups=tuple(made))


def _marks(sheets: Sequence[Sheet]) -> tuple[Mark, ...]:
    return tuple(mark for sheet in sheets for mark in sheet.marks)
