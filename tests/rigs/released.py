"""Keeps a store as today's program writes it, for tomorrow's.

    python tests/rigs/released.py

It writes tests/service/http/released/form-NUMBER.zip: two scanned pages, of which one is edited, a
document with words of its own, a job, and a delivery on its way; and beside it api-NUMBER.json.gz,
what the service says of itself. Run it for each new form of the store, before it is released: tests
open all of them. Those up to form 9 were written by the programs of their time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))
from running import Running

from sheetfed.server.app import OPS
from sheetfed.server.openapi import describe
from sheetfed.store.database import SQL

PLACE = Path(__file__).parents[1] / "service/http/released"
NEWEST = max(int(step.name[:3]) for step in SQL.glob("[0-9][0-9][0-9]_*.sql"))
LEFT_OUT = ("reserve", "store.lock")

CONFIG = """\
disabled = ["sane", "webcam"]
key = "file"
retention = "forever"

[targets.archive]
protocol = "http"
url = "http://127.0.0.1:9/in"
method = "PUT"
repeatable = true
internal = true
plain = true
"""
"""Nobody listens there: what is sent waits."""


def main() -> None:
    """Scan, edit, send, stop, pack."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        (home / "sheetfed.toml").write_text(CONFIG)
        with Running(home) as service:
            told = filled(service)
            service.process.terminate()
            assert service.process.wait(30) == 0
        PLACE.mkdir(exist_ok=True)
        file = PLACE / f"form-{NEWEST}.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
            for kept in sorted((home / "store").rglob("*")):
                if kept.is_file() and kept.name not in LEFT_OUT:
                    packed.write(kept, kept.relative_to(home / "store"))
            packed.writestr("told.json", json.dumps(told, indent=1))
    told_of_itself = json.dumps(describe(OPS)).encode()
    (PLACE / f"api-{NEWEST}.json.gz").write_bytes(gzip.compress(told_of_itself, mtime=0))
    print(file)


def filled(service: Running) -> dict[str, Any]:
    """Keep something of everything; return what the service tells of it."""
    keep = {"form": "jpeg", "quality": 30}
    settings = {"sheets": 2, "speed": 0, "resolution": 75}
    wish = {"device": "sample:paper", "settings": settings, "keep": keep}
    job = service.settled(service.post("/v1/jobs", wish).json["id"])
    path = f"/v1/documents/{job['document']}"
    pages = [page["id"] for page in service.get(path).json["pages"]]
    words = {"title": "Rechnung für Žofie", "tags": ["bills"], "info": {"author": "Ann"}}
    assert service.ask("PATCH", path, words).status == 200
    came = [checked(service, page) for page in pages]
    edit = {"edits": [{"name": "rotate"}], "pages": pages[:1]}
    assert service.post(f"{path}/edits", edit).status == 200
    sent = service.post("/v1/deliveries", {"document": job["document"], "target": "archive"}).json
    while not (sent := service.get(f"/v1/deliveries/{sent['id']}").json)["size"]:
        pass
    return {
        "form": NEWEST,
        "job": job["id"],
        "document": job["document"],
        "title": words["title"],
        "pages": came,
        "delivery": {"id": sent["id"], "size": sent["size"], "name": sent["name"]},
    }


def checked(service: Running, page: str) -> dict[str, str]:
    """Return a page's id and the checksum of what came, while nothing is done to it yet."""
    data = service.get(f"/v1/pages/{page}/image").body
    return {"id": page, "original": hashlib.sha256(data).hexdigest()}


if __name__ == "__main__":
    main()
