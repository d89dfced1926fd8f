"""Every package builds alone, and installs alone with plain pip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = [ROOT / "core", *sorted(ROOT.glob("plugins/*"))]


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a program and return what it prints; what it complains about fails the test."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels and source distributions of every member; the wheel is made from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    for member in MEMBERS:
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, member)
    return folder


@pytest.mark.timeout(180)
def test_every_member_gives_a_wheel_and_a_source_distribution(built: Path) -> None:
    """Customers and distributions build from either."""
    wheels = sorted(built.glob("*.whl"))
    sources = sorted(built.glob("*.tar.gz"))

    assert len(wheels) == len(sources) == len(MEMBERS)
    for wheel in wheels:
        names = zipfile.ZipFile(wheel).namelist()
        assert any(name.endswith("LICENSE") for name in names), wheel
        assert not any("tests/" in name for name in names), wheel
    for source in sources:
        with tarfile.open(source) as archive:
            assert any(name.endswith("/LICENSE") for name in archive.getnames()), source


@pytest.mark.timeout(180)
def test_pip_installs_the_wheels_and_the_program_finds_its_addons(
    built: Path, tmp_path: Path
) -> None:
    """What pip installs is whole: page, SQL and catalogue included.

    The libraries are taken from this environment, so that the test needs no network.
    """
    wheels: Sequence[Path] = sorted(built.glob("*.whl"))
    target = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps")
    run(*pip, "--target", target, *wheels)
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "sheetfed" not in entry.name and entry.suffix != ".pth":
            (libraries / entry.name).symlink_to(entry)

    program = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            "import sheetfed.cli; sheetfed.cli.main()",
            "addons",
            "--json",
        ],
        env={
            **os.environ,
            "PYTHONPATH": f"{target}{os.pathsep}{libraries}",
            "SHEETFED_HOME": str(tmp_path / "home"),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert program.returncode == 0, program.stderr
    rows = {row["name"]: row for row in json.loads(program.stdout)["items"]}
    assert {"sample", "folder", "images", "sane"} <= rows.keys()
    for row in rows.values():
        assert row["state"] == ("disabled" if row["name"] == "twain" else "ready"), row
        assert row["location"].startswith(str(target)), row
    files = {str(file.relative_to(target)) for file in target.rglob("*")}
    assert {"sheetfed/web/app/index.html", "sheetfed/catalogue.toml", "sheetfed/py.typed"} <= files
    assert any(name.startswith("sheetfed/store/sql/") for name in files)
