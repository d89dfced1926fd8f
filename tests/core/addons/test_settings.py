"""The table of an addon against the options it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sheetfed.addons import AddonRow, Addons, check_settings, settings_for
from sheetfed.api.errors import BadConfig
from sheetfed.api.hooks import CodecSpec, SourceSpec
from sheetfed.api.model import Choice, Option
from sheetfed.config import Config

OPTIONS = (
    Option(name="speed", title="Speed", kind="int", default=3, minimum=1, maximum=9),
    Option(
        name="binding",
        title="Binding",
        kind="choice",
        default="fast",
        choices=(Choice(value="fast", title="Fast"), Choice(value="safe", title="Safe")),
    ),
    Option(name="password", title="Password", kind="secret"),
)
SPEC = SourceSpec(name="lamp", title="Lamp", factory="lamp:Lamp", options=OPTIONS)
ADDONS = Addons(
    rows=(AddonRow(name="light", state="ready", offers={"sources": ("lamp",)}),),
    sources={"lamp": SPEC},
    codecs={},
    steps={},
    targets={},
    edits={},
    webapps={},
    commands={},
)


def config(tmp_path: Any, table: Mapping[str, Any], name: str = "light") -> Config:
    key = next(iter(table), "")
    return Config(
        home=tmp_path,
        runtime=tmp_path,
        addons={name: table},
        origins={f"addons.{name}": "my.toml, line 1", f"addons.{name}.{key}": "my.toml, line 2"},
    )


def test_table_fills_the_settings_and_defaults_the_rest(tmp_path: Any) -> None:
    settings = settings_for(ADDONS, SPEC, config(tmp_path, {"speed": 7}))

    assert settings == {"speed": 7, "binding": "fast", "password": None}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"sped": 3}, ("my.toml, line 2", "no setting 'sped'", "did you mean 'speed'")),
        ({"speed": 10}, ("my.toml, line 2", "'speed' must be 1 to 9, not 10")),
        ({"speed": 0}, ("must be 1 to 9",)),
        ({"speed": True}, ("must be a number",)),
        ({"speed": "3"}, ("must be a number",)),
        ({"binding": "slow"}, ("one of fast, safe",)),
        ({"binding": ["fast"]}, ("one of fast, safe",)),
        ({"password": 12345}, ("must be text, not a secret",)),
    ],
)
def test_wrong_value_names_file_line_and_key(
    tmp_path: Any, table: Mapping[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(BadConfig) as caught:
        check_settings(ADDONS, config(tmp_path, table))

    for word in words:
        assert word in str(caught.value)
    assert "12345" not in str(caught.value)


def test_misspelt_addon_gets_the_right_name(tmp_path: Any) -> None:
    with pytest.raises(BadConfig, match=r"no addon 'ligt' is installed; did you mean 'light'"):
        check_settings(ADDONS, config(tmp_path, {}, "ligt"))


def test_table_of_an_addon_that_is_gone_is_no_mistake(tmp_path: Any) -> None:
    """Removing a package must not stop the service over the settings it left."""
    for gone in ("twain", "glint"):
        said = check_settings(ADDONS, config(tmp_path, {"x": 1}, gone))

        assert said == [f"my.toml, line 1: no addon '{gone}' is installed"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"image/x-lamp": "lamp"}, ""),
        ({"image/x-lamp": "lamb"}, "'lamb' is no codec for image/x-lamp; these know it: lamp"),
        ({"image/png": "lamp"}, "'lamp' is no codec for image/png; no codec here knows it"),
    ],
)
def test_a_codec_is_chosen_by_a_name_that_there_is(
    tmp_path: Any, chosen: Mapping[str, str], words: str
) -> None:
    """A slip in the name would leave the wrong codec at work for years."""
    reads = frozenset({"image/x-lamp"})
    codec = CodecSpec(name="lamp", title="Lamp", factory="lamp:Lamp", reads=reads)
    addons = replace(ADDONS, codecs={"lamp": codec})
    asked = Config(home=tmp_path, runtime=tmp_path, codecs=chosen)

    if not words:
        assert check_settings(addons, asked) == []
        return
    with pytest.raises(BadConfig, match=words):
        check_settings(addons, asked)
