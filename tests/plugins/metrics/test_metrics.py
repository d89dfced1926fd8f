"""Prometheus reads what it gets, and gets it with a token only."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sheetfed.testing.addon import AddonContract

sys.path.insert(0, str(Path(__file__).parents[2] / "service"))
from running import Caller, Running

ROOT = Path(__file__).parents[3]


class TestMetrics(AddonContract):
    """The hook is light, and says what there is."""

    @pytest.fixture
    def addon(self) -> str:
        return "metrics"


@pytest.mark.timeout(120)
def test_prometheus_reads_jobs_pages_workers_store_and_deliveries(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    with Running(home) as service:
        service.settled(service.scan(sheets=2, source="feeder", speed=0)["id"])
        scraped = service.get("/addons/metrics/")
        nobody = Caller(service.port).get("/addons/metrics/")

    assert nobody.status == 401
    assert scraped.headers["Content-Type"].startswith("text/plain")
    found = {
        (sample.name, sample.labels.get("state", "")): sample.value
        for family in text_string_to_metric_families(scraped.body.decode())
        for sample in family.samples
    }
    assert found["sheetfed_jobs", "done"] == 1
    assert found["sheetfed_jobs", "failed"] == 0
    assert found["sheetfed_pages", ""] > 0
    assert found["sheetfed_store_bytes", ""] > 0
    assert found["sheetfed_workers", ""] > 0
    assert found["sheetfed_crashes", ""] == 0
    assert found["sheetfed_addons", "ready"] > 3
    readme = (ROOT / "plugins/metrics/README.md").read_text()
    for name, _ in found:
        assert f"| `{name}` |" in readme
    assert "sheetfed_deliveries" in readme
