"""Every package builds alone, and installs with pip, and with dpkg on a real system."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
sys.path.insert(0, str(Path(__file__).parents[1] / "rigs/twain"))
from computer import Computer
from customer import a_camera_works_alone, an_addon_works_alone_beside_the_core
from extras import the_uploader_comes_alone_and_grows_by_its_extras
from windows import WINDOWS, there

ROOT = Path(__file__).parents[2]
MEMBERS = [ROOT / "core", *sorted(ROOT.glob("plugins/*"))]


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a program and return what it prints; what it complains about fails the test."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


BUILD = (
    Path(sys.executable).with_name("uv"),
    *("build", "--quiet", "--offline", "--no-build-isolation", "--python", sys.executable),
)

ASK = """
import http.client, sys
line = http.client.HTTPConnection("127.0.0.1", 18910, timeout=60)
line.request("GET", "/.well-known/sheetfed")
print(line.getresponse().status)
"""
HELD = "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/{}/status | cut -f 2"
LOGON = "systemd-run --quiet --unit=ann --uid=1234 --gid=1234 -p Delegate=yes -p Type=notify"
ANN = ("HOME=/home/ann", "XDG_RUNTIME_DIR=/run/user/1234", "PATH=/usr/bin:/bin")


@pytest.mark.timeout(400)
def test_every_package_is_built_installed_used_and_removed(tmp_path: Path) -> None:
    """What one builds, the next installs: building takes longest by far."""
    built = tmp_path / "dist"
    for member in MEMBERS:
        run(*BUILD, "--out-dir", built, member)

    every_member_gives_a_wheel_and_a_source_distribution(built)
    pip_installs_the_wheels_and_the_program_finds_its_addons(built, tmp_path)
    an_addon_works_alone_beside_the_core(built, tmp_path / "libraries", tmp_path)
    a_camera_works_alone(built, tmp_path / "libraries", tmp_path)
    the_uploader_comes_alone_and_grows_by_its_extras(built, tmp_path)
    a_folder_for_windows_runs_where_it_is_put(built, tmp_path)
    dpkg_installs_a_service_that_scans_and_purges_all_of_it(built, tmp_path)


def every_member_gives_a_wheel_and_a_source_distribution(built: Path) -> None:
    """Customers and distributions build from either; the wheel is made from the latter."""
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


def pip_installs_the_wheels_and_the_program_finds_its_addons(built: Path, tmp_path: Path) -> None:
    """What pip installs is whole: page, SQL and catalogue included.

    The libraries are taken from this environment, so that the test needs no network.
    """
    wheels = sorted(built.glob("*.whl"))
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


def a_folder_for_windows_runs_where_it_is_put(built: Path, tmp_path: Path) -> None:
    """A genuine Windows Python under Wine, with the libraries that Wine can load.

    What nobody has run there is said in the folder's own README.
    """
    if platform.machine() != "x86_64":
        return  # Debian has this Wine for x86_64 only
    python = WINDOWS.place / "python"
    build = (sys.executable, ROOT / "release/portable.py", "--wheels", built, "--python", python)
    told = run(*build, "--libraries", python / "Lib/site-packages", "--out", tmp_path)
    (folder := Path(told.strip())).rename(moved := tmp_path / "put elsewhere")
    prefix = WINDOWS.borrowed(tmp_path / "windows")
    WINDOWS.start(prefix)
    program = (WINDOWS.wine, "cmd", "/c", there(moved / "sheetfed.cmd"))

    def sheetfed(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*program, "--home", "C:\\home", *words),
            env=WINDOWS.environment(prefix),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    try:
        version = sheetfed("--version")
        changed = sheetfed("config", "set", "tls", "false")
        shown = sheetfed("config", "show")
        checked = sheetfed("config", "check")
        rows = json.loads(sheetfed("addons", "--json").stdout)["items"]
    finally:
        WINDOWS.stop(prefix)

    assert version.stdout.startswith(f"sheetfed {folder.name.split('-')[1]}")
    assert (changed.returncode, checked.returncode) == (0, 0), changed.stderr + checked.stderr
    assert "tls = false" in shown.stdout.splitlines()
    states = {row["name"]: row["state"] for row in rows}
    assert states.keys() >= {"images", "pdf", "twain", "uploader"}
    assert {*states.values()} == {"ready"}, states
    readme = (moved / "README.txt").read_text()
    assert "tried under Wine, not on Windows" in readme
    assert "numpy" in readme, "what Wine cannot load is left out, and that is said"


def dpkg_installs_a_service_that_scans_and_purges_all_of_it(built: Path, tmp_path: Path) -> None:
    """On a throw-away copy of this system, under a real systemd: accounts, browsers, a kiosk."""
    build = (sys.executable, ROOT / "release/deb.py", "--compression", "none", "--wheels", built)
    told = run(*build, "--addons", "sane", "--out", tmp_path)
    with Computer(tmp_path / "computer", with_ours=False) as computer:
        computer.bring(Path(told.strip()), "/root/sheetfed.deb")
        computer.write("/etc/sane.d/dll.conf", "test\n")
        shell(computer, "useradd --create-home --uid 1234 ann")
        shell(computer, "install -d -o ann -g ann -m 700 /run/user/1234")
        new = "mkdir -p ~/.local/share/pki/nssdb && certutil -N --empty-password"
        shell(computer, f"su - ann -c '{new} -d sql:.local/share/pki/nssdb'")
        before = listing(computer)
        computer.write("/etc/sheetfed/conf.d/kiosk.toml", 'accounts = ["nobody"]\n')
        shell(computer, "dpkg --force-unsafe-io --install /root/sheetfed.deb")

        a_person_logs_on_and_scans(computer)
        a_kiosk_scans_as_closed_as_promised(computer)

        shell(computer, "dpkg --purge sheetfed")
        assert listing(computer) == before
        assert trusted(computer) == 0
        left = shell(computer, "ls /home/ann /home/ann/.local/state/sheetfed")
        assert {"letter.pdf", "store"} <= set(left.split())


def a_person_logs_on_and_scans(computer: Computer) -> None:
    """Nobody runs an installer of their own: the socket is open, the browsers know us."""
    shell(computer, f"{LOGON} --setenv={' --setenv='.join(ANN)} /lib/systemd/systemd --user")
    ann = f"setpriv --reuid=1234 --regid=1234 --clear-groups env -i {' '.join(ANN)}"
    shell(computer, f"{ann} systemctl --user start sheetfed-trust.service")  # waits for its end
    waits = shell(computer, f"{ann} sheetfed service status")
    shell(computer, f"{ann} sheetfed scan -d sample -s sheets=1 -o /home/ann/letter.pdf")
    runs = shell(computer, f"{ann} sheetfed service status")

    assert "it starts as soon as somebody connects" in waits
    assert "answers at http://127.0.0.1:18910" in runs
    assert trusted(computer) == 1
    an_update_starts_again_what_runs(computer, ann)
    shell(computer, "systemctl stop ann")


def an_update_starts_again_what_runs(computer: Computer, ann: str) -> None:
    """She goes on with the new files and her own pages, and has to know of nothing."""
    which = f"{ann} systemctl --user show sheetfed.service -p MainPID --value"
    before = shell(computer, which)
    mine = shell(computer, f"{ann} sheetfed documents --json")

    shell(computer, "dpkg --force-unsafe-io --install /root/sheetfed.deb")

    assert "answers at http://127.0.0.1:18910" in shell(computer, f"{ann} sheetfed service status")
    assert shell(computer, which) not in (before, "0\n")
    assert shell(computer, f"{ann} sheetfed documents --json") == mine
    assert mine.count("doc_") == 1


def a_kiosk_scans_as_closed_as_promised(computer: Computer) -> None:
    """Every restriction is in force while SANE's test backend scans."""
    shell(computer, "sheetfed service install --system")
    theirs = computer.run("python3", "-c", ASK, user="nobody")
    others = computer.run("python3", "-c", ASK, user="12345")
    pid = shell(computer, "systemctl show sheetfed -p MainPID --value").strip()
    scan = "sheetfed --home /var/lib/sheetfed scan -d sane:test:0 -s resolution=75 -o /tmp/x.pdf"
    exposure = shell(computer, "systemd-analyze security --no-pager sheetfed | tail -1")

    assert (theirs.stdout, others.stdout) == ("200\n", "403\n")
    assert shell(computer, HELD.format(pid)).split() == ["0000000000000000", "1", "2"]
    assert "/tmp/x.pdf, kept as doc_" in shell(computer, f"{scan} 2>&1")
    assert float(exposure.split(":")[1].split()[0]) <= 2.0


def shell(computer: Computer, command: str) -> str:
    """Run a command on it as root and return what it prints; what fails, fails the test."""
    done = computer.run("sh", "-c", command)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def listing(computer: Computer) -> set[str]:
    """Return what of ours is anywhere but in people's homes; an administrator's file too."""
    return set(shell(computer, "find /etc /opt /usr /var -xdev -iname '*sheetfed*'").splitlines())


def trusted(computer: Computer) -> int:
    """Return how many roots of ours ann's Chromium trusts, by its own library."""
    told = shell(computer, "certutil -L -d sql:/home/ann/.local/share/pki/nssdb")
    return told.count("sheetfed loopback root")
