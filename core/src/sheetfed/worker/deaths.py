"""How often a child died of late, and the records of it."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from pathlib import Path
from typing import Any

from sheetfed.api.errors import DriverCrashed

log = logging.getLogger(__name__)

MOST = 3
WITHIN = 600.0
RECORDS = 20


class Deaths:
    """Counts deaths and keeps the newest records in a folder, for support."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder
        self._times: deque[float] = deque(maxlen=MOST)

    def add(self, crash: dict[str, Any], device: str = "") -> None:
        """Count one and write its record, where there is room for it."""
        self._times.append(time.monotonic())
        stamp = time.strftime("%Y-%m-%dT%H-%M-%S")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            record = self._folder / f"{stamp}-{self._name}-{crash['pid']}.json"
            about = {"time": stamp, "worker": self._name, "device": device}
            record.write_text(json.dumps({**about, **crash}, indent=1), encoding="utf-8")
            for old in sorted(self._folder.glob("*.json"))[:-RECORDS]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the crash record was not kept: %s", error)

    def check(self, rest: float) -> None:
        """Raise DriverCrashed for `rest` seconds after too many deaths."""
        now = time.monotonic()
        if len(self._times) < MOST or now - self._times[0] > WITHIN:
            return
        wait = self._times[-1] + rest - now
        if wait > 0:
            raise DriverCrashed(
                f"{self._name} died {MOST} times within 10 minutes"
                f" and rests for another {wait:.0f} seconds",
                retry_after=round(wait, 1),
            )
