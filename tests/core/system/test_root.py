"""Root by accident is told, root by sudo is left."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parents[3] / "core/src"
SYSTEM = Path("/usr/bin/python3")
"""An interpreter that every account may read; the one of these tests may be anywhere."""

LEAVE = """
import json, os
from sheetfed.system import account
left = account.leave_root(os.environ)
kept = {name: os.environ.get(name) for name in ("HOME", "USER", "XDG_STATE_HOME")}
print(json.dumps({"left": left, "uid": os.getuid(), "gid": os.getgid(),
                  "groups": os.getgroups(), **kept}))
"""

BOX = """
import asyncio, json, tempfile
from dataclasses import asdict
from pathlib import Path
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

async def main():
    recipe = Recipe(kind="step", name="trial", factory="sheetfed.worker.trial:Trial")
    worker = Worker(recipe, crashes=Path(tempfile.mkdtemp()))
    await worker.warm()
    held = worker.confinement
    await worker.close()
    print(json.dumps(asdict(held)))

asyncio.run(main())
"""


def told(code: str, *, python: Path = SYSTEM, **environ: str) -> Any:
    done = subprocess.run(
        [python, "-c", code],
        env={"PYTHONPATH": str(SOURCES), "HOME": "/root", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def is_root() -> bool:
    return os.getuid() == 0


def test_under_sudo_we_are_who_called_it() -> None:
    """Before anything is made, so that nothing in that person's home belongs to root."""
    nobody = pwd.getpwnam("nobody")

    seen = told(LEAVE, SUDO_UID=str(nobody.pw_uid), XDG_STATE_HOME="/root/.local/state")

    assert seen["left"] is is_root()
    if is_root():
        assert (seen["uid"], seen["gid"]) == (nobody.pw_uid, nobody.pw_gid)
        assert seen["groups"] in ([], [nobody.pw_gid])
        assert (seen["HOME"], seen["USER"]) == (nobody.pw_dir, "nobody")
        assert seen["XDG_STATE_HOME"] is None


def test_without_sudo_root_stays_root() -> None:
    assert told(LEAVE)["left"] is False
    assert told(LEAVE, SUDO_UID="0")["left"] is False
    assert told(LEAVE, SUDO_UID="no number")["left"] is False
    assert told(LEAVE, SUDO_UID="4294967000")["left"] is False


def test_roots_codecs_bear_another_name() -> None:
    """Where that account can read the interpreter, as the system's own."""
    held = told(BOX)

    assert held["user"] == (65534 if is_root() else os.getuid())
    assert held["seccomp"] is True
    assert held["limits"] is True


def test_root_is_warned_once_and_loudly() -> None:
    """R34 (L12)."""
    code = "from sheetfed.system.account import warn_of_root; warn_of_root()"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.startswith("WARNING: sheetfed runs as root") is is_root()
