"""Files, environment and the administrator's word, laid on one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig
from sheetfed.config import FILE, Config, load


class Machine:
    """A computer with an administrator and one account."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "site"
        self.home = folder / "home"
        for place in (self.site, self.home / "conf.d"):
            place.mkdir(parents=True)

    def site_says(self, text: str, name: str = "50-office.toml") -> Path:
        (self.site / name).write_text(text)
        return self.site / name

    def person_says(self, text: str, name: str = FILE) -> Path:
        (self.home / name).write_text(text)
        return self.home / name

    def load(self, **environ: str) -> Config:
        return load(home=self.home, site=self.site, environ=environ)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_newest_word_counts_and_everything_says_where_it_is_from(machine: Machine) -> None:
    """Site, then the person's file, then the files beside it in order, then the environment."""
    site = machine.site_says("tls = false\nstrict = true\nport = 20000\ntls_port = 20001\n")
    mine = machine.person_says("strict = false\nport = 21000\ntls_port = 21001\n")
    machine.person_says("port = 22000\ntls_port = 22001\n", "conf.d/10-a.toml")
    beside = machine.person_says("\ntls_port = 23001\n", "conf.d/20-b.toml")
    machine.person_says("port = 1\n", "conf.d/notes.txt")

    config = machine.load(SHEETFED_DISABLED='["twain"]')

    assert (config.tls, config.strict, config.port, config.tls_port) == (False, False, 22000, 23001)
    assert config.disabled == ("twain",)
    assert config.origins["tls"] == f"{site}, line 1"
    assert config.origins["strict"] == f"{mine}, line 1"
    assert config.origins["tls_port"] == f"{beside}, line 2"
    assert config.origins["disabled"] == "SHEETFED_DISABLED"


def test_tables_are_joined_and_lists_of_sites_too(machine: Machine) -> None:
    machine.site_says(
        '[sites]\napproved = ["https://a.example"]\n[quota]\npages = 5\nmib = 6\n'
        '[targets.archive]\nprotocol = "folder"\n'
    )
    machine.person_says(
        '[sites]\napproved = ["https://b.example"]\n[quota]\npages = 7\n[targets.own]\nprotocol="x"'
    )

    config = machine.load(SHEETFED_QUOTA__MIB="8")

    assert config.sites.approved == ("https://a.example", "https://b.example")
    assert (config.keeping.quota.pages, config.keeping.quota.mib) == (7, 8)
    assert {*config.targets} == {"archive", "own"}
    assert config.place("targets", "own").endswith(f"{FILE}, line 5")


def test_what_is_locked_nobody_else_decides_and_they_are_told(machine: Machine) -> None:
    """Silently taking no notice would be a riddle; refusing to start would stop the work."""
    site = machine.site_says(
        '[policies]\nlocked = ["sites", "tls", "targets.archive"]\n'
        '[sites]\napproved = ["https://a.example"]\n[targets.archive]\nprotocol = "folder"\n'
    )
    mine = machine.person_says(
        'tls = false\n[sites]\napproved = ["https://evil.example"]\n'
        '[targets.archive]\npath = "/tmp"\n[targets.own]\nprotocol = "folder"\n'
    )

    config = machine.load(SHEETFED_TLS="false")

    assert config.tls is True
    assert config.sites.approved == ("https://a.example",)
    assert config.targets == {"archive": {"protocol": "folder"}, "own": {"protocol": "folder"}}
    decides = f"has no effect; the administrator decides it ({site}, line 2)"
    assert config.notes == (
        f"{mine}, line 1: 'tls' {decides}",
        f"{mine}, line 2: 'sites' {decides}",
        f"{mine}, line 4: 'targets.archive' {decides}",
        f"SHEETFED_TLS: 'tls' {decides}",
    )


def test_a_locked_port_is_not_chosen_on_the_command_line(machine: Machine) -> None:
    machine.site_says('port = 20000\n[policies]\nlocked = ["port"]\n')

    with pytest.raises(BadConfig, match="the administrator decides the port"):
        load(home=machine.home, site=machine.site, port=1234, environ={})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[policies]\nlocked = 'sites'", ("line 2", "must be a list")),
        ("[policies]\nlocked = ['prot']", ("line 2", "'prot', which is no setting")),
        ("[policies]\nunlocked = []", ("line 1", "`locked`")),
        ("policies = 3", ("line 1", "`locked`")),
        ("prot = 3", ("line 1", "did you mean 'port'")),
        ("[quota]\npages = -1", ("line 2", "from 0 on")),
    ],
)
def test_a_mistake_of_the_administrator_is_told_with_its_line(
    machine: Machine, text: str, words: tuple[str, ...]
) -> None:
    file = machine.site_says(text)

    with pytest.raises(BadConfig) as told:
        machine.load()

    assert all(word in told.value.message for word in (str(file), *words))


def test_a_person_makes_no_policies(machine: Machine) -> None:
    machine.person_says("[policies]\nlocked = []")

    with pytest.raises(BadConfig, match="only an administrator's file may have"):
        machine.load()


def test_a_file_of_the_administrator_that_others_can_write_is_not_believed(
    machine: Machine,
) -> None:
    machine.site_says("tls = false").chmod(0o666)

    with pytest.raises(BadConfig, match="is the administrator's, but everybody may write"):
        machine.load()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SHEETFED_TLS", "perhaps", "SHEETFED_TLS: 'tls' must be true or false, not 'perhaps'"),
        ("SHEETFED_QUOTA__PAGES", "many", "SHEETFED_QUOTA__PAGES: 'quota.pages' must be"),
        ("SHEETFED_QUOTA__SHEETS", "1", "SHEETFED_QUOTA__SHEETS: there is no setting"),
    ],
)
def test_a_mistake_in_a_variable_names_the_variable(
    machine: Machine, name: str, value: str, words: str
) -> None:
    with pytest.raises(BadConfig) as told:
        machine.load(**{name: value})

    assert words in told.value.message


def test_variables_of_others_are_left_alone(machine: Machine) -> None:
    """A target's password may stand in a variable of any name."""
    config = machine.load(SHEETFED_ARCHIVE_PASSWORD="x", SHEETFED_TLS="", SHEETFEDERATION="1")

    assert config == machine.load()


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_file_that_was_half_written_is_told_and_never_half_believed(
    machine: Machine, cut: int
) -> None:
    """What stops within a line has no meaning; what stops between lines has less of it."""
    whole = 'tls_port = 23001\nretention = "12h"\n[sites]\napproved = ["https://a.example"]\n'
    file = machine.person_says(whole[:cut])
    try:
        config = machine.load()
    except BadConfig as told:
        assert f"{file}, line " in told.message  # noqa: PT017 - either is right
    else:
        assert config.tls_port in (None, 2, 23, 230, 2300, 23001)
