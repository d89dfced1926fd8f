"""The service is killed in the middle of everything, and nobody has to do anything."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from clouds import S3, Fsspec, Mail
from daemons import OpenSsh, Samba, Vsftpd
from places import Folder, Ftp, Place
from programs import Raw, Signed, Tus
from webservers import Apache, Fronted, Nginx

sys.path.insert(0, str(Path(__file__).parents[2] / "service"))
from running import Running

DATA = hashlib.shake_256(b"a long letter").digest(6 << 20)
MUCH = 3 << 20
HELD = {
    **dict.fromkeys(
        (Mail, OpenSsh, Samba, Nginx, Fronted, Apache, Raw, Tus, Ftp, Vsftpd, Fsspec), MUCH
    ),
    S3: 5 << 20,
}
"""After so many bytes nothing moves any more, until the service is killed."""

THIN = 1024
"""KiB a second that the folder takes meanwhile: it has no line that could be held."""

NAMED = {"folder", "ftp", "sftp", "smb", "webdav", "s3", "fsspec"}
"""Protocols whose receipt names the file; others say what the server told of it."""

SECRETS = {"password", "passphrase", "token", "secret-key", "secret"}


def configured(home: Path, places: dict[str, tuple[Place, int]], folder: str) -> None:
    """Write where each target is, by which port, and what else the folder's says."""
    lines = ['disabled = ["sane"]']
    for name, (place, port) in places.items():
        lines += [f"[targets.{name}]", f'protocol = "{place.protocol}"', 'name = "{document}"']
        for key, value in place.own(port).items():
            if key in SECRETS:
                (home / f"{name}-{key}").write_text(value)
                (home / f"{name}-{key}").chmod(0o600)
                lines.append(f'{key} = {{ file = "{name}-{key}" }}')
            else:
                lines.append(f"{key} = {json.dumps(value)}")
    (home / "sheetfed.toml").write_text("\n".join([*lines, folder]))


def queued(service: Any, target: str, place: Place, port: int) -> None:
    """Send the file to a target."""
    told = {"url": place.address(port)} if isinstance(place, Signed) else {}
    connection = service.tool.connect()
    try:
        connection.request(
            "POST",
            f"/v1/deliveries/files?target={target}&name=long.bin&fields={quote(json.dumps(told))}",
            body=DATA,
            headers={"Content-Type": "application/octet-stream"},
        )
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 201, body
    finally:
        connection.close()


def told_truly(row: dict[str, Any], place: Place) -> bool:
    """Return whether a delivery says that it arrived at its second try, whole, and where."""
    ended = [one["outcome"] for one in row["history"]]
    where = row["receipt"]["place"]
    names = {Path(name).name for name in place.arrived()}
    known = place.protocol not in NAMED or re.split(r"[/\\]", where)[-1] in names
    return (
        (row["error"], row["tries"], ended) == (None, 2, ["done"])
        and row["sent"] == row["size"] == len(DATA)
        and bool(where)
        and known
    )


def until(condition: Callable[[], bool], told: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


@pytest.mark.timeout(180)
def test_a_killed_service_goes_on_with_every_protocol(
    running: Callable[[type[Place]], Any], tmp_path: Path
) -> None:
    """`kill -9` while all of them are half way: afterwards each place has the whole file, once."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    places = {kind.__name__.lower(): running(kind) for kind in (*HELD, Signed, Folder)}
    for place in places.values():
        place.clear()
    with running(Signed).line(most=MUCH, holds=True) as signed, ExitStack() as stack:
        lines = {
            kind.__name__.lower(): stack.enter_context(running(kind).line(most=most, holds=True))
            for kind, most in HELD.items()
        }
        lines["signed"] = signed
        ports = {"folder": 0, **{name: line.port for name, line in lines.items()}}
        held = {name: (place, ports[name]) for name, place in places.items()}
        configured(home, held, f"bandwidth = {THIN}")
        with Running(home) as service:
            for name in lines:
                queued(service, name, *held[name])
            until(
                lambda: all(line.stuck for line in lines.values()),
                lambda: {name: line.stuck for name, line in lines.items()},
            )
            queued(service, "folder", *held["folder"])
            until(lambda: any(places["folder"].arrived().values()), places["folder"].arrived)
            service.kill()
        (half,) = places["folder"].arrived()
        assert (half[0], half[-5:]) == (".", ".part")
        stack.close()
        signed.release()  # a page brought its address, which stays as it is
        configured(home, {name: (place, place.port) for name, place in places.items()}, "")
        with Running(home) as service:

            def rows() -> list[dict[str, Any]]:
                return list(service.tool.get("/v1/deliveries").json["items"])

            def now() -> dict[str, str]:
                return {row["target"]: str(row) for row in rows() if row["state"] != "done"}

            until(lambda: not now(), now)
            told = {row["target"]: row for row in rows()}

    for name, place in places.items():
        assert [*place.arrived().values()] == [DATA], (name, [*place.arrived()])
        assert told_truly(told[name], place), (name, told[name]["receipt"])
        place.clear()
    assert not [*(home / "store" / "blobs").iterdir()]
