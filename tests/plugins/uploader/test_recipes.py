"""The recipes of the documentation, each at a real server."""

from __future__ import annotations

import asyncio
import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clouds import S3, Fsspec, Mail
from daemons import OpenSsh, Samba, Vsftpd
from places import SPECS, Folder, Place
from programs import Http, Signed, Tus
from webservers import Nginx

from sheetfed.api.contracts import Target
from sheetfed.config import load
from sheetfed.filenames import path
from sheetfed.naming import Facts
from sheetfed.targets import read
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Noted, Parcel

PAGE = Path(__file__).parents[3] / "docs/addons/uploader.md"
RECIPES = [
    text
    for text in re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    if "protocol" in text
]
SERVERS: dict[str, type[Place]] = {
    "http": Http,
    "folder": Folder,
    "sftp": OpenSsh,
    "webdav": Nginx,
    "ftp": Vsftpd,
    "smb": Samba,
    "fsspec": Fsspec,
    "s3": S3,
    "mail": Mail,
    "tus": Tus,
    "presigned": Signed,
}
WHERE = {
    *("url", "path", "user", "password", "key", "passphrase", "known-hosts", "token", "ca"),
    *("bucket", "access-key", "secret-key", "options", "secret", "secret-option", "region"),
    *("internal", "plain", "hosts"),
}
"""Settings that lead to a server and let us in; everything else is as the recipe says it."""


def named(text: str) -> str:
    """Return the protocol of a recipe."""
    (table,) = tomllib.loads(text)["targets"].values()
    return str(table["protocol"])


def test_every_protocol_has_a_recipe() -> None:
    """Whoever wants one finds how."""
    assert {named(text) for text in RECIPES} == set(SPECS) == set(SERVERS)


@pytest.mark.parametrize("text", RECIPES, ids=named)
def test_a_recipe_works_as_it_is_written(
    text: str, running: Callable[[type[Place]], Any], tmp_path: Path
) -> None:
    """Its keys are known, its templates can be filled, and what it says sends a document."""
    (tmp_path / "sheetfed.toml").write_text(text)
    (found,) = read(load(home=tmp_path, environ={}), SPECS).values()
    server = running(SERVERS[found.protocol])
    server.clear()
    fields: dict[str, Any] = {option.name: "A-7" for option in found.fields}
    own = {key: value for key, value in server.own(server.port).items() if key in WHERE}
    if found.protocol == "presigned":
        own["hosts"] = f"{found.settings['hosts']}\n{own['hosts']}"
        fields["url"] = Signed.address(server.port)
    facts = Facts(moment=0.0, title="letter", fields=fields)
    name = f"{path(found.naming, facts)}.pdf"
    target = make(SPECS[found.protocol].factory, {**found.settings, **own}, Target)

    async def wait(result: Any) -> Any:
        return await result

    result = target.send(Parcel(name=name, fields=fields), lambda _sent, _state: Noted())
    receipt = asyncio.run(wait(result)) if inspect.isawaitable(result) else result

    assert receipt.place
    arrived = server.arrived()
    assert [*arrived.values()] == [CONTENT]
    if server.protocol in ("folder", "s3"):
        assert [*arrived] == [name]
    server.clear()
