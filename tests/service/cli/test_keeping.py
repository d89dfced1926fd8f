"""`sheetfed documents`, `devices` and `config`: what is kept, what is there, what holds."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pypdfium2
import pytest

from sheetfed.cli.client import Client
from sheetfed.config import load


def test_documents_are_listed_saved_and_deleted(shell: Any, quick: Any) -> None:
    shell.serve()
    shell.run("scan", *quick, "-s", "pages=2", "--title", "Two \x1b[31mred\x07 letters")
    (document,) = shell.documents()

    listed = shell.run("documents")
    saved = shell.run("documents", "save", document["id"], "two.pdf")
    again = shell.run("documents", "save", document["id"], "two.pdf")
    deleted = shell.run("documents", "delete", document["id"])
    gone = shell.run("documents", "delete", document["id"])

    assert document["id"] in listed.stdout
    assert "\x1b" not in listed.stdout
    assert "letters" in listed.stdout
    assert saved.returncode == 0, saved.stderr
    with pypdfium2.PdfDocument(shell.folder / "two.pdf") as file:
        assert len(file) == 2
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    assert deleted.returncode == 0
    assert shell.documents() == []
    assert (gone.returncode, document["id"] in gone.stderr) == (1, True)


def test_devices_are_the_same_in_table_and_json(shell: Any) -> None:
    shell.serve()

    table = shell.run("devices", "--refresh")
    listing = json.loads(shell.run("devices", "--json").stdout)

    assert table.stdout.splitlines()[0].split() == ["DEVICE", "TITLE", "KIND"]
    for item in listing["items"]:
        assert item["id"] in table.stdout
    assert "sample:paper" in table.stdout


def test_options_of_a_device_are_told_in_words(shell: Any) -> None:
    done = shell.run("devices", "--options", "sample")

    (line,) = [line for line in done.stdout.splitlines() if line.startswith("resolution ")]
    assert "75 to 600 dpi" in line


def test_configuration_tells_origins_and_hides_secrets(shell: Any) -> None:
    with (shell.home / "sheetfed.toml").open("a") as file:
        file.write('port = 20000\n[addons.twain]\npassword = "geheim"\n')

    plain = shell.run("config", "show")
    origins = json.loads(shell.run("config", "show", "--origin", "--json").stdout)

    assert "port = 20000\n" in plain.stdout
    assert "geheim" not in plain.stdout + json.dumps(origins)
    assert origins["port"] == {"value": 20000, "origin": f"{shell.home / 'sheetfed.toml'}, line 2"}
    assert origins["home"] == {"value": str(shell.home), "origin": "--home"}
    assert origins["strict"]["origin"] == "default"


def test_addons_are_one_list_on_the_command_line_and_over_http(shell: Any) -> None:
    """Both tell the same rows; the command needs no service for it."""
    shell.serve()

    told = json.loads(shell.run("addons", "--json").stdout)["items"]
    served = Client(load(home=shell.home).socket).get("/v1/addons")["items"]

    assert told == served
    assert {row["name"]: row["state"] for row in told}["sample"] == "ready"


@pytest.mark.parametrize("served", [False, True], ids=["alone", "served"])
def test_home_that_is_deleted_while_it_scans_is_said(
    shell: Any, slow: tuple[str, ...], until: Any, *, served: bool
) -> None:
    """Nothing can be saved any more, but a person is told what happened, in words."""
    if served:
        shell.serve()
    process = shell.start("scan", *slow, "--json")
    until(process, "page")

    shutil.rmtree(shell.home)
    out, err = process.communicate(timeout=30)

    last = json.loads(out.splitlines()[-1])
    assert (process.returncode, last["event"], last["code"]) == (1, "error", "store-gone")
    assert "was deleted or moved" in err
    assert "Traceback" not in err
