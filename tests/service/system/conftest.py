"""One systemd of an account for all tests of this room, and the service in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from running import Tool
from user_manager import UserManager

SHEETFED = Path(sys.executable).with_name("sheetfed")
QUICK = """
[Service]
WatchdogSec=4s
StandardError=append:{log}
"""


class Keeper:
    """A person's account on a computer with systemd."""

    def __init__(self, folder: Path) -> None:
        self.manager = UserManager(folder / "account")
        self.home = folder / "state"
        self.home.mkdir(mode=0o700)
        # Looking for network scanners takes seconds, and none is to be found here.
        (self.home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
        self.units = self.manager.home / ".config/systemd/user"
        self.log = folder / "service.log"
        more = self.units / "sheetfed.service.d/quick.conf"
        more.parent.mkdir(parents=True)
        more.write_text(QUICK.format(log=self.log))
        self.tool = Tool(self.home / "run/sheetfed.sock")

    def service(self, *words: str) -> Any:
        """Run `sheetfed service`."""
        return self.manager.run(SHEETFED, "--home", self.home, "service", *words)

    def is_active(self, unit: str) -> bool:
        """Tell whether a unit is active."""
        return self.manager.systemctl("is-active", unit) == "active"

    @property
    def pid(self) -> str:
        """The service's process, as its systemd counts them."""
        return self.manager.show("sheetfed.service", "MainPID")


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    keeper = Keeper(tmp_path_factory.mktemp("systemd"))
    with keeper.manager:
        done = keeper.service("install")
        assert done.returncode == 0, done.stderr
        assert "it starts as soon as somebody connects" in done.stdout
        yield keeper
