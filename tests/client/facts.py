"""The facts that errors tell, as they stand in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = [ROOT / "core/src/sheetfed", *(ROOT / "plugins").glob("*/src/*")]
ELSEWHERE = ("cli", "config", "guard", "stamp", "system", "testing", "trust")
"""Rooms whose errors reach a terminal or a developer, and no page."""
FOR_REPORTS = {
    "AddonBroken",
    "BadConfig",
    "BadRequest",
    "BadSettings",
    "DriverCrashed",
    "DriverLied",
    "KeyUnavailable",
    "PortTaken",
    "Refusal",
    "SheetfedError",
    "StoreDamaged",
    "StoreLocked",
    "SystemRefused",
    "TooLarge",
    "TrustBroken",
    "Unreadable",
}
"""Errors whose title and advice say what a person can do; their fact is for who looks into it."""

FAULTS = {"_Fault", "replace"}
"""What says why an addon does not work."""
CHOSEN_ELSEWHERE = ("__init__.py", "hooks.py", "options.py")
"""Where options stand that a configuration or a command takes, and no form in the page."""


@cache
def facts(kinds: frozenset[str]) -> set[str]:
    """Return what errors of these kinds tell besides their title, with {} for each value."""
    found: set[str] = set()
    for place, file, tree in _trees():
        if not {*file.relative_to(place).parts, file.stem} & {*ELSEWHERE}:
            found |= {*_told(tree, kinds)}
    return {text for text in found if text.strip(" {}:;.,")}


@cache
def option_texts() -> set[str]:
    """Return what options of devices are called and described by, where that is said outright."""
    return {
        text
        for _, file, tree in _trees()
        if file.name not in CHOSEN_ELSEWHERE
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Option", "Choice")
        for each in call.keywords
        if each.arg in ("title", "description", "group") and isinstance(each.value, ast.Constant)
        for text in templates(each.value)
    }


@cache
def _trees() -> list[tuple[Path, Path, ast.Module]]:
    """Parse what may tell of an error or an option."""
    files = [(place, file, file.read_text()) for place in PLACES for file in place.rglob("*.py")]
    telling = [each for each in files if "raise " in each[2] or "Option(" in each[2]]
    return [(place, file, ast.parse(text)) for place, file, text in telling]


def _told(tree: ast.Module, kinds: frozenset[str]) -> Iterator[str]:
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        named = [
            (target.id, each.value)
            for each in ast.walk(scope)
            if isinstance(each, ast.Assign)
            for target in each.targets
            if isinstance(target, ast.Name)
        ]
        for call in ast.walk(scope):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in kinds:
                continue
            advice = [each.value for each in call.keywords if each.arg in ("advice", "reason")]
            for stands in (*call.args[:1], *advice):
                said = [value for name, value in named if name == getattr(stands, "id", None)]
                for each in said or [stands]:
                    yield from templates(each)


def templates(node: ast.expr) -> Iterator[str]:
    """Yield the forms of a text, with {} for each value; nothing for what is no text."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from templates(body)
            yield from templates(orelse)
        case ast.JoinedStr(values=values):
            yield "".join(next(templates(each), "{}") for each in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            for one in templates(left):
                for other in [*templates(right)] or ["{}"]:
                    yield one + other
        case ast.Constant(value=str(text)):
            yield text
