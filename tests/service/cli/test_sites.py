"""Approving, blocking and revoking by words; and the words that open our own page."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from running import Caller, free_port
from site_page import Site

SITE = "https://scan.example"
NO_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


@pytest.fixture
def port(shell: Any) -> int:
    """The port of a service that runs."""
    _, address = shell.serve()
    return int(address.rpartition(":")[2])


@pytest.fixture
def browser(shell: Any) -> dict[str, str]:
    """A browser that writes down what it is told to open, and a copy of what is there."""
    program = shell.folder / "browser"
    program.write_text('#!/bin/sh\ncp -p "${1#file://}" "$0.page"\necho "$@" > "$0.told"\n')
    program.chmod(0o755)
    return {"DISPLAY": ":99", "BROWSER": f"{program} %s"}


def test_a_code_approves_the_page_that_waits(shell: Any, port: int) -> None:
    """R11: the person compares the code and types it; the page goes on at once."""
    page = Site(port, SITE)
    asked = page.pair().json
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(page.state, asked["id"], wait=25)

        listed = shell.run("sites")
        done = shell.run("sites", "approve", asked["code"])

        assert waiting.result(5) == "approved"
    assert f"{SITE}  asks   {asked['code']}" in listed.stdout
    assert (done.returncode, done.stderr) == (0, f"Approved {SITE}\n")
    assert page.enter().get("/v1/devices").status == 200
    (site,) = json.loads(shell.run("sites", "--json").stdout)["items"]
    assert (site["origin"], site["keys"], site["from"]) == (SITE, 1, "person")


def test_a_wrong_code_says_so(shell: Any, port: int) -> None:
    asked = Site(port, SITE).pair().json
    wrong = f"{(int(asked['code']) + 1) % 1_000_000:06}"

    done = shell.run("sites", "approve", wrong)

    assert done.returncode == 1
    assert wrong in done.stderr
    assert json.loads(shell.run("sites", "--json").stdout)["items"] == []


def test_administrators_approve_by_name_without_a_service(shell: Any) -> None:
    done = shell.run("sites", "approve", SITE)
    listed = shell.run("sites")

    assert done.returncode == 0
    assert listed.stdout.splitlines()[1].split() == [SITE, "approved", "every", "person"]


def test_a_blocked_site_gets_no_code(shell: Any, port: int) -> None:
    page = Site(port, SITE)

    done = shell.run("sites", "block", page.pair().json["code"])

    assert (done.returncode, done.stderr) == (0, f"Blocked {SITE}\n")
    assert page.pair().status == 403


def test_revoking_ends_what_a_site_holds(shell: Any, port: int) -> None:
    shell.run("sites", "approve", SITE)
    page = Site(port, SITE).enter()

    done = shell.run("sites", "revoke", SITE)

    assert done.returncode == 0
    assert page.get("/v1/devices").status == 403
    assert shell.run("sites", "revoke", SITE).returncode == 1


@pytest.mark.parametrize(
    ("words", "told", "left"),
    [([], "Deleted what was kept for it: 2 documents\n", 0), (["--keep-documents"], "", 2)],
)
def test_revoking_deletes_what_only_the_site_could_see(
    shell: Any, port: int, words: list[str], told: str, left: int
) -> None:
    shell.run("sites", "approve", SITE)
    page = Site(port, SITE).enter()
    for title in ("one", "two"):
        page.post("/v1/documents", {"title": title})

    done = shell.run("sites", "revoke", SITE, *words)

    assert (done.returncode, done.stderr) == (0, f"Revoked {SITE}\n{told}")
    shell.run("sites", "approve", SITE)
    assert len(page.enter().get("/v1/documents").json["items"]) == left


@pytest.mark.parametrize("words", [[], ["https://a.example", "--all"]])
def test_revoking_names_a_site_or_all(shell: Any, words: list[str]) -> None:
    done = shell.run("sites", "revoke", *words)

    assert done.returncode == 2
    assert "--all" in done.stderr


def test_a_name_that_is_nearly_right_is_corrected(shell: Any) -> None:
    done = shell.run("sites", "approve", "Scan.Example/index.html")

    assert done.returncode == 2
    assert "did you mean 'https://scan.example'?" in done.stderr


def test_what_the_configuration_says_is_changed_there(shell: Any) -> None:
    with (shell.home / "sheetfed.toml").open("a") as file:
        file.write(f'[sites]\napproved = ["{SITE}"]\n')

    done = shell.run("sites", "revoke", SITE)

    assert done.returncode == 1
    assert "sheetfed.toml, line 3" in done.stderr


def test_a_token_is_for_scripts_or_acts_as_a_site(shell: Any, port: int) -> None:
    shell.run("sites", "approve", SITE)
    mine, acting = shell.run("token"), shell.run("token", "--origin", SITE)

    script = Caller(port, {"Authorization": f"Bearer {mine.stdout.strip()}"})
    site = Caller(port, {"Authorization": f"Bearer {acting.stdout.strip()}", "Origin": SITE})

    assert script.get("/v1/devices").status == 200
    assert site.get("/v1/devices").status == 200
    assert site.ask("GET", "/v1/devices", headers={"Origin": "https://b.example"}).status == 403


def test_a_token_for_a_site_that_nobody_approved_is_refused(shell: Any, port: int) -> None:
    done = shell.run("token", "--origin", SITE)

    assert done.returncode == 1
    assert done.stdout == ""
    assert "sheetfed sites approve" in done.stderr


@pytest.mark.parametrize("words", [["token"], ["open"], ["open", "--print"]])
def test_what_needs_a_running_service_says_so(shell: Any, words: list[str]) -> None:
    done = shell.run(*words)

    assert done.returncode == 1
    assert "sheetfed serve" in done.stderr


def test_an_address_to_copy_opens_the_page_once(shell: Any, port: int) -> None:
    done = shell.run("open", "--print")
    address, _, nonce = done.stdout.strip().partition("/#nonce=")
    home = f"http://127.0.0.1:{port}"
    page = Caller(port, {"Origin": home, "Sec-Fetch-Site": "same-origin"})

    first, again = (page.post("/v1/page-tokens", {"nonce": nonce}) for _ in range(2))

    assert address == home
    assert (first.status, again.status) == (201, 401)
    page.headers["Authorization"] = f"Bearer {first.json['token']}"
    assert page.get("/v1/sites").status == 200


def test_the_browser_gets_a_file_that_goes_once_it_was_used(
    shell: Any, port: int, browser: dict[str, str]
) -> None:
    """R23: a command line can be read by every account, a 0600 file cannot."""
    done = shell.run("open", environ=browser)
    told = wait_for(shell.folder / "browser.told").read_text().strip()
    copy = shell.folder / "browser.page"
    file = Path(told.removeprefix("file://"))
    nonce = copy.read_text().partition("/open#nonce=")[2].partition('"')[0]

    assert done.stdout == f"http://127.0.0.1:{port}\n"
    assert nonce
    assert nonce not in told
    assert copy.stat().st_mode & 0o777 == 0o600
    assert file.exists()
    own = {"Origin": f"http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}
    assert Caller(port, own).post("/v1/page-tokens", {"nonce": nonce}).status == 201
    assert not file.exists()


def test_serve_opens_the_page_the_same_way(shell: Any, browser: dict[str, str]) -> None:
    process = shell.start("serve", "--open", "--port", str(free_port()), environ=browser)
    address = process.stdout.readline().split()[-1]

    wait_for(shell.folder / "browser.told")

    assert "nonce" not in address
    assert f"{address}/open#nonce=" in (shell.folder / "browser.page").read_text()


def test_serve_without_a_screen_prints_how_to_enter(shell: Any) -> None:
    """`make run` on a computer without a screen, or over ssh."""
    port = free_port()
    process = shell.start("serve", "--open", "--port", str(port), environ=NO_SCREEN)

    line = process.stdout.readline()

    assert line.startswith(f"sheetfed is at http://127.0.0.1:{port}/#nonce=")
    with urllib.request.urlopen(line.split()[-1].partition("#")[0]) as answer:
        assert answer.status == 200


def wait_for(file: Path) -> Path:
    """Return a file once something stands in it."""
    end = time.monotonic() + 10
    while not (file.exists() and file.stat().st_size):
        assert time.monotonic() < end, file
        time.sleep(0.02)
    return file
