"""Has numpy for Windows find the arithmetic that Debian 12's Wine lacks.

Its libraries ask `api-ms-win-crt-math-l1-1-0.dll` for it, which Wine always takes to be its own.
They are told another name, of as many letters: a library that hands on what Wine has, and has the
rest itself.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

COMPILER = "x86_64-w64-mingw32-gcc"
OBJDUMP = "x86_64-w64-mingw32-objdump"
SOURCE = Path(__file__).with_name("lacking") / "complex.c"

_THEIRS = b"api-ms-win-crt-math-l1-1-0.dll"
_OURS = b"lacking-in-wine-complex-00.dll"
_LACKING = re.compile(r"c(abs|arg|cosh?|exp|imag|pow|real|sinh?|tanh?)[fl]?")
_NAMES = re.compile(r"^\t[0-9a-f]+\t +\d+ +(\w+)$", re.MULTILINE)


def mend(packages: Path) -> None:
    """Mend numpy, which is installed in this folder."""
    asking = [
        file
        for kind in ("*.pyd", "*.dll")
        for file in packages.glob(f"numpy*/**/{kind}")
        if _THEIRS in file.read_bytes()
    ]
    names = set().union(*map(_asked, asking))
    lines = [
        f" {name} = my_{name}" if _LACKING.fullmatch(name) else f" {name} = ucrtbase.{name}"
        for name in sorted(names)
    ]
    place = packages / "numpy.libs"
    definition = place / "complex.def"
    definition.write_text("\n".join(["LIBRARY " + _OURS.decode(), "EXPORTS", *lines, ""]))
    command = (COMPILER, "-O2", "-s", "-shared", "-static-libgcc", "-fno-builtin", "-o")
    subprocess.run([*command, place / _OURS.decode(), SOURCE, definition], check=True)
    for file in asking:
        mended = file.read_bytes().replace(_THEIRS, _OURS)
        file.unlink()  # it may be a link into a cache
        file.write_bytes(mended)


def _asked(file: Path) -> set[str]:
    """Return the names of what a library asks for."""
    told = subprocess.run([OBJDUMP, "-p", file], check=True, capture_output=True, text=True)
    asked = told.stdout.partition(f"DLL Name: {_THEIRS.decode()}")[2].partition("DLL Name")[0]
    return set(_NAMES.findall(asked))
