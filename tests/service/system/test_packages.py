"""Addons are added and removed whole or not at all, from where the administrator says."""

from __future__ import annotations

import hashlib
import json
import os
import site
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sheetfed.api.errors import SystemRefused
from sheetfed.system.environment import Environment

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from package_index import PackageIndex, spoil, wheel

GOOD = """
from sheetfed.api.hooks import SourceSpec, hookimpl

@hookimpl
def sheetfed_sources():
    return [SourceSpec(name="{0}", title="{0}", factory="acme_stapler:Any")]
"""
PROGRAM = "from sheetfed.cli import main; main()"


class Home:
    """sheetfed in an environment of its own, which begins empty of addons but ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        made = [sys.executable, "-m", "venv", "--without-pip", folder / "env"]
        subprocess.run(made, check=True)
        self.python = folder / "env/bin/python"
        (self.packages,) = (folder / "env/lib").glob("python*/site-packages")
        (self.packages / "base.pth").write_text(f"import site; site.addsitedir({base()!r})\n")

    def run(self, *words: object, environ: Any = None) -> subprocess.CompletedProcess[str]:
        """Run `sheetfed addons` in it."""
        before = ["--home", self.folder / "state", "addons"]
        return subprocess.run(
            [self.python, "-P", "-c", PROGRAM, *map(str, before), *map(str, words)],
            env={**os.environ, "HOME": str(self.folder), **(environ or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def rows(self) -> dict[str, Any]:
        """Return the addons by name."""
        return {row["name"]: row for row in json.loads(self.run("--json").stdout)["items"]}

    def listing(self) -> dict[str, str]:
        """Return every file with its checksum, compiled ones left out."""
        return {
            str(file.relative_to(self.packages.parent)): hashlib.sha256(
                file.read_bytes()
            ).hexdigest()
            for file in sorted(self.packages.parent.rglob("*"))
            if file.is_file() and file.suffix != ".pyc"
        }


def base() -> str:
    """Return where sheetfed and what it needs are."""
    return site.getsitepackages()[0]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.timeout(120)
def test_a_customer_gets_what_they_license_and_the_token_is_seen_by_nobody(
    home: Home, tmp_path: Path
) -> None:
    """The recipe for vendors: one index, a password for each customer, nothing else to build."""
    wheels = tmp_path / "wheels"
    wheel(wheels, "acme-stapler", "1.0", GOOD.format("stapler"))
    wheel(wheels, "acme-gold", "1.0", GOOD.format("gold"))
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    licences = {"ann:s3cret": ("acme-stapler",), "bob:other": ("acme-stapler", "acme-gold")}
    with PackageIndex(wheels, licences) as index:
        shop = ("--index", index.url, "--user", "ann")
        nobody = home.run("add", "acme-stapler", "--index", index.url)
        got = home.run("add", "acme-stapler", *shop, "--token-file", token)
        beyond, _ = index.answer("/wheels/acme_gold-1.0-py3-none-any.whl", licences["ann:s3cret"])
        spoken = home.run("add", "acme-gold", "--index", index.url.replace("//", "//bob:other@"))

    assert (nobody.returncode, "check --user and the token" in nobody.stderr) == (1, True)
    assert (got.returncode, got.stderr) == (0, "")
    assert "acme-stapler 1.0" in got.stdout
    assert home.rows()["stapler"]["state"] == "ready"
    assert not beyond
    assert (spoken.returncode, "--token-file" in spoken.stderr) == (2, True)

    listed = json.loads(home.run("list", "--available", "--json").stdout)["items"]
    known = {each["package"]: each["installed"] for each in listed}
    assert known["acme-stapler"] == "1.0"
    assert "sheetfed-escl" not in known  # nobody can install it yet

    assert home.run("remove", "acme-stapler").returncode == 0
    assert "stapler" not in home.rows()


@pytest.mark.timeout(120)
def test_what_fails_half_way_leaves_everything_as_it_was(home: Home, tmp_path: Path) -> None:
    """The first of two is installed already when the second does not unpack."""
    wheels = tmp_path / "wheels"
    wheel(wheels, "acme-stapler", "1.0", GOOD.format("stapler"))
    assert home.run("add", "acme-stapler", "--wheels", wheels).returncode == 0
    before = home.listing()
    wheel(wheels, "acme-stapler", "2.0", GOOD.format("stapler"))
    spoil(wheel(wheels, "acme-gold", "1.0", "# SPOIL", needs="acme-stapler>=2"))
    wheel(wheels, "acme-iron", "1.0", "", needs="acme-stapler>=2", addon=False)

    tried = {
        name: home.run("add", name, "--wheels", wheels)
        for name in ("acme-gold", "acme-iron", "acme-gold; rm -rf /")
    }

    for name, done in tried.items():
        assert done.returncode in {1, 2}, (name, done)
        assert "Traceback" not in done.stderr
    assert home.listing() == before
    assert "There is no addon in acme-iron" in tried["acme-iron"].stderr


@pytest.mark.timeout(120)
def test_where_uv_made_the_environment_uv_changes_it(home: Home, tmp_path: Path) -> None:
    """Such an environment has no pip."""
    (home.packages / "base.pth").unlink()
    for entry in Path(base()).iterdir():
        if not entry.name.startswith(("pip", "_distutils")) and entry.suffix != ".pth":
            (home.packages / entry.name).symlink_to(entry)
    for link in Path(base()).glob("_editable_impl_*.pth"):
        (home.packages / link.name).write_text(link.read_text())
    wheels = tmp_path / "wheels"
    wheel(wheels, "acme-stapler", "1.0", GOOD.format("stapler"))
    spoil(wheel(wheels, "acme-gold", "1.0", "# SPOIL", needs="acme-stapler"))
    with_uv = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    added = home.run("add", "acme-stapler", "--wheels", wheels, environ=with_uv)
    there = home.rows()["stapler"]["state"]
    spoiled = home.run("add", "acme-gold", "--wheels", wheels, environ=with_uv)
    removed = home.run("remove", "acme-stapler", environ=with_uv)
    named = added_by_name(home, tmp_path, with_uv)

    assert (added.returncode, there) == (0, "ready"), added.stderr
    assert spoiled.returncode == 1
    assert "Nothing was changed: " in spoiled.stderr
    assert removed.returncode == 0, removed.stderr
    assert "acme-stapler 1.0" in named, "from the index that is named, and no other"


def added_by_name(home: Home, tmp_path: Path, environ: dict[str, str]) -> str:
    """Add a package from one index where uv is set up for another one that has a newer version."""
    wheel(tmp_path / "theirs", "acme-stapler", "9.0", GOOD.format("stapler"))
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    with (
        PackageIndex(tmp_path / "wheels", {"ann:s3cret": ("acme-stapler",)}) as index,
        PackageIndex(tmp_path / "theirs", {"any:one": ("acme-stapler",)}) as other,
    ):
        strange = other.url.replace("//", "//any:one@")
        more = {**environ, "UV_EXTRA_INDEX_URL": strange, "UV_DEFAULT_INDEX": strange}
        shop = ("--index", index.url, "--user", "ann", "--token-file", token)
        done = home.run("add", "acme-stapler", *shop, environ=more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_change_that_was_killed_is_undone_the_next_time(tmp_path: Path) -> None:
    packages, scripts = tmp_path / "lib/site-packages", tmp_path / "bin"
    packages.mkdir(parents=True)
    scripts.mkdir()
    (packages / "old.py").write_text("1")
    for name in ("gone", "old", "same"):
        (scripts / name).write_text("1")
    (scripts / "old").chmod(0o755)
    (scripts / "python").symlink_to("/usr/bin/python3")
    environment = Environment(packages, scripts)
    environment._remember()  # and then the power goes, in the middle of an installation
    (packages / "old.py").unlink()
    (packages / "old.py").write_text("half")
    (packages / "new.py").write_text("2")
    (scripts / "new").write_text("2")
    (scripts / "old").write_text("2")
    (scripts / "gone").unlink()
    (scripts / "python").unlink()

    assert Environment(packages, scripts).recover()

    assert [file.name for file in packages.iterdir()] == ["old.py"]
    assert (packages / "old.py").read_text() == "1"
    assert {file.name for file in scripts.iterdir()} == {"gone", "old", "python", "same"}
    assert {(scripts / name).read_text() for name in ("gone", "old", "same")} == {"1"}
    assert (scripts / "old").stat().st_mode & 0o777 == 0o755
    assert (scripts / "python").readlink() == Path("/usr/bin/python3")
    assert [place.name for place in packages.parent.iterdir()] == ["site-packages"]
    assert not environment.recover()


def environment_with(tmp_path: Path, version: str) -> Environment:
    """Return an environment with one version of a package, in the middle of a change."""
    packages, scripts = tmp_path / "lib/site-packages", tmp_path / "bin"
    (packages / f"acme-{version}.dist-info").mkdir(parents=True)
    scripts.mkdir()
    environment = Environment(packages, scripts)
    environment._remember()
    return environment


def test_a_change_that_was_cut_off_long_ago_takes_back_nothing_newer(tmp_path: Path) -> None:
    """Somebody has repaired it by a newer version, by the system's package for one."""
    environment = environment_with(tmp_path, "1.0")
    (before,) = environment.packages.parent.glob("*.sheetfed-before")
    then = time.time() - 3 * 3600
    os.utime(before, (then, then))
    (environment.packages / "acme-1.0.dist-info").rmdir()
    (environment.packages / "acme-2.0.dist-info").mkdir()

    assert not environment.recover()

    assert [each.name for each in environment.packages.iterdir()] == ["acme-2.0.dist-info"]
    assert [each.name for each in environment.packages.parent.iterdir()] == ["site-packages"]


def test_a_change_that_was_cut_off_a_moment_ago_is_taken_back(tmp_path: Path) -> None:
    environment = environment_with(tmp_path, "1.0")
    (environment.packages / "acme-1.0.dist-info").rmdir()
    (environment.packages / "acme-2.0.dist-info").mkdir()

    assert environment.recover()

    assert [each.name for each in environment.packages.iterdir()] == ["acme-1.0.dist-info"]


def test_two_do_not_change_it_at_a_time(tmp_path: Path) -> None:
    """The second would take what the first is about for a change that was cut off."""
    environment = environment_with(tmp_path, "1.0")
    other = Environment(environment.packages, environment.scripts)

    with environment.unharmed():
        (environment.packages / "new").touch()
        with pytest.raises(SystemRefused, match="Another command"), other.unharmed():
            pass
        assert (environment.packages / "new").exists()

    assert (environment.packages / "new").exists()


@pytest.mark.timeout(120)
def test_a_named_place_is_the_only_one_whatever_pip_is_set_up_for(
    home: Home, tmp_path: Path
) -> None:
    """Or a stranger's package of the same name, in a newer version, would be taken."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    wheel(ours, "acme-stapler", "1.0", GOOD.format("stapler"))
    wheel(theirs, "acme-stapler", "9.0", GOOD.format("stapler"))
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    with (
        PackageIndex(ours, {"ann:s3cret": ("acme-stapler",)}) as index,
        PackageIndex(theirs, {"any:one": ("acme-stapler",)}) as other,
    ):
        strange = other.url.replace("//", "//any:one@")
        config = tmp_path / ".config/pip/pip.conf"
        config.parent.mkdir(parents=True)
        config.write_text(f"[global]\nextra-index-url = {strange}\nfind-links = {theirs}\n")
        more = {"PIP_EXTRA_INDEX_URL": strange, "PIP_FIND_LINKS": str(theirs)}
        shop = ("--index", index.url, "--user", "ann", "--token-file", token)
        by_index = home.run("add", "acme-stapler", *shop, environ=more)
        home.run("remove", "acme-stapler")
        by_wheels = home.run("add", "acme-stapler", "--wheels", ours, environ=more)
        asked = other.asked

    for done in (by_index, by_wheels):
        assert done.returncode == 0, done.stderr
        assert "acme-stapler 1.0" in done.stdout
    assert asked == []


def test_the_python_of_the_system_is_left_alone(tmp_path: Path) -> None:
    """There the system's own packages live."""
    code = "from sheetfed.system.environment import Environment; Environment().check()"
    done = subprocess.run(
        [Path(sys.base_prefix) / "bin/python3", "-c", code],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    assert "is the Python of the system" in done.stderr
