"""A machine whose /etc can be changed without changing it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Self

OVERLAY = (
    "mount -t tmpfs none {0} && mkdir {0}/upper {0}/work && mount -t overlay overlay "
    "-o lowerdir=/etc,upperdir={0}/upper,workdir={0}/work /etc && echo ready && exec cat"
)


class Machine:
    """A namespace of mounts: what its programs write to /etc, nobody else ever sees."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        become = [] if os.geteuid() == 0 else ["sudo", "-n"]
        self._holder = subprocess.Popen(
            [*become, "unshare", "--mount", "sh", "-c", OVERLAY.format(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout
        assert self._holder.stdout.readline() == "ready\n", "no namespace of mounts can be made"
        self.inside = [*become, "nsenter", "--target", str(self._holder.pid), "--mount", "--"]

    def listing(self, folder: str = "/etc") -> str:
        """Return every name and checksum in a folder, as the machine's programs see it."""
        command = f"cd {folder} && find . -type d | sort; find . -type f -exec cksum {{}} + | sort"
        done = subprocess.run(
            [*self.inside, "sh", "-c", command], capture_output=True, text=True, check=True
        )
        return done.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.communicate("")
