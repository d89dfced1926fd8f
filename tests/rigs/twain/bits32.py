"""A 32-bit Windows for the tests of TWAIN, in a root of its own.

`python bits32.py` runs them there, as root and on x86-64. Debian's 32-bit Wine lies in an i386 root
that debootstrap makes in `.venv/windows32`: this machine needs no second architecture.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from windows import ROOT, SETTINGS, Windows

ROOM = Path(sys.prefix) / "windows32"
BASE = ROOM / "root"
MIRROR = "http://deb.debian.org/debian"
SUITE = "bookworm"
NEEDED = ("debootstrap", "gcc-mingw-w64-i686-win32")
ROOMS = ("pages", "options", "faults", "service")
ENTER = f'#!/bin/sh\nexec chroot "{BASE}" /usr/lib/wine/%s "$@"\n'
COMPILE = '#!/bin/sh\nexec i686-w64-mingw32-gcc-win32 -Wl,--kill-at "$@"\n'
"""A driver's entry has no number behind its name, as TWAIN 2.5 says in section 3."""

WINDOWS = Windows(
    bits=32,
    place=ROOM / "windows",
    wine=ROOM / "wine",
    server=ROOM / "wineserver",
    compiler=str(ROOM / "gcc"),
    drivers="twain_32",
    wheels="win32",
    target="i686-pc-windows-msvc",
    without={"cffi", "cryptography", "hypothesis", "isal"},
    settings={**SETTINGS, "WINEARCH": "win32"},
)


def make() -> None:
    """Make the root and the programs that enter it, unless they are there."""
    told = ("dpkg-query", "--show", "--showformat", "${db:Status-Status}")
    lacks = [name for name in NEEDED if _output(*told, name) != "installed"]
    if os.geteuid() or lacks:
        raise SystemExit(f"This needs {' and '.join(('root', *lacks))}.")
    ROOM.mkdir(exist_ok=True)
    if not (BASE / "usr/lib/wine/wine").exists():
        print(f"== making a 32-bit Debian in {BASE}")
        shutil.rmtree(BASE, ignore_errors=True)
        wanted = ("--arch=i386", "--variant=minbase", "--include=wine32,wine")
        subprocess.run(["debootstrap", *wanted, SUITE, BASE, MIRROR], check=True)
    for name, text in (
        ("wine", ENTER % "wine"),
        ("wineserver", ENTER % "wineserver32"),
        ("gcc", COMPILE),
    ):
        (ROOM / name).write_text(text)
        (ROOM / name).chmod(0o755)


def test() -> int:
    """Run the tests; the root sees the checkout where it is, and the mounts end with this."""
    for place in (ROOT, Path("/proc")):
        target = BASE / place.relative_to("/")
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", place, target], check=True)
    folder = ROOT / "tests/devices/twain"
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--bits=32", f"--basetemp={ROOM / 'tests'}"),
            *(folder / f"test_{name}.py" for name in ROOMS),
        ],
        cwd=ROOT,
        check=False,
    ).returncode


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    if "inside" in sys.argv:
        raise SystemExit(test())
    make()
    inside = ("unshare", "--mount", sys.executable, __file__, "inside")
    raise SystemExit(subprocess.run(inside, check=False).returncode)
