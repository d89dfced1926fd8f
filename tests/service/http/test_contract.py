"""The service does what its description says, and the description is right."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from face import Face
from openapi_spec_validator import validate

from sheetfed.api.errors import CODES
from sheetfed.events import LOCAL
from sheetfed.server.answers import format_json
from sheetfed.server.app import OPS
from sheetfed.server.openapi import describe
from sheetfed.server.shapes.devices import Option
from sheetfed.server.shapes.jobs import Job
from sheetfed.server.shapes.pages import Page
from sheetfed.server.shapes.problems import Problem
from sheetfed.server.tokens import TOKENS

CONFIG = """
# Answers that are no fault of the description: what it cannot say is whether a cursor is one of
# ours (422), a device has an option (422), a version is the current one (412), and an addon for a
# name is installed (501), a nonce is good (401). Drivers and codecs may fail in ways that have a
# status of their own. It asks as our own page does, which may do most.
[checks]
positive_data_acceptance.expected-statuses = [
  "2xx", "304", "401", "404", "409", "412", "415", "422", "501",
]
negative_data_rejection.expected-statuses = [
  "400", "401", "404", "405", "409", "412", "413", "415", "422",
]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501", "502", "504"]

# An endless answer; tests of its own look at it.
[[operations]]
include-path = "/v1/events"
enabled = false

# For sites, and for local tools.
[[operations]]
include-path-regex = "^(/v1/events/socket|/v1/(challenges|tokens|page-nonces|local-tokens))$"
enabled = false

[[operations]]
include-path-regex = "^/v1/pairings(/{pairing_id})?$"
enabled = false

# A target that is not there is refused, so that nobody learns which are.
[[operations]]
include-path-regex = "^/v1/(jobs|deliveries|deliveries/files|targets/{name}/test)$"
checks.positive_data_acceptance.expected-statuses = [
  "2xx", "401", "403", "404", "409", "415", "422", "501",
]
checks.negative_data_rejection.expected-statuses = [
  "400", "401", "403", "404", "405", "409", "413", "415", "422",
]

# So that not everything is "not found".
[[operations]]
include-path-regex = "^/v1/documents/{document_id}/"
parameters = { "path.document_id" = "DOCUMENT" }

[[operations]]
include-path = "/v1/pages/{page_id}/image"
parameters = { "path.page_id" = "PAGE" }

[[operations]]
include-path-regex = "^/v1/devices/{device_id}"
parameters = { "path.device_id" = "sample:paper" }
"""


def test_the_description_is_openapi() -> None:
    validate(describe(OPS))


def test_operations_have_names_of_their_own() -> None:
    """Clients make functions of them."""
    names = [op.id for op in OPS]

    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_every_request_refuses_what_it_does_not_know() -> None:
    described = describe(OPS)["components"]["schemas"]
    requests = {op.body().__name__ for op in OPS if op.body}

    assert requests
    for name in requests:
        assert described[name]["additionalProperties"] is False, name


def test_every_failure_has_a_code_that_is_listed() -> None:
    for op in OPS:
        for error in op.errors:
            assert CODES[error.code] is error


def test_the_answers_of_rows_are_what_the_description_says() -> None:
    """Jobs and pages are told by events too; both are written by hand in two places."""
    schemas = describe(OPS)["components"]["schemas"]

    for shape in (Job, Page, Problem, Option):
        assert schemas[shape.__name__]["properties"].keys() == shape.__annotations__.keys()


async def test_the_served_description_is_the_table(face: Face) -> None:
    _, served = await face.send("GET", "/openapi.json")
    formats = [format_json(known) for known in face.service.imaging.formats()]

    assert served == json.loads(json.dumps(describe(OPS, formats)))


def test_what_clients_are_made_of_knows_no_addon() -> None:
    """Else the types of the browser client would be others wherever they are written."""
    told = json.dumps(describe(OPS))

    assert "x-of-format" not in told
    assert "x-formats" not in told
    assert "x-portable-anymap" not in json.dumps(describe(OPS)["components"])


@pytest.mark.timeout(180)
async def test_a_machine_that_tries_everything_finds_no_surprise(
    face: Face, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No server error, nothing undocumented, nothing odd accepted, nothing good refused."""
    document = await face.document((40, 60), (60, 40))
    (tmp_path / "schemathesis.toml").write_text(
        CONFIG.replace("DOCUMENT", document.id).replace("PAGE", document.pages[0])
    )
    await face.service.documents.create(LOCAL, title="to be deleted")

    token = await face.app[TOKENS].issue_page()

    status, said = await run(
        Path(sys.executable).with_name("schemathesis"),
        "--config-file",
        tmp_path / "schemathesis.toml",
        "run",
        f"{face.listening.address}/openapi.json",
        "--checks=all",
        # A document that one step makes, another one may delete before a third looks for it.
        "--exclude-checks=ensure_resource_availability",
        f"--header=Authorization: Bearer {token.text}",
        f"--header=Origin: http://{face.host}",
        "--header=Sec-Fetch-Site: same-origin",
        "--continue-on-failure",
        "--max-examples=3",
        "--max-time=60",
        "--request-timeout=20",
        "--seed=1",
        "--no-color",
        cwd=tmp_path,
    )

    assert status == 0, said
    assert (await face.send("GET", "/livez"))[0] == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def run(*command: Any, cwd: Path) -> tuple[int, str]:
    """Run a program beside the service; return its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
