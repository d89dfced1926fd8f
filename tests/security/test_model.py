"""The page "Security model" says what the tests do."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from suite.all import ATTACKS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/security.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def rows(section: str) -> list[list[str]]:
    """Return the cells of a section's table."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def test_every_attack_is_listed_as_it_is() -> None:
    """Who signs the service off reads what is tried, and what must come of it."""
    expected = [[one.id, one.what, one.expected] for one in ATTACKS.values()]

    assert rows("The attacks") == expected


def test_every_other_test_is_there() -> None:
    """A test that was renamed or removed would leave a promise without one."""
    missing = []
    for name, _, tests in rows("The other tests"):
        for test in tests.split():
            file, _, function = test.strip("`").partition("::")
            room = ast.walk(ast.parse((ROOT / file).read_text()))
            found = [n.name for n in room if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
            missing += [name] if function not in found else []

    assert missing == []


def test_every_promise_is_tried_and_every_attack_tries_one() -> None:
    tried = [name for _, names in rows("What is promised") for name in names.split()]
    known = [*ATTACKS, *(name for name, _, _ in rows("The other tests"))]

    assert sorted(tried) == sorted(known)


def test_what_the_promises_to_who_reports_lean_on_is_there() -> None:
    """SECURITY.md names files; one that was renamed would make it a promise of nothing."""
    told = (ROOT / "SECURITY.md").read_text()
    named = set(re.findall(r"(?:tests|requirements|release|docs)/[\w./-]*\w", told))

    assert {"tests/security", "requirements/advisories.json", "release/advisories.py"} <= named
    assert [name for name in named if not (ROOT / name).exists()] == []
