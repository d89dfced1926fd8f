"""An addon for other systems is disabled, and says why; an interpreter of its own helps."""

from __future__ import annotations

from typing import Any

CODE = """
    @hookimpl
    def sheetfed_sources():
        return [
            SourceSpec(name="plum", title="Plum", factory="plums:Plum", platforms=("plan9", "vms")),
            SourceSpec(name="sloe", title="Sloe", factory="plums:Plum", platforms=()),
        ]

    class Plum: ...
"""


def test_an_addon_for_other_systems_is_disabled(garden: Any) -> None:
    garden.plant("plums", CODE)

    (row,) = garden.rows()

    assert row["state"] == "disabled"
    assert "plan9, vms" in row["reason"]
    assert "[interpreters]" in row["reason"]


def test_a_source_with_an_interpreter_of_its_own_is_ready(garden: Any) -> None:
    """The others of the addon stay away."""
    garden.plant("plums", CODE)
    garden.home.mkdir(exist_ok=True)
    (garden.home / "sheetfed.toml").write_text('[interpreters]\nsloe = ["/opt/other/python"]\n')

    (row,) = garden.rows()

    assert (row["state"], row["offers"]) == ("ready", {"sources": ["sloe"]})


def test_platforms_are_a_tuple(garden: Any) -> None:
    """A text would be taken for its letters."""
    garden.plant("plums", CODE.replace("platforms=()", 'platforms="win32"'))

    (row,) = garden.rows()

    assert row["state"] == "broken"
    assert "platforms" in row["reason"]
