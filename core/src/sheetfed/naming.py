"""Titles, tags and fields, made of templates.

`{barcode}` is the first code of the document's first page that has one, `{barcode:FORMAT}` the
first of that format; `{patch}` its patch code; `{n}` the document's number in its batch, `{n:3}`
with three digits at least; `{pages}` how many there are; `{title}` or `{document}` the title so
far; `{tag}` the first tag; `{date}` the day, `{date:%d.%m.%Y}` in another form. Where it is
delivered, `{target}` is the target's name and `{field:NAME}` what was filled in. A brace is written
twice: `{{`. What is not there is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sheetfed.api.errors import BadRequest
from sheetfed.api.model import Mark, Value

LONGEST = 500
"""Letters of what comes out; the rest is cut off."""

_PART = re.compile(r"\{\{|\}\}|\{([a-z]+)(?::([^{}]*))?\}|[{}]")
_DAY = "%Y-%m-%d"
_DAY_PARTS = re.compile(r"(?:%[YmdHMSyjUbBaA%-]|[^%])*")
_DIGITS = re.compile(r"0?[1-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a template is filled with; `marks` in the order of the pages, `moment` in seconds."""

    moment: float
    marks: Sequence[Mark] = ()
    number: int = 1
    pages: int = 0
    title: str = ""
    tags: Sequence[str] = ()
    target: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)


def check(template: str) -> None:
    """Raise BadRequest where a template says what nobody understands."""
    fill(template, Facts(moment=0.0))


def fill(template: str, facts: Facts, *, clean: Callable[[str], str] = lambda value: value) -> str:
    """Return the template with everything in it that it names, in one line. Raises BadRequest.

    Each value, and nothing of the template itself, goes through `clean`.
    """
    text = _PART.sub(lambda part: _filled(part, template, facts, clean), template)
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(line.split())[:LONGEST]


def plain(name: str) -> str:
    """Return a format's name without what people write differently: `CODE39` for `Code 39`."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _filled(part: re.Match[str], template: str, facts: Facts, clean: Callable[[str], str]) -> str:
    whole, name, rest = part[0], part[1], part[2]
    if whole in ("{{", "}}"):
        return whole[0]
    if name is None:
        raise BadRequest(f"{template!r} has a brace of its own; write it twice")
    if name not in _PARTS:
        known = ", ".join(f"{{{word}}}" for word in _PARTS)
        raise BadRequest(f"{template!r} names {whole}; there are {known}")
    return clean(_PARTS[name](rest, facts))


def _barcode(form: str | None, facts: Facts) -> str:
    for mark in facts.marks:
        if mark.kind == "barcode" and (
            not form or plain(str(mark.details.get("format", ""))) == plain(form)
        ):
            return mark.value
    return ""


def _patch(_: str | None, facts: Facts) -> str:
    return next((mark.value for mark in facts.marks if mark.kind == "patch"), "")


def _number(digits: str | None, facts: Facts) -> str:
    if digits is None:
        return str(facts.number)
    if not _DIGITS.fullmatch(digits):
        raise BadRequest(f"{{n:{digits}}} is not {{n:1}} to {{n:9}}")
    return f"{facts.number:0{digits}}"


def _field(name: str | None, facts: Facts) -> str:
    if not name:
        raise BadRequest("{field} needs the name of one, as {field:case}")
    value = facts.fields.get(name)
    return "" if value is None else str(value)


def _date(form: str | None, facts: Facts) -> str:
    if form is not None and not _DAY_PARTS.fullmatch(form):
        raise BadRequest(f"{{date:{form}}} is no form of a date; one is {{date:{_DAY}}}")
    return datetime.fromtimestamp(facts.moment, UTC).astimezone().strftime(form or _DAY)


_PARTS: Mapping[str, Callable[[str | None, Facts], str]] = {
    "barcode": _barcode,
    "patch": _patch,
    "n": _number,
    "pages": lambda _, facts: str(facts.pages),
    "title": lambda _, facts: facts.title,
    "document": lambda _, facts: facts.title,
    "tag": lambda _, facts: facts.tags[0] if facts.tags else "",
    "target": lambda _, facts: facts.target,
    "field": _field,
    "date": _date,
}
