"""The Windows Python with what its libraries need and Wine lacks.

Two libraries that are written in Rust, pydantic and cryptography, ask for `bcryptprimitives.dll`,
which every Windows since 8 has and Debian 12's Wine has not, and for `python3.dll`, which
python.org has beside its `python311.dll`: it names the same functions and does nothing else.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import windows

HERE = Path(__file__).parent
OBJDUMP = "x86_64-w64-mingw32-objdump"
_NAME = re.compile(r"\[ *\d+\](?: \+base\[ *\d+\])? +(?:[0-9a-f]+ +)?(\w+)$", re.MULTILINE)


def interpreter(folder: Path) -> Path:
    """Return a `python.exe` that can load them; all but the two libraries is the one made."""
    folder.mkdir(parents=True)
    for entry in (windows.PLACE / "python").iterdir():
        (folder / entry.name).symlink_to(entry)
    (folder / "python.exe").unlink()
    (folder / "python.exe").write_bytes((windows.PLACE / "python/python.exe").read_bytes())
    python = f"python{windows.VERSION}"
    names = "".join(f" {name} = {python}.{name}\n" for name in _exports(folder / f"{python}.dll"))
    (definition := folder / "python3.def").write_text(f"LIBRARY python3\nEXPORTS\n{names}")
    compiler = (windows.COMPILER, "-O2", "-s", "-shared", "-static-libgcc", "-o")
    random = (folder / "bcryptprimitives.dll", HERE / "lacking/prng.c", "-ladvapi32")
    subprocess.run([*compiler, *random], check=True)
    forwarder = (folder / "python3.dll", "-nostdlib", "-Wl,--entry=0", definition)
    subprocess.run([*compiler, *forwarder], check=True)
    return folder / "python.exe"


def _exports(library: Path) -> list[str]:
    """Return the names of the functions and values of a library."""
    told = subprocess.run([OBJDUMP, "-p", library], check=True, capture_output=True, text=True)
    return sorted(set(_NAME.findall(told.stdout.partition("[Ordinal/Name Pointer]")[2])))
