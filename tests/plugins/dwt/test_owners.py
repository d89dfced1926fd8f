"""Who may ask, whose a job is, and what outlives the service."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from incumbent import DOCUMENTS, JOBS, Answer, Program, Service, wish

from sheetfed.config import load
from sheetfed_dwt import holding
from sheetfed_dwt.faults import unknown_job
from sheetfed_dwt.uids import ours

sys.path.insert(0, str(Path(__file__).parents[2] / "service" / "http"))
from face import opened

ON = {"enabled": True, "programs": True, "dwt-port": 0, "dwt-tls-port": 0, "welcome-tls-port": 0}

SITE, OTHER = "https://scan.example", "https://other.example"


def test_a_site_sees_what_is_its_own(service: Service, program: Program, scanned: str) -> None:
    """Two clients on one scanner: one waits, one is refused; neither finds the other's job."""
    site, other = service.site(SITE), service.site(OTHER)
    uid = site.job(runs=False)["jobuid"]
    document = site.ask("POST", DOCUMENTS, {}).json["uid"]

    strangers = [each.ask("GET", f"{JOBS}/{uid}") for each in (program, other)]
    strangers.append(site.ask("GET", f"{JOBS}/{scanned}"))
    documents = [each.ask("GET", f"{DOCUMENTS}/{document}") for each in (program, other)]
    refused = other.ask("POST", JOBS, wish())
    assert site.ask("PATCH", f"{JOBS}/{uid}", {"status": "running"}).status == 200
    pages = site.pages(uid)

    assert {(each.status, each.json["code"]) for each in strangers} == {(404, -1034)}
    assert {(each.status, each.json["code"]) for each in documents} == {(404, -1040)}
    assert (refused.status, refused.json["code"]) == (423, -1004)
    assert len(pages) == 3
    assert site.ask("DELETE", f"{JOBS}/{uid}").status == 204
    assert site.ask("PUT", "/api/server").status == 405


def test_a_scanner_is_free_again_when_what_held_it_is_gone(service: Service) -> None:
    """Its document deleted by the person, or its site revoked: nobody is locked out for good."""
    site = service.site(OTHER)
    tool = service.running.tool
    service.program.job(runs=False)
    held = tool.get("/v1/documents").json["items"][0]["id"]
    assert site.ask("POST", JOBS, wish(runs=False)).status == 423

    assert tool.ask("DELETE", f"/v1/documents/{held}").status == 204
    assert site.ask("POST", JOBS, wish(runs=False)).status == 201
    assert service.program.ask("POST", JOBS, wish(runs=False)).status == 423
    assert tool.ask("DELETE", f"/v1/sites?origin={OTHER}").status < 300
    uid = service.program.ask("POST", JOBS, wish(runs=False)).json["jobuid"]
    assert service.program.ask("DELETE", f"{JOBS}/{uid}").status == 204


def test_what_the_guard_refuses_is_told_in_their_shape(service: Service) -> None:
    """No Origin of anybody else, no other Host: their numbers, and text for the older calls."""
    service.site(SITE)
    path = "/api/device/scanners"
    refused = [
        Program(service.port, origin).ask("GET", path)
        for origin in (
            "https://evil.example",
            "null",
            f"{SITE}.evil.example",
            "http://scan.example",
        )
    ]
    evil = Program(service.port, "https://evil.example")
    keys = [evil.ask("POST", place, {}) for place in (JOBS, "/api/process/read-barcode")]
    older = evil.ask("POST", "/DWTAPI/ScanJobs", {})
    look = Program(service.welcome, "https://evil.example").ask("GET", "/fa/VersionInfo")
    elsewhere = service.program.ask("GET", path, headers={"Host": "scan.example"})
    browser = service.program.ask("GET", path, headers={"Sec-Fetch-Site": "none"})
    unkeyed = service.program.ask("POST", JOBS, {}, {"Sec-Fetch-Site": "none"})
    fault = refused[0].json
    ask = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "dwt-product-key",
    }
    preflight = Program(service.port, SITE).ask("OPTIONS", JOBS, headers=ask)

    assert {(each.status, each.json["code"]) for each in (*refused, look)} == {(403, -2137)}
    assert {(each.status, each.json["code"]) for each in keys} == {(403, -2800)}
    assert fault["statusCode"] == 403
    assert fault["cause"] == {"code": 0, "message": "not-allowed"}
    assert fault["message"].startswith("This origin is not approved. ")
    assert (older.status, older.headers["Content-Type"][:10]) == (403, "text/plain")
    assert (elsewhere.status, elsewhere.json["code"]) == (421, -1)
    assert (browser.status, browser.json["code"]) == (401, -1)
    assert "programs = true" in browser.json["message"]
    assert (unkeyed.status, unkeyed.json["code"]) == (401, -2800)
    assert not [name for name in refused[0].headers if name.lower().startswith("access-control-")]
    assert preflight.headers["Access-Control-Allow-Origin"] == SITE
    assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
    assert "DWT-PRODUCT-KEY" in preflight.headers["Access-Control-Allow-Headers"]


def test_the_interface_is_there_over_tls_too(service: Service) -> None:
    """With the certificate of our own interface."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    for port in (service.port, service.welcome):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port + 1, timeout=30, context=trusting
        )
        connection.request("GET", "/fa/VersionInfo?ts=1")
        assert connection.getresponse().status == 200
        connection.close()


async def test_what_other_addons_would_do_is_told_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Barcodes, a locked PDF: 501 in their shape, with the package; a taken port with its rival.

    A job that waits, waits on in the next service and keeps its scanner while a client asks for its
    page, until the person takes it back. A note that somebody wrote over is no note.
    """
    with socket.create_server(("127.0.0.1", 0)) as other:
        held = other.getsockname()[1]
        config = replace(
            load(home=tmp_path / "home", environ={}),
            port=0,
            disabled=("barcode", "pdf"),
            addons={"dwt": {**ON, "welcome-port": held}},
        )

        def ask(*words: object) -> Answer:
            return program.ask(*words)  # type: ignore[arg-type]

        async with opened(config) as face:
            program = Program(face.listening.beside["dwt"])
            uid = (await asyncio.to_thread(ask, "POST", DOCUMENTS, {})).json["uid"]
            await face.page(ours("doc", uid, unknown_job()))
            path = f"{DOCUMENTS}/{uid}/content"
            body = {"source": f"http://localhost{path}"}
            codes = await asyncio.to_thread(ask, "POST", "/api/process/read-barcode", body)
            locked = await asyncio.to_thread(ask, "GET", f"{path}?password=x")
            plain = await asyncio.to_thread(ask, "GET", f"{path}?version=1.7&creationDate=2018")
            rows = face.service.addons.rows
            waits = (await asyncio.to_thread(ask, "POST", JOBS, wish(runs=False))).json["jobuid"]
        async with opened(config) as face:
            program = Program(face.listening.beside["dwt"])
            holds = face.service.devices.holds
            here = (await asyncio.to_thread(ask, "GET", f"{JOBS}/{waits}")).json["status"]
            second = (await asyncio.to_thread(ask, "POST", JOBS, wish())).status
            renewals, begin = asyncio.Semaphore(0), holds.begin

            def renewed(*words: Any) -> object:
                renewals.release()
                return begin(*words)

            monkeypatch.setattr(holds, "begin", renewed)
            monkeypatch.setattr(holding, "AGAIN", 0.0)
            waiting = asyncio.create_task(
                asyncio.to_thread(ask, "GET", f"{JOBS}/{waits}/next-page")
            )
            for _ in range(3):  # one for its question, and more while it waits
                await asyncio.wait_for(renewals.acquire(), 60)
            assert (await face.send("DELETE", "/v1/devices/sample:paper/hold"))[0] == 204
            kept = await asyncio.to_thread(ask, "GET", f"{JOBS}/{waits}")
            assert kept.json["status"] == "pending"
            assert holds.on("sample:paper") is None
            await asyncio.to_thread(ask, "DELETE", f"{JOBS}/{waits}")
            assert (await waiting).status == 410
            for note in ('1 {"kind": "job"}', "2 {", "x"):
                info = {"info": {"fields": {".dwt": note}}}
                path = f"/v1/documents/{ours('doc', uid, unknown_job())}"
                assert (await face.send("PATCH", path, info))[0] == 200
                lost = await asyncio.to_thread(ask, "GET", f"{JOBS}/{uid}")
                assert (lost.status, lost.json["code"]) == (404, -1034)

    assert (here, second) == ("pending", 423)
    reason = next(row.reason for row in rows if row.name == "dwt")
    for answer, package in ((codes, "sheetfed-barcode"), (locked, "sheetfed-pdf")):
        assert (answer.status, answer.json["code"]) == (501, -1126)
        assert package in answer.json["message"]
    assert codes.json["cause"]["message"] == "addon-missing"
    assert plain.body.startswith(b"%PDF-")
    assert reason.startswith(f"Another program listens on port {held}; it may be the service of")


@pytest.mark.timeout(120)
def test_jobs_and_documents_outlive_the_service(tmp_path: Path) -> None:
    """Killed in the middle: what was read stays read, what ran has its pages."""
    service = Service(tmp_path / "home")
    try:
        program = service.program
        read = program.job()["jobuid"]
        first = program.ask("GET", f"{JOBS}/{read}/next-page").body
        program.ask("GET", f"{JOBS}/{read}/content?type=image/png&page=2")
        document = program.ask("POST", DOCUMENTS, {"password": "pw"}).json["uid"]
        cut = program.job_once_free(wish(sheets=2000, speed=300))["jobuid"]
        for _ in range(2):
            assert program.ask("GET", f"{JOBS}/{cut}/next-page").status == 200
        service.running.kill()
        service.again()

        rest = program.pages(read)
        gone = program.ask("GET", f"{JOBS}/{cut}").json
        left = program.pages(cut)

        assert len(rest) == 2
        assert first not in rest
        assert gone["status"] == "faulted"
        assert "stopped" in gone["message"]
        assert len(left) < 1998
        assert len(program.pages(program.job()["jobuid"])) == 3
        path = f"{DOCUMENTS}/{document}"
        assert program.ask("GET", path).status == 403
        assert program.ask("GET", path, headers={"DWT-DOC-PASSWORD": "pw"}).status == 200
    finally:
        service.stop()
