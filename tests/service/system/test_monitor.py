"""The monitor: what dies or hangs is started again, what cannot live is left alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sheetfed.store.database import newest_form
from sheetfed.system import monitor

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from running import Tool
from spare import free_port

RELEASED = Path(__file__).parents[1] / "http/released"
SHEETFED = Path(sys.executable).with_name("sheetfed")

HASTY = f"""
import runpy, sys
sys.argv = sys.argv[1:]
room = runpy.run_path({monitor.__file__!r})
world = room["Monitor"].run.__globals__
world.update(READY=float(sys.argv[0]), SILENCE=1.0, FIRST_PAUSE=0.01, LONGEST_PAUSE=0.05)
raise SystemExit(room["Monitor"](sys.argv[1], sys.argv[2:]).run())
"""
"""The monitor as it is, with less patience."""

READY = 'print("sheetfed:READY=1", flush=True)\n'


class Watched:
    """A monitor over a small program in the place of the service."""

    def __init__(self, folder: Path, body: str, *, ready: float = 30.0) -> None:
        self.state = folder / "monitor.json"
        self.lives = folder / "lives"
        program = folder / "program.py"
        told = (
            f"import os, sys, time\nopen({str(self.lives)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        )
        program.write_text(told + body)
        words = [sys.executable, "-I", "-S", "-c", HASTY, str(ready), str(self.state)]
        self.process = subprocess.Popen(
            [*words, sys.executable, "-I", "-S", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pids(self) -> list[int]:
        """Return the processes that were started, in their order."""
        return [int(line) for line in self.lives.read_text().split()] if self.lives.exists() else []

    def told(self) -> Any:
        """Return what the monitor keeps for others."""
        try:
            return json.loads(self.state.read_text())
        except FileNotFoundError:
            return {}

    def end(self) -> tuple[int, str, str]:
        """Return exit code and output, once it ends."""
        out, err = self.process.communicate(timeout=50)
        return self.process.returncode, out, err


Start = Callable[..., Watched]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Start]:
    begun: list[Watched] = []

    def start(body: str, **more: Any) -> Watched:
        begun.append(Watched(tmp_path, body, **more))
        return begun[-1]

    yield start
    for each in begun:
        each.process.kill()
        each.process.communicate()


def until(holds: Callable[[], object], *, limit: float = 50.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()


def test_a_service_that_always_dies_is_left_alone_and_the_reason_kept(watched: Start) -> None:
    """Five deaths are enough; a scanner that is driven over and over is no help to anybody."""
    begun = watched(f"{READY}sys.stderr.write('bad ' * 600 + '\\n' + 'day\\n' * 300)\nos.abort()")

    code, _, said = begun.end()

    assert code == 1
    assert "died 5 times within 10 minutes, at last: it was ended by SIGABRT" in said
    assert len(begun.pids()) == 5
    assert begun.told()["state"] == "gave-up"
    for death in begun.told()["deaths"]:
        assert death["stderr"] == ["day"] * 200, "the last lines, and not without end"


def test_a_monitor_that_crashes_writes_where(watched: Start) -> None:
    """Nobody watches over it."""
    begun = watched(f"{READY}time.sleep(999)")
    until(lambda: begun.told().get("state") == "runs")

    begun.process.send_signal(signal.SIGSEGV)
    code, _, said = begun.end()

    assert code == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in said
    assert "in _attend" in said
    for pid in begun.pids():
        os.kill(pid, signal.SIGKILL)


def test_a_service_that_cannot_start_is_not_started_again(watched: Start) -> None:
    """A mistake in the configuration would be the same mistake the next time."""
    begun = watched("sys.stderr.write('line 3: no such setting\\n')\nsys.exit(2)")

    code, _, said = begun.end()

    assert (code, len(begun.pids())) == (2, 1)
    assert said == "line 3: no such setting\n"


def test_a_service_that_hangs_writes_where_and_is_started_again(watched: Start) -> None:
    """Only signs of life count: a process that is there may still be stuck."""
    hang = (
        f"import faulthandler; faulthandler.enable()\n{READY}def stuck(): time.sleep(999)\nstuck()"
    )
    begun = watched(hang)

    until(lambda: len(begun.pids()) == 2)
    begun.process.send_signal(signal.SIGKILL)
    begun.process.wait()
    _, said = begun.process.communicate()

    assert "in stuck" in said
    (death, *_) = begun.told()["deaths"]
    assert death["reason"] == "it gave no sign of life for 1 seconds"
    assert is_gone(begun.pids()[0])
    for pid in begun.pids():
        if not is_gone(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_service_that_is_never_ready_is_ended(watched: Start) -> None:
    begun = watched("time.sleep(999)", ready=0.5)

    code, _, _ = begun.end()

    assert code == 1
    assert {death["reason"] for death in begun.told()["deaths"]} == {
        "it was not ready within 0.5 seconds"
    }


@pytest.mark.timeout(120)
@pytest.mark.parametrize("keeper", ["monitor", "systemd"])
def test_a_store_that_takes_long_to_be_brought_up_to_date_is_given_the_time(
    tmp_path: Path, keeper: str
) -> None:
    """Ended half way it would begin anew, five times, and then never start again.

    Another program holds the database for longer than a start is given here; ours waits for it.
    """
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\nkey = "file"\n')
    with zipfile.ZipFile(RELEASED / "form-3.zip") as packed:
        packed.extractall(home / "store")
    for each in ((home / "store"), *(home / "store").rglob("*")):
        each.chmod(0o700 if each.is_dir() else 0o600)
    holder = sqlite3.connect(home / "store/store.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    heard = Heard(tmp_path / "notify")
    words: list[str | Path] = [SHEETFED, "--home", home, "serve", "--port", str(free_port())]
    environ = os.environ | ({"NOTIFY_SOCKET": heard.name} if keeper == "systemd" else {})
    if keeper == "monitor":
        hasty = [sys.executable, "-I", "-S", "-c", HASTY, "5", str(tmp_path / "monitor.json")]
        words = [*hasty, *words]

    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        if keeper == "systemd":
            first = heard.next()
            assert "READY=1" not in first
            assert "EXTEND_TIMEOUT_USEC=30000000" in first.splitlines()
            assert heard.next() == first, "and again, before the time that it asked for is over"
        else:
            time.sleep(7)
        holder.execute("ROLLBACK")

        assert process.stdout
        assert process.stdout.readline().startswith("sheetfed is at http://127.0.0.1:")
        if keeper == "systemd":
            until(lambda: "READY=1" in heard.next().splitlines())
        else:
            until(lambda: json.loads((tmp_path / "monitor.json").read_text())["state"] == "runs")
            assert json.loads((tmp_path / "monitor.json").read_text())["deaths"] == []
        (form,) = holder.execute("PRAGMA user_version").fetchone()
        assert form == newest_form()
    finally:
        holder.close()
        process.terminate()
        process.communicate(timeout=30)
        heard.close()


class Heard:
    """What a service tells of itself, as systemd hears it."""

    def __init__(self, place: Path) -> None:
        self.name = str(place)
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.settimeout(30)
        self._line.bind(self.name)

    def next(self) -> str:
        """Return the next notice."""
        return self._line.recv(4096).decode()

    def close(self) -> None:
        """Hear no more."""
        self._line.close()


@pytest.mark.timeout(120)
def test_the_service_is_killed_lives_again_and_stops_as_it_is_told(tmp_path: Path) -> None:
    """The real service: the monitor is small, and what it watches ends with it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    tool = Tool(home / "run/sheetfed.sock")
    words = [SHEETFED, "--home", home, "monitor", "--port", str(free_port())]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("sheetfed is at http://127.0.0.1:")
        state = home / "monitor.json"
        until(lambda: json.loads(state.read_text())["state"] == "runs")
        first = json.loads(state.read_text())["service"]
        memory = Path(f"/proc/{process.pid}/status").read_text()

        os.kill(first, signal.SIGKILL)
        assert process.stdout.readline().startswith("sheetfed is at http://127.0.0.1:")
        second = json.loads(state.read_text())["service"]
        assert tool.get("/livez").status == 200
        stopped = subprocess.run(
            [SHEETFED, "--home", home, "monitor", "--stop"], capture_output=True, check=True
        )

        assert stopped.stdout == b""
        assert process.wait(30) == 0
        assert first != second
        assert is_gone(second)
        assert int(memory.split("VmRSS:")[1].split()[0]) < 16_000, "a monitor is small"
    finally:
        process.kill()
        process.communicate()


def test_a_service_whose_monitor_is_killed_stops_by_itself(tmp_path: Path) -> None:
    """Nobody would start it again, or stop it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    words = [SHEETFED, "--home", home, "monitor", "--port", str(free_port())]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    assert process.stdout.readline().startswith("sheetfed is at")
    service = json.loads((home / "monitor.json").read_text())["service"]

    process.kill()
    process.wait()

    until(lambda: is_gone(service))
    assert not (home / "run/sheetfed.sock").exists(), "it stopped in good order"
    process.stdout.close()


def test_a_second_monitor_leaves_the_first_one_alone(watched: Start) -> None:
    """What is kept for others is about the one that keeps the service."""
    lives = f"{READY}while True: print('sheetfed:WATCHDOG=1', flush=True); time.sleep(0.1)\n"
    first = watched(lives)
    until(lambda: first.told().get("state") == "runs")
    before = first.told()

    code, _, said = watched(lives).end()

    assert (code, said) == (4, "sheetfed monitor: another one keeps this service already.\n")
    assert first.told() == before
    assert len(first.pids()) == 1
    first.process.terminate()
    assert first.end()[0] == 0


def test_a_monitor_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    """Its last word is that it runs."""
    (tmp_path / "monitor.json").write_text('{"state": "runs"}')
    begun = time.monotonic()

    done = subprocess.run(
        [SHEETFED, "--home", tmp_path, "monitor", "--stop"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "No monitor runs" in done.stderr
    assert done.returncode != 0
    assert time.monotonic() - begun < 20
    assert not (tmp_path / "monitor.json.stop").exists()
