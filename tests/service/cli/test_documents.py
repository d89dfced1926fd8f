"""`sheetfed documents`: a person arranges what was scanned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from program import SHEETFED

from sheetfed.cli.client import Client


class Desk:
    """A running service, and a document of five pages in it."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.client: Client = shell.service
        (self.document,) = [item["id"] for item in self.client.get("/v1/documents")["items"]]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of the words of `documents`."""
        done: subprocess.CompletedProcess[str] = self.shell.run("documents", *words)
        return done

    def json(self, *words: str) -> Any:
        """Return what a command prints as JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def pages(self) -> list[str]:
        """Return the pages of the document, past the command line."""
        return [page["id"] for page in self.client.get(f"/v1/documents/{self.document}")["pages"]]


@pytest.fixture(scope="module")
def desk(served: Any) -> Desk:
    """Every test leaves the same five pages in the document, in any order."""
    feeder = ("-d", "sample:paper", "-s", "source=feeder", "-s", "resolution=75", "-s", "speed=0")
    done = served.run("scan", *feeder, "--title", "Letters")
    assert done.returncode == 0, done.stderr
    return Desk(served)


def test_pages_are_ordered_by_words_and_by_numbers(desk: Desk) -> None:
    a, b, c, d, e = desk.pages()

    by_rule = desk.json("order", desk.document, "interleave-reversed", "--fronts", "3")
    by_number = desk.json("order", desk.document, "1,3,5,4,2")

    assert [page["id"] for page in by_rule["pages"]] == [a, e, b, d, c]
    assert [page["id"] for page in by_number["pages"]] == [a, b, c, d, e]


def test_pages_are_moved_copied_and_removed(desk: Desk) -> None:
    a, b, c, d, e = desk.pages()

    moved = desk.run("move", desk.document, "4-", "--before", "1")
    after = desk.pages()
    other = desk.json("copy", desk.document, "odd", "--title", "Some")
    left = desk.json("remove", other["id"], "2-3")
    whole = desk.json("copy", desk.document)
    gone = desk.run("delete", other["id"], whole["id"])

    assert moved.returncode == 0
    assert after == [d, e, a, b, c]
    assert (other["title"], len(other["pages"]), len(left["pages"])) == ("Some", 3, 1)
    assert (whole["title"], len(whole["pages"])) == ("Letters", 5)
    assert gone.returncode == 0


def test_a_document_is_split_and_merged(desk: Desk) -> None:
    before = desk.pages()

    split = desk.run("split", desk.document, "--every", "2")
    first, *others = split.stdout.split()
    merged = desk.json("merge", first, *others)

    assert first == desk.document
    assert len(others) == 2
    assert [page["id"] for page in merged["pages"]] == before
    assert [item["id"] for item in desk.json("list")["items"]] == [desk.document]


def test_tags_and_info_are_written_and_shown(desk: Desk) -> None:
    first = desk.pages()[0]

    desk.run("tag", desk.document, "--pages", "1", "--add", "signed")
    desk.run("tag", desk.document, "--add", "tax", "--add", "2025", "--remove", "none")
    desk.run("info", desk.document, "--author", "Ada", "--field", "case=12")
    desk.run("info", desk.document, "--field", "case=")
    desk.run("rename", desk.document, "Another title")
    shown = desk.run("show", desk.document, "--tag", "signed").stdout
    listed = desk.json("list", "--tag", "tax")["items"]
    tags = desk.json("tags")["items"]

    assert "title:      Another title\ntags:       2025, tax\nauthor:     Ada\n" in shown
    assert "case" not in shown
    assert [line.split()[1] for line in shown.splitlines()[4:]] == [first]
    assert [item["id"] for item in listed] == [desk.document]
    assert tags[-1] == {"tag": "tax", "documents": 1, "pages": 0}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("remove", "DOC", "6"), 1, "pages 1 to 5"),
        (("remove", "DOC", "3-2"), 1, "pages 1 to 5"),
        (("remove", "DOC", "0"), 1, "pages 1 to 5"),
        (("remove", "DOC", "-"), 1, "no page '-'"),
        (("remove", "DOC", "x"), 1, "1,3-5"),
        (("move", "DOC", "1", "--before", "2-3"), 2, "must be one page"),
        (("order", "DOC", "1,2"), 2, "every page"),
        (("order", "DOC", "1,1,2,3,4"), 2, "twice"),
        (("order", "DOC", "1,2,3,4,5", "--fronts", "2"), 2, "go with a rule"),
        (("copy", "DOC", "--before", "1"), 2, "--to"),
        (("merge", "DOC", "DOC"), 2, "with itself"),
        (("show", "doc_none"), 1, "no document"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    desk: Desk, words: tuple[str, ...], code: int, said: str
) -> None:
    before = desk.pages()

    done = desk.run(*(word.replace("DOC", desk.document) for word in words))

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert desk.pages() == before


def test_a_shell_completes_documents_of_a_running_service(desk: Desk) -> None:
    """And is told their titles; where none runs, none is started for that."""
    home = desk.shell.home.as_posix()  # as Windows' shells for bash write it
    words = f"sheetfed --home {home} documents show "
    environ = {
        **os.environ,
        "_SHEETFED_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": "5",
    }

    done = subprocess.run(SHEETFED, env=environ, capture_output=True, text=True, check=True)
    elsewhere = {**environ, "COMP_WORDS": words.replace(home, "/nowhere")}
    none = subprocess.run(SHEETFED, env=elsewhere, capture_output=True, text=True, check=True)

    assert done.stdout.split() == [f"plain,{desk.document}"]
    assert none.stdout.strip() == ""


def test_a_scan_goes_before_a_page(desk: Desk) -> None:
    before = desk.pages()
    flatbed = ("-d", "sample:paper", "-s", "source=flatbed", "-s", "resolution=75")

    done = desk.shell.run("scan", *flatbed, "--document", desk.document, "--before", "2")
    after = desk.pages()
    desk.run("remove", desk.document, "2")

    assert done.returncode == 0, done.stderr
    assert [after[0], *after[2:]] == before
    assert desk.pages() == before
