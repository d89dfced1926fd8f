"""The reference pages say what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sheetfed.api.errors import CODES
from sheetfed.server.app import OPS

ROOT = Path(__file__).parents[2]


def rows(page: str) -> list[str]:
    """Return the rows of the tables of a page."""
    text = (ROOT / "docs" / page).read_text()
    return [line for line in text.splitlines() if line.startswith("| ")]


def test_every_route_is_listed_as_it_is() -> None:
    """Who reads the table needs no other one."""
    expected = [
        f"| {op.method} | `{re.sub(':[^}]*}', '}', op.path)}` | {op.summary} |" for op in OPS
    ]

    listed = [row for row in rows("reference/http.md") if re.match(r"\| [A-Z]+ \|", row)]
    assert listed == expected


def test_every_error_is_listed_as_it_is() -> None:
    """Status, exit code and advice are copied by people who handle errors."""
    expected = [
        f"| `{kind.code}` | {kind.status} | {kind.exit_code} | {kind.title} | {kind.advice} |"
        for kind in CODES.values()
    ]

    assert rows("reference/errors.md")[1:] == expected


@pytest.mark.timeout(300)  # a busy machine takes minutes
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    """A dead reference is a failure."""
    build = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "--keep-going", "docs", tmp_path]

    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_links_of_the_readme_lead_somewhere() -> None:
    """The README is read on its own, before anything is built."""
    targets = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
