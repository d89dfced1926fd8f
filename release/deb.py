"""Builds the Debian package: a Python environment of its own under /opt.

Usage: python release/deb.py [--wheels DIR] [--addons NAME …] [--out DIR]

It is built on the system that it is for, from wheels of the workspace's members and the libraries
of the environment that runs this, in the versions of the lock. Nothing is downloaded.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from pathlib import Path

from libraries import INSTALLER, ROOT, copy, locked, members, needed, project

from sheetfed.system import units

HERE = Path(__file__).parent / "debian"
PYTHON = Path("/usr/bin/python3")
PLACE = Path("opt/sheetfed")
ELSEWHERE = ("twain",)
"""Addons that work on other systems only."""

NEEDS = {"sane": "libsane1", "barcode": "libzbar0 | libzbar0t64"}
"""Libraries of the system that an addon loads."""

RECOMMENDED = "libnss3, udev"
PORTS = (18910, 18911)
STATE = "%h/.local/state/sheetfed/run/sheetfed.sock"
"""Where an account's socket for tools is if nobody chose another place; %h is their home."""

PROGRAM = """\
#!/opt/sheetfed/bin/python -P
from sheetfed.cli import main

main()
"""

CONTROL = """\
Package: sheetfed
Version: {version}
Architecture: {architecture}
Section: graphics
Priority: optional
Maintainer: The sheetfed developers
Installed-Size: {size}
Depends: {depends}
Recommends: {recommended}
Description: lets a web page use the scanners of a person's own computer
 A small service that starts when a web page or a program asks for it. A page
 asks, the person agrees once, paper goes in, and documents come out.
 .
 It has these addons: {addons}.
"""


def main() -> None:
    """Build it and print where it is."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--wheels", type=Path, help="wheels of the members; else they are built")
    words.add_argument("--addons", nargs="*", help="those that it has; else all that work here")
    words.add_argument("--out", type=Path, default=ROOT / "dist")
    words.add_argument("--compression", default="xz", help="as dpkg-deb -Z has it")
    given = words.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chosen = [each for each in members() if _is_chosen(each, given.addons)]
    with tempfile.TemporaryDirectory() as folder:
        wheels = given.wheels or _built(chosen, Path(folder) / "wheels")
        root = Path(folder) / "root"
        _fill(root, chosen, wheels)
        print(_pack(root, chosen, given.out, given.compression))


def _is_chosen(member: Path, wanted: Sequence[str] | None) -> bool:
    if member.name == "core":
        return True
    return member.name in wanted if wanted is not None else member.name not in ELSEWHERE


def _built(chosen: Iterable[Path], folder: Path) -> Path:
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    for member in chosen:
        subprocess.run([*build, member], check=True, stdout=subprocess.DEVNULL)
    return folder


def _fill(root: Path, chosen: Sequence[Path], wheels: Path) -> None:
    version = _version_of_python()
    packages = root / PLACE / f"lib/python{version}/site-packages"
    packages.mkdir(parents=True)
    _libraries(packages, chosen)
    _members(packages, chosen, wheels)
    programs = root / PLACE / "bin"
    programs.mkdir()
    (programs / "python").symlink_to(f"/usr/bin/python{version}")
    _write(programs / "sheetfed", PROGRAM, mode=0o755)
    _write(root / PLACE / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/sheetfed").symlink_to("/opt/sheetfed/bin/sheetfed")
    _compile(root)
    for folder, texts in _units().items():
        for name, text in texts.items():
            _write(root / folder / name, text)
    for file, place in (
        ("sheetfed.rules", "usr/lib/udev/rules.d/65-sheetfed.rules"),
        ("sheetfed.sysusers", "usr/lib/sysusers.d/sheetfed.conf"),
        ("sheetfed.desktop", "usr/share/applications/sheetfed.desktop"),
    ):
        _write(root / place, (HERE / file).read_text())
    papers = root / "usr/share/doc/sheetfed"
    _write(papers / "copyright", _copyright(packages))
    _write(papers / "sbom.cdx.json", (ROOT / "docs/reference/sbom.cdx.json").read_text())
    _write(papers / "changelog", (ROOT / "core/CHANGELOG.md").read_text())


def _version_of_python() -> str:
    """Return the system's own Python's version. Raises SystemExit where ours is another one."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    theirs = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True)
    ours = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if theirs.stdout.strip() != ours:
        raise SystemExit(
            f"This is Python {ours} and {PYTHON} is {theirs.stdout.strip()}: build with an"
            " environment of the system's own version"
        )
    return ours


def _libraries(packages: Path, chosen: Sequence[Path]) -> None:
    """Copy the libraries. Raises SystemExit where one is not what the lock says."""
    wanted = needed(chosen) | {INSTALLER}
    for each in locked():
        if each.name in wanted and each.counts_here():
            found = distribution(each.name)
            if found.version != each.version:
                raise SystemExit(f"{each.name} is {found.version}, and locked is {each.version}")
            copy(found, packages)
            wanted.remove(each.name)
    missing = {name for name in wanted if name not in {each.name for each in locked()}}
    if missing:
        raise SystemExit(f"not in the lock: {', '.join(sorted(missing))}")


def _members(packages: Path, chosen: Sequence[Path], wheels: Path) -> None:
    names = [f"{project(each)['name']}=={project(each)['version']}" for each in chosen]
    quiet = ("--quiet", "--no-index", "--no-deps", "--no-compile", "--ignore-installed")
    pip = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *quiet)
    subprocess.run([*pip, "--find-links", wheels, "--target", packages, *names], check=True)
    shutil.rmtree(packages / "bin", ignore_errors=True)


def _compile(root: Path) -> None:
    """Compile all but the libraries' tests, as from the place where it will be."""
    tests = re.compile(r"/(tests?|testing|_pyrepl)/")
    compileall.compile_dir(
        root / PLACE, quiet=2, rx=tests, workers=0, stripdir=str(root), prependdir="/", maxlevels=20
    )


def _units() -> dict[str, dict[str, str]]:
    program = "/opt/sheetfed/bin/sheetfed"
    command = (program, "serve", "--no-open")
    mine = units.Wanted(command=command, ports=PORTS, local=STATE, mark=units.PACKAGED)
    everybodys = units.Wanted(
        command=command, ports=PORTS, groups=units.GROUPS, mark=units.PACKAGED
    )
    return {
        "usr/lib/systemd/user": {
            **units.for_account(mine),
            units.TRUST: units.for_trust((program,), mark=units.PACKAGED),
        },
        "usr/lib/systemd/system": units.for_machine(everybodys),
    }


def _copyright(packages: Path) -> str:
    lines = [(ROOT / "LICENSE").read_text(), "", "Libraries in /opt/sheetfed, and their licences:"]
    lines += [
        f"- {each.name.removesuffix('.dist-info')}: its licence is in {each.name}"
        for each in sorted(packages.glob("*.dist-info"))
    ]
    return "\n".join(lines) + "\n"


def _pack(root: Path, chosen: Sequence[Path], out: Path, compression: str) -> Path:
    version, architecture = project(chosen[0])["version"], _architecture()
    addons = [each.name for each in chosen[1:]]
    control = root / "DEBIAN"
    size = sum(file.lstat().st_size for file in root.rglob("*") if not file.is_dir()) // 1024
    python = _version_of_python()
    following = f"{python.partition('.')[0]}.{int(python.partition('.')[2]) + 1}"
    system = [NEEDS[name] for name in addons if name in NEEDS]
    sums = _sums(root)
    _write(
        control / "control",
        CONTROL.format(
            version=version,
            architecture=architecture,
            size=size,
            depends=", ".join([f"python3 (>= {python}~), python3 (<< {following}~)", *system]),
            recommended=RECOMMENDED,
            addons=", ".join(addons) or "none",
        ),
    )
    _write(control / "md5sums", sums)
    for name in ("postinst", "prerm", "postrm"):
        _write(control / name, (HERE / name).read_text(), mode=0o755)
    file = out / f"sheetfed_{version}_{architecture}.deb"
    _open_to_all(root)
    words = ("dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build")
    subprocess.run([*words, root, file], check=True, stdout=subprocess.DEVNULL)
    return file


def _sums(root: Path) -> str:
    """Return the list that `dpkg --verify` reads."""
    found = sorted(file for file in root.rglob("*") if file.is_file() and not file.is_symlink())
    return "".join(
        f"{hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()}"
        f"  {file.relative_to(root)}\n"
        for file in found
    )


def _architecture() -> str:
    asked = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()


def _open_to_all(root: Path) -> None:
    """Let every account read it, and nobody but root write, whatever our umask was."""
    for file in (root, *root.rglob("*")):
        if not file.is_symlink():
            runs = file.is_dir() or file.stat().st_mode & 0o100
            file.chmod(0o755 if runs else 0o644)


def _write(file: Path, text: str, *, mode: int = 0o644) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


if __name__ == "__main__":
    main()
