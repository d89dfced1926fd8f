"""How our programs end on Windows, and talk in a console.

Run by `make test-windows`, for each test starts several.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import whole
from consoles import Desk
from installed import modules
from windows import WINDOWS

pytestmark = pytest.mark.timeout(600)
SCAN = ("scan", "-d", "sample:paper", "-s", "resolution=75", "-s", "speed=60")
"""About a second for a page."""

MANY = ("-s", "sheets=50")
"""It does not end by itself."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A Windows with the core alone, and the libraries that it draws with."""
    WINDOWS.make()
    folder = tmp_path_factory.mktemp("desk")
    prefix = WINDOWS.borrowed(folder / "windows")
    WINDOWS.start(prefix)
    path = modules(folder / "modules", WINDOWS.packages, members=("core",))
    python = whole.interpreter(folder / "python")
    yield Desk(WINDOWS.python(prefix, path=path, program=python), folder, "")
    WINDOWS.stop(prefix)


def test_ctrl_c_ends_the_service_in_good_order(desk: Desk) -> None:
    console = desk.console("served", "serve")
    try:
        console.heard(rb"sheetfed is at ")
        console.press_ctrl_c()
        console.heard(rb"Stopped\.")
        status = console.end()
    finally:
        console.close()

    assert status == 0
    assert not (desk.folder / "served/run/port").exists()


def test_the_service_ends_with_its_parent(desk: Desk) -> None:
    """Whichever way that ends: it does not tell us."""
    parent = desk.start("-c", "import os; print(os.getpid(), flush=True); input()")
    assert parent.stdout
    service = desk.begin("owned", "serve", "--parent", parent.stdout.readline().strip())
    assert service.stdout
    assert service.stdout.readline().startswith("sheetfed is at ")
    lived = service.poll() is None

    parent.communicate()
    _, told = service.communicate(timeout=120)

    assert lived
    assert (service.returncode, told) == (0, "Stopped.\n")
    assert not (desk.folder / "owned/run/port").exists()


def test_a_parent_that_is_not_there_is_said(desk: Desk) -> None:
    done = desk.run("owned", "serve", "--parent", "99999")

    assert done.returncode == 2
    assert "There is no process 99999." in done.stderr


def test_ctrl_c_in_a_scan_keeps_what_is_complete(desk: Desk) -> None:
    """The scan's own service, its children and the command are all in that console."""
    console = desk.console("scanned", *SCAN, *MANY, "-o", "out.pdf", "--json")
    try:
        console.heard(rb'"event": "page"')
        console.press_ctrl_c()
        status = console.end()
    finally:
        console.close()

    (document,) = json.loads(desk.run("scanned", "documents", "--json").stdout)["items"]
    assert status == 130
    assert 1 <= document["page_count"] < 50
    assert (desk.folder / "out.pdf").read_bytes().startswith(b"%PDF")
    assert not [*desk.folder.glob("*.part")]


def test_a_console_shows_a_bar_and_asks_what_to_do_after_a_jam(desk: Desk) -> None:
    """As a terminal does; what is typed there goes on with the batch."""
    jam = ("-s", "fault=paper-jam", "-s", "fault-page=2")
    console = desk.console("jammed", *SCAN, "-s", "sheets=3", *jam, "-o", "jam.pdf")
    try:
        console.heard(rb"Page 1")
        console.heard(rb"Take out the stuck sheet")
        console.heard(rb"iscard them\?")
        console.answer(b"continue")
        status = console.end()
    finally:
        console.close()

    (document,) = json.loads(desk.run("jammed", "documents", "--json").stdout)["items"]
    assert (status, document["page_count"]) == (0, 3)
    assert (desk.folder / "jam.pdf").read_bytes().startswith(b"%PDF")
