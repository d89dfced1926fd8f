"""The folders that hold state are for one account only."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig
from sheetfed.config import is_ours, load, prepare

OTHER = 65534
"""The account `nobody`, which owns nothing here."""


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_new_folders_are_private(tmp_path: Path) -> None:
    config = load(home=tmp_path / "new" / "home", environ={})

    prepare(config)
    prepare(config)

    for folder in (config.home, config.store, config.crashes, config.logs, config.runtime):
        assert mode(folder) == 0o700


def test_socket_folder_left_open_is_closed(tmp_path: Path) -> None:
    config = load(home=tmp_path, environ={})
    config.runtime.mkdir()
    config.runtime.chmod(0o777)

    prepare(config)

    assert mode(config.runtime) == 0o700


def test_socket_of_a_deep_home_can_be_opened(tmp_path: Path) -> None:
    """A unix socket's path has about a hundred bytes; a home may have more."""
    runtime = Path(tempfile.mkdtemp())
    config = load(home=tmp_path / ("x" * 120), environ={"XDG_RUNTIME_DIR": str(runtime)})
    other = load(home=tmp_path / ("y" * 120), environ={"XDG_RUNTIME_DIR": str(runtime)})

    prepare(config)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(config.socket))

    assert config.runtime.parent == runtime
    assert mode(config.runtime) == 0o700
    assert other.runtime != config.runtime
    shutil.rmtree(runtime)


def test_folder_of_another_account_is_not_ours(tmp_path: Path) -> None:
    """Whoever may write to /tmp could have made the folder first."""
    foreign = Path("/usr")
    if os.getuid() == 0:
        foreign = tmp_path / "foreign"
        foreign.mkdir(mode=0o700)
        os.chown(foreign, OTHER, OTHER)

    assert not is_ours(foreign)


def test_link_in_place_of_the_socket_folder_is_refused(tmp_path: Path) -> None:
    config = load(home=tmp_path / "home", environ={})
    config.home.mkdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    config.runtime.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BadConfig, match="another account"):
        prepare(config)


def test_file_in_place_of_the_home_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(BadConfig, match="a file stands where a folder is needed"):
        prepare(load(home=tmp_path / "home", environ={}))
    with pytest.raises(BadConfig, match="a file stands where a folder is needed"):
        prepare(load(home=tmp_path / "home" / "below", environ={}))


def test_folder_that_cannot_be_made_is_said() -> None:
    with pytest.raises(BadConfig, match=r"/proc/sheetfed: the folder cannot be made"):
        prepare(load(home=Path("/proc/sheetfed"), environ={}))


def test_folder_that_may_not_be_used_is_said(tmp_path: Path) -> None:
    """Nothing is closed to root, so root asks without that privilege."""
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    code = (
        "import sys; from pathlib import Path; from sheetfed.config import load, prepare;"
        "prepare(load(home=Path(sys.argv[1]), environ={}))"
    )

    done = subprocess.run(
        [*plain, sys.executable, "-c", code, home], capture_output=True, text=True, check=False
    )

    assert f"{home}: this account may not read and write this folder" in done.stderr
