"""Existing programs get their pages and come to an end."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from clients import CLIENTS
from incumbent import DOCUMENTS, JOBS, Program, wish
from PIL import Image


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_a_program_gets_every_page_once_and_ends(
    program: Program, client: Callable[[Program], list[bytes]]
) -> None:
    """Each has a habit that a server can trip over."""
    pages = client(program)

    assert len({*pages}) == len(pages) == 3
    for page in pages:
        assert Image.open(io.BytesIO(page)).size == (827, 1169)


def test_the_older_calls_answer_in_plain_text(program: Program) -> None:
    """A bare id, pages as JPEG, a failure in words with 403."""
    made = program.ask("POST", "/DWTAPI/ScanJobs", wish())
    second = program.ask("POST", "/DWTAPI/ScanJobs", wish())
    uid = made.body.decode()
    page = program.ask("GET", f"/DWTAPI/ScanJobs/{uid}/NextDocument")
    gone = program.ask("DELETE", f"/DWTAPI/ScanJobs/{uid}")
    after = program.ask("GET", f"/DWTAPI/ScanJobs/{uid}/NextDocument")
    unknown = program.ask("DELETE", "/DWTAPI/ScanJobs/nothing")
    wrong = [
        program.ask(method, path, body)
        for method, path, body in (
            ("PUT", "/DWTAPI/Scanners", None),
            ("GET", "/DWTAPI/nothing", None),
            ("POST", "/DWTAPI/ScanJobs", b"{"),
            ("GET", "/DWTAPI/Scanners?type=all", None),
        )
    ]

    assert made.headers["Content-Type"].startswith("text/plain")
    assert (second.status, second.headers["Content-Type"][:10]) == (403, "text/plain")
    assert (page.headers["Content-Type"], page.body[:2]) == ("image/jpeg", b"\xff\xd8")
    assert (gone.status, after.status, unknown.status) == (200, 410, 404)
    assert [each.status for each in wrong] == [405, 404, 400, 400]
    assert {each.headers["Content-Type"][:10] for each in (*wrong, unknown)} == {"text/plain"}
    assert program.ask("GET", "/DWTAPI/Scanners?type=256").json[0]["device"] == "sample:paper"


def test_a_whole_morning(program: Program) -> None:
    """List, a job that waits, its capabilities, run, pages, a document, its PDF, all deleted."""
    scanner = program.ask("GET", "/api/device/scanners").json[0]
    job = program.ask("POST", JOBS, {**wish(runs=False), "device": scanner["device"]}).json
    path = f"{JOBS}/{job['jobuid']}"
    assert program.ask("GET", f"{path}/scanner/capabilities").status == 200
    assert program.ask("PATCH", path, {"status": "running"}).status == 200
    document = program.ask("POST", DOCUMENTS, {"password": "pw"}).json["uid"]
    open_ = {"DWT-DOC-PASSWORD": "pw"}
    shelf = f"{DOCUMENTS}/{document}"
    for _ in range(3):
        body = {"source": program.url(job["jobuid"])}
        assert program.ask("POST", f"{shelf}/pages", body, open_).status == 200
    assert program.ask("DELETE", path).status == 204
    pdf = program.ask("GET", f"{shelf}/content", headers=open_)
    assert pdf.body.startswith(b"%PDF-")
    assert program.ask("DELETE", shelf, headers=open_).status == 204
    assert program.ask("GET", shelf, headers=open_).status == 404


def test_small_slips_of_a_client_are_forgiven(program: Program, scanned: str) -> None:
    """Slashes where addresses were joined, words in capitals, parameters left empty."""
    for path in (f"//{JOBS[1:]}/{scanned}", f"{JOBS}/{scanned}/", f"/{JOBS}/{scanned.lower()}//"):
        assert program.ask("GET", path).json["status"] == "completed"
    assert program.ask("GET", "//DWTAPI/nothing").headers["Content-Type"].startswith("text/plain")
    assert program.ask("GET", "/api/device/scanners/?type=").status == 200
    page = program.ask("GET", f"{JOBS}/{scanned}/content?type=IMAGE/JPG&page=0")
    assert page.headers["Content-Type"] == "image/jpeg"
    shelf = f"{DOCUMENTS}/{program.ask('POST', f'{DOCUMENTS}/', b'').json['uid']}"
    source = f"https://localhost:1//{JOBS[1:]}/{scanned.lower()}/content?page=01"
    for place in (None, "0", 2**40):
        body = {"source": source, "insertPos": place}
        assert program.ask("POST", f"{shelf}/pages/", body).status == 200
    empty = "compression=&pageType=&version=&quality=&password=&creationDate="
    pdf = program.ask("GET", f"{shelf}/content/?{empty}&pages=0,,2,")
    assert pdf.body.startswith(b"%PDF-1.5")
    assert program.ask("DELETE", shelf).status == 204
    uid = program.job(runs=False)["jobuid"]
    assert program.ask("HEAD", f"{JOBS}/{uid}/next-page").status == 405
    assert program.ask("PATCH", f"{JOBS}/{uid}/", {"status": "RUNNING"}).status == 200
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(program.ask, "GET", f"{JOBS}/{uid}/next-page") for _ in range(6)]
    answers = [each.result() for each in asked]
    assert sorted(each.status for each in answers) == [200] * 3 + [204, 410, 410]
    assert len({each.body for each in answers if each.status == 200}) == 3
    program.ask("DELETE", f"{JOBS}/{uid}")
