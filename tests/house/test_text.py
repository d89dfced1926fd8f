"""Docs and code say the same."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from sheetfed.api import errors, hooks

ROOT = Path(__file__).parents[2]
HOOKS = [name for name in vars(hooks) if name.startswith("sheetfed_")]


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_stands_in_the_docs_with_its_signature(name: str) -> None:
    """Who writes an addon copies the signature from the docs."""
    signature = inspect.signature(getattr(hooks, name))
    text = (ROOT / "docs/addons/index.md").read_text()

    assert f"def {name}{signature}:".replace("'", "") in text


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_has_a_test(name: str) -> None:
    """A hook that no test calls is a promise that nobody keeps."""
    assert name in planted()


@cache
def planted() -> frozenset[str]:
    """Return the hooks of the addons that tests plant and load."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        room = ast.parse(file.read_text())
        for function in ast.walk(room):
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                texts = [*strings(function, room)] if plants(function) else []
                if any("@hookimpl" in text for text in texts):
                    found |= {hook for hook in HOOKS if any(implements(t, hook) for t in texts)}
    return frozenset(found)


def plants(function: ast.FunctionDef) -> bool:
    """Tell whether a test installs an addon and looks at what became of it."""
    calls = {node.func.attr for node in ast.walk(function) if is_method(node)}
    return {"plant", "rows"} <= calls


def is_method(node: ast.AST) -> TypeGuard[Any]:
    """Tell whether this calls a method."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def strings(node: ast.AST, room: ast.Module) -> Iterator[str]:
    """Yield the texts in a test, its decorators, and the constants of its file that it names."""
    constants = {
        target.id: statement.value
        for statement in room.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value
        elif isinstance(inner, ast.Name) and inner.id in constants:
            yield from strings(constants.pop(inner.id), room)


def implements(text: str, hook: str) -> bool:
    """Tell whether this is a hook's name, given to a test that fills it in, or its code."""
    return text == hook or f"def {hook}(" in text


def test_the_error_list_in_the_docs_is_whole() -> None:
    """A person who meets an error looks it up by its code."""
    text = (ROOT / "docs/reference/errors.md").read_text()
    documented = set(re.findall(r"^\|\s*`([a-z-]+)`", text, re.MULTILINE))

    assert documented == set(errors.CODES)


def test_a_test_that_a_text_names_is_there() -> None:
    """A claim without a test is a hope."""
    tests = [*(ROOT / "tests").rglob("test_*.py")]
    there = {name for file in tests for name in re.findall(r"def (test_\w+)", file.read_text())}
    there |= {file.stem for file in tests}
    texts = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "SECURITY.md"]
    named = {name for file in texts for name in re.findall(r"`(test_\w+)`", file.read_text())}

    assert len(named) > 50
    assert named - there == set()


def test_each_package_has_its_own_licence_changelog_and_readme() -> None:
    """Every package is shipped alone."""
    for project in [ROOT / "core", *ROOT.glob("plugins/*")]:
        for name in ("LICENSE", "CHANGELOG.md", "README.md", "pyproject.toml"):
            assert (project / name).is_file(), project / name
