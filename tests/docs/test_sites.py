"""The requests of the how-to "Let a web page scan" do what it says, word for word."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))
from running import Answer, Caller, Running
from site_page import Site

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/sites.md").read_text()
BLOCKS = re.findall(r"^```http\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ORIGIN = "https://scan.example"
ELIDED = "…"


@dataclass
class Message:
    """A request or an answer as the page shows it."""

    first: str
    headers: dict[str, str]
    body: Any = None

    @classmethod
    def read(cls, text: str) -> Message:
        """Take a block apart."""
        head, _, body = text.partition("\n\n")
        first, *lines = head.strip().splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        return cls(first, headers, json.loads(body) if body.strip() else None)


@dataclass
class Reader:
    """Somebody who follows the page: what was elided is what the answers before said."""

    site: Site
    known: dict[str, Any] = field(default_factory=dict)

    def send(self, message: Message) -> Answer:
        """Send a request of the page."""
        method, path, _ = message.first.split()
        path = path.replace(f"pair_{ELIDED}", self.known.get("id", ""))
        headers = dict(message.headers)
        del headers["Host"]
        if "Authorization" in headers:
            headers["Authorization"] = f"Bearer {self.known['token']}"
        body = message.body
        if body is not None:
            body = {name: self.value(name, shown) for name, shown in body.items()}
        return Caller(self.site.port).ask(method, path, body, headers)

    def value(self, name: str, shown: Any) -> Any:
        """Return what stands for a value of the page."""
        if shown != ELIDED:
            return shown
        if name == "key":
            return self.site.key
        return self.site.sign(self.known) if name == "signature" else self.known[name]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\ntls = false\n')
    with Running(home) as running:
        yield running


def test_the_page_is_followed_word_for_word(running: Running) -> None:
    messages = [Message.read(block) for block in BLOCKS]
    requests, answers = messages[::2], messages[1::2]
    reader = Reader(Site(running.port, ORIGIN))

    assert len(requests) == len(answers) == 5
    for request, told in zip(requests, answers, strict=True):
        answer = reader.send(request)

        assert answer.status == int(told.first.split()[1]), request.first
        for name, value in told.headers.items():
            assert answer.headers[name].startswith(value), (request.first, name)
        if told.body is not None:
            assert [*answer.json] == [*told.body], request.first
            assert same(answer.json, told.body), (request.first, answer.json)
            reader.known |= answer.json
        if reader.known.get("state") == "pending":
            approved = f"/v1/pairings/{reader.known['id']}/approve"
            assert running.tool.post(approved, {"code": reader.known["code"]}).status == 200


def same(found: dict[str, Any], told: dict[str, Any]) -> bool:
    """Tell whether an answer says what the page shows, as far as that is the same each time."""
    fixed = {"state", "expires_in"}
    shapes = {"id": r"pair_\S{20,}", "code": "[0-9]{6}"}
    return all(found[name] == told[name] for name in fixed & found.keys()) and all(
        re.fullmatch(shape, found[name]) for name, shape in shapes.items() if name in found
    )


def test_every_word_for_sites_is_one_of_ours() -> None:
    """A command that is misspelt in the docs costs a reader an hour."""
    from sheetfed.cli.sites import command

    named = set(re.findall(r"sheetfed sites (\w+)", PAGE))

    assert named == set(command.commands)
