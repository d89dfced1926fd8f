"""How much a site may ask, how often, and what of it is logged."""

from __future__ import annotations

import json
import logging

import aiohttp
import pytest
from face import Face, opened

from sheetfed.config import Config
from sheetfed.server.guard import visits
from sheetfed.server.guard.rates import RATES, SITES, Rates
from sheetfed.server.guard.refusals import LINES, WINDOW, Refusals

SITE = "https://scan.example"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(rates: Rates, origin: str = SITE) -> int:
    """Return how many requests go through at once."""
    return sum(rates.take(origin, "control") == 0 for _ in range(100))


def test_a_site_may_ask_so_often_and_no_more(clock: Clock) -> None:
    """R17: 40 at once after a rest, then 20 a second."""
    rates = Rates(clock)

    assert taken(rates) == 40
    assert rates.take(SITE, "control") == pytest.approx(1 / 20)
    clock.now += 0.5
    assert taken(rates) == 10
    clock.now += 3600
    assert taken(rates) == 40


def test_sites_and_kinds_are_counted_apart(clock: Clock) -> None:
    """R17: nobody waits for another's flood."""
    rates = Rates(clock)
    taken(rates)

    assert rates.take("https://other.example", "control") == 0
    assert rates.take(SITE, "reading") == 0


def test_many_sites_take_no_more_memory(clock: Clock) -> None:
    """R17."""
    rates = Rates(clock)

    for number in range(3 * SITES):
        rates.take(f"https://{number}.example", "control")

    assert len(rates._left) == SITES


async def test_a_flood_is_told_when_to_come_back(face: Face) -> None:
    """R17: others are served at once meanwhile, the person without a limit."""
    site, other = await face.site(SITE), await face.site("https://other.example")
    statuses = []
    for _ in range(60):
        async with site.client.post("/v1/jobs/job_x/cancel") as answer:
            statuses.append(answer.status)
            if answer.status == 429:
                problem = await answer.json(content_type=None)
                assert answer.headers["Retry-After"] == "1"
                assert answer.headers["Access-Control-Allow-Origin"] == SITE

    assert statuses[:40] == [404] * 40
    assert 429 in statuses
    assert problem["code"] == "too-many-requests"
    async with other.client.post("/v1/jobs/job_x/cancel") as answer:
        assert answer.status == 404
    for _ in range(60):
        assert (await face.send("POST", "/v1/jobs/job_x/cancel", {}))[0] == 404


async def test_strangers_share_one_rate_for_asking(face: Face) -> None:
    """R11, R17 (T08): many sites that nobody approved cannot flood the person with questions."""
    statuses = []
    async with aiohttp.ClientSession(base_url=f"http://{face.host}/") as pages:
        for number in range(30):
            origin = f"https://{number}.example"
            async with pages.post(
                "/v1/pairings", json={"key": "AAAA"}, headers={"Origin": origin}
            ) as answer:
                statuses.append(answer.status)
        async with pages.get("/livez") as answer:
            assert answer.status == 200

    assert statuses.count(429) >= 30 - RATES["pairing"].burst - 10
    assert statuses[-1] == 429


async def test_a_site_has_only_so_many_jobs(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """R17 (P10): two; here one, since there is one device. The person is not counted."""
    monkeypatch.setattr(visits, "JOBS", 1)
    site = await face.site(SITE)
    slow = {"source": "feeder", "sheets": 50, "speed": 60}
    wish = {"device": "sample:paper", "settings": slow}
    async with site.client.post("/v1/jobs", json=wish) as answer:
        job = (await answer.json())["id"]

    async with site.client.post("/v1/jobs", json=wish) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "5"
    assert (await face.send("POST", "/v1/jobs", wish))[0] == 409
    async with site.client.post(f"/v1/jobs/{job}/cancel") as answer:
        assert answer.status == 200
    async with site.client.post("/v1/jobs", json=wish) as answer:
        assert answer.status == 201
        job = (await answer.json())["id"]
    async with site.client.post(f"/v1/jobs/{job}/cancel") as answer:
        assert answer.status == 200


async def test_who_asks_again_for_its_job_gets_it_at_the_limit(
    face: Face, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17, R37: a retry starts nothing, so it is neither counted nor written down."""
    monkeypatch.setattr(visits, "JOBS", 1)
    site = await face.site(SITE)
    wish = {"device": "sample:paper", "settings": {"sheets": 50, "speed": 60}}
    made = []
    for _ in range(3):
        async with site.client.post(
            "/v1/jobs", json=wish, headers={"Idempotency-Key": "one"}
        ) as answer:
            assert answer.status == 201
            made.append((await answer.json())["id"])
    async with site.client.post(f"/v1/jobs/{made[0]}/cancel") as answer:
        assert answer.status == 200

    assert len(set(made)) == 1
    assert scans(config) == ["done"]


async def test_a_job_that_takes_a_device_again_is_counted_too(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17: else a site continued as many jobs as the service ever stopped for it."""
    monkeypatch.setattr(visits, "JOBS", 0)
    wish = {"device": "sample:paper", "settings": {"sheets": 50, "speed": 60}}
    async with opened(config) as face:
        job = (await face.service.jobs.start(SITE, wish)).id
    async with opened(config) as face:
        site = await face.site(SITE)
        async with site.client.post(f"/v1/jobs/{job}/continue") as answer:
            assert answer.status == 429
        monkeypatch.setattr(visits, "JOBS", 1)
        async with site.client.post(f"/v1/jobs/{job}/continue") as answer:
            assert answer.status == 200
        async with site.client.post(f"/v1/jobs/{job}/cancel") as answer:
            assert answer.status == 200

    assert scans(config) == ["done"]


async def test_a_paused_job_that_kept_its_device_is_counted_once(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17: it goes on, though the site is at its limit by it."""
    monkeypatch.setattr(visits, "JOBS", 1)
    site = await face.site(SITE)
    settings = {"sheets": 3, "speed": 0, "resolution": 75, "fault": "paper-jam", "fault-page": 2}
    wish = {"device": "sample:paper", "settings": settings}
    async with site.client.post("/v1/jobs", json=wish) as answer:
        job = await answer.json()
    while job["state"] == "scanning":
        place = f"/v1/jobs/{job['id']}?wait=5&seen={job['version']}"
        async with site.client.get(place) as answer:
            job = await answer.json()
    assert job["state"] == "paused"

    async with site.client.post(f"/v1/jobs/{job['id']}/continue") as answer:
        assert answer.status == 200
    async with site.client.post(f"/v1/jobs/{job['id']}/cancel") as answer:
        assert answer.status == 200


def scans(config: Config) -> list[str]:
    """Return how each scan that the audit log tells of began."""
    (written,) = config.audit.glob("*.jsonl")
    lines = map(json.loads, written.read_text().splitlines())
    return [line["result"] for line in lines if line["what"] == "scan"]


def test_a_flood_of_refusals_is_few_lines(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """R19 (L05): what is not written is counted."""
    caplog.set_level(logging.INFO)
    refusals = Refusals(clock)

    for _ in range(10_000):
        refusals.note(403, "not-allowed")
    clock.now += WINDOW
    refusals.note(403, "not-allowed")

    said = [record.getMessage() for record in caplog.records]
    assert len(said) == LINES + 2
    assert said[LINES:] == [f"refused {10_000 - LINES} more", "refused with 403: not-allowed"]
