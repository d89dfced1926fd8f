"""The service under a real systemd of an account: started, watched, restarted, stopped."""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing
from typing import Any

import pytest

PORT = "127.0.0.1:18910"


@pytest.mark.timeout(240)
def test_systemd_starts_watches_restarts_and_stops_the_service(keeper: Any) -> None:
    """One account's systemd for all of it: starting one takes longer than most of these."""
    the_first_connection_starts_it(keeper)
    a_batch_survives_the_end_of_its_service(keeper)
    a_service_that_hangs_is_started_again(keeper)
    a_change_of_the_addons_starts_it_again(keeper)
    a_start_that_takes_long_is_not_ended_half_way(keeper)
    another_program_has_the_port(keeper)
    it_stops_cleanly_and_leaves_nothing(keeper)


def the_first_connection_starts_it(keeper: Any) -> None:
    """Nothing runs until somebody needs it; the ports are open all the while."""
    assert not keeper.is_active("sheetfed.service")
    assert {"18910", "18911"} == set(listened(keeper))

    answer = keeper.manager.ask("[::1]:18910", "/readyz")
    keeper.manager.systemctl("start", "sheetfed.service")  # returns once it said that it is ready

    assert answer["status"] == 200
    assert keeper.manager.show("sheetfed.service", "StatusText") == f"answers at http://{PORT}"


def a_batch_survives_the_end_of_its_service(keeper: Any) -> None:
    """SIGKILL in the middle of a batch: systemd starts it again, and no page is lost."""
    settings = {"sheets": 50, "speed": 60, "resolution": 75}
    job = keeper.tool.post("/v1/jobs", {"device": "sample:paper", "settings": settings}).json
    seen = wait_for_pages(keeper, job["document"], 2)

    keeper.manager.run("kill", "-9", keeper.pid)
    again = keeper.manager.ask(PORT, "/readyz")

    assert again["status"] == 200
    assert keeper.tool.get(f"/v1/jobs/{job['id']}").json["state"] == "paused"
    kept = {page["id"] for page in pages(keeper, job["document"])}
    assert {page["id"] for page in seen} <= kept
    assert keeper.tool.post(f"/v1/jobs/{job['id']}/keep").json["state"] == "done"


def a_service_that_hangs_is_started_again(keeper: Any) -> None:
    """A stopped process gives no sign of life; nobody has to notice but systemd."""
    hung = keeper.pid

    keeper.manager.run("kill", "-STOP", hung)
    end = time.monotonic() + 60
    while keeper.pid in (hung, "0"):
        assert time.monotonic() < end, "nobody notices"
        time.sleep(0.1)

    assert keeper.manager.ask(PORT, "/readyz")["status"] == 200
    assert "Fatal Python error: Aborted" in keeper.log.read_text(), "it wrote where it hung"


def a_change_of_the_addons_starts_it_again(keeper: Any) -> None:
    """One that does not run is left alone: it sees the change when it starts."""
    code = "from sheetfed.system.systemd import restart_if_kept; print(restart_if_kept())"
    before = keeper.pid

    ran = keeper.manager.run(sys.executable, "-P", "-c", code)
    answer = keeper.manager.ask(PORT, "/readyz")
    after = keeper.pid
    keeper.manager.systemctl("stop", "sheetfed.service")
    waited = keeper.manager.run(sys.executable, "-P", "-c", code)

    assert (ran.stdout, waited.stdout) == ("True\n", "False\n"), ran.stderr
    assert answer["status"] == 200
    assert after not in (before, "0")
    assert not keeper.is_active("sheetfed.service")
    assert keeper.manager.ask(PORT, "/readyz")["status"] == 200


def a_start_that_takes_long_is_not_ended_half_way(keeper: Any) -> None:
    """It says that it still starts, as while a large store is brought up to date."""
    hasty = keeper.units / "sheetfed.service.d/hasty.conf"
    hasty.write_text("[Service]\nTimeoutStartSec=4s\n")
    keeper.manager.systemctl("stop", "sheetfed.service")
    keeper.manager.systemctl("daemon-reload")

    with closing(sqlite3.connect(keeper.home / "store/store.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")  # ours waits for it
        keeper.manager.systemctl("start", "--no-block", "sheetfed.service")
        time.sleep(2)
        first = keeper.pid
        time.sleep(5)
        state = keeper.manager.show("sheetfed.service", "ActiveState")
        holder.execute("ROLLBACK")
    answer = keeper.manager.ask(PORT, "/readyz")
    hasty.unlink()
    keeper.manager.systemctl("daemon-reload")

    assert answer["status"] == 200
    assert (state, keeper.pid) == ("activating", first)


def another_program_has_the_port(keeper: Any) -> None:
    """Two people at one computer, or a squatter: the service is there all the same, and says so."""
    keeper.manager.systemctl("stop", "sheetfed.socket", "sheetfed.service")
    squat = "import socket; s = socket.create_server(('127.0.0.1', 18910)); print(1, flush=True);"
    squatter = keeper.manager.start("python3", "-c", f"{squat} input()")
    assert squatter.stdout.readline() == "1\n"
    try:
        started = keeper.service("start")
    finally:
        squatter.communicate("\n")

    assert "answers at http://127.0.0.1:18912; another program has a port" in started.stdout


def it_stops_cleanly_and_leaves_nothing(keeper: Any) -> None:
    assert keeper.service("install").returncode == 0
    assert keeper.manager.ask(PORT, "/readyz")["status"] == 200

    stopped = keeper.service("stop")

    assert "it is stopped" in stopped.stdout
    assert keeper.manager.show("sheetfed.service", "Result") == "success"
    assert listened(keeper) == []

    removed = keeper.service("remove")
    refused = keeper.service("start")

    assert "it is not installed" in removed.stdout
    assert [file.name for file in keeper.units.rglob("*") if file.is_file()] == ["quick.conf"]
    assert refused.stderr.splitlines()[-2:] == [
        "sheetfed: The service is not installed",
        "  Run `sheetfed service install` first.",
    ]


def listened(keeper: Any) -> list[str]:
    """Return the ports that are open."""
    lines = keeper.manager.run("ss", "-Hltn").stdout.splitlines()
    return [line.split()[3].rpartition(":")[2] for line in lines]


def pages(keeper: Any, document: str) -> Any:
    """Return the pages that are announced."""
    return keeper.tool.get(f"/v1/documents/{document}").json["pages"]


def wait_for_pages(keeper: Any, document: str, number: int) -> Any:
    """Return the pages once there are so many."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = pages(keeper, document)
        if len(found) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError("no pages come")
