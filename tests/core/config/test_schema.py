"""The JSON Schema says what the service accepts, no more and no less."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from sheetfed.api.errors import BadConfig
from sheetfed.config import _KEYS, load
from sheetfed.schema import SETTINGS, schema

ROOT = Path(__file__).parents[3]

RIGHT = [
    "",
    'home = "x"',
    "port = 1",
    "port = 65535\ntls = false\ntls_port = 2",
    'accounts = ["root"]\ndisabled = ["a"]\nstrict = true',
    'retention = "90m"',
    'retention = "forever"',
    "retention = 0",
    'key = "keyring"\nlog = "json"',
    "[quota]\npages = 0\nmib = 5\ntotal_pages = 1\ntotal_mib = 1\ndocument_pages = 1\n",
    '[sites]\napproved = ["https://a.example"]\nblocked = ["http://localhost:1"]',
    '[targets.a]\nprotocol = "folder"',
    "[addons.sane]\nanything = 1",
    '[codecs]\n"image/png" = "images"',
    '[interpreters]\ntwain32 = ["C:/Python/python.exe", "-X", "utf8"]',
]
WRONG = [
    "prot = 1",
    "home = ''",
    "port = 0",
    "port = '1'",
    "port = true",
    "tls = 1",
    "strict = 'yes'",
    "accounts = 'ann'",
    "disabled = [1]",
    "retention = 1",
    "retention = '1y'",
    "retention = '0h'",
    "key = 'pocket'",
    "log = 'xml'",
    "[quota]\nsheets = 1",
    "[quota]\npages = -1",
    "[quota]\npages = true",
    "[sites]\nallowed = []",
    "[sites]\napproved = 'https://a.example'",
    "[sites]\napproved = ['a.example']",
    "addons = 1",
    "[addons]\nsane = 3",
    "targets = 1",
    "[targets]\na = 1",
    "interpreters = 1",
    "[interpreters]\ntwain = 'python'",
    "[interpreters]\ntwain = []",
    "[interpreters]\ntwain = ['']",
]


def accepts(text: str) -> bool:
    """Tell whether the schema accepts a file."""
    checker = jsonschema.Draft202012Validator(schema())
    return not [*checker.iter_errors(tomllib.loads(text))]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_right_for_both(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.toml").write_text(text)

    load(file=tmp_path / "x.toml", environ={})

    assert accepts(text)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_wrong_for_both(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.toml").write_text(text)

    with pytest.raises(BadConfig):
        load(file=tmp_path / "x.toml", environ={})

    assert not accepts(text)


def test_every_setting_is_in_it_and_in_the_docs_and_published() -> None:
    page = (ROOT / "docs/reference/configuration.md").read_text()

    assert {*SETTINGS} == {*_KEYS}
    for name, setting in SETTINGS.items():
        assert f"| `{name}` | {setting['description']} |" in page
    published = json.loads((ROOT / "docs/reference/sheetfed.schema.json").read_text())
    assert published == schema()
