"""What goes wrong on the way: afterwards the place has the whole document, once, or nothing."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from line import Line

from sheetfed.api.contracts import Report, Target
from sheetfed.api.errors import SheetfedError, TargetRefused, TargetUnreachable
from sheetfed.api.model import Receipt, Settings
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Noted, Parcel

if TYPE_CHECKING:
    from places import Place


class Memory:
    """Remembers what a target reports, as the service does between two tries."""

    def __init__(self) -> None:
        self.state: Mapping[str, Any] = {}
        self.sent = 0

    def report(self, sent: int, state: Mapping[str, Any]) -> Noted:
        self.state, self.sent = state, sent
        return Noted()


@pytest.fixture
def empty(place: Place) -> Iterator[Place]:
    """A place with nothing in it."""
    place.clear()
    yield place
    place.clear()


def send(place: Place, settings: Settings, parcel: Parcel, report: Report) -> Receipt:
    """Send as the service does."""
    target = make(place.factory, settings, Target)
    return finished(target.send(parcel, report))


def finished(result: Any) -> Any:
    async def wait() -> Any:
        return await result

    return asyncio.run(wait()) if inspect.isawaitable(result) else result


@pytest.mark.parametrize("part", [0.01, 0.5, 0.99])
def test_a_cut_line_leaves_nothing_and_the_next_try_all(empty: Place, part: float) -> None:
    """After 1 %, half and 99 %: a file that is not whole stands under no document's name."""
    if empty.protocol in WITHOUT_A_LINE:
        return
    parcel, memory = Parcel(name="2026/letter.pdf"), Memory()
    with Line(empty.port, most=int(len(CONTENT) * part)) as line, pytest.raises(TargetUnreachable):
        send(empty, empty.settings(port=line.port), parcel, memory.report)
    left = [name for name in empty.arrived() if not name.endswith(".part")]
    assert not left

    again = replace(parcel, state=memory.state)
    receipt = send(empty, empty.settings(), again, memory.report)

    assert list(empty.arrived().values()) == [CONTENT], [*empty.arrived()]
    assert receipt.place


WITHOUT_A_LINE = {"folder", "ftp"}
"""A folder has none; FTP's data takes a line of its own that the server chooses."""


def test_wrong_credentials_are_told_and_not_tried_again(empty: Place) -> None:
    """A password does not get right by itself; trying it for a week locks the account."""
    wrong = empty.wrong()
    if not wrong:
        return
    memory = Memory()

    with pytest.raises(TargetRefused) as caught:
        send(empty, {**empty.settings(), **wrong}, Parcel(), memory.report)
    with pytest.raises(TargetRefused):
        finished(make(empty.factory, {**empty.settings(), **wrong}, Target).test())

    assert not caught.value.details.get("again")
    assert "wrong" not in caught.value.message
    assert not empty.arrived()


def test_an_answer_that_was_lost_makes_no_second_document(empty: Place) -> None:
    """The document was there when we were killed; the next try sees that."""
    memory = Memory()
    send(empty, empty.settings(), Parcel(), memory.report)

    send(empty, empty.settings(), replace(Parcel(), state=memory.state), memory.report)

    assert list(empty.arrived().values()) == [CONTENT]


def test_names_are_taken_as_the_policy_says(empty: Place) -> None:
    """Numbered, refused or replaced; the same bytes again are no collision."""
    if "collision" not in empty.settings():
        return
    other = Another(idempotency_key="other")
    send(empty, empty.settings(), Parcel(), Memory().report)

    with pytest.raises(TargetRefused):
        send(empty, empty.settings(collision="fail"), other, Memory().report)
    assert list(empty.arrived()) == ["contract.pdf"]
    numbered = send(empty, empty.settings(), other, Memory().report)
    assert numbered.details["name"] == "contract-2.pdf"
    assert empty.arrived() == {"contract.pdf": CONTENT, "contract-2.pdf": CONTENT[::-1]}
    send(empty, empty.settings(collision="overwrite"), other, Memory().report)
    assert empty.arrived()["contract.pdf"] == CONTENT[::-1]


def test_what_is_given_up_is_taken_away(empty: Place) -> None:
    """We were killed in the middle, and then the person cancelled."""
    memory = Memory()
    parcel = Parcel(name="a/b.pdf")
    target = make(empty.factory, empty.settings(), Target)

    def report(sent: int, state: Mapping[str, Any]) -> Noted:
        memory.report(sent, state)
        if sent:
            raise OSError("the store went away")
        return Noted()

    with pytest.raises((SheetfedError, OSError)):
        finished(target.send(parcel, report))
    finished(target.abandon(replace(parcel, state=memory.state)))

    assert not empty.arrived()


def test_an_address_inside_is_refused_unless_it_is_meant(empty: Place) -> None:
    """R30 (S05): every protocol looks at where the name leads before it says a word."""
    if "internal" not in empty.settings():
        return
    outside = empty.settings(internal=False, plain=False)
    url = str(outside["url"]).replace("http://", "https://").replace("ftp://", "ftps://")
    url = url.replace("sftps://", "sftp://")
    for host in ("127.0.0.1", "localhost"):
        where = {**outside, "url": url.replace("127.0.0.1", host)}
        with pytest.raises(SheetfedError, match="this computer itself") as caught:
            send(empty, where, Parcel(), Memory().report)
        assert caught.value.code == "target-refused"
    assert not empty.arrived()


class Another(Parcel):
    """The same name, other bytes."""

    def open(self, offset: int = 0) -> Any:
        import io

        return io.BytesIO(CONTENT[::-1][offset:])
