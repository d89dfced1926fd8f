"""Private SANE configurations: our own backend, and libsane's test, pnm and net backends."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent

A4_COLOUR = {
    "number_of_devices": "1",
    "mode": "Color",
    "depth": "8",
    "resolution_min": "1.0",
    "resolution_max": "1200.0",
    "resolution_quant": "1.0",
    "resolution": "100.0",
    "test-picture": '"Color pattern"',
    "geometry_min": "0.0",
    "geometry_max": "300.0",  # its own 200 mm do not hold an A4 page
    "geometry_quant": "1.0",
    "tl_x": "0.0",
    "tl_y": "0.0",
    "br_x": "210.0",
    "br_y": "297.0",
}


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a process needs in its environment to see these devices and no others."""

    environment: Mapping[str, str]

    def environ(self) -> dict[str, str]:
        """Return the whole environment for a child."""
        return {**os.environ, **self.environment}


@dataclass(frozen=True, kw_only=True)
class Rig(Setup):
    """Our own backend: devices that can be plugged, loaded and broken while they are used."""

    folder: Path
    pages: Path
    plugged: dict[str, str] = field(default_factory=dict)

    def plug(self, name: str, model: str = "One") -> None:
        """Connect a device."""
        self.plugged[name] = model
        self._write()

    def unplug(self, name: str) -> None:
        """Pull a device's cable."""
        del self.plugged[name]
        self._write()

    def break_(self, name: str, fault: str) -> None:
        """Give a device a fault, in the words of rig.c."""
        (self.folder / f"{name}.fault").write_text(fault)

    def mend(self, name: str) -> None:
        """Take a device's fault away."""
        (self.folder / f"{name}.fault").unlink(missing_ok=True)

    def calls(self, name: str) -> list[str]:
        """Return what was called on a device."""
        return (self.folder / f"{name}.log").read_text().split()

    def _write(self) -> None:
        lines = [
            f"{name}|Rig|Sheetfed {model}|{self.pages}\n" for name, model in self.plugged.items()
        ]
        (self.folder / "devices").write_text("".join(lines))


def build_rig(folder: Path) -> Path:
    """Compile our backend; return the folder of the library."""
    library = folder / "libsane-rig.so.1"
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    name = f"-Wl,-soname,{library.name}"
    subprocess.run(["gcc", *flags, name, "-o", library, HERE / "rig.c"], check=True)
    return folder


def set_up_rig(folder: Path, *, library: Path, pages: Path) -> Rig:
    """Return a rig with one device, `rig:a`."""
    configuration = _configure(folder / "configuration", backend="rig")
    environment = {
        "SANE_CONFIG_DIR": str(configuration),
        "SANE_RIG_DIR": str(folder),
        "LD_LIBRARY_PATH": str(library),
    }
    rig = Rig(environment=environment, folder=folder, pages=pages)
    rig.plug("a")
    return rig


def set_up_test(folder: Path, **values: str) -> Setup:
    """Return libsane's test backend with A4 colour at 100 dpi, and `values` on top."""
    configuration = _configure(folder, backend="test")
    lines = [f"{name} {value}\n" for name, value in {**A4_COLOUR, **values}.items()]
    (configuration / "test.conf").write_text("".join(lines))
    return Setup(environment={"SANE_CONFIG_DIR": str(configuration)})


def set_up_pnm(folder: Path) -> Setup:
    """Return libsane's backend that scans a picture file."""
    return Setup(environment={"SANE_CONFIG_DIR": str(_configure(folder, backend="pnm"))})


@contextmanager
def saned(setup: Setup, folder: Path) -> Iterator[tuple[Setup, str]]:
    """Share a set-up's devices; yield the set-up of a client, and where they are.

    The port is fixed, so that each process has a loopback address of its own.
    """
    address = f"127.77.{os.getpid() >> 8 & 255}.{os.getpid() % 254 + 1}"
    served = Path(setup.environment["SANE_CONFIG_DIR"])
    (served / "saned.conf").write_text("127.0.0.0/8\n")
    client = _configure(folder, backend="net")
    (client / "net.conf").write_text(f"connect_timeout = 2\n{address}\n")
    server = subprocess.Popen(
        ["/usr/sbin/saned", "-l", "-b", address, "-e"],
        env=setup.environ(),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(address, 6566)
        yield Setup(environment={"SANE_CONFIG_DIR": str(client)}), address
    finally:
        os.killpg(server.pid, 9)
        server.wait()


def _configure(folder: Path, *, backend: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dll.conf").write_text(f"{backend}\n")
    (folder / "dll.d").mkdir(exist_ok=True)
    return folder


def _wait_for(address: str, port: int) -> None:
    limit = time.monotonic() + 5
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.02)
