"""Targets in the configuration: what is wrong is named with its line, secrets are referred to."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig, TargetRefused
from sheetfed.api.hooks import TargetSpec
from sheetfed.api.model import Choice, Option
from sheetfed.config import load
from sheetfed.credentials import Reference, fetch
from sheetfed.targets import Place, read

SPEC = TargetSpec(
    name="box",
    title="Box",
    factory="box:Box",
    options=(
        Option(name="url", title="Address", kind="text", default=""),
        Option(name="headers", title="Headers", kind="text", default=""),
        Option(name="depth", title="Depth", kind="int", default=1, minimum=1, maximum=9),
        Option(name="password", title="Password", kind="secret"),
        Option(
            name="method",
            title="Method",
            kind="choice",
            default="POST",
            choices=(Choice(value="POST", title="POST"), Choice(value="PUT", title="PUT")),
        ),
    ),
)
TABLE = '[targets.dms]\nprotocol = "box"\n'


def places(folder: Path, text: str) -> dict[str, Place]:
    """Return the targets of a configuration."""
    (folder / "sheetfed.toml").write_text(text)
    return read(load(home=folder, environ={}), {"box": SPEC})


def test_a_table_becomes_a_target(tmp_path: Path) -> None:
    """Lists and tables become lines, secrets stay references, what is not said has its default."""
    (place,) = places(
        tmp_path,
        f"{TABLE}url = 'https://a.example/'\nheaders = {{ X-A = 'b', X-C = 'd' }}\n"
        "method = 'PUT'\npassword = { file = 'secret' }\nsites = ['https://shop.example']\n"
        "fields.case = 'Case'\nfields.kind = { choices = ['a', 'b'], default = 'a' }\n",
    ).values()

    assert place.settings == {
        "url": "https://a.example/",
        "headers": "X-A: b\nX-C: d",
        "depth": 1,
        "method": "PUT",
    }
    assert place.secrets == {"password": Reference(where="file", name=str(tmp_path / "secret"))}
    assert place.lets("local")
    assert place.lets("https://shop.example")
    assert not place.lets("https://other.example")
    assert [(one.name, one.kind, one.default) for one in place.fields] == [
        ("case", "text", None),
        ("kind", "choice", "a"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("[targets.dms]\nurl = 'x'\n", 1, "'protocol' is missing; known are: box"),
        ("[targets.DMS]\nprotocol = 'box'\n", 1, "lower-case"),
        (f"{TABLE}urll = 'x'\n", 3, "did you mean 'url'?"),
        (f"{TABLE}depth = 10\n", 3, "1 to 9"),
        (f"{TABLE}method = 'GET'\n", 3, "POST, PUT"),
        (f"{TABLE}password = 'hunter2'\n", 3, "say where the secret is"),
        (f"{TABLE}password = {{ vault = 'x' }}\n", 3, "say where the secret is"),
        (f"{TABLE}url = 'ftp://me:hunter2@a.example/'\n", 3, "must not stand in a URL"),
        (f"{TABLE}sites = ['shop.example']\n", 3, "no origin"),
        (f"{TABLE}name = '{{owner}}'\n", 3, "there are {barcode}"),
        (f"{TABLE}name = '{{date'\n", 3, "write it twice"),
        (f"{TABLE}name = '{{n:zz}}'\n", 3, "{n:1} to {n:9}"),
        (f"{TABLE}type = 'pdf'\n", 3, "media type"),
        (f"{TABLE}at-once = 0\n", 3, "1 to 16"),
        (f"{TABLE}fields.case = 7\n", 3, "a title, or a table"),
        (f"{TABLE}fields.case = {{ titel = 'x' }}\n", 3, "no 'titel'"),
        (f"{TABLE}fields.case = {{ kind = 'int', default = 'x' }}\n", 3, "default of 'case'"),
        ("[targets]\ndms = 'box'\n", 2, "must be a table"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, hint: str) -> None:
    """Who writes it by hand finds it; a password that was written down is not told."""
    with pytest.raises(BadConfig, match=rf"line {line}: ") as caught:
        places(tmp_path, text)

    assert hint in caught.value.message
    assert "hunter2" not in caught.value.message


def test_a_secret_comes_from_where_it_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is fetched anew each time: a changed password holds at the next try."""
    file = tmp_path / "secret"
    file.write_text("first\n")
    file.chmod(0o600)
    monkeypatch.setenv("DMS_TOKEN", "second")

    assert fetch(Reference(where="file", name=str(file))) == "first"
    assert fetch(Reference(where="env", name="DMS_TOKEN")) == "second"


def test_a_secret_that_others_may_read_is_not_taken(tmp_path: Path) -> None:
    """A password in a file for everybody is none."""
    file = tmp_path / "secret"
    file.write_text("hunter2")
    file.chmod(0o644)

    for found in (
        Reference(where="file", name=str(file)),
        Reference(where="file", name=str(tmp_path / "nowhere")),
        Reference(where="env", name="SHEETFED_NO_SUCH_THING"),
    ):
        with pytest.raises(TargetRefused, match="cannot be read") as caught:
            fetch(found)
        assert "hunter2" not in caught.value.message
