"""Makes what Python's libraries for Windows need and Debian 12's Wine lacks.

What is written in Rust, pydantic and cryptography, asks for `bcryptprimitives.dll`, which every
Windows since 8 has. OpenCV and they ask for `python3.dll`, which python.org has beside its
`python311.dll`: it names the same functions and does nothing else. numpy asks for arithmetic of
complex numbers.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

COMPILER = "x86_64-w64-mingw32-gcc"
OBJDUMP = "x86_64-w64-mingw32-objdump"
HERE = Path(__file__).with_name("lacking")
SOURCES = tuple(sorted(HERE.glob("*.c")))
COMPILE = (COMPILER, "-O2", "-s", "-shared", "-static-libgcc", "-o")

_THEIRS = b"api-ms-win-crt-math-l1-1-0.dll"
_OURS = b"lacking-in-wine-complex-00.dll"
_LACKING = re.compile(r"c(abs|arg|cosh?|exp|imag|pow|real|sinh?|tanh?)[fl]?")
_NAMES = re.compile(r"^\t[0-9a-f]+\t +\d+ +(\w+)$", re.MULTILINE)
_EXPORT = re.compile(r"\[ *\d+\](?: \+base\[ *\d+\])? +(?:[0-9a-f]+ +)?(\w+)$", re.MULTILINE)


def make(folder: Path, python: Path) -> None:
    """Make the two libraries that stand beside a `python.exe`; `python` is its own."""
    folder.mkdir(parents=True)
    names = "".join(f" {name} = {python.stem}.{name}\n" for name in _exports(python))
    (definition := folder / "python3.def").write_text(f"LIBRARY python3\nEXPORTS\n{names}")
    random = (folder / "bcryptprimitives.dll", HERE / "prng.c", "-ladvapi32")
    subprocess.run([*COMPILE, *random], check=True)
    forwarder = (folder / "python3.dll", "-nostdlib", "-Wl,--entry=0", definition)
    subprocess.run([*COMPILE, *forwarder], check=True)


def mend(packages: Path) -> None:
    """Have numpy, which is installed in this folder, find the arithmetic.

    Its libraries ask `api-ms-win-crt-math-l1-1-0.dll` for it, which Wine always takes to be its
    own. They are told another name, of as many letters: a library that hands on what Wine has, and
    has the rest itself.
    """
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
    made = (place / _OURS.decode(), HERE / "complex.c", definition, "-fno-builtin")
    subprocess.run([*COMPILE, *made], check=True)
    for file in asking:
        mended = file.read_bytes().replace(_THEIRS, _OURS)
        file.unlink()  # it may be a link into a cache
        file.write_bytes(mended)


def _asked(file: Path) -> set[str]:
    """Return the names of what a library asks for."""
    told = subprocess.run([OBJDUMP, "-p", file], check=True, capture_output=True, text=True)
    asked = told.stdout.partition(f"DLL Name: {_THEIRS.decode()}")[2].partition("DLL Name")[0]
    return set(_NAMES.findall(asked))


def _exports(library: Path) -> list[str]:
    """Return the names of the functions and values of a library."""
    told = subprocess.run([OBJDUMP, "-p", library], check=True, capture_output=True, text=True)
    return sorted(set(_EXPORT.findall(told.stdout.partition("[Ordinal/Name Pointer]")[2])))
