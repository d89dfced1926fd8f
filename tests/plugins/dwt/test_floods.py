"""A site that asks without a pause is refused now and then, and loses no job by that."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from incumbent import JOBS, Answer, Program, wish

from sheetfed.config import load
from sheetfed.server.guard.rates import RATES, Rate

sys.path.insert(0, str(Path(__file__).parents[2] / "service" / "http"))
from face import Face, opened

SITE = "https://scan.example"
PORTS = ("dwt-port", "dwt-tls-port", "welcome-port", "welcome-tls-port")
ON = {"enabled": True, **dict.fromkeys(PORTS, 0)}


@pytest_asyncio.fixture
async def face(tmp_path: Path) -> AsyncIterator[Face]:
    """A service with the interface on, that knows one site."""
    config = replace(load(home=tmp_path / "home", environ={}), port=0, addons={"dwt": ON})
    async with opened(config) as face:
        await face.site(SITE)
        yield face


@pytest.fixture
def page(face: Face) -> Program:
    """That site's page."""
    return Program(face.listening.beside["dwt"], SITE)


async def asked(page: Program, method: str, path: str, body: Any = None) -> Answer:
    """Ask until the site has not asked too often."""
    while True:
        answer = await asyncio.to_thread(page.ask, method, path, body)
        if answer.status != 429:
            return answer
        await asyncio.sleep(0.05)


@pytest.mark.timeout(120)
async def test_a_job_goes_on_while_its_page_asks_how_it_is(
    page: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's questions and the job's own are counted together."""
    uid = (await asked(page, "POST", JOBS, wish(speed=60))).json["jobuid"]
    monkeypatch.setitem(RATES, "reading", Rate(second=20, burst=2))

    told: set[str] = set()
    refused = 0
    while not told & {"completed", "faulted", "canceled"}:
        answer = await asyncio.to_thread(page.ask, "GET", f"{JOBS}/{uid}")
        refused += answer.status == 429
        told |= {answer.json["status"]} if answer.status == 200 else set()

    assert refused
    assert told - {"running"} == {"completed"}
    pages = [(await asked(page, "GET", f"{JOBS}/{uid}/next-page")).status for _ in range(4)]
    assert pages == [200, 200, 200, 204]


@pytest.mark.timeout(120)
async def test_what_is_deleted_is_gone_and_its_scanner_free(
    page: Program, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion is two changes; the second one waits for its turn."""
    body = wish(sheets=2000, speed=600)
    uid = (await asked(page, "POST", JOBS, body)).json["jobuid"]
    assert (await asked(page, "GET", f"{JOBS}/{uid}/next-page")).status == 200
    monkeypatch.setitem(RATES, "control", Rate(second=1, burst=1))

    gone = await asyncio.to_thread(page.ask, "DELETE", f"{JOBS}/{uid}")

    assert gone.status == 204, gone.body
    assert (await face.service.documents.list(SITE))[0] == []
    monkeypatch.setitem(RATES, "control", Rate(second=20, burst=40))
    again = await asked(page, "POST", JOBS, body)
    assert again.status == 201, again.body
