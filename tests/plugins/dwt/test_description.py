"""The calls are what their description and our table say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from incumbent import DOCUMENTS, JOBS, Program
from openapi_spec_validator import validate

ROOT = Path(__file__).parents[3]
NAMED = re.compile(r"\| `(test_\w+)` \|$", re.MULTILINE)
TABLE = re.compile(r"^\| (GET|POST|PATCH|DELETE) `([^`]+)` \|.*\| `(test_\w+)` \|$", re.MULTILINE)

CONFIG = """
# What a description cannot say: whether a job is pending (409) or deleted (410), a scanner is free
# (423) or there at all (400), a password right (403).
[checks]
positive_data_acceptance.expected-statuses = [
  "2xx", "400", "403", "404", "409", "410", "423", "501",
]
negative_data_rejection.expected-statuses = [
  "2xx", "400", "403", "404", "405", "409", "410", "413", "423",
]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501"]

[[operations]]
include-path-regex = "^/api/device/scanners/jobs/{jobuid}"
parameters = { "path.jobuid" = "JOB" }

[[operations]]
include-path-regex = "^/api/storage/documents/{documentuid}"
parameters = { "path.documentuid" = "DOCUMENT" }
"""


def test_the_description_is_openapi_and_names_every_route(program: Program) -> None:
    """The table of the docs, the description and what is answered are the same calls."""
    described = program.ask("GET", "/api/openapi.json").json
    validate(described)
    named = {(method.upper(), path) for path, here in described["paths"].items() for method in here}
    listed = TABLE.findall((ROOT / "docs/addons/dwt.md").read_text())

    assert {(method, path) for method, path, _ in listed} == named
    for method, path in named:
        nonsense = None if method == "GET" else b"["
        answer = program.ask(method, re.sub(r"{\w+}", "dwt_1", path), nonsense)
        assert answer.status != 405, path
        assert b"no such endpoint" not in answer.body, path


def test_the_tables_name_tests_that_are_there() -> None:
    """A claim without a test is a hope."""
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    named = {*NAMED.findall((ROOT / "docs/addons/dwt.md").read_text())}

    assert len(named) > 25
    assert {test for test in named if f"def {test}(" not in text} == set()


@pytest.mark.timeout(120)
def test_a_machine_that_tries_everything_finds_no_surprise(
    program: Program, scanned: str, tmp_path: Path
) -> None:
    """No server error, nothing that is not described."""
    job = program.job()["jobuid"]
    program.pages(job)
    document = program.ask("POST", DOCUMENTS, {}).json["uid"]
    source = f"http://x{JOBS}/{scanned}/content?page=0"
    program.ask("POST", f"{DOCUMENTS}/{document}/pages", {"source": source})
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.replace("JOB", job).replace("DOCUMENT", document))

    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "--config-file",
            config,
            "run",
            f"http://127.0.0.1:{program.port}/api/openapi.json",
            "--checks=all",
            "--exclude-checks=ensure_resource_availability,use_after_free",
            "--phases=examples,fuzzing",
            "--max-examples=2",
            "--max-time=4",
            "--request-timeout=20",
            "--continue-on-failure",
            "--seed=1",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert program.ask("GET", "/api/server").status == 200
