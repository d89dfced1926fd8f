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
    await listening.close()
    await service.close()

asyncio.run(main())
"""


def test_an_idle_service_holds_no_heavy_library(tmp_path: Path) -> None:
    """Pictures, keys and checks are imported when there is something to draw, open or check."""
    done = subprocess.run(
        [sys.executable, "-c", IDLE, tmp_path / "home"], capture_output=True, text=True, check=True
    )

    names = set(done.stdout.split())
    assert "aiohttp" in names
    assert not names & {"PIL", "numpy", "simplejpeg", "isal", "cryptography", "pydantic", "click"}
