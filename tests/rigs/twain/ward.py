"""Starts a monitor on Windows, ends it as a power user does, and says whether its service lives.

python ward.py MONITOR STATE
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SERVICE = "import time; print('sheetfed:READY=1', flush=True); time.sleep(600)"
"""It does not look at its input, by which another one would notice."""

_SYNCHRONIZE = 0x00100000
_ENDED = 0
_PATIENCE = 20_000
_START = 60.0


def main(monitor: str, state: str) -> None:
    """Print what a second monitor said, and whether the service ended with the first."""
    words = [sys.executable, "-I", "-S", monitor, state, sys.executable, "-I", "-S", "-c", SERVICE]
    watch = subprocess.Popen(words, stdin=subprocess.DEVNULL)
    service = _service(Path(state))
    second = subprocess.run(words, stdin=subprocess.DEVNULL, timeout=_START, check=False)
    kernel = ctypes.WinDLL("kernel32")
    kernel.OpenProcess.restype = ctypes.c_void_p
    held = ctypes.c_void_p(kernel.OpenProcess(_SYNCHRONIZE, 0, service))
    watch.kill()
    watch.wait()
    ended = kernel.WaitForSingleObject(held, _PATIENCE) == _ENDED
    if not ended:
        os.kill(service, signal.SIGTERM)
    print(json.dumps({"second": second.returncode, "ended": ended}))


def _service(state: Path) -> int:
    """Return the service's process once it is ready."""
    end = time.monotonic() + _START
    while time.monotonic() < end:
        try:
            told = json.loads(state.read_text())
        except (OSError, ValueError):
            told = {}
        if told.get("state") == "runs":
            return int(told["service"])
        time.sleep(0.1)
    raise SystemExit("no service is ready")


if __name__ == "__main__":
    main(*sys.argv[1:])
