"""The languages of the page: whatever it says, or the service says, is said in each."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sheetfed.addons import discover
from sheetfed.api.errors import CODES
from sheetfed.builtin.sample.form import OPTIONS

sys.path.insert(0, str(Path(__file__).parent))
from facts import FAULTS, FOR_REPORTS, facts, option_texts, templates
from schemas import CLIENT

EACH = pytest.mark.parametrize("language", ["de", "es", "fr", "ja", "zh"])
TEXT = r'"(?:[^"\\]|\\.)*"'
SOURCE = CLIENT.parents[1]
FINDING = [
    *(SOURCE / "system").glob("*.py"),
    *(
        SOURCE / room
        for room in ("server/means.py", "server/routes/findings.py", "trust/report.py")
    ),
]

SAME = re.compile(r"[\W\d]*|A[345]|JPEG( 2000)?|LZW|Deflate|PackBits|PDF/A(-\db)?|(\w+, ){2}\w+")
"""The same in every language: numbers, names of formats, rows of letters."""


@EACH
def test_the_elements_say_everything_in_each_language(language: str) -> None:
    """A sentence that nobody translated stands out among the others."""
    english = named((CLIENT / "elements" / "words.js").read_text(), "WORDS")
    causes = re.findall(r'^  "([a-z-]+)": {', (CLIENT / "causes.js").read_text(), re.MULTILINE)
    text = (CLIENT / "elements" / "words" / f"{language}.js").read_text()

    assert named(text, "WORDS") == english
    assert named(text, "PERSON") == set(causes)
    camera = named((CLIENT / "elements" / "camera-words.js").read_text(), "WORDS")
    assert named((CLIENT / "elements" / "words" / "camera.js").read_text(), language) == camera


@EACH
def test_what_the_service_says_is_said_in_each_language(language: str) -> None:
    """Its errors, the settings of a scanner, and what can be done to pages."""
    told = said_by_the_service(language)

    assert spoken() - set(told) == set()
    assert set(told) == set(said_by_the_service("de"))
    assert all(told.values())


@EACH
def test_what_errors_tell_of_one_case_is_said_in_each_language(language: str) -> None:
    """With all of its values; so is why an addon does not work."""
    kinds = frozenset(kind.__name__ for kind in CODES.values()) - FOR_REPORTS
    said = told_of_one_case(language)

    assert facts(kinds | FAULTS) - set(said) - set(said_by_the_service(language)) == set()
    assert set(said) == set(told_of_one_case("de"))
    assert {ours for ours, theirs in said.items() if gaps(theirs) != ours.count("{}")} == set()


def told_of_one_case(language: str) -> dict[str, str]:
    """Return the translations of what stands in errors."""
    return sentences((CLIENT / "elements" / "facts" / f"{language}.js").read_text())


def gaps(sentence: str) -> int:
    """Return how many values a translation takes, each once: in order, or all by number."""
    numbers = re.findall(r"{(\d)}", sentence)
    assert sorted(numbers) == [str(place + 1) for place in range(len(numbers))]
    return len(numbers) or sentence.count("{}")


def said_by_the_service(language: str) -> dict[str, str]:
    """Return the translations of what the service says."""
    text = (CLIENT / "elements" / "told" / f"{language}.js").read_text()
    return sentences(text)


def sentences(text: str) -> dict[str, str]:
    """Return the sentences of a file with their translations."""
    lines = re.findall(rf"^  ({TEXT}): ({TEXT}),$", text, re.MULTILINE)
    return {json.loads(ours): json.loads(theirs) for ours, theirs in lines}


@cache
def spoken() -> set[str]:
    """Return what must be translated: errors, a scanner's settings, what is offered for pages."""
    errors = {text for error in CODES.values() for text in (error.title, error.advice)}
    found = discover()
    offers = [*found.edits.values(), *found.steps.values()]
    asked = [option for offer in (*offers, *found.codecs.values()) for option in offer.options]
    asked += OPTIONS
    shown = {text for text in option_texts() if text}
    named = shown | {text for each in asked for text in (each.title, each.group, each.description)}
    chosen = {choice.title for option in asked for choice in option.choices}
    done = {offer.title for offer in offers}
    return {text for text in errors | named | chosen | done if not SAME.fullmatch(text)}


@EACH
def test_what_is_found_about_a_computer_is_said_in_each_language(language: str) -> None:
    """Each name, fact and advice that stands in the source, with all of its values."""
    said = sentences((CLIENT.parent / "app" / "found" / f"{language}.js").read_text())

    assert {text for text in found_in_words() if not stands_in(said, text)} == set()
    assert all(ours.count("{}") == theirs.count("{}") for ours, theirs in said.items())


def stands_in(said: Iterable[str], text: str) -> bool:
    """Tell whether a sentence has all that stands between the values of a text."""
    return any(all(part in each for part in text.split("{}")) for each in said)


@cache
def found_in_words() -> set[str]:
    """Return what findings are made of, with {} for each value."""
    texts: set[str] = set()
    for file in FINDING:
        tree = ast.parse(file.read_text())
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        if any(getattr(each, "id", "") in ("Finding", "Row") for each in calls):
            texts.update(text for node in ast.walk(tree) for text in told(node))
    return {text for text in texts if not text.startswith(("chmod ", "http"))}


def told(node: ast.AST) -> Iterator[str]:
    """Yield what a statement or a call tells as the name, the text or the advice of a finding."""
    pairs: list[tuple[object, ast.expr]] = []
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pairs = [(name, value)]
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            pairs = [
                (getattr(name, "id", ""), each) for name, each in zip(names, values, strict=True)
            ]
        case ast.Call(func=ast.Name(id="Finding" | "Row")):
            pairs = [(each.arg, each.value) for each in node.keywords]
    for key, stands in pairs:
        if key in ("name", "text", "advice"):
            yield from templates(stands)


@EACH
def test_the_page_says_everything_in_each_language(language: str) -> None:
    """Each sentence is there, and takes the same values as in English."""
    page = CLIENT.parent / "app"
    english = (page / "words.js").read_text()
    text = (page / "words" / f"{language}.js").read_text()

    assert named(text, "WORDS") == named(english, "WORDS")
    for name in named(english, "WORDS"):
        assert values(text, name) == values(english, name), name


def values(text: str, name: str) -> set[str]:
    """Return the values that a sentence is filled with; `count` may be in a number's own form."""
    said = re.search(rf'^  "?{name}"?: (.*)$', text, re.MULTILINE)
    assert said
    return set(re.findall(r"{(\w+)}", said[1])) - {"count"}


def named(text: str, name: str) -> set[str]:
    """Return the names in an object of JavaScript."""
    (_, _, rest) = text.partition(f"const {name} = {{")
    return set(re.findall(r'^  "?([\w-]+)"?: ', rest.partition("\n};")[0], re.MULTILINE))
