"""Bad input and bad moments: their numbers, their shape, never a traceback."""

from __future__ import annotations

import json

import pytest
from incumbent import DOCUMENTS, JOBS, Program

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"nothing",
        b'"text"',
        b"\xff\xfe",
        b'{"autoRun": NaN}',
        b"[" * 100_000,
        b'{"autoRun": "perhaps"}',
        b'{"scannerFailureTimeout": -1}',
        b'{"jobTimeout": "soon"}',
        b'{"jobTimeout": 1e999}',
        b'{"jobTimeout": ' + b"9" * 4000 + b"}",
        b'{"device": 5}',
        b'{"name": ["x"]}',
        b'{"config": "fast"}',
        b'{"config": {"Resolution": "high"}}',
        b'{"config": {"IfDuplexEnabled": "both"}}',
        b'{"settings": "not base64!"}',
        b'{"settings": "e30="}',
        b'{"caps": [1]}',
        b'{"caps": {"exception": "maybe"}}',
        b'{"caps": {"capabilities": [{}]}}',
        b'{"caps": {"capabilities": [{"capability": "x"}]}}',
        json.dumps({"caps": {"capabilities": [{"capability": 1}] * 501}}).encode(),
    ],
    ids=lambda body: body[:48].decode("latin-1"),
)
def test_a_job_that_is_not_understood_is_refused(program: Program, body: bytes) -> None:
    answer = program.ask("POST", JOBS, body)

    assert (answer.status, answer.json["statusCode"], answer.json["code"]) == (400, 400, -2113)
    assert "Traceback" not in answer.json["message"]


def test_a_scanner_that_is_not_there_is_refused(program: Program) -> None:
    answer = program.ask("POST", JOBS, {"device": '{"deviceInfo": {}}'})

    assert (answer.status, answer.json["code"]) == (400, -1003)


def test_a_body_that_is_too_large_is_refused(program: Program) -> None:
    answer = program.ask("POST", JOBS, b" " * (1 << 20) + b"{}")

    assert (answer.status, answer.json["code"]) == (413, -2113)


@pytest.mark.parametrize("uid", [NOBODY, "x", "%2e%2e", "doc_short", "0" * 5000])
def test_a_job_that_never_was_is_404_whatever_is_asked(program: Program, uid: str) -> None:
    answers = [
        program.ask(method, f"{JOBS}/{uid}{path}", body)
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"status": "running"}),
            ("DELETE", "", None),
            ("GET", "/next-page", None),
        )
    ]

    assert {(each.status, each.json["code"]) for each in answers} == {(404, -1034)}


def test_what_is_asked_of_a_pending_job_is_checked(program: Program, pending: str) -> None:
    """Unknown words, numbers that are none, a list without end."""
    path = f"{JOBS}/{pending}"
    answers = [
        program.ask("PATCH", path, {"status": "fast"}),
        program.ask("PATCH", path, {}),
        program.ask("PATCH", path, b"running"),
        program.ask("GET", f"{path}/scanner/capabilities?caps=pixels"),
        program.ask("GET", f"{path}/scanner/capabilities?caps={','.join(['1'] * 501)}"),
        program.ask("GET", f"{path}/scanner/capabilities?caps=99999999999999999999999"),
        program.ask("GET", f"{path}/scanner/settings?showui=perhaps"),
        program.ask("GET", f"{path}/next-page?type=image/gif"),
        program.ask("GET", f"{path}/content?type=image/png"),
    ]

    codes = [(each.status, each.json["code"]) for each in answers]
    assert codes == [(400, -2113)] * 8 + [(409, -1011)]
    none = program.ask("GET", f"{path}/scanner/capabilities?caps=31000")
    assert (none.status, none.json) == (200, [])


def test_a_finished_job_is_out_of_sequence_for_what_only_waits(
    program: Program, scanned: str
) -> None:
    path = f"{JOBS}/{scanned}"
    answers = [
        program.ask("GET", f"{path}/scanner/capabilities"),
        program.ask("GET", f"{path}/scanner/settings"),
        program.ask("PATCH", path, {"status": "running"}),
    ]

    assert {(each.status, each.json["code"]) for each in answers} == {(409, -1011)}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/server", "GET, PATCH"),
        ("/api/device/scanners", "GET"),
        (JOBS, "POST"),
        (f"{JOBS}/{NOBODY}", "GET, PATCH, DELETE"),
        (f"{DOCUMENTS}/{NOBODY}", "GET, PATCH, DELETE"),
        ("/api/process/check-blank", "POST"),
    ],
)
def test_a_wrong_method_hears_which_are_right(program: Program, path: str, allowed: str) -> None:
    answer = program.ask("PUT", path, {})

    assert (answer.status, answer.json["code"]) == (405, -2112)
    assert answer.json["message"] == f"This endpoint only supports {allowed}."
    assert answer.headers["Allow"] == allowed


def test_what_is_nowhere_is_told_in_their_shape(program: Program) -> None:
    answer = program.ask("GET", "/api/nothing")

    assert answer.json == {
        "statusCode": 404,
        "code": -2113,
        "message": "There is no such endpoint.",
    }


@pytest.mark.parametrize(
    "body",
    [
        {"source": 5},
        {"source": "x", "settings": 5},
        {"source": "x", "settings": "fast"},
        {"source": "x", "settings": "{"},
        {"source": "x", "settings": {"ImageParameter": {"ExpectedBarcodesCount": "many"}}},
    ],
)
def test_a_page_that_cannot_be_looked_at_is_refused(
    program: Program, body: dict[str, object]
) -> None:
    answer = program.ask("POST", "/api/process/read-barcode", body)

    assert (answer.status, answer.json["code"]) == (400, -2113)


def test_numbers_may_come_as_text(program: Program) -> None:
    body = {"autoRun": "false", "jobTimeout": "60", "config": {"Resolution": " 200 "}}
    made = program.ask("POST", JOBS, body)
    path = f"{JOBS}/{made.json['jobuid']}"
    found = program.ask("GET", f"{path}/scanner/capabilities?caps= 4376 ".replace(" ", "%20"))
    program.ask("DELETE", path)

    assert made.json["status"] == "pending"
    assert found.json[0]["curValue"] == 200
