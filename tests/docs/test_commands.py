"""Commands, settings and tests that the pages name are there, and do what is said."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sheetfed import targets
from sheetfed.addons import check_settings, discover
from sheetfed.cli.root import COMMANDS, sheetfed
from sheetfed.config import load
from sheetfed.schema import SETTINGS

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))
from running import PROGRAM, Running

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("plugins/*/README.md")]
)
SECTIONS = dict(
    re.findall(
        r"^### `(\w+)`\n(.*?)(?=^##)",
        (ROOT / "docs/reference/command-line.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
)
OURS = [
    (page.relative_to(ROOT).as_posix(), number, text)
    for page in PAGES
    for number, text in enumerate(
        re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    )
    if {*tomllib.loads(text)} <= {*SETTINGS, "policies"}
]
"""What the pages show of configurations; other files are TOML, too."""


def command_of(word: str) -> click.Command:
    """Return a command by its word."""
    found = sheetfed.get_command(click.Context(sheetfed), word)
    assert found
    return found


def options_of(command: click.Command) -> Iterator[str]:
    """Yield the long names of the options of a command and of the words below it."""
    for each in command.params:
        if isinstance(each, click.Option) and not each.hidden:
            yield from (name for name in (*each.opts, *each.secondary_opts) if name[:2] == "--")
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from options_of(below)


def test_every_command_has_its_section() -> None:
    assert [*SECTIONS] != []
    assert {*SECTIONS} == {*COMMANDS}


@pytest.mark.parametrize("word", COMMANDS)
def test_a_section_names_the_options_that_there_are(word: str) -> None:
    """Who looks an option up finds it, and none that is gone."""
    others = "|".join(other for other in COMMANDS if other != word)
    section = re.sub(rf"`(?:{others})\b[^`]*`", "", SECTIONS[word])
    named = {*re.findall(r"--[a-z][a-z-]*", section)}
    there = {*options_of(command_of(word))}

    assert named - there - {*options_of(sheetfed), "--help"} == set()
    assert there - named == set()


def test_every_word_for_documents_prints_json_but_those_that_are_named() -> None:
    """Programs read it; the page names what has nothing to print."""
    documents = command_of("documents")
    assert isinstance(documents, click.Group)

    without = {
        word for word, each in documents.commands.items() if "--json" not in {*options_of(each)}
    }

    assert without == {"save", "delete"}
    assert "Every word below but `save` and `delete` has `--json`" in SECTIONS["documents"]


@pytest.mark.parametrize(("page", "number", "text"), OURS, ids=lambda value: str(value)[:40])
def test_a_configuration_that_a_page_shows_is_right(
    page: str, number: int, text: str, tmp_path: Path
) -> None:
    """It is copied, and a mistake keeps the service from starting."""
    del page, number
    (tmp_path / "shown.toml").write_text(text)
    (tmp_path / "ftp.secret").touch(mode=0o600)

    config = load(site=tmp_path, home=tmp_path / "home", environ={})

    addons = discover(disabled=config.disabled, interpreters=config.interpreters)
    check_settings(addons, config)
    targets.read(config, addons.targets)


def test_every_test_that_a_page_names_is_there() -> None:
    """A claim without a test is a hope."""
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text())}
    there = "".join(file.read_text() for file in (ROOT / "tests").rglob("*.py"))

    assert len(named) > 50
    assert {name for name in named if f"def {name}(" not in there} == set()


@pytest.mark.timeout(120)
def test_what_the_readme_types_does_what_it_says(tmp_path: Path) -> None:
    """A letter from the command line, and a job from a program."""
    readme = (ROOT / "README.md").read_text().replace("\\\n", " ")
    scan, curl = re.findall(r"^    (\.venv/bin/sheetfed .*|curl .*)$", readme, re.MULTILINE)
    with Running(tmp_path / "home") as service:
        told = []
        for line in (scan, curl):
            words = line.replace(".venv/bin/sheetfed", f"{PROGRAM} --home {service.home}")
            words = words.replace("18910", str(service.port))
            done = subprocess.run(
                ["bash", "-c", words], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            told.append(done)

    assert "5 pages are in letter.pdf" in told[0].stderr
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads(told[1].stdout)["state"] == "scanning"
