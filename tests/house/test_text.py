"""Docs and code say the same."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

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
    here = Path(__file__)
    tests = [file for file in (ROOT / "tests").rglob("*.py") if file != here]

    assert any(name in file.read_text() for file in tests)


def test_the_error_list_in_the_docs_is_whole() -> None:
    """A person who meets an error looks it up by its code."""
    text = (ROOT / "docs/reference/errors.md").read_text()
    documented = set(re.findall(r"^\|\s*`([a-z-]+)`", text, re.MULTILINE))

    assert documented == set(errors.CODES)


def test_each_package_has_its_own_licence_changelog_and_readme() -> None:
    """Every package is shipped alone."""
    for project in [ROOT / "core", *ROOT.glob("plugins/*")]:
        for name in ("LICENSE", "CHANGELOG.md", "README.md", "pyproject.toml"):
            assert (project / name).is_file(), project / name
