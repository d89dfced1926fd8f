"""`sheetfed doctor` says how things are, with a service and without."""

from __future__ import annotations

import json
import socket
import threading
import zipfile
from typing import Any


def rows(shell: Any, **environ: str) -> dict[str, dict[str, str]]:
    done = shell.run("doctor", "--json", environ=environ)
    assert done.returncode in {0, 1}, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["items"]}


def test_a_healthy_machine_leaves_with_zero(shell: Any) -> None:
    done = shell.run("doctor")

    assert done.returncode == 0, done.stdout
    assert "broken" not in done.stdout
    for name in ("Service", "Python", "Packages", "HTTP parser", "Box, tried", "Addon sample"):
        assert name in done.stdout


def test_a_running_service_is_found(shell: Any, stopping: Any) -> None:
    shell.home.chmod(0o700)
    before = rows(shell)
    process, _ = shell.serve()
    during = rows(shell)
    stopping(process, "SIGTERM")

    assert before["Service"]["state"] == "missing"
    assert before["Key"]["state"] == "missing"
    assert during["Service"]["state"] == "ok"
    assert "Devices" in during, "the service looks itself, at what it can reach"
    assert during["Home"]["state"] == during["Key"]["state"] == "ok"


def test_the_bundle_can_be_read_and_holds_no_secret(shell: Any) -> None:
    """Who asks for help sends it on: it must be text, and nothing that lets anybody in."""
    (shell.home / "sheetfed.toml").write_text(
        'disabled = ["sane"]\n[targets.archive]\nprotocol = "folder"\npath = "/srv/x"\n'
        '[addons.photocopier]\npassword = "hunter2"\n'
    )
    (shell.home / "monitor.json").write_text(
        json.dumps({"deaths": [{"stderr": ["it says 'password': 'pl4nted'"]}]}, indent=1)
    )
    shell.serve()
    fill = "a word of a driver\n" * 150_000
    (shell.home / "logs/launchd.log").write_text(
        f"{fill}GET http://ann:pl4nted@a.example/\nAuthorization: Basic pl4nted\nthe end\n",
        newline="\n",
    )
    token = shell.run("token").stdout.strip()
    nonce = shell.run("open", "--print").stdout.split("=")[-1].strip()
    packed = shell.folder / "help.zip"

    done = shell.run("doctor", "bundle", str(packed))
    again = shell.run("doctor", "bundle", str(packed))

    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(packed) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert {"about.txt", "findings.json", "configuration.txt", "versions.txt", "devices.json"} <= {
        *texts
    }
    assert json.loads(texts["findings.json"])[0]["name"] == "Service"
    assert "# targets: archive" in texts["configuration.txt"]
    told = texts["logs/launchd.log"]
    assert 1_900_000 < len(told.encode()) < 2_000_000, "it may grow; its end is enough"
    assert told.startswith("a word of a driver\n")
    assert told.endswith("GET http://a.example/(…)\nAuthorization: (…)\nthe end")
    (death,) = json.loads(texts["monitor.json"])["deaths"]
    assert death["stderr"] == ["it says 'password': '(…)'"]
    for secret in ("hunter2", "pl4nted", token, nonce):
        assert secret
        assert not [name for name, text in texts.items() if secret in text]
    assert again.returncode == 1, "a file that is there is nobody's to overwrite"
    assert "Traceback" not in again.stderr


def test_looking_makes_nothing(shell: Any) -> None:
    before = sorted(shell.home.rglob("*"))

    rows(shell)

    assert sorted(shell.home.rglob("*")) == before


def test_a_library_that_is_missing_is_named_without_a_service_too(shell: Any) -> None:
    """What cannot be loaded is asked for in a child, as the service does."""
    (shell.home / "sheetfed.toml").write_text('disabled = ["webcam", "twain"]\n')
    (shell.folder / "libsane.so.1").touch()  # in the way of the one that this computer has
    before = sorted(shell.home.rglob("*"))

    found = rows(shell, LD_LIBRARY_PATH=str(shell.folder))

    assert found["Service"]["state"] == "missing"
    assert found["Devices of sane"]["state"] == "broken"
    assert "libsane.so.1 is not on this computer" in found["Devices of sane"]["text"]
    assert "apt install libsane1" in str(found["Devices of sane"])
    assert sorted(shell.home.rglob("*")) == before


def test_what_is_broken_has_an_exit_code(shell: Any, stopping: Any) -> None:
    process, _ = shell.serve()
    stopping(process, "SIGTERM")
    (shell.home / "store").chmod(0o755)

    done = shell.run("doctor")

    assert done.returncode == 1
    assert "chmod 700" in done.stdout


def test_without_the_c_parser_nothing_starts(shell: Any) -> None:
    """R38 (U03): the one in Python let smuggled requests through; none falls back to it."""
    slow = {"AIOHTTP_NO_EXTENSIONS": "1"}

    done = shell.run("serve", environ=slow)

    assert done.returncode == 2
    assert "no C parser" in done.stderr
    assert rows(shell, **slow)["HTTP parser"]["state"] == "broken"


def test_a_service_that_does_not_answer_is_a_finding_among_all_others(shell: Any) -> None:
    """As where systemd has the socket, and the service cannot start: then the doctor is asked."""
    runtime = shell.home / "run"
    runtime.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(runtime / "sheetfed.sock"))
        line.listen()

        def hang_up() -> None:
            while True:
                try:
                    line.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        done = shell.run("doctor", "--json")
        packed = shell.run("doctor", "bundle", str(shell.folder / "help.zip"))
        line.shutdown(socket.SHUT_RDWR)

    found = {each["name"]: each for each in json.loads(done.stdout)["items"]}
    assert done.returncode == 1, done.stderr
    assert found["Service"]["state"] == "broken"
    assert found["Service"]["text"].startswith("it is there and does not answer: ")
    assert {"Port", "Disk", "Box, tried", "Addon sample"} <= {*found}
    assert packed.returncode == 0, packed.stderr
    assert (shell.folder / "help.zip").stat().st_mode & 0o077 == 0, "names of sites are in it"


def test_a_log_that_nobody_can_read_is_said_in_the_bundle(shell: Any) -> None:
    """Or the service gave it another name meanwhile: all the rest is packed."""
    logs = shell.home / "logs"
    logs.mkdir(mode=0o700)
    (logs / "sheetfed.log").symlink_to("nowhere")
    packed = shell.folder / "help.zip"

    done = shell.run("doctor", "bundle", str(packed))

    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(packed) as bundle:
        assert bundle.read("logs/sheetfed.log").startswith(b"it cannot be read: ")
        assert "findings.json" in bundle.namelist()
