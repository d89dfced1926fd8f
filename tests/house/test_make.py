"""The two commands work again, and without a network, once they have worked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ALONE = [*("unshare", "--net"), *([] if os.getuid() == 0 else ["--map-root-user"])]
"""Starts a program that reaches nothing but itself."""

UP = 'ip link set lo up; exec "$@"'


def offline(*words: str, environ: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start make where there is no network."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.Popen(
        [*ALONE, "sh", "-c", UP, "sh", "make", "-C", str(ROOT), "--no-print-directory", *words],
        env={**clean, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def nothing_reached() -> None:
    """Make sure of what the tests stand on."""
    asked = [*ALONE, "sh", "-c", UP, "sh", "ip", "-brief", "address"]
    seen = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in seen.splitlines()} == {"lo"}


@pytest.mark.usefixtures("nothing_reached")
@pytest.mark.timeout(180)
def test_make_run_works_again_without_a_network(tmp_path: Path) -> None:
    for _ in range(2):
        process = offline("run", environ={"SHEETFED_HOME": str(tmp_path), "DISPLAY": ""})
        said = []
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if line.startswith("sheetfed is at http://"):
                break
        os.killpg(process.pid, 15)
        process.communicate(timeout=60)

        assert said, "make said nothing"
        assert said[-1].startswith("sheetfed is at http://127.0.0.1:"), "".join(said)
        assert "== installing" not in "".join(said)


@pytest.mark.usefixtures("nothing_reached")
@pytest.mark.timeout(180)
def test_make_test_works_again_without_a_network(tmp_path: Path) -> None:
    """What it installs is there; that it runs the tests is shown by one of them."""
    test = "tests/house/test_release.py::test_the_table_of_versions_is_what_the_packages_say"

    process = offline("test-others", f"ARGS={test} -o cache_dir={tmp_path}")

    said, _ = process.communicate(timeout=170)
    assert process.returncode == 0, said
    assert "1 passed" in said
    assert "== installing" not in said
