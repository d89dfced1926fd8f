"""Scanners of SANE for people and programs: what depends on other settings is set beside them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs" / "sane"))
sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "dwt"))
from incumbent import JOBS, Program, Service
from program import PATIENCE, SHEETFED
from setups import Rig, Setup, set_up_test
from spare import free_port

LEGAL = (612, 1008)
"""A sheet of legal paper in points."""


def scan(rig: Rig, home: Path, *settings: str, out: Path) -> subprocess.CompletedProcess[str]:
    """Scan one page from the rig with the program itself."""
    asked = [word for setting in (*settings, "pages=1") for word in ("--set", setting)]
    words = [*SHEETFED, "--home", home, "scan", "--device", "sane:rig:a", *asked, "--out", out]
    return subprocess.run(
        words, env=rig.environ(), capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def test_a_setting_that_needs_another_one_is_set_on_the_command_line(
    rig: Rig, tmp_path: Path
) -> None:
    """The threshold is there in lineart only, legal paper in the feeder only; in any order."""
    out = tmp_path / "legal.pdf"
    wanted = ("threshold=20", "page-size=legal", "mode=lineart", "source=feeder")

    done = scan(rig, tmp_path / "home", *wanted, out=out)

    assert done.returncode == 0, done.stderr
    with pypdfium2.PdfDocument(out) as pdf:
        width, height = pdf[0].get_size()
    assert (width, height) == pytest.approx(LEGAL, abs=8)


def test_a_setting_that_the_device_has_in_no_way_is_named(rig: Rig, tmp_path: Path) -> None:
    done = scan(rig, tmp_path / "home", "mode=lineart", "treshold=20", out=tmp_path / "x.pdf")

    assert done.returncode == 2
    assert "has no setting 'treshold'. Did you mean 'threshold'?" in done.stderr


def test_a_table_of_options_can_be_read(test_backend: Setup, tmp_path: Path) -> None:
    """Gamma tables of hundreds of numbers are among them."""
    words = [*SHEETFED, "--home", tmp_path / "home", "devices", "--options", "sane:test:0"]

    done = subprocess.run(
        words, env=test_backend.environ(), capture_output=True, text=True, check=True
    )

    _, head, *rows = done.stdout.splitlines()
    assert len([row for row in rows if "…" in row]) > 1
    assert head.index("ACCEPTS") < 100


@pytest.mark.timeout(120)
def test_the_page_about_sane_has_ten_pages_to_show(tmp_path: Path) -> None:
    """What it tells to try without a scanner, line by line."""
    page = (Path(__file__).parents[3] / "docs" / "addons" / "sane.md").read_text()
    prepare, serve, scan = page.split("## Try it")[1].split("```")[1].splitlines()[1:]
    program = f"{SHEETFED[0]} --home {tmp_path / 'home'}"
    lines = [prepare, f"({serve.removesuffix('&')} --port {free_port()} & echo $! > served) | read"]
    script = "\n".join([*lines, scan]).replace("sheetfed ", f"{program} ")

    try:
        subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, check=True, timeout=PATIENCE)
    finally:
        os.kill(int((tmp_path / "served").read_text()), signal.SIGTERM)

    with pypdfium2.PdfDocument(tmp_path / "ten.pdf") as pdf:
        sizes = {tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in pdf}
        assert len(pdf) == 10
    assert sizes == {(80, 100)}


@contextmanager
def serving(setup: Setup, home: Path) -> Iterator[Program]:
    """Give a program of the REST interface, in a set-up."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in setup.environment.items():
            patch.setenv(name, value)
        service = Service(home, disabled=())
    try:
        yield service.program
    finally:
        service.stop()


def test_a_job_of_rest_gets_what_depends_on_its_source_and_mode(rig: Rig, tmp_path: Path) -> None:
    """In whatever order; what its pages are like is told as the scanner sends them."""
    legal, threshold = 4, 0x1123
    caps = {"exception": "fail", "capabilities": [{"capability": threshold, "curValue": 51}]}
    config = {"PageSize": legal, "PixelType": 0, "IfFeederEnabled": True, "XferCount": 1}
    wish = {"device": "sane:rig:a", "autoRun": False, "caps": caps, "config": config}

    with serving(rig, tmp_path / "home") as program:
        made = program.ask("POST", JOBS, wish)
        assert made.status == 201, made.body
        uid = made.json["jobuid"]
        path = f"{JOBS}/{uid}/scanner/capabilities?caps={0x1122},{threshold}"
        here = [each["curValue"] for each in program.ask("GET", path).json]
        assert program.ask("PATCH", f"{JOBS}/{uid}", {"status": "running"}).status == 200
        (info,) = program.ask("GET", f"{JOBS}/{uid}/next-page-info").json

    assert here == [legal, 51]
    assert info["imageInfo"]["BitsPerPixel"] == 1
    assert info["imageInfo"]["ImageLayout"]["Frame"]["Bottom"] == pytest.approx(14, abs=0.1)


@pytest.mark.timeout(120)
def test_a_page_that_nobody_asked_to_be_grey_is_told_as_grey(tmp_path: Path) -> None:
    """As many drivers begin: what comes is the device's own choice."""
    grey = set_up_test(tmp_path / "test", mode="Gray", depth="16")
    wish = {"device": "sane:test:0", "config": {"XferCount": 1}, "scannerFailureTimeout": 60}

    with serving(grey, tmp_path / "home") as program:
        # Once in some thousand scans libsane's own end of its thread hangs, whoever calls it: it is
        # cancelled at any point, inside of `free` too, and then waits for the lock that it holds.
        for _ in range(3):
            uid = program.job_once_free(wish)["jobuid"]
            answer = program.ask("GET", f"{JOBS}/{uid}/next-page-info")
            if answer.status == 200:
                break

    (info,) = answer.json
    assert info["imageInfo"]["PixelType"] == 1
    assert info["imageInfo"]["BitsPerPixel"] == 16
