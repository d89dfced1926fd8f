"""Uploads by tus: what the server has is not sent again, whatever happened meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from places import PASSWORD, SPECS, Place
from programs import Tus
from rude import Rude

from sheetfed.api.contracts import Target
from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Noted, Parcel


@pytest.fixture
def server(running: Callable[[type[Place]], Any]) -> Iterator[Tus]:
    found = running(Tus)
    found.clear()
    yield found
    found.clear()


class Sender:
    """Sends, and remembers what a target wants to be reminded of."""

    def __init__(self, server: Tus) -> None:
        self.server = server
        self.state: Mapping[str, Any] = {}

    def note(self, _: int, state: Mapping[str, Any]) -> Noted:
        self.state = state
        return Noted()

    def send(self, **changes: Any) -> None:
        async def wait() -> None:
            target = make(self.server.factory, self.server.settings(**changes), Target)
            await target.send(replace(Parcel(), state=self.state), self.note)  # type: ignore[misc]

        asyncio.run(wait())


def test_a_token_that_expires_half_way_costs_no_byte_that_is_there(server: Tus) -> None:
    """The server lets us in no more; with a new token the upload goes on where it was."""
    sender = Sender(server)
    with server.line(most=len(CONTENT) // 2) as line, pytest.raises(TargetUnreachable):
        sender.send(port=line.port)
    place = sender.state["upload"]

    with pytest.raises(TargetRefused, match="answered 401") as caught:
        sender.send(token="expired")
    assert not caught.value.details.get("again")
    assert sender.state["upload"] == place
    with server.line() as line:
        sender.send(port=line.port, token=PASSWORD)

    assert server.arrived() == {"contract.pdf": CONTENT}
    assert line.passed < len(CONTENT) * 0.9


def test_an_upload_that_the_server_threw_away_begins_anew(server: Tus) -> None:
    """After a week offline it has expired: the server knows of no such upload."""
    sender = Sender(server)
    with server.line(most=len(CONTENT) // 2) as line, pytest.raises(TargetUnreachable):
        sender.send(port=line.port)
    place = sender.state["upload"]
    server.clear()

    sender.send()

    assert server.arrived() == {"contract.pdf": CONTENT}
    assert sender.state["upload"] != place


END = b"Content-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([b"423 Locked"], "423 Locked"),
        ([b"200 OK\r\nUpload-Offset: 9", b"409 Conflict"], "409 Conflict"),
    ],
)
def test_a_server_that_still_holds_the_last_line_is_asked_again(
    answers: list[bytes], words: str
) -> None:
    """It has not seen yet that the line is dead; what it has of the upload stays there."""
    server = Rude(*(b"HTTP/1.1 %b\r\n%b" % (one, END) for one in answers))
    defaults = {option.name: option.default for option in SPECS["tus"].options}
    own = {"url": f"http://127.0.0.1:{server.port}/files", "internal": True, "plain": True}
    target = make(SPECS["tus"].factory, {**defaults, **own}, Target)

    async def wait() -> None:
        parcel = Parcel(state={"upload": "/files/a"})
        await target.send(parcel, lambda *_: Noted())  # type: ignore[misc]

    try:
        with pytest.raises(TargetRefused, match=words) as caught:
            asyncio.run(wait())
    finally:
        server.close()

    assert caught.value.details["again"]
