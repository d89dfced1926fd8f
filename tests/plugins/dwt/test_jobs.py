"""Scanners and jobs: every published call, state and status."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from incumbent import CONFIG, JOBS, Program, Service, caps, number, wish
from PIL import Image

from sheetfed_dwt.scanners import USUAL, Scanner


def test_scanners_are_told_by_name_type_and_a_string(program: Program) -> None:
    found = program.ask("GET", "/api/device/scanners")

    assert (found.status, found.json) == (
        200,
        [{"name": "Sample scanner", "type": 0x100, "device": "sample:paper"}],
    )
    assert program.ask("GET", "/api/device/scanners?type=256").json == found.json
    assert program.ask("GET", "/api/device/scanners?type=528").json == []  # TWAIN 32 and eSCL


@pytest.mark.parametrize(
    ("source", "bit"),
    [("twain", 0x40), ("twain32", 0x10), ("wia", 0x20), ("ica", 0x80), ("sane", 0x100)],
)
def test_a_source_has_the_bit_of_its_protocol(source: str, bit: int) -> None:
    scanner = Scanner(id=f"{source}:x", name="X")

    assert scanner.type == bit
    assert bit & USUAL


def test_escl_is_listed_only_where_it_is_asked_for() -> None:
    assert Scanner(id="escl:x", name="X").type == 0x200
    assert not 0x200 & USUAL


def test_a_job_runs_to_its_end_as_documented(program: Program) -> None:
    """201 with a GUID, pages while they come, 204 at the end, 410 after it; the job stays."""
    made = program.job()
    uid = made["jobuid"]
    pages = program.pages(uid)

    assert re.fullmatch("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", uid)
    assert made["status"] == "running"
    assert made["scanner"]["device"] == "sample:paper"
    assert [Image.open(io.BytesIO(page)).format for page in pages] == ["PNG"] * 3
    after = program.ask("GET", f"{JOBS}/{uid}/next-page")
    assert (after.status, after.json["code"]) == (410, -1034)
    status = program.ask("GET", f"{JOBS}/{uid}").json
    assert status == {"status": "completed", "code": 0, "message": ""}
    assert program.ask("DELETE", f"{JOBS}/{uid}").status == 204


def test_a_pending_job_holds_its_scanner_until_it_is_told_to_run(
    program: Program, pending: str
) -> None:
    """423 for everybody else; PATCH starts it; then it is out of sequence to start it again."""
    second = program.ask("POST", JOBS, wish())
    assert (second.status, second.json["code"]) == (423, -1004)
    assert program.status(pending) == "pending"

    assert program.ask("PATCH", f"{JOBS}/{pending}", {"status": "running"}).json == {
        "status": "running"
    }
    assert len(program.pages(pending)) == 3
    again = program.ask("PATCH", f"{JOBS}/{pending}", {"status": "running"})
    assert (again.status, again.json["code"]) == (409, -1011)
    stopped = program.ask("PATCH", f"{JOBS}/{pending}", {"status": "canceled"})
    assert (stopped.status, stopped.json["status"]) == (200, "completed")


def test_capabilities_come_by_number_from_our_options(program: Program, pending: str) -> None:
    """What is in force, what is usual, both spellings; what the device has nothing for is out."""
    path = f"{JOBS}/{pending}/scanner/capabilities"
    found = {each["capability"]["value"]: each for each in program.ask("GET", path).json}
    some = program.ask("GET", f"{path}?caps=257,4376,32767").json

    assert found[257]["curValue"] == {"value": 1, "label": "TWPT_GRAY"}
    assert found[257]["defaultValue"] == found[257]["defValue"] == {"value": 2, "label": "TWPT_RGB"}
    assert [each["value"] for each in found[257]["enums"]] == [0, 1, 2]
    assert (found[4376]["conType"]["value"], found[4376]["curValue"]) == (6, 100)
    assert found[4098]["curValue"] is True
    assert found[4115]["curValue"] is False
    assert found[1]["curValue"] == -1
    assert found[number("sheets")]["capability"]["label"] == "sheets"
    assert found[number("sheets")]["valueType"]["label"] == "TWTY_INT32"
    assert sorted(found) == found[0x1005]["values"]
    assert [each["capability"]["value"] for each in some] == [257, 4376]


def test_settings_caps_and_config_are_applied_in_this_order(program: Program) -> None:
    """Each may say otherwise than the one before it."""
    saved = base64.b64encode(json.dumps({"settings": {"brightness": 5, "contrast": 5}}).encode())
    body = {
        "autoRun": False,
        "settings": saved.decode(),
        "caps": {
            "capabilities": [
                {"capability": 0x1103, "curValue": 200},
                {"capability": 0x1118, "curValue": 200},
            ]
        },
        "config": {"Resolution": "150", "IfDuplexEnabled": True, "XferCount": 1, "IfShowUI": False},
    }
    uid = program.ask("POST", JOBS, body).json["jobuid"]
    path = f"{JOBS}/{uid}/scanner"
    here = program.ask("GET", f"{path}/capabilities?caps=4353,4355,4376,4115,1").json
    given = program.ask("GET", f"{path}/settings?showui=false").json["settings"]
    program.ask("DELETE", f"{JOBS}/{uid}")

    assert [each["curValue"] for each in here] == [50, 200, 150, True, 1]
    again = program.ask("POST", JOBS, {"autoRun": False, "settings": given}).json["jobuid"]
    path = f"{JOBS}/{again}/scanner/capabilities?caps=4353,4355,4376,4115,1"
    assert program.ask("GET", path).json[0]["curValue"] == 50
    assert program.ask("GET", path).json[2]["curValue"] == 150
    program.ask("DELETE", f"{JOBS}/{again}")


@pytest.mark.parametrize(
    ("wanted", "exception", "status"),
    [(9999, "fail", 400), (9999, "ignore", 201), (257, "fail", 400)],
    ids=["unknown", "unknown-but-ignored", "impossible"],
)
def test_a_capability_fails_a_job_only_where_it_may(
    program: Program, wanted: int, exception: str, status: int
) -> None:
    asked = {"exception": exception, "capabilities": [{"capability": wanted, "curValue": 77}]}
    answer = program.ask("POST", JOBS, {"autoRun": False, "caps": asked})

    assert answer.status == status
    if status == 201:
        program.ask("DELETE", f"{JOBS}/{answer.json['jobuid']}")
    else:
        assert answer.json["code"] == -1013


def test_infos_have_a_place_of_their_own_and_lead_to_their_pages(
    program: Program, scanned: str
) -> None:
    """Whoever asks for infos and for pages in turn misses neither."""
    uid = program.job()["jobuid"]
    first = program.ask("GET", f"{JOBS}/{uid}/next-page-info").json[0]
    page = program.ask("GET", f"{JOBS}/{uid}/next-page")
    named = program.ask("GET", first["url"].partition(str(program.port))[2])
    more = [program.ask("GET", f"{JOBS}/{uid}/next-page-info").status for _ in range(4)]
    other = program.ask("GET", f"{JOBS}/{scanned}/next-page?page={first['imageuid']}")

    assert first["imageInfo"]["ImageWidth"] == 827
    assert first["imageInfo"]["BitsPerPixel"] == 8
    assert first["imageInfo"]["ImageLayout"]["Frame"]["Right"] == pytest.approx(8.27, abs=0.01)
    assert page.body == named.body
    assert more == [200, 200, 204, 410]
    assert (other.status, other.json["code"]) == (404, -1040)
    program.ask("DELETE", f"{JOBS}/{uid}")


def test_content_gives_any_page_at_any_time_but_not_of_a_pending_job(
    program: Program, scanned: str, pending: str
) -> None:
    path = f"{JOBS}/{scanned}/content"
    twice = [program.ask("GET", f"{path}?type=image/jpeg&page=2") for _ in range(2)]
    file = program.ask("GET", f"{path}?type=application/pdf&page=0")
    beyond = program.ask("GET", f"{path}?type=image/png&page=3")
    bare = program.ask("GET", f"{path}?page=0")
    early = program.ask("GET", f"{JOBS}/{pending}/content?type=image/png&page=0")

    assert twice[0].body == twice[1].body
    assert twice[0].body.startswith(b"\xff\xd8")
    assert file.body.startswith(b"%PDF-")
    assert (beyond.status, beyond.json["code"]) == (404, -1040)
    assert (bare.status, bare.json["code"]) == (400, -2113)
    assert (early.status, early.json["code"]) == (409, -1011)


def test_a_jam_faults_the_job_and_keeps_the_pages_before_it(program: Program) -> None:
    """Nobody of theirs could continue it, so the scanner is free for the next."""
    uid = program.job(fault="paper-jam", fault_page=2)["jobuid"]
    pages = program.pages(uid)
    status = program.ask("GET", f"{JOBS}/{uid}").json

    assert len(pages) == 1
    assert (status["status"], status["code"]) == ("faulted", -1020)
    assert status["message"]
    assert len(program.pages(program.job()["jobuid"])) == 3


def test_a_silent_scanner_and_an_idle_job_run_out_of_time(program: Program) -> None:
    """The watchdog ends a job that hangs; `jobTimeout` deletes one that nobody fetches."""
    body = {**wish(fault="hang"), "scannerFailureTimeout": 1}
    hung = program.ask("POST", JOBS, body).json["jobuid"]
    assert program.pages(hung) == []
    status = program.ask("GET", f"{JOBS}/{hung}").json
    assert (status["status"], status["code"]) == ("faulted", -1023)

    idle = program.job_once_free({**wish(runs=False), "jobTimeout": 1})["jobuid"]
    held = program.ask("GET", f"{JOBS}/{idle}/next-page")
    assert (held.status, held.json["code"]) == (410, -1034)
    assert len(program.pages(program.job()["jobuid"])) == 3


def test_a_job_is_canceled_in_the_middle_and_keeps_its_pages(program: Program) -> None:
    uid = program.job(sheets=2000, speed=600)["jobuid"]
    first = program.ask("GET", f"{JOBS}/{uid}/next-page")
    stopped = program.ask("PATCH", f"{JOBS}/{uid}", {"status": "canceled"})
    rest = program.pages(uid)

    assert first.status == 200
    assert (stopped.status, stopped.json) == (200, {"status": "canceled"})
    assert len(rest) < 1999
    assert program.status(uid) == "canceled"
    assert program.ask("GET", f"{JOBS}/{uid}/content?type=image/png&page=0").status == 200


def test_a_running_job_is_deleted_with_its_pages(program: Program) -> None:
    uid = program.job(sheets=2000, speed=600)["jobuid"]
    assert program.ask("GET", f"{JOBS}/{uid}/next-page").status == 200

    gone = program.ask("DELETE", f"{JOBS}/{uid}")
    asked = [
        program.ask(method, f"{JOBS}/{uid}{path}", body)
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/next-page", None),
            ("GET", "/next-page-info", None),
            ("GET", "/content?type=image/png&page=0", None),
            ("GET", "/scanner/capabilities", None),
            ("PATCH", "", {"status": "running"}),
            ("DELETE", "", None),
        )
    ]

    assert (gone.status, gone.body) == (204, b"")
    assert {(answer.status, answer.json["code"]) for answer in asked} == {(410, -1034)}


def test_a_scanner_that_our_own_page_uses_is_locked(program: Program, service: Service) -> None:
    """Theirs and ours share the device; neither takes it from the other."""
    running = service.running
    job = running.scan(sheets=2000, speed=600, resolution=100)

    refused = [program.ask("POST", JOBS, wish(runs=runs)) for runs in (True, False)]
    running.post(f"/v1/jobs/{job['id']}/cancel")

    assert {(answer.status, answer.json["code"]) for answer in refused} == {(423, -1004)}


def test_a_pending_job_keeps_its_scanner_from_our_own_page_until_the_person_takes_it(
    program: Program, service: Service, pending: str
) -> None:
    """Nobody else collects the paper; but the person is told who waits, and has the last word."""
    tool = service.running.tool
    wish = {"device": "sample:paper", "settings": {"source": "feeder", "sheets": 2000}}
    refused = tool.ask("POST", "/v1/jobs", wish)
    settings = tool.ask("POST", "/v1/devices/sample:paper/options", {"settings": {}})
    caps = program.ask("GET", f"{JOBS}/{pending}/scanner/capabilities?caps=257")
    assert program.ask("DELETE", f"{JOBS}/{pending}").status == 204
    job = service.running.scan(sheets=1, speed=0, resolution=100)

    assert (refused.status, refused.json["code"]) == (409, "device-busy")
    assert "A program of this account waits to scan" in refused.json["detail"]
    assert (settings.status, caps.status) == (409, 200)
    assert job["state"] == "scanning"

    waits = program.job(runs=False)["jobuid"]
    sheetfed = Path(sys.executable).with_name("sheetfed")
    devices = (sheetfed, "--home", service.home, "devices")
    listed, freed, after = (
        subprocess.run((*devices, *more), check=True, capture_output=True, text=True)
        for more in ((), ("--free", "sample"), ())
    )
    assert "sample:paper is kept for a program of this account;" in listed.stderr
    assert freed.stdout == ""
    assert "is kept for" not in after.stderr
    job = service.running.scan(sheets=2000, speed=600, resolution=100)
    started = program.ask("PATCH", f"{JOBS}/{waits}", {"status": "running"})
    service.running.post(f"/v1/jobs/{job['id']}/cancel")
    assert started.json == {"status": "faulted"}
    assert program.ask("GET", f"{JOBS}/{waits}").json["code"] == -1004


def test_the_service_tells_its_version_and_how_much_it_logs(program: Program) -> None:
    version = program.ask("GET", "/api/server/version").json
    levels = [
        program.ask("PATCH", "/api/server", {"logLevel": level}).json["logLevel"]
        for level in (30, 0, 1)
    ]

    assert (version["version"], version["compatible"]) == ("20240719", True)
    assert levels == [30, 0, 1]
    assert program.ask("GET", "/api/server").json == {"logLevel": 1}


def test_config_is_what_a_driver_makes_of_it(program: Program) -> None:
    """What is not offered stays as it was; a number goes to the nearest."""
    body = {
        "autoRun": False,
        "config": {**CONFIG, "Resolution": 5000, "PageSize": 9, "Whatever": [1]},
        "caps": caps(),
        "license": "abc",
    }
    uid = program.ask("POST", JOBS, body).json["jobuid"]
    found = program.ask("GET", f"{JOBS}/{uid}/scanner/capabilities?caps=4376,4386").json
    program.ask("DELETE", f"{JOBS}/{uid}")

    assert [each["curValue"] for each in found] == [600, 1]


def test_a_job_that_is_started_twice_at_once_runs_once(program: Program, pending: str) -> None:
    """Of two clicks one is late; whoever waits for a page meanwhile gets it."""
    with ThreadPoolExecutor(5) as threads:
        page = threads.submit(program.ask, "GET", f"{JOBS}/{pending}/next-page")
        clicks = [
            threads.submit(program.ask, "PATCH", f"{JOBS}/{pending}", {"status": "running"})
            for _ in range(4)
        ]
        statuses = sorted(click.result().status for click in clicks)

    assert statuses == [200, 409, 409, 409]
    assert page.result().status == 200
    assert len(program.pages(pending)) == 2
    assert program.status(pending) == "completed"
