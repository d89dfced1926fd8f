"""A computer whose PID 1 is a real systemd, over a throw-away copy of this one's files."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]

BOOT = """
set -e
ip link set lo up
mount -t tmpfs none {0}
mkdir {0}/up {0}/work {0}/root
mount -t overlay overlay -o lowerdir=/,upperdir={0}/up,workdir={0}/work {0}/root
cd {0}/root
mount -t proc proc proc
mount -t tmpfs none run
mount -t tmpfs none tmp
mount --rbind /sys sys
mount -t tmpfs none dev
for n in null zero full random urandom tty; do touch dev/$n; mount --bind /dev/$n dev/$n; done
mkdir dev/shm dev/pts
touch {1} dev/console
mount --bind {1} dev/console
{2}
rm -rf etc/systemd/system/*.wants
for unit in sysinit basic; do
  printf '[Unit]\\nDefaultDependencies=no\\n' > etc/systemd/system/$unit.target
done
exec env -i container=oci PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . \\
  /lib/systemd/systemd --system --unit=basic.target --log-target=console --show-status=0
"""

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

PLACES = "/opt/of-the-test"
"""Where everybody on that computer can read what these tests are made of."""


class Computer:
    """It boots in a moment, and what happens in it leaves nothing here."""

    def __init__(self, folder: Path, *, with_ours: bool = True) -> None:
        """Boot it; `with_ours` its Python finds what these tests are made of."""
        folder.mkdir()
        self._environ = environ() if with_ours else {}
        self._started: list[subprocess.Popen[str]] = []
        self.console = folder / "console"
        self.console.touch()
        overlay = folder / "overlay"
        overlay.mkdir()
        become = [] if os.geteuid() == 0 else ["sudo", "-n"]
        spaces = [
            "--mount",
            "--pid",
            "--net",
            "--cgroup",
            "--uts",
            "--ipc",
            "--fork",
            "--kill-child",
        ]
        binds, self.python = _binds() if with_ours else ("", "/usr/bin/python3")
        boot = BOOT.format(overlay, self.console, binds)
        self._holder = subprocess.Popen(
            [*become, "unshare", *spaces, "sh", "-c", boot],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        end = time.monotonic() + 60
        while True:
            found = children.read_text().split() if children.exists() else []
            if found and Path(f"/proc/{found[0]}/comm").read_text() == "systemd\n":
                spaces = ["--mount", "--pid", "--net", "--ipc", "--root", "--wd"]
                self.inside = [*become, "nsenter", "--target", found[0], *spaces, "--"]
                if self.run("systemctl", "is-active", "basic.target").returncode == 0:
                    return
            assert time.monotonic() < end, self.console.read_text()
            time.sleep(0.05)

    def start(self, *words: object, user: str) -> subprocess.Popen[str]:
        """Start a program on it as another account, with a home of its own."""
        drop = ["setpriv", f"--reuid={user}", "--clear-groups", "--"]
        process = subprocess.Popen(
            [*self.inside, *drop, *map(str, words)],
            env={"PATH": PATH, "HOME": f"/tmp/{user}", **self._environ},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, *words: object, user: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program on it, to its end."""
        drop = ["setpriv", f"--reuid={user}", "--clear-groups", "--"] if user else []
        return subprocess.run(
            [*self.inside, *drop, *map(str, words)],
            env={"PATH": PATH, "HOME": f"/tmp/{user}" if user else "/root", **self._environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def sheetfed(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run `sheetfed` on it."""
        return self.run(self.python, "-c", "from sheetfed.cli import main; main()", *words)

    def bring(self, file: Path, path: str) -> None:
        """Copy a file of ours to it, whose /tmp is its own."""
        with file.open("rb") as opened:
            subprocess.run([*self.inside, "tee", path], stdin=opened, stdout=-3, check=True)

    def write(self, path: str, text: str) -> None:
        """Write one of its files."""
        done = subprocess.run(
            [*self.inside, "sh", "-c", f"mkdir -p $(dirname {path}) && cat > {path}"],
            input=text,
            text=True,
            capture_output=True,
            check=True,
        )
        assert done.returncode == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.kill()
        self._holder.communicate()
        for process in self._started:
            process.communicate()


def _sources() -> list[Path]:
    return [*ROOT.glob("core/src"), *sorted(ROOT.glob("plugins/*/src"))]


def environ() -> dict[str, str]:
    """Return what makes that computer's Python find us and what we need."""
    places = [f"{PLACES}/site", *(f"{PLACES}/src{n}" for n, _ in enumerate(_sources()))]
    return {"PYTHONPATH": os.pathsep.join(places), "LD_LIBRARY_PATH": f"{PLACES}/python/lib"}


def _binds() -> tuple[str, str]:
    places = {f"{PLACES}/site": Path(site.getsitepackages()[0])}
    places |= {f"{PLACES}/src{number}": source for number, source in enumerate(_sources())}
    base = Path(sys.base_prefix).resolve()
    python = Path(sys.executable).resolve()
    if base != Path("/usr"):
        places[f"{PLACES}/python"] = base
        python = Path(f"{PLACES}/python") / python.relative_to(base)
    lines = [f"mkdir -p .{to} && mount --bind {source} .{to}" for to, source in places.items()]
    return "\n".join(lines), str(python)
