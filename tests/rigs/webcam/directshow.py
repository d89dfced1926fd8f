"""A camera of Windows as a test has it: a filter of DirectShow, in a Windows of this run's own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from photographs import photograph
from windows import WINDOWS, there

from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deadlines, Recipe

ROOT = Path(__file__).parents[3]
CAMERAS = "{860BB310-5D01-11D0-BD3B-00A0C911CE86}"
NAME, PACKING = "Rig document camera", "Rig packing camera"
"""The second one makes JPEG files."""

CLASSES = {
    NAME: "{7C1F0A52-3F0E-4F5B-9D1E-5B0E6A2D1108}",
    PACKING: "{7C1F0A52-3F0E-4F5B-9D1E-5B0E6A2D1109}",
}
PATH = r"\\?\usb#vid_1234&pid_{}&mi_00#7&1&0&0000#{{65e8773d-8f56-11d0-a3b9-00a0c9223196}}\global"
LENS, LIGHT = "lens", "light"
AUTO, MANUAL = 1, 2

PATIENT = Deadlines(start=120, devices=120, open=120, options=60, set=60, close=30, grace=20)
"""Other tests run at the same time, and Wine is slow to start."""


@dataclass(frozen=True, kw_only=True)
class WindowsRig:
    """The cameras, and the Windows that they are plugged into."""

    prefix: Path
    folder: Path

    def fails(self, how: str) -> None:
        """Have it fail in some way from now on; not at all with an empty word."""
        (self.folder / "fault").write_text(how)

    def log(self) -> list[str]:
        """Return what it did since it was asked last: on, off, set PART NUMBER VALUE FLAGS."""
        file = self.folder / "log"
        lines = file.read_text().splitlines() if file.exists() else []
        file.write_text("")
        return lines

    def sees(self, size: str = "640x480") -> Path:
        """Return the one picture that the second camera sees at a size."""
        return self.folder / "film" / f"{size}.jpg"

    def pulled_out(self, name: str) -> None:
        """Have Windows list one no more."""
        key = f"HKCR\\CLSID\\{CAMERAS}\\Instance\\{CLASSES[name]}"
        subprocess.run(
            [WINDOWS.wine, "reg", "delete", key, "/f"],
            env=WINDOWS.environment(self.prefix),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=120,
        )

    def worker(self, crashes: Path) -> Worker:
        """Return a worker whose child runs in Windows, with OpenCV's own wheel for it."""
        places = (ROOT / "core/src", ROOT / "plugins/webcam/src", WINDOWS.packages)
        words = WINDOWS.python(self.prefix, path=";".join(map(there, places)))
        told = [
            f"RIG_{name.upper()}={there(self.folder / name)}" for name in ("fault", "log", "film")
        ]
        python = (*words[:-2], *told, *words[-2:])
        recipe = Recipe(
            kind="source",
            name="webcam",
            factory="sheetfed_webcam.source:Webcam",
            settings={},
            python=python,
        )
        return Worker(recipe, crashes=crashes, deadlines=PATIENT)


def plugged_in(folder: Path) -> WindowsRig:
    """Make a rig, its Windows running."""
    rig = WindowsRig(prefix=WINDOWS.borrowed(folder), folder=folder)
    _register(rig.prefix / "system.reg", WINDOWS.camera)
    rig.fails("")
    rig.sees().parent.mkdir()
    for number, size in enumerate(((640, 480), (320, 240))):
        photograph(rig.sees(f"{size[0]}x{size[1]}"), number, size)
    WINDOWS.start(rig.prefix)
    return rig


def _register(registry: Path, library: Path) -> None:
    """Write what an installer would."""
    server = {"@": there(library), '"ThreadingModel"': "Both"}
    keys = {}
    for number, (name, made) in enumerate(CLASSES.items()):
        camera = {'"FriendlyName"': name, '"CLSID"': made, '"DevicePath"': PATH.format(number)}
        keys[f"Software\\Classes\\CLSID\\{made}\\InprocServer32"] = server
        keys[f"Software\\Classes\\CLSID\\{CAMERAS}\\Instance\\{made}"] = camera
    with registry.open("a") as file:
        for key, values in keys.items():
            file.write(f"\n[{_escaped(key)}] 1700000000\n")
            file.writelines(f'{name}="{_escaped(value)}"\n' for name, value in values.items())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")
