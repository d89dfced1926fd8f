"""What a document takes in memory while it goes, however large."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from clouds import S3, Fsspec
from daemons import OpenSsh, Samba, Vsftpd
from places import Folder, Ftp, Place
from programs import Raw, Tus
from webservers import Nginx, WebDav

SENDS = """
import asyncio, inspect, io, json, pathlib, sys
from sheetfed.api.contracts import Target
from sheetfed.testing.factory import make
from sheetfed.testing.target import Noted, Parcel

factory, settings = json.loads(sys.stdin.read())


class Empty(io.RawIOBase):
    def __init__(self, left):
        self.left = left

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(len(buffer), self.left)
        buffer[:size] = bytes(size)
        self.left -= size
        return size


class Long(Parcel):
    def open(self, offset=0):
        return io.BufferedReader(Empty(self.size - offset))


async def wait(result):
    return await result


def send(mib):
    parcel = Long(name=f"{mib}.bin", size=mib << 20, idempotency_key=str(mib))
    sending = make(factory, settings, Target).send(parcel, lambda *_: Noted())
    if inspect.isawaitable(sending):
        asyncio.run(wait(sending))
    status = pathlib.Path("/proc/self/status").read_text()  # rusage counts who began us, too
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


print(send(24), send(88))
"""


@pytest.mark.parametrize(
    "kind", [Raw, S3, OpenSsh, Tus, Ftp, Vsftpd, Samba, WebDav, Nginx, Fsspec, Folder]
)
def test_a_large_document_takes_no_more_than_a_small_one(
    running: Callable[[type[Place]], Any], kind: type[Place]
) -> None:
    """It goes through in pieces: 64 MiB more of it are not held anywhere."""
    place = running(kind)
    place.clear()

    done = subprocess.run(
        [sys.executable, "-c", SENDS],
        input=json.dumps([place.factory, dict(place.settings())]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    small, large = map(int, done.stdout.split())
    assert sorted(map(len, place.arrived().values())) == [24 << 20, 88 << 20]
    assert large - small < 20, (small, large)
    assert large < 120
    place.clear()
