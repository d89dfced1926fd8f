"""Who we are: root by accident, or by sudo."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from sheetfed.system.findings import Finding
from sheetfed.worker.account import hidden, hidden_from, unprivileged

if sys.platform != "win32":
    import pwd

WARNING = (
    "WARNING: sheetfed runs as root. Anything that takes it over owns this machine.\n"
    "Run it as the person who scans; it needs no rights but theirs.\n"
)


def is_root() -> bool:
    """Say whether this process may do everything."""
    return sys.platform != "win32" and os.geteuid() == 0


def warn_of_root() -> None:
    """Say loudly that root is the wrong account."""
    if is_root():
        sys.stderr.write(WARNING)
        sys.stderr.flush()


def leave_root(environ: MutableMapping[str, str]) -> bool:
    """Become the account that called sudo, before anything is made; say whether that was done.

    It is not where that account could not read what we are made of.
    """
    if sys.platform == "win32" or not is_root():
        return False
    try:
        caller = pwd.getpwuid(int(environ.get("SUDO_UID", "0")))
    except (KeyError, ValueError):
        return False
    if caller.pw_uid == 0 or hidden_from(sys.executable, caller.pw_uid, caller.pw_gid):
        return False
    os.initgroups(caller.pw_name, caller.pw_gid)
    os.setgid(caller.pw_gid)
    os.setuid(caller.pw_uid)
    environ.update(HOME=caller.pw_dir, USER=caller.pw_name, LOGNAME=caller.pw_name)
    runtime = Path(f"/run/user/{caller.pw_uid}")
    environ["XDG_RUNTIME_DIR"] = str(runtime)
    if not runtime.is_dir():
        del environ["XDG_RUNTIME_DIR"]
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        environ.pop(name, None)  # those of root
    return True


def finding() -> Finding:
    """Say whether we run as root, and then under which name a codec does."""
    name = "Account"
    if not is_root():
        return Finding(name=name, state="ok", text="not root")
    advice = "Run sheetfed as the person who scans."
    codec = unprivileged(sys.executable)
    if codec is not None:
        text = f"root; codecs run as account {codec}, drivers as root"
        return Finding(name=name, state="weak", text=text, advice=advice)
    text = f"root, and codecs too: others may not read {hidden(sys.executable)}"
    return Finding(name=name, state="weak", text=text, advice=advice)
