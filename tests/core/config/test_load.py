"""The settings: where each comes from, and what is said about a mistake."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig
from sheetfed.config import Config, load


def written(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "my.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_nothing_given_is_the_account_s_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    config = load(environ={})

    assert tmp_path in config.home.parents
    assert config.port is None
    assert config.file is None
    assert config.origins == {}
    assert not config.home.exists()


def test_home_holds_all_state_and_the_file(tmp_path: Path) -> None:
    (tmp_path / "sheetfed.toml").write_text("port = 20000\n")

    config = load(home=tmp_path, environ={})

    assert config.port == 20000
    folders = (config.store, config.crashes, config.logs, config.runtime, config.socket)
    assert all(tmp_path in folder.parents for folder in folders)


def test_argument_beats_environment_beats_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'port = 20000\nhome = "from-file"\n')
    environ = {"SHEETFED_PORT": "20001", "SHEETFED_HOME": str(tmp_path / "from-environment")}

    from_file = load(file=file, environ={})
    from_environment = load(file=file, environ=environ)
    from_argument = load(file=file, home=tmp_path / "given", port=20002, environ=environ)

    assert (from_file.port, from_file.home.name) == (20000, "from-file")
    assert from_file.home.parent == tmp_path
    assert (from_environment.port, from_environment.home.name) == (20001, "from-environment")
    assert (from_argument.port, from_argument.home.name) == (20002, "given")


def test_every_value_says_where_it_comes_from(tmp_path: Path) -> None:
    file = written(tmp_path, "# mine\nport = 20000\n\n[addons.sane]\nbinding = 'ctypes'\n")

    origins = load(file=file, environ={"SHEETFED_HOME": str(tmp_path)}).origins

    assert origins["port"] == f"{file}, line 2"
    assert origins["addons.sane.binding"] == f"{file}, line 5"
    assert origins["home"] == "SHEETFED_HOME"


def test_environment_names_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "strict = true\n")

    assert load(home=tmp_path, environ={"SHEETFED_CONFIG": str(file)}).strict


def test_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, b"\xef\xbb\xbfstrict = true\r\n")

    assert load(file=file, home=tmp_path, environ={}).strict


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port 18910", ("line 1", "Expected '='")),
        ("strict = true\nport: 18910", ("line 2", "key = value")),
        ("home = /tmp/x", ("line 1", "quotes")),
        ("strict = True", ("line 1", "quotes; true and false are lower-case")),
        ("port = 1\nport = 2", ("line 2", "overwrite")),
        ("[addons.sane", ("line 1",)),
        ("disabled = [", ("line 1",)),
        (b"port = \xff", ("line 1", "UTF-8")),
        (b"# ok\n\0", ("line 2",)),
        ("prot = 18910", ("line 1", "no setting 'prot'", "did you mean 'port'")),
        ("zzz = 1", ("no setting 'zzz'", "known are: home, port")),
        ("port = '18910'", ("line 1", "a number from 1 to 65535", "'18910'")),
        ("port = 0", ("a number from 1 to 65535",)),
        ("port = 70000", ("a number from 1 to 65535",)),
        ("port = true", ("a number from 1 to 65535",)),
        ("strict = 1", ("true or false",)),
        ("disabled = 'twain'", ("a list of addon names",)),
        ("disabled = [1]", ("a list of addon names",)),
        ("home = ''", ("a folder",)),
        ('home = "a\\u0000b"', ("a folder",)),
        ("addons = 3", ("tables",)),
        ("[addons]\nsane = 3", ("line 2", "[addons.sane]")),
        ("x = " + "[" * 5000, ("my.toml",)),
    ],
)
def test_mistake_names_file_line_and_remedy(
    tmp_path: Path, text: str | bytes, words: tuple[str, ...]
) -> None:
    file = written(tmp_path, text)

    with pytest.raises(BadConfig) as caught:
        load(file=file, home=tmp_path, environ={})

    assert str(file) in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_home_of_nobody_is_told_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, 'strict = true\nhome = "~nobody-has-this-name/x"\n')

    with pytest.raises(BadConfig, match=r"line 2: ~nobody-has-this-name/x: there is no such"):
        load(file=file, environ={})


@pytest.mark.parametrize("port", ["", "0", "eight", "99999", "1e3"])
def test_port_in_the_environment_is_checked(tmp_path: Path, port: str) -> None:
    if not port:  # an empty variable is an absent one
        assert load(home=tmp_path, environ={"SHEETFED_PORT": port}).port is None
        return

    with pytest.raises(BadConfig, match=f"SHEETFED_PORT: 'port' must be .*{port}"):
        load(home=tmp_path, environ={"SHEETFED_PORT": port})


def test_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no such file"):
        load(file=tmp_path / "absent.toml", environ={})


def test_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        load(file=tmp_path, home=tmp_path, environ={})


def test_unknown_account_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no such account"):
        load(home=Path("~nobody-by-this-name/x"), environ={})


def test_configuration_is_frozen_and_small() -> None:
    assert len(dataclasses.fields(Config)) < 20
    assert Config.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_sites_are_approved_and_blocked_by_origin(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        '[sites]\napproved = ["https://a.example", "http://localhost:5173"]\n'
        'blocked = ["https://b.example"]\n',
    )

    config = load(file=file, environ={})

    assert config.sites.approved == ("https://a.example", "http://localhost:5173")
    assert config.sites.blocked == ("https://b.example",)
    assert config.place("sites", "approved") == f"{file}, line 2"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('sites = ["https://a.example"]', "'sites' must be a table"),
        ("[sites]\nallowed = []", "there is no setting 'sites.allowed'"),
        ('[sites]\napproved = "https://a.example"', "must be a list"),
        ("[sites]\napproved = [1]", "1 is no origin"),
        ('[sites]\napproved = ["*"]', "'*' is no origin"),
        ('[sites]\napproved = ["null"]', "'null' is no origin"),
        ('[sites]\napproved = ["http://a.example"]', "as a browser sends it"),
        ('[sites]\napproved = ["https://A.example/"]', "did you mean 'https://a.example'?"),
        ('[sites]\napproved = ["scan.example:443"]', "did you mean 'https://scan.example'?"),
        (
            '[sites]\napproved = ["https://a.example"]\nblocked = ["https://a.example"]',
            "is approved and blocked",
        ),
    ],
)
def test_a_site_must_be_written_as_browsers_send_it(tmp_path: Path, text: str, says: str) -> None:
    """O03: an origin that is nearly right approves nothing, so it is said at once."""
    file = written(tmp_path, text)

    with pytest.raises(BadConfig) as told:
        load(file=file, environ={})

    assert says in told.value.message
    assert str(file) in told.value.message
