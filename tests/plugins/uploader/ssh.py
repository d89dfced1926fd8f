"""An SSH server of asyncssh's for files. Usage: ssh.py FOLDER KEY PORT USER PASSWORD [old]."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import asyncssh

FOLDER, KEY, PORT, USER, PASSWORD, *OLD = sys.argv[1:]


class Login(asyncssh.SSHServer):
    """Lets one person in."""

    def begin_auth(self, username: str) -> bool:
        """Ask everybody."""
        return True

    def password_auth_supported(self) -> bool:
        """Ask for a password."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Say whether it is theirs."""
        return (username, password) == (USER, PASSWORD)


class Files(asyncssh.SFTPServer):
    """A folder, and nothing above it."""

    def __init__(self, channel: Any) -> None:
        super().__init__(channel, chroot=FOLDER)


async def serve() -> None:
    """Serve until the end; an old server has no extensions."""
    if OLD:
        asyncssh.sftp.SFTPServerHandler._extensions = []
    await asyncssh.create_server(
        Login, "127.0.0.1", int(PORT), server_host_keys=[KEY], sftp_factory=Files
    )
    await asyncio.Event().wait()


asyncio.run(serve())
