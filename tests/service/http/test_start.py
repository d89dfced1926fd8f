"""What the service costs before anybody uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

IDLE = """
import asyncio, sys, urllib.request
from dataclasses import replace
from pathlib import Path
from sheetfed.config import load
from sheetfed.server.frugal import import_aiohttp
import_aiohttp()
from sheetfed.server.app import make_app
from sheetfed.server.listen import listen
from sheetfed.server.tokens import TOKENS
from sheetfed.service import Service

async def main():
    config = replace(load(home=Path(sys.argv[1]), environ={}), port=0)
    service = await Service.start(config)
    app = make_app(service)
    listening = await listen(app, config, tcp=True)
    headers = {"Authorization": "Bearer " + app[TOKENS].issue_local(None).text}
    for path in ("/livez", "/v1/service", "/v1/addons"):
        request = urllib.request.Request(listening.address + path, headers=headers)
        await asyncio.to_thread(urllib.request.urlopen, request)
    print(*sorted({name.partition(".")[0] for name in sys.modules}))
    print(*sorted(name for name in sys.modules if name.startswith("sheetfed.")))
    tasks = Path("/proc/self/task").glob("*/children")
    print(*(task.read_text() for task in tasks))
    await listening.close()
    await service.close()

asyncio.run(main())
"""


HEAVY = {
    "PIL",
    "annotated_types",
    "click",
    "cryptography",
    "isal",
    "jeepney",
    "keyring",
    "numpy",
    "pydantic",
    "secretstorage",
    "simplejpeg",
}

LATER = {
    "sheetfed.server.shapes.jobs",  # made when a request has something to check
    "sheetfed.store.vault_child",  # runs in a process of its own
    "sheetfed.trust.authority",  # as above
    "sheetfed.trust.nss",  # as above
    "sheetfed.worker.child",  # as above
}


def test_an_idle_service_holds_no_heavy_library(tmp_path: Path) -> None:
    """Pictures, keys and checks are imported when there is something to draw, open or check.

    No child runs either: the codecs' and the drivers' come when they are needed.
    """
    done = subprocess.run(
        [sys.executable, "-c", IDLE, tmp_path / "home"], capture_output=True, text=True, check=True
    )

    libraries, rooms, children = (set(line.split()) for line in done.stdout.split("\n")[:3])
    assert "aiohttp" in libraries
    assert not libraries & HEAVY
    assert "sheetfed.server.app" in rooms
    assert not rooms & LATER
    assert not children


def test_aiohttp_comes_without_its_client_and_has_it_when_it_is_asked_for() -> None:
    """The client is a third of its import; who delivers by it must not miss any of it."""
    code = (
        "import sys; from sheetfed.server.frugal import import_aiohttp;"
        "import_aiohttp();"
        "import sheetfed.server.app, sheetfed.server.listen, sheetfed.server.routes.socket;"
        "print('aiohttp.client' in sys.modules, 'ssl' in sys.modules);"
        "import aiohttp;"
        "print(aiohttp.__version__, aiohttp.ClientSession.__module__, hasattr(aiohttp, 'nothing'));"
        "import aiohttp.client, importlib.metadata;"
        "print(importlib.metadata.version('aiohttp'), aiohttp.client.ClientSession.__module__,"
        " {name for name in aiohttp.__all__ if not hasattr(aiohttp, name)} or False)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    first, asked, whole = done.stdout.splitlines()
    assert first == "False True"
    assert asked == whole
    assert asked.endswith(" aiohttp.client False")
