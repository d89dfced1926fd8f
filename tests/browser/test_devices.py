"""The list of devices follows what is there."""

from __future__ import annotations

import os
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

from sheetfed.api.errors import DiskFull, QuotaReached
from sheetfed.store.room import RESERVE

Visit = Callable[..., Page]

INBOX = "<img src=x onerror=alert(1)>"
PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder that is a device once it is there, called so that a careless page would run it."""
    return tmp_path / INBOX


@pytest.fixture
def config(inbox: Path) -> str:
    """What the service is told."""
    return f'disabled = ["sane"]\n[addons.folder]\nfolders = "{inbox}"\n[quota]\npages = 15\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the service keeps what it has."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


@pytest.fixture
def crowd(home: Path) -> Iterator[Callable[..., None]]:
    """Put a disk of 64 MB there that can be filled up, and made free again.

    Where none can be mounted, no file of the service may be as large as a page instead.
    """
    mount = ("mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "none", home)
    mounted = os.getuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    ballast = home / "ballast"

    def crowd(served: Any, *, full: bool) -> None:
        if not mounted:
            served.limit(6 << 20 if full else None)
        elif full:
            disk = os.statvfs(home)
            spare = disk.f_bavail * disk.f_frsize - RESERVE - (3 << 20)
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, spare)
        else:
            ballast.unlink()

    yield crowd
    if mounted:
        subprocess.run(["umount", "--lazy", home], check=True)


@pytest.fixture
def served(home: Path, config: str, serve: Callable[[Path], Any]) -> Any:
    """A service of each test's own."""
    (home / "sheetfed.toml").write_text(config)
    return serve(home)


def arrive(inbox: Path, served: Any) -> None:
    """Let the folder come; somebody else asks for devices, so the page can only hear of it."""
    inbox.mkdir()
    titles = [each["title"] for each in served.ask("/v1/devices?refresh=true")["items"]]
    assert f"Folder {INBOX}" in titles


def test_a_device_that_comes_is_listed(visit: Visit, served: Any, inbox: Path) -> None:
    """What was chosen and what is being typed stays."""
    page = visit()
    devices = page.get_by_label("Device", exact=True).locator("option")
    expect(devices).to_have_text(["Sample scanner"])
    page.locator("#option-resolution").fill("123")

    arrive(inbox, served)

    expect(devices).to_have_count(2)
    expect(page.locator("#devices option:checked")).to_have_text("Sample scanner")
    expect(page.locator("#option-resolution")).to_have_value("123")
    expect(page.locator("#option-resolution")).to_be_focused()
    page.get_by_role("button", name="Why is my scanner not here?").click()
    dialog = page.get_by_role("dialog", name="Why is my scanner not here?")
    expect(dialog).to_contain_text(INBOX)
    page.keyboard.press("Escape")

    inbox.rmdir()
    served.ask("/v1/devices?refresh=true")
    expect(devices).to_have_text(["Sample scanner"])


def test_the_list_waits_for_the_end_of_a_scan(visit: Visit, served: Any, inbox: Path) -> None:
    """Some drivers do not list a device that is in use; the page must not drop it."""
    page = visit(sheets=99, speed=60, resolution=100)
    devices = page.locator("#devices option")
    page.click("#scan-button")
    page.locator(".page[data-number='1']").wait_for()

    arrive(inbox, served)
    page.wait_for_timeout(300)  # the news is there in far less
    expect(page.locator("#scan-button")).to_have_text("Cancel")
    expect(devices).to_have_count(1)

    page.keyboard.press("Escape")
    page.locator(".toast", has_text="Cancelled.").wait_for()
    expect(devices).to_have_count(2)
    expect(page.locator("#devices option:checked")).to_have_text("Sample scanner")


def test_who_chooses_while_the_page_waits_sees_what_was_chosen(
    visit: Visit, served: Any, inbox: Path
) -> None:
    """A job has the device of last time: it is asked for nothing before the page knows of that."""
    page = visit(fault="paper-jam", resolution=75)
    page.evaluate("localStorage['sheetfed device'] = JSON.stringify('sample:paper')")
    page.click("#scan-button")
    page.locator(".banner.wait").wait_for()
    arrive(inbox, served)
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:  # which devices are busy
            route.continue_()

    page.route("**/v1/jobs?*", hold)
    page.reload()
    page.locator("#devices").select_option(label=f"Folder {INBOX}")
    expect(page.locator("#option-pages")).to_be_visible()
    while len(asked) < 2:
        page.wait_for_timeout(50)
    for route in asked[1:]:
        route.continue_()

    page.locator(".banner.wait").wait_for()  # the job was found
    expect(page.locator("#devices option:checked")).to_have_text(f"Folder {INBOX}")
    expect(page.locator("#option-pages")).to_be_visible()
    expect(page.locator("#option-resolution")).to_have_count(0)


def test_what_goes_wrong_is_told_and_no_page_is_lost(
    visit: Visit, served: Any, inbox: Path, expected: set[str], context: BrowserContext
) -> None:
    """The device is pulled out while its form is open; the network is slow; the store is full."""
    expected.update({"404", "410", "503", "507"})
    page = visit(sheets=18, resolution=75)
    arrive(inbox, served)
    Image.new("RGB", (300, 400), "white").save(inbox / "<img src=x onerror=alert(1)>.png")
    page.locator("#devices").select_option(label=f"Folder {INBOX}")
    page.locator("#scan-button:enabled").wait_for()
    for file in inbox.iterdir():
        file.unlink()
    inbox.rmdir()
    page.click("#scan-button")
    expect(page.locator(".banner, .hint.trouble").first).to_be_visible()
    expect(page.locator("#scan-button")).to_have_text("Scan")
    page.locator("#devices").select_option(label="Sample scanner")
    expect(page.locator("#option-resolution")).to_be_visible()

    devtools = context.new_cdp_session(page)
    slow = {"offline": False, "latency": 200, "downloadThroughput": 60_000, "uploadThroughput": 2e4}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)
    page.click("#scan-button")
    banner = page.locator(".banner.wait")
    expect(banner).to_contain_text(QuotaReached.title)
    expect(banner).to_contain_text(QuotaReached.advice)
    expect(page.locator(".page.shown")).to_have_count(15)
    banner.get_by_role("button", name="Keep pages").click()
    page.locator(".toast", has_text="15 pages scanned.").wait_for()


@pytest.mark.usefixtures("crowd")  # before the service is there
def test_a_full_disk_is_told_and_the_scan_goes_on(
    visit: Visit,
    served: Any,
    inbox: Path,
    *,
    crowd: Callable[..., None],
    expected: set[str],
    state: Callable[[Page, str], None],
) -> None:
    """The pages that fit are kept; with room again the one that did not comes, too."""
    expected.add("507")
    page = visit()
    arrive(inbox, served)
    for number, side in enumerate((100, 100, 1500)):
        noise = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3))
        noise.save(inbox / f"{number}.png")
    page.locator("#devices").select_option(label=f"Folder {INBOX}")
    page.locator("#scan-button:enabled").wait_for()
    crowd(served, full=True)
    page.click("#scan-button")
    banner = page.locator(".banner.wait")
    expect(banner).to_contain_text(DiskFull.title)
    expect(banner).to_contain_text(DiskFull.advice)
    expect(page.locator(".page.shown")).to_have_count(2)
    state(page, "20-no-room")

    crowd(served, full=False)
    banner.get_by_role("button", name="Continue").click()
    page.locator(".toast", has_text="3 pages scanned.").wait_for()
    expect(page.locator(".page.shown")).to_have_count(3)


@pytest.mark.parametrize("config", ['disabled = ["sample"]\n'])
def test_no_device_is_told_with_what_may_be_missing(
    context: BrowserContext, served: Any, state: Callable[[Page, str], None]
) -> None:
    """Who was asked, what could be installed, what is in the way on this computer, what to do."""
    served.home.chmod(0o755)
    page = context.new_page()
    page.goto(served.door)
    expect(page.locator("#device .hint")).to_contain_text("then look again")
    expect(page.locator("#scan-button")).to_be_disabled()

    page.get_by_role("button", name="Why is my scanner not here?").click()
    dialog = page.get_by_role("dialog", name="Why is my scanner not here?")
    dialog.get_by_role("button", name="Look at this computer").click()
    looks = page.get_by_role("dialog", name="What holds on this computer")
    expect(looks.locator("li.broken, li.weak, li.missing, li.ok").first).to_be_visible(
        timeout=30_000
    )
    none = looks.locator("li", has_text="Devices").first
    expect(none).to_contain_text("Check cable and power")
    expect(none.locator(".state")).to_have_text("not there")
    with page.expect_download() as saving:
        looks.get_by_role("button", name="Save it for somebody who helps").click()
    with zipfile.ZipFile(saving.value.path()) as bundle:
        assert {"about.txt", "findings.json", "devices.json"} <= {*bundle.namelist()}
    page.keyboard.press("Escape")
    expect(dialog.locator("li", has_text="folder")).to_contain_text("found none")
    expect(dialog.locator(".found-here .broken", has_text="Home")).to_contain_text(
        f"chmod 700 {served.home}"
    )
    state(page, "17-why-not-here")
    dialog.get_by_role("button", name="Look for devices again").click()

    expect(dialog.get_by_role("button", name="Look for devices again")).to_be_enabled()
    named = {
        tomllib.loads(file.read_text())["project"]["name"]
        for file in PLUGINS.glob("*/pyproject.toml")
    }
    there = {each["distribution"] for each in served.ask("/v1/addons")["items"]}
    absent = served.ask("/v1/addons")["absent"]
    assert there.isdisjoint(each["package"] for each in absent)
    assert named <= there | {each["package"] for each in absent}
    for each in absent:
        if each["brings"].get("source"):
            row = dialog.locator("li", has_text=each["package"])
            expect(row).to_contain_text("not installed")


def test_the_device_that_was_chosen_is_chosen_again(visit: Visit, served: Any, inbox: Path) -> None:
    """It was asleep for a moment; another one stood in for it, which nobody wanted."""
    page = visit()
    arrive(inbox, served)
    chosen = page.locator("#devices option:checked")
    page.locator("#devices").select_option(label=f"Folder {INBOX}")
    expect(page.locator("#option-pages")).to_be_visible()
    inbox.rmdir()
    served.ask("/v1/devices?refresh=true")
    expect(chosen).to_have_text("Sample scanner")
    gone = page.locator(".toast", has_text=f"Folder {INBOX} is not there any more.")
    expect(gone).to_contain_text("Connect it, switch it on")  # the form is another one's now

    arrive(inbox, served)

    expect(chosen).to_have_text(f"Folder {INBOX}")


def test_who_has_drivers_look_again_is_not_put_off(visit: Visit) -> None:
    """The button is pressed while the list is on its way, which nobody looked for."""
    page = visit()
    held: list[Route] = []
    page.route("**/v1/devices?refresh=false", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it must be a function of Python
    page.reload()
    while not held:
        page.wait_for_timeout(50)

    page.get_by_role("button", name="Look for devices again").click()
    with page.expect_request("**/v1/devices?refresh=true"):
        held.pop().continue_()
