"""A real `systemd --user` in namespaces of its own: mounts, processes, network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

INSIDE = """
set -e
ip link set lo up
mount -t tmpfs none /run
mkdir -p /run/systemd/system /run/user/0
/lib/systemd/systemd --user --log-target=console >{log} 2>&1 &
n=0
until systemctl --user is-system-running >/dev/null 2>&1 || [ $n -gt 300 ]; do
  n=$((n + 1)); sleep 0.1
done
echo ready
exec cat
"""

ASK = """
import http.client, json, sys
address, method, path = sys.argv[1:4]
host, _, port = address.rpartition(":")
line = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=60)
line.request(method, path)
answer = line.getresponse()
print(json.dumps({"status": answer.status, "body": answer.read().decode()}))
"""


class UserManager:
    """Whoever is in it sees its systemd, its loopback and its /run; files are the machine's own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.home = folder
        self.log = folder / "manager.log"
        become = [] if os.geteuid() == 0 else ["sudo", "-n"]
        self.environ = {
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "XDG_RUNTIME_DIR": "/run/user/0",
        }
        given = [f"{name}={value}" for name, value in self.environ.items()]
        spaces = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"]
        self._holder = subprocess.Popen(
            [*become, "env", "-i", *given, *spaces, "sh", "-c", INSIDE.format(log=self.log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout
        assert self._holder.stdout.readline() == "ready\n", "no user manager can be started"
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        first = children.read_text().split()[0]
        spaces = ["nsenter", "--target", first, "--mount", "--pid", "--net", "--"]
        self.inside = [*become, *spaces]

    def run(
        self, *words: object, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in it, to its end."""
        return subprocess.run(
            [*self.inside, *map(str, words)],
            env={**self.environ, **(environ or {})},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Start a program in it that runs on."""
        return subprocess.Popen(
            [*self.inside, *map(str, words)],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def systemctl(self, *words: str) -> str:
        """Ask its systemd and return what it prints."""
        done = self.run("systemctl", "--user", *words)
        return done.stdout.strip()

    def show(self, unit: str, name: str) -> str:
        """Return one property of a unit."""
        return self.systemctl("show", unit, "--property", name, "--value")

    def ask(self, address: str, path: str, *, method: str = "GET") -> Any:
        """Ask what listens on its loopback; return status and body."""
        done = self.run(sys.executable, "-c", ASK, address, method, path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.kill()
        self._holder.communicate()
