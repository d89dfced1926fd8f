"""A page that TWAIN scans in Windows lands in the store of the service, and shows over HTTP."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image
from scanner import DEVICE, Rig

sys.path.insert(0, str(Path(__file__).parents[2] / "service"))
from running import Running

pytestmark = pytest.mark.timeout(240)
TWAIN = f"twain:{DEVICE}"
SETTINGS = {"source": "duplex", "resolution": 75}


@pytest.fixture(scope="module")
def served(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service whose interpreter for TWAIN is in Windows, and the manager that it is to load."""
    home = tmp_path_factory.mktemp("home")
    manager = r"C:\windows\system32" if rig.windows.bits == 64 else r"C:\windows"
    (home / "sheetfed.toml").write_text(
        f"[interpreters]\ntwain = {json.dumps(rig.python)}\n\n"
        f"[addons.twain]\npatience = 20\ndsm = '{manager}\\twain_32.dll'\n"
    )
    with Running(home) as service:
        yield service


def pages_of(service: Running, job: dict[str, Any]) -> list[bytes]:
    """Return what the job's document holds, each page as it is shown."""
    document = service.get(f"/v1/documents/{job['document']}").json
    return [service.get(f"/v1/pages/{page['id']}/image").body for page in document["pages"]]


def test_pages_from_a_feeder_show_over_http(rig: Rig, served: Running) -> None:
    """With nothing but the addon, the worker and pytwain on the other side."""
    devices = {device["id"]: device for device in served.get("/v1/devices").json["items"]}
    options = {
        option["name"] for option in served.get(f"/v1/devices/{quote(TWAIN)}").json["options"]
    }
    rows = {row["name"]: row for row in served.get("/v1/addons").json["items"]}
    job = served.settled(served.scan(TWAIN, **SETTINGS)["id"], limit=120)
    pictures = [Image.open(io.BytesIO(body)) for body in pages_of(served, job)]

    assert devices[TWAIN]["title"] == f"Virtual Scanner (TWAIN, {rig.windows.bits}-bit)"
    assert {"source", "resolution", "raw.0x1118"} <= options
    assert (rows["twain"]["state"], rows["twain"]["offers"]) == ("ready", {"sources": ["twain"]})
    assert job["state"] == "done"
    assert len(pictures) == 6
    for number, picture in enumerate(pictures, 1):
        assert picture.size == (600, 825)
        darks = [picture.getpixel((round((k + 0.5) * 75), 9)) == (0, 0, 0) for k in range(8)]
        assert sum(1 << k for k, dark in enumerate(darks) if dark) == number


def test_a_jam_pauses_the_job_and_it_goes_on(rig: Rig, served: Running) -> None:
    """The pages before it are safe, and the person goes on when the sheet is out."""
    rig.order(jam=3)
    jammed = served.settled(served.scan(TWAIN, **SETTINGS)["id"], limit=120)
    before = len(pages_of(served, jammed))
    rig.order(pages=1)
    served.post(f"/v1/jobs/{jammed['id']}/continue")
    done = served.settled(jammed["id"], limit=120)

    assert (jammed["state"], jammed["error"]["code"], before) == ("paused", "paper-jam", 2)
    assert done["state"] == "done"
    assert len(pages_of(served, done)) == 4
