"""Steps of an installed addon, over HTTP, on the command line, and through a crash."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
import lives
from running import Ear, Running
from stepper import plant


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return plant(tmp_path / "site")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "sheetfed.toml").write_text(
        'disabled = ["sane", "barcode"]\n[addons.stepper]\nword = "set "\n'
    )
    return home


@pytest.fixture
def service(home: Path, environ: dict[str, str]) -> Iterator[Running]:
    with Running(home, environ=environ) as service:
        yield service


def start(service: Running, *options: dict[str, Any], **settings: Any) -> dict[str, Any]:
    steps = [{"name": "inspector", "options": one} for one in options]
    answer = service.post("/v1/jobs", {"device": "tray:one", "settings": settings, "steps": steps})
    assert answer.status == 201, answer.body
    job: dict[str, Any] = answer.json
    return job


def pages(service: Running, job: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.get(f"/v1/documents/{job['document']}").json["pages"]
    return found


def words(found: list[dict[str, Any]]) -> list[str]:
    return [" ".join(mark["value"] for mark in page["marks"]) for page in found]


def test_a_job_says_everything(service: Running) -> None:
    """One request scans, marks, drops and splits; what failed is listed."""
    ear = Ear(service)
    ear.start()
    ear.ready.wait(10)
    wish = {"word": "seen ", "only": "blank double raise"}

    job = start(service, wish, sheets=5, shades="100 255 10 50 101")
    done = service.settled(job["id"])

    assert done["state"] == "done", done
    assert done["steps"] == [{"name": "inspector", "options": wish}]
    found = pages(service, done)
    assert words(found) == ["seen 100", "seen 10", "seen 10", "", "seen 101"]
    (problem,) = done["problems"]
    assert (problem["page"], problem["step"]) == (found[3]["id"], "inspector")
    assert problem["error"]["code"] == "addon-broken"
    assert "ZeroDivisionError" in problem["error"]["detail"]
    assert "traceback" not in problem["error"]["details"]
    changes = [data["change"] for name, data in ear if name == "page"]
    assert {change: changes.count(change) for change in set(changes)} == {
        "added": 6,
        "changed": 3,
        "removed": 1,
    }
    small = service.get(f"/v1/pages/{found[1]['id']}/image?width=2")
    assert (small.status, small.headers["Content-Type"]) == (200, "image/jpeg")


def test_steps_are_offered(service: Running) -> None:
    rows = {row["name"]: row for row in service.get("/v1/addons").json["items"]}
    items = service.get("/v1/steps").json["items"]
    (step,) = [item for item in items if item["name"] == "inspector"]

    assert rows["stepper"]["offers"]["steps"] == ["inspector"]
    assert (step["name"], step["title"]) == ("inspector", "Inspector")
    options = {option["name"]: option["default"] for option in step["options"]}
    assert options == {"delay": 0.0, "word": "set ", "only": "", "password": None}


def test_what_is_configured_holds_where_a_job_says_nothing(service: Running) -> None:
    done = service.settled(start(service, {}, sheets=1)["id"])

    assert words(pages(service, done)) == ["set 0"]


def test_an_impossible_wish_is_refused_before_the_device_is_opened(service: Running) -> None:
    def refused(name: str, options: dict[str, Any]) -> Any:
        steps = [{"name": "inspector", "options": {}}, {"name": name, "options": options}]
        return service.post("/v1/jobs", {"device": "tray:one", "steps": steps})

    missing = refused("barcode", {})
    unknown = refused("nothing", {})
    wrong = refused("inspector", {"delay": 100})

    assert (missing.status, missing.json["code"]) == (501, "addon-missing")
    assert missing.json["details"]["package"] == "sheetfed-barcode"
    assert (unknown.status, unknown.json["code"]) == (501, "addon-missing")
    assert (wrong.status, wrong.json["code"]) == (422, "bad-settings")
    (fault,) = wrong.json["errors"]
    assert fault["pointer"] == "/steps/1/options/delay"
    assert service.get("/v1/jobs").json["items"] == []


@pytest.mark.timeout(120)
def test_a_kill_in_the_middle_of_steps_loses_no_page_and_no_step(
    home: Path, environ: dict[str, str]
) -> None:
    """Pages are safe before their steps; those that had not taken them take them later."""
    rng = random.Random(6)
    for _ in range(3):
        service = Running(home, environ=environ).wait()
        ear = Ear(service)
        ear.start()
        ear.ready.wait(10)
        wish = {"delay": 0.5, "only": "double"}
        job = start(service, wish, sheets=12, delay=0.05, shades="100 10 101")
        time.sleep(rng.uniform(0.5, 2.0))
        service.kill()
        ear.join(10)

        with Running(home, environ=environ) as again:
            cut = again.get(f"/v1/jobs/{job['id']}").json
            found = pages(again, cut)
            told = {data["id"] for name, data in ear if name == "page"}
            assert told <= {page["id"] for page in found}
            assert cut["state"] == "paused"
            again.post(f"/v1/jobs/{job['id']}/keep")
            done = again.settled(job["id"])

            assert (done["state"], done["problems"]) == ("done", [])
            found = pages(again, done)
            shades = [page["marks"][0]["value"].split()[-1] for page in found]
            circle = ["100", "10", "10", "101"]
            assert shades == [circle[at % 4] for at in range(len(found))]
            assert [page["width"] for page in found if page["marks"][0]["value"] == "set 10"] == [
                4
            ] * shades.count("10")
            names = {file.name for file in (home / "store" / "blobs").iterdir()}
            assert not [name for name in names if name.endswith(".part")]
            again.ask("DELETE", f"/v1/documents/{done['document']}")
    assert not [*(home / "store" / "blobs").iterdir()]


@pytest.mark.timeout(120)
def test_a_kill_while_pages_are_parted_loses_none(home: Path, environ: dict[str, str]) -> None:
    """A split is one transaction: it is done or not, and doing it again changes nothing."""
    rng = random.Random(7)
    for _ in range(2):
        service = Running(home, environ=environ).wait()
        split = {"by": "pages", "every": 3, "title": "no {n}"}
        wish = {"device": "tray:one", "settings": {"sheets": 40}, "split": split}
        job = service.post("/v1/jobs", wish).json
        time.sleep(rng.uniform(0.2, 1.0))
        before = service.get(f"/v1/jobs/{job['id']}").json
        service.kill()

        with Running(home, environ=environ) as again:
            cut = again.get(f"/v1/jobs/{job['id']}").json
            assert cut["pages"] >= before["pages"]
            if cut["state"] == "paused":
                again.post(f"/v1/jobs/{job['id']}/keep")
            done = again.settled(job["id"])
            found = [again.get(f"/v1/documents/{name}").json for name in done["documents"]]
            counts = [len(one["pages"]) for one in found]
            assert (done["state"], sum(counts)) == ("done", done["pages"])
            assert done["pages"] >= cut["pages"]
            assert counts[:-1] == [3] * (len(counts) - 1)
            assert [one["title"] for one in found] == [
                f"no {number}" for number in range(1, len(counts) + 1)
            ]
            for name in done["documents"]:
                again.ask("DELETE", f"/v1/documents/{name}")
    assert not [*(home / "store" / "blobs").iterdir()]


def run(home: Path, environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **environ}
    return lives.run("--home", home, "scan", "-d", "tray:one", *words, environ=environ)


def test_the_command_line_takes_steps(service: Running, home: Path, environ: Any) -> None:
    done = run(
        home, environ, "--step", "inspector:word=a,b ,only=blank", "--step", "inspector:word=c"
    )

    assert done.returncode == 0, done.stderr
    (document,) = service.get("/v1/documents").json["items"]
    assert words(pages(service, {"document": document["id"]})) == ["a,b0 c0"] * 3


@pytest.mark.parametrize(
    ("step", "code", "said"),
    [
        ("barcode", 1, "sheetfed-barcode"),
        ("inspector:dealy=1", 2, "Did you mean 'delay'?"),
        ("inspector:delay=long", 2, "0 to 60"),
        ("inspector:delay=61", 2, "0 to 60"),
        ("inspector:delay", 2, "is not NAME:option=value"),
        (":delay=1", 2, "names no step"),
    ],
)
def test_the_command_line_says_what_is_wrong_with_a_step(
    home: Path, environ: Any, step: str, code: int, said: str
) -> None:
    done = run(home, environ, "--step", step)

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_line_tells_pages_that_a_step_failed_at(home: Path, environ: Any) -> None:
    done = run(home, environ, "--step", "inspector:only=black")

    assert done.returncode == 0, done.stderr
    assert "Page 2 is kept as it came: inspector: ZeroDivisionError" in done.stderr
