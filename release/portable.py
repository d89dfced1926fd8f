"""Builds a folder for Windows that runs where it is put, without an installer.

Usage: python release/portable.py --python DIR [--wheels DIR] [--libraries DIR] [--out DIR]

`--python` is an unpacked CPython for 64-bit Windows, as python.org's embeddable archive has it, of
the version that runs this. It is copied, so that nothing of the computer's own Python is used. The
libraries come from PyPI in the versions of the lock, or from a folder in which they are installed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path

from libraries import ROOT, Locked, copy, key, locked, members, needed, project

ELSEWHERE = ("sane",)
"""Addons that work on other systems only."""

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
SYSTEM = {
    "implementation_name": "cpython",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_system": "Windows",
    "sys_platform": "win32",
}
"""What a lock's markers ask about."""

PROGRAM = """\
@"%~dp0python\\python.exe" -P -c "from sheetfed.cli import main; main()" %*\r
"""

ABOUT = """\
sheetfed {version} for 64-bit Windows, as a folder.\r
\r
Put it anywhere and run sheetfed.cmd. It was made on Linux and tried under Wine, not on Windows.\r
`monitor`, `service` and `trust` are written from the manuals; nobody has run them there.\r
{rest}"""


def main() -> None:
    """Build it and print where it is."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--python", type=Path, required=True, help="an unpacked Windows CPython")
    words.add_argument("--wheels", type=Path, help="wheels of the members; else they are built")
    words.add_argument("--libraries", type=Path, help="where they are installed; else from PyPI")
    words.add_argument("--out", type=Path, default=ROOT / "dist")
    given = words.parse_args()
    chosen = [each for each in members() if each.name not in ELSEWHERE]
    version = project(chosen[0])["version"]
    folder = given.out / f"sheetfed-{version}-windows"
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "packages"
    packages.mkdir(parents=True)
    _python(given.python, folder / "python")
    wanted = [*_wanted(chosen)]
    missing = _copied(wanted, given.libraries, packages) if given.libraries else []
    if not given.libraries:
        install(wanted, packages)
    with tempfile.TemporaryDirectory() as place:
        _ours(chosen, given.wheels or _built(chosen, Path(place)), packages)
    (folder / "sheetfed.cmd").write_text(PROGRAM, newline="")
    rest = f"Left out: {', '.join(missing)}.\r\n" if missing else ""
    about = ABOUT.format(version=version, rest=rest)
    (folder / "README.txt").write_text(about, newline="")
    shutil.copy2(ROOT / "LICENSE", folder)
    print(folder)


def _python(source: Path, target: Path) -> None:
    """Copy the interpreter, and tell it where all of its modules are, and nowhere else."""
    unwanted = shutil.ignore_patterns("site-packages", "__pycache__", "*._pth")
    shutil.copytree(source, target, ignore=unwanted)
    number = VERSION.replace(".", "")
    there = [each for each in (f"python{number}.zip", "DLLs", "Lib") if (target / each).exists()]
    (target / f"python{number}._pth").write_text("\n".join([*there, ".", "..\\packages", ""]))


def _wanted(chosen: Sequence[Path]) -> Iterator[Locked]:
    """Yield what the lock says of all that these members need on Windows."""
    names = needed(chosen, SYSTEM)
    for each in locked():
        if each.name in names and each.counts_for(SYSTEM):
            yield each


def install(wanted: Iterable[Locked], target: Path) -> None:
    """Install libraries for Windows into a folder, each held against the lock's checksums."""
    lines = [
        " ".join([f"{each.name}=={each.version}", *(f"--hash=sha256:{one}" for one in each.hashes)])
        for each in wanted
    ]
    uv = (Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--no-deps")
    exact = ("--require-hashes", "--python-version", VERSION)
    system = ("--python-platform", "x86_64-pc-windows-msvc", "--target", target, "-r", "-")
    subprocess.run([*uv, *exact, *system], input="\n".join(lines), text=True, check=True)
    if built := [*target.rglob("*.so")]:  # pytwain has no wheel, and needs none: it is all Python
        raise SystemExit(f"{built[0]} was built for this system")


def _copied(wanted: Iterable[Locked], source: Path, target: Path) -> list[str]:
    """Copy libraries from where they are installed; return the names of those that are not."""
    there = {key(each.metadata["Name"]): each for each in distributions(path=[str(source)])}
    missing = []
    for each in wanted:
        found = there.get(each.name)
        if found is None:
            missing.append(each.name)
            continue
        if found.version != each.version:
            raise SystemExit(f"{each.name} is {found.version}, and locked is {each.version}")
        copy(found, target)
    return missing


def _built(chosen: Iterable[Path], folder: Path) -> Path:
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    for member in chosen:
        subprocess.run([*build, member], check=True, stdout=subprocess.DEVNULL)
    return folder


def _ours(chosen: Iterable[Path], wheels: Path, packages: Path) -> None:
    """Unpack the members' wheels."""
    names = [f"{project(each)['name']}=={project(each)['version']}" for each in chosen]
    quiet = ("--quiet", "--no-index", "--no-deps", "--no-compile", "--ignore-installed")
    pip = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *quiet)
    shutil.rmtree(packages / "bin", ignore_errors=True)
    subprocess.run([*pip, "--find-links", wheels, "--target", packages, *names], check=True)
    shutil.rmtree(packages / "bin")


if __name__ == "__main__":
    main()
