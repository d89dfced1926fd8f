"""Where a batch is parted, by what was marked on its pages."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sheetfed.api.errors import BadRequest
from sheetfed.api.model import Mark, Side
from sheetfed.separation import Plan, Rule, check_rule, plan


@dataclass(frozen=True)
class Sheet:
    id: str
    marks: tuple[Mark, ...] = ()
    side: Side = ""


def batch(words: str) -> list[Sheet]:
    """Return pages as `a 1:T b 2:CODE39=X`: a patch, a code of a format, or nothing on them."""
    return [page(word) for word in words.split()]


def page(word: str) -> Sheet:
    name, _, on = word.partition(":")
    side: Side = "front" if name.endswith("f") else "back" if name.endswith("r") else ""
    if not on:
        return Sheet(name, side=side)
    form, equals, value = on.partition("=")
    if equals:
        mark = Mark(kind="barcode", value=value, by="barcode", details={"format": form})
    elif on == "blank":
        mark = Mark(kind="blank", value="yes", by="blank")
    else:
        mark = Mark(kind="patch", value=on, by="patch")
    return Sheet(name, (mark,), side)


def parted(found: Plan) -> str:
    return " | ".join(" ".join(group.pages) for group in found.groups)


PATCH = Rule(by="patch")
CODE = Rule(by="barcode")


@pytest.mark.parametrize(
    ("words", "rule", "groups", "dropped"),
    [
        ("a b c", PATCH, "a b c", ""),
        ("a 1:T b c 2:T d", PATCH, "a | b c | d", "1 2"),
        ("1:T a 2:T b", PATCH, "a | b", "1 2"),
        ("1:T 2:T a 3:T", PATCH, "a", "1 2 3"),
        ("1:T 2:T", PATCH, "", ""),
        ("a 1:T b", Rule(by="patch", drop=False), "a | 1 b", ""),
        ("a 1:T b 2:II c", Rule(by="patch", patches=("II",)), "a 1 b | c", "2"),
        ("a 1:Code39=X b", CODE, "a | 1 b", ""),
        ("1:Code39=X a 2:Code39=Y 3:Code39=Z b", CODE, "1 a | 2 | 3 b", ""),
        ("a 1:QR=X b 2:Code39=Y c", Rule(by="barcode", format="CODE 39"), "a 1 b | 2 c", ""),
        ("a 1:QR=X-1 b 2:QR=Y c", Rule(by="barcode", pattern="X-?"), "a | 1 b 2 c", ""),
        ("a 1:QR=x b", Rule(by="barcode", pattern="X*"), "a 1 b", ""),
        ("a 1:blank b", Rule(by="blank"), "a | b", "1"),
        ("a 1:T b", Rule(by="blank"), "a 1 b", ""),
        ("a b c d e", Rule(by="pages", every=2), "a b | c d | e", ""),
        ("a", Rule(by="pages", every=1), "a", ""),
        ("", Rule(by="pages", every=1), "", ""),
        ("af ar 1f:T 1r:blank bf br", PATCH, "af ar | bf br", "1f 1r"),
        ("af ar 1f:T 1r bf br", PATCH, "af ar | 1r bf br", "1f"),
    ],
)  # fmt: skip
def test_a_rule_parts_a_batch(words: str, rule: Rule, groups: str, dropped: str) -> None:
    """Nothing but separators, and blank backs of their sheets, ever goes."""
    sheets = batch(words)

    found = plan(sheets, rule)

    assert parted(found) == groups
    assert " ".join(found.dropped) == dropped
    kept = [name for group in found.groups for name in group.pages]
    if kept:
        assert sorted([*kept, *found.dropped]) == sorted(sheet.id for sheet in sheets)


def test_only_pages_of_the_batch_separate() -> None:
    """A job that adds to a document leaves what was there together."""
    sheets = batch("a 1:T b 2:T c")

    assert parted(plan(sheets, PATCH, ours={"b", "2", "c"})) == "a 1 b | c"
    assert parted(plan(sheets, Rule(by="pages", every=1), ours={"2", "c"})) == "a 1 b 2 | c"


def test_a_document_is_named_by_the_separator_before_it() -> None:
    sheets = batch("a 1:Code39=X b:QR=in")

    dropping = plan(sheets, Rule(by="barcode", format="code39", drop=True))
    keeping = plan(sheets, Rule(by="barcode", format="code39"))

    for found in (dropping, keeping):
        assert [mark.value for mark in found.groups[0].marks] == []
        assert [mark.value for mark in found.groups[1].marks] == ["X", "in"]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(by="pages"),
        Rule(by="patch", every=3),
        Rule(by="pages", every=2, drop=True),
        Rule(by="patch", title="{nothing}"),
        Rule(by="patch", tags=("{",)),
        Rule(by="patch", fields={"case": "{n:0}"}),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(rule: Rule) -> None:
    with pytest.raises(BadRequest):
        check_rule(rule)
