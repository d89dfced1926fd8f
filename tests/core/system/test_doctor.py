"""Each finding says why, and what to do."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sheetfed.config import Config, load
from sheetfed.system import backends, clock, doctor, gates, history, listeners, monitor, usb

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from spare import free_port


@pytest.fixture
def config(tmp_path: Path) -> Config:
    made = load(home=tmp_path / "home", environ={}, site=tmp_path / "site")
    for folder in (made.crashes, made.runtime, made.store):
        folder.mkdir(parents=True)
    return made


def test_who_has_the_port_is_said(config: Config) -> None:
    """Another person of this computer, or a stranger: the two need other remedies."""
    first, second = free_port(), free_port()
    with socket.create_server(("127.0.0.1", first)):
        some = listeners.finding(config, [first, second], runs=False)
        none = listeners.finding(config, [first], runs=False)
        (config.runtime / "port").write_text(f"{second}\n")
        ours = listeners.finding(config, [first, second], runs=True)

    account = listeners._account(os.getuid())
    assert (some.state, some.text) == ("ok", f"{second} is free; taken are {first} by {account}")
    assert (none.state, none.text) == ("broken", f"none is free: {first} by {account}")
    assert "config set port" in none.advice
    assert (ours.state, f"{first} by {account}" in ours.text) == ("weak", True)


def test_a_clock_that_is_behind_its_own_files_is_told(config: Config) -> None:
    """Years behind, no certificate is valid and no retention true."""
    right = clock.finding(config)
    wrong = clock.finding(config, now=time.time() - 400 * 86_400)

    assert right.state == "ok"
    assert (wrong.state, "Set the clock" in wrong.advice) == ("broken", True)


def test_browsers_that_are_told_to_block_us_are_named(tmp_path: Path) -> None:
    policies = tmp_path / "etc/opt/chrome/policies/managed"
    policies.mkdir(parents=True)
    (nothing,) = gates.findings(tmp_path)
    (policies / "ours.json").write_text('{"LoopbackNetworkAllowedForUrls": ["https://a.example"]}')
    (allowed,) = gates.findings(tmp_path)
    (policies / "b.json").write_text('{"LoopbackNetworkBlockedForUrls": ["https://b.example"]}')
    (policies / "broken.json").write_text("{")
    (blocked,) = gates.findings(tmp_path)

    assert (nothing.state, "asks once" in nothing.text) == ("ok", True)
    assert (allowed.state, "https://a.example" in allowed.text) == ("ok", True)
    assert (blocked.state, f"https://b.example ({policies / 'b.json'})" in blocked.text) == (
        "weak",
        True,
    )


def test_a_scanner_on_usb_that_may_not_be_used_is_told_from_one_that_may(tmp_path: Path) -> None:
    devices, nodes = tmp_path / "devices", tmp_path / "nodes"
    for name, number, kind in (("1-1", "5", "07"), ("1-2", "6", "06"), ("1-3", "7", "03")):
        (devices / name).mkdir(parents=True)
        for file, text in (("busnum", "1"), ("devnum", number), ("product", f"ScanX {number}")):
            (devices / name / file).write_text(f"{text}\n")
        (devices / f"{name}:1.0").mkdir()
        (devices / f"{name}:1.0/bInterfaceClass").write_text(f"{kind}\n")
    (nodes / "001").mkdir(parents=True)
    (nodes / "001/005").touch()  # there is none for the other: nobody may use it

    found = [*usb.findings(devices, nodes)]

    assert [(each.name, each.state) for each in found] == [
        ("USB ScanX 5", "ok"),
        ("USB ScanX 6", "broken"),
    ]
    assert "group `scanner`" in found[1].advice


def test_what_died_lately_is_counted_and_what_died_long_ago_is_not(config: Config) -> None:
    for number, (device, age) in enumerate((("test:0", 1), ("test:0", 2), ("", 3), ("old", 10))):
        file = config.crashes / f"{number}.json"
        file.write_text(json.dumps({"worker": "sane", "device": device}))
        then = time.time() - age * 86_400
        os.utime(file, (then, then))
    (config.crashes / "half.json").write_text("{")

    found = history.crashes(config)

    assert (found.state, found.text) == ("weak", "sane:test:0 (2), sane (1)")


def test_a_monitor_that_gave_up_says_why(config: Config) -> None:
    none = history.watch(config)
    deaths = [{"reason": "it was ended by SIGSEGV"}] * 5
    (config.home / "monitor.json").write_text(json.dumps({"state": "gave-up", "deaths": deaths}))

    found = history.watch(config)

    assert none is None
    assert found
    assert (found.state, "ended by SIGSEGV" in found.text) == ("broken", True)


def test_a_monitor_that_was_killed_is_not_said_to_run(config: Config) -> None:
    """Its last word is that it runs; its place is free."""
    state = config.home / "monitor.json"
    state.write_text(json.dumps({"state": "runs", "deaths": []}))
    before = history.watch(config)
    held = monitor.alone(str(state))
    assert held is not None
    lives = history.watch(config)
    os.close(held)

    killed = history.watch(config)

    assert before
    assert before.state == "ok", "one of a sheetfed that held no place"
    assert lives
    assert (lives.state, lives.text) == ("ok", "runs")
    assert killed
    assert (killed.state, killed.text) == ("weak", "it runs no more, though nobody stopped it")


def test_the_lists_of_sane_are_read_as_sane_reads_them(tmp_path: Path) -> None:
    """A backend that no list names is never asked, and one that is not installed cannot be."""
    mine, usual, libraries = tmp_path / "mine", tmp_path / "usual", tmp_path / "lib/sane"
    for folder in (mine, usual / "dll.d", libraries):
        folder.mkdir(parents=True)
    (usual / "dll.conf").write_text("# all of them\npixma\n#epson2\nnet # far\n")
    (usual / "dll.d/vendor").write_text("acme\n")
    for name in ("pixma", "net", "epson2"):
        (libraries / f"libsane-{name}.so.1").touch()

    def told(environ: dict[str, str], lib: str = str(libraries)) -> list[tuple[str, str]]:
        found = backends.findings(environ, config=usual, libraries=[lib])
        return [(each.state, each.text) for each in found]

    lists = f"{usual / 'dll.conf'}, {usual / 'dll.d/vendor'}"
    all_of_it = [("ok", f"2 are listed ({lists}); listed, and not installed: acme")]
    assert told({}) == told({"SANE_CONFIG_DIR": f"{mine}:"}) == all_of_it
    assert told({"SANE_CONFIG_DIR": str(mine)}) == [
        ("broken", f"0 are listed (no dll.conf in {mine})")
    ]
    assert told({}, lib=str(tmp_path / "none"))[0][0] == "broken"
    assert [*backends.findings({}, config=tmp_path / "no", libraries=[])] == []


async def test_a_look_that_fails_keeps_no_other_away(config: Config) -> None:
    """A folder that cannot be looked at is a finding, and so is all the rest."""
    config = replace(config, home=config.home / ("x" * 300))

    found = {each.name: each async for each in doctor.findings(config, (), [1], runs=False)}

    assert found["Home"].state == "broken"
    assert found["Home"].text.startswith(f"it cannot be looked at: {config.home}")
    assert found["Python"].state == found["Box, tried"].state == "ok"
    assert "TLS certificate" in found
