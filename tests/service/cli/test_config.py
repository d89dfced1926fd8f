"""`sheetfed config`: shown, checked, changed; a file that a person wrote stays theirs."""

from __future__ import annotations

import json
from typing import Any

from sheetfed.schema import SETTINGS

WRITTEN = """\
# Ours since 2019.
disabled = ["sane"]   # no scanner here

[quota]  # little room
pages = 500
"""


def test_a_value_is_set_where_it_belongs_and_every_comment_stays(shell: Any) -> None:
    file = shell.home / "sheetfed.toml"
    file.write_text(WRITTEN)
    file.chmod(0o640)

    done = [
        shell.run("config", "set", "quota.pages", "900"),
        shell.run("config", "set", "retention", "12h"),
        shell.run("config", "set", 'codecs."image/png"', "images"),
    ]

    assert [each.returncode for each in done] == [0, 0, 0], done[-1].stderr
    text = file.read_text()
    assert "# Ours since 2019." in text
    assert "# no scanner here" in text
    assert "[quota]  # little room\npages = 900" in text
    assert file.stat().st_mode & 0o777 == 0o640
    assert shell.run("config", "unset", "quota.pages").returncode == 0
    shown = json.loads(shell.run("config", "show", "--origin", "--json").stdout)
    assert shown["retention"]["value"] == "12h"
    assert shown["retention"]["origin"].startswith(f"{file}, line ")
    assert shown["quota.pages"] == {"value": 10000, "origin": "default"}


def test_a_mistake_is_not_written(shell: Any) -> None:
    file = shell.home / "sheetfed.toml"
    file.write_text(WRITTEN)

    wrong = [
        shell.run("config", "set", "port", "many"),
        shell.run("config", "set", "prot", "18910"),
        shell.run("config", "set", "quota", "3"),
        shell.run("config", "set", "addons.images.jpeg", "1"),
    ]

    assert [each.returncode for each in wrong] == [2] * 4
    assert f"{file}, line" in wrong[0].stderr
    assert "Nothing was changed." in wrong[0].stderr
    assert "There is no setting 'prot'" in wrong[1].stderr
    assert all("Traceback" not in each.stderr for each in wrong)
    assert file.read_text() == WRITTEN
    assert [each.name for each in shell.home.iterdir()] == ["sheetfed.toml"]


def test_all_that_is_configured_is_checked(shell: Any) -> None:
    """Settings of addons and targets too, which a start would find later."""
    file = shell.home / "sheetfed.toml"
    file.write_text('disabled = ["sane"]\n[addons.photocopier]\nx = 1\n')
    right = shell.run("config", "check")
    file.write_text("[targets.archive]\nprotocol = 3\n")
    wrong = shell.run("config", "check")

    assert right.returncode == 0
    assert "no addon 'photocopier' is installed" in right.stdout
    assert "has no mistake" in right.stderr
    assert wrong.returncode == 2
    assert "line 2" in wrong.stderr


def test_the_schema_knows_the_settings_of_installed_addons(shell: Any) -> None:
    plain = json.loads(shell.run("config", "schema").stdout)
    rich = json.loads(shell.run("config", "schema", "--addons").stdout)

    assert "properties" not in plain["properties"]["addons"]
    assert "folder" in rich["properties"]["addons"]["properties"]


def test_what_lies_above_the_file_is_told_when_a_value_is_set(shell: Any) -> None:
    """Or somebody wonders why nothing changes."""
    above = shell.home / "conf.d"
    above.mkdir()
    (above / "10-team.toml").write_text('# ours\nretention = "2d"\n')

    hidden = shell.run("config", "set", "retention", "12h")
    by_name = shell.run("config", "set", "tls", "false", environ={"SHEETFED_TLS": "true"})
    plain = shell.run("config", "set", "quota.pages", "900")

    assert hidden.stderr == f"{above / '10-team.toml'}, line 2 says otherwise, and that counts.\n"
    assert by_name.stderr == "SHEETFED_TLS says otherwise, and that counts.\n"
    assert plain.stderr == ""
    assert [each.returncode for each in (hidden, by_name, plain)] == [0, 0, 0]


def test_every_setting_that_is_made_is_shown(shell: Any) -> None:
    file = shell.home / "sheetfed.toml"
    file.write_text(
        'disabled = ["sane"]\n[targets.archive]\nprotocol = "folder"\npath = "/srv/x"\n'
        '[codecs]\n"image/png" = "images"\n[interpreters]\ntwain = ["py", "-32"]\n'
    )

    shown = json.loads(shell.run("config", "show", "--json").stdout)

    assert shown["codecs.image/png"] == "images"
    assert shown["interpreters.twain"] == ["py", "-32"]
    assert shown["targets.archive.protocol"] == "folder"
    parts = {key.partition(".")[0] for key in shown}
    assert {*SETTINGS} - {"addons"} <= parts
