"""What goes wrong on the way: afterwards the place has the whole document, once, or nothing."""

from __future__ import annotations

import asyncio
import inspect
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from certificates import Authority
from clouds import CLOUDS, S3, Fsspec, Mail, Mails
from daemons import DAEMONS, Samba, Vsftpd
from parcels import Another, Damaged, Thin, Tripping
from places import PLACES, SPECS, Folder, Ftp
from programs import PROGRAMS, Http, Raw, Sftp, Signed, Tus
from spare import free_port
from webservers import WEBSERVERS, Fronted, Nginx, WebDav

from sheetfed.api.contracts import Report, Target
from sheetfed.api.errors import DeliveryUnsure, SheetfedError, TargetRefused, TargetUnreachable
from sheetfed.api.model import Receipt, Settings
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Noted, Parcel

if TYPE_CHECKING:
    from places import Place


EVERY = (*PLACES, *PROGRAMS, *CLOUDS, *DAEMONS, *WEBSERVERS)
ALL = (*EVERY, Signed)
OPTIONS = {name: {option.name for option in spec.options} for name, spec in SPECS.items()}


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
    """Send as the service does, to the address that a page brings where one has to."""
    if address := settings.get("address"):
        parcel = replace(parcel, fields={"url": address})
    target = make(place.factory, settings, Target)
    return finished(target.send(parcel, report))


def finished(result: Any) -> Any:
    async def wait() -> Any:
        return await result

    return asyncio.run(wait()) if inspect.isawaitable(result) else result


LINED = [kind for kind in ALL if kind is not Folder]


def at(*kinds: type[Place]) -> Any:
    """Run a test at these places only."""
    return pytest.mark.parametrize("place", kinds, indirect=True, ids=lambda k: k.__name__.lower())


@at(*LINED)
@pytest.mark.parametrize("part", [0.01, 0.5, 0.99])
def test_a_cut_line_leaves_nothing_and_the_next_try_all(empty: Place, part: float) -> None:
    """After 1 %, half and 99 %: a file that is not whole stands under no document's name."""
    parcel, memory = Parcel(name="2026/letter.pdf"), Memory()
    with (
        empty.line(most=int(len(CONTENT) * part)) as line,
        pytest.raises((TargetUnreachable, DeliveryUnsure)) as caught,
    ):
        send(empty, empty.settings(port=line.port), parcel, memory.report)
    assert not documents(empty)

    if isinstance(caught.value, DeliveryUnsure):  # the person looks, and tries again
        assert empty.protocol == "mail"
        memory.state = {}
    receipt = send(empty, empty.settings(), replace(parcel, state=memory.state), memory.report)

    assert list(empty.arrived().values()) == [CONTENT], [*empty.arrived()]
    assert receipt.place


@pytest.mark.parametrize("scheme", ["http", "ftp", "sftp", "smb", "smtp"])
def test_a_closed_port_is_told_in_the_same_words(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the name has several addresses, and none of them answers."""
    plain, known = socket.getaddrinfo, tmp_path / "known"
    known.touch()

    def twofold(_: Any, *rest: Any, **named: Any) -> list[Any]:
        found = [plain(host, *rest, **named) for host in ("127.0.0.1", "127.0.0.2")]
        return [row for rows in found for row in rows]

    monkeypatch.setattr(socket, "getaddrinfo", twofold)
    spec = SPECS[{"smtp": "mail"}.get(scheme, scheme)]
    own = {"url": f"{scheme}://nas.example:{free_port()}/share/folder", "plain": True}
    own |= {"internal": True, "user": "a", "password": "b", "known-hosts": str(known)}
    own |= {"from": "a@example.org", "to": "b@example.org"}
    settings = {option.name: own.get(option.name, option.default) for option in spec.options}
    target = make(spec.factory, settings, Target)

    with pytest.raises(TargetUnreachable) as caught:
        finished(target.test())

    assert caught.value.message == "The server cannot be reached: Connection refused"


@at(*LINED)
def test_a_server_that_restarts_gets_it_whole_afterwards(empty: Place) -> None:
    """Killed in the middle, with all its connections; half a file is no document."""
    memory = Memory()
    parcel = Tripping(
        name="2026/letter.pdf", at=len(CONTENT) // 2, reads=empty.reads, trip=empty.restart
    )

    try:
        send(empty, empty.settings(), parcel, memory.report)
    except TargetUnreachable:
        assert not documents(empty)
    else:  # what may be put twice is put again at once
        assert empty.protocol in ("s3", "presigned")
        assert list(empty.arrived().values()) == [CONTENT]
    assert parcel.tripped.wait(30)
    again = Parcel(name="2026/letter.pdf", state=memory.state)
    send(empty, empty.settings(), again, memory.report)

    assert list(empty.arrived().values()) == [CONTENT], [*empty.arrived()]


NO_ROOM = {
    "Folder": "The folder takes no file: File too large",
    "Ftp": "426",
    "Http": "507 Insufficient Storage: File too large",
    "Raw": "507 Insufficient Storage: File too large",
    "Signed": "507 Insufficient Storage: File too large",
    "Sftp": "The server refuses: File too large",
    "OpenSsh": "The server refuses: Failure",
    "Tus": "500: Something went wrong with that request EFBIG: file too large",
    "S3": "500 INTERNAL SERVER ERROR",
    "Mail": "452 4.3.1 Insufficient system storage",
    "Mails": "452 4.3.1 Insufficient system storage",
    "Fsspec": "426",
    "Vsftpd": "451 Failure writing to local file",
    "Samba": "not enough space on the disk",
    "Nginx": "500 Internal Server Error",
    "Fronted": "500 Internal Server Error",
    "Apache": "500 Internal Server Error",
    "WebDav": "File too large",
}
"""What each server says where a file may not grow."""


@at(*ALL)
def test_a_full_disk_is_told_and_may_be_better_later(empty: Place) -> None:
    """Somebody makes room; the delivery is tried again by itself until then."""
    memory, data = Memory(), CONTENT * (1 + empty.room // len(CONTENT))
    parcel = Tripping(
        name="2026/letter.pdf", content=data, size=len(data), at=-1, trip=lambda: None
    )
    with empty.full(), pytest.raises((TargetRefused, TargetUnreachable)) as caught:
        send(empty, empty.settings(), parcel, memory.report)
    assert caught.value.details.get("again", isinstance(caught.value, TargetUnreachable))
    assert NO_ROOM[type(empty).__name__] in caught.value.message
    assert not documents(empty)

    send(empty, empty.settings(), replace(parcel, state=memory.state), memory.report)

    assert list(empty.arrived().values()) == [data], [*empty.arrived()]


@at(Mail, Mails, Vsftpd, Nginx, Fronted)
def test_a_certificate_of_somebody_else_is_refused(empty: Place) -> None:
    """No password and no byte of the document goes to whom nobody knows."""
    settings = empty.settings()
    stranger = Authority(empty.folder.with_name(f"{empty.folder.name}.stranger"))

    with pytest.raises(TargetUnreachable, match="certificate is not trusted"):
        send(empty, {**settings, "ca": str(stranger.file)}, Parcel(), Memory().report)

    assert not empty.arrived()


def test_who_is_at_the_other_end_is_looked_at_by_whatever_fsspec_uses(
    running: Callable[[type[Place]], Place], tmp_path: Path
) -> None:
    """A library that checks is told in our words; one that checks nothing is not used."""
    place, nginx = running(Fsspec), running(Nginx)
    stranger = Authority(tmp_path)
    webhdfs = f"use_https: true\nsession_verify: {stranger.file}"
    for url, options, words in (
        (f"webhdfs://localhost:{nginx.port}/in", webhdfs, "certificate is not trusted: "),
        (str(place.settings()["url"]), "tls: true", "looks at no certificate"),
        ("sftp://localhost/in", "", "looks at no key"),
    ):
        settings = {**place.settings(), "url": url, "options": options, "secret": ""}
        with pytest.raises((TargetRefused, TargetUnreachable), match=words):
            send(place, settings, Parcel(), Memory().report)

    assert not nginx.arrived()


SLOW = (Http, Raw, Signed, WebDav, Tus, S3, Mail, Ftp, Vsftpd, Sftp, Samba)
"""One server of each protocol with a line of its own; tests of what takes time have all at once."""


@pytest.fixture
def slow(running: Callable[[type[Place]], Place]) -> Iterator[list[Place]]:
    """Those servers, with nothing in them."""
    found = [running(kind) for kind in SLOW]
    for one in found:
        one.clear()
    yield found
    for one in found:
        one.clear()


def at_once(work: Callable[[Place], None], places: Iterable[Place]) -> None:
    """Do the same at many places side by side; name those where it fails."""
    with ThreadPoolExecutor(20) as threads:
        doing = {type(place).__name__: threads.submit(work, place) for place in places}
    assert {name: fault for name, one in doing.items() if (fault := one.exception())} == {}


def hurried(places: Iterable[Place], seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the targets give up sooner than half a minute."""
    for place in places:
        module = place.factory.partition(":")[0]
        monkeypatch.setattr(f"{module}.STALLED", seconds, raising=False)
    monkeypatch.setattr("sheetfed_uploader.web.STALLED", seconds)


def test_a_slow_line_is_waited_for(
    slow: list[Place],
    running: Callable[[type[Place]], Place],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What counts is that bytes move, not how long all of them take."""
    hurried(slow, 6.0, monkeypatch)
    other = running(Fsspec)
    other.clear()

    def drip(place: Place) -> None:
        began = time.monotonic()
        # What has a limit of bandwidth comes as slowly, over a line that is quick.
        parcel, rest = (Thin(), 0.0) if isinstance(place, Http) else (Parcel(), 0.22)
        with place.line(rest=rest) as line:
            send(place, place.settings(port=line.port), parcel, Memory().report)
        assert list(place.arrived().values()) == [CONTENT]
        assert time.monotonic() - began > 6.0, "it was not slow"

    at_once(drip, [*slow, other])
    other.clear()


def test_a_slow_line_carries_a_long_document(
    slow: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece of it takes longer than a line may be silent; bytes move all the time."""
    hurried(slow, 2.0, monkeypatch)
    data = CONTENT * 10  # several pieces, and more than the system takes in

    def drip(place: Place) -> None:
        with place.line(rest=0.04) as line:
            parcel = Tripping(content=data, size=len(data), at=-1, trip=lambda: None)
            send(place, place.settings(port=line.port), parcel, Memory().report)
        assert list(place.arrived().values()) == [data]

    at_once(drip, slow)


def test_a_dead_line_is_given_up(slow: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing moves any more, and nobody says so; the next try begins anew."""
    hurried(slow, 1.0, monkeypatch)
    monkeypatch.setattr("sheetfed_uploader.ftp.PATIENCE", 1.0)

    def stall(place: Place) -> None:
        with place.line(most=len(CONTENT) // 2, holds=True) as line:
            settings = place.settings(port=line.port)
            patience = {"timeout": 1} if "timeout" in settings else {}
            with pytest.raises((TargetUnreachable, DeliveryUnsure)) as caught:
                send(place, {**settings, **patience}, Parcel(), Memory().report)
        assert "stall" in caught.value.message or isinstance(caught.value, DeliveryUnsure)
        assert not documents(place)

    at_once(stall, slow)


def test_every_protocol_goes_over_ipv6(slow: list[Place]) -> None:
    """The address stands in brackets, and a receipt shows it so; fsspec alone takes names only."""

    def go(place: Place) -> None:
        with place.line(host="::1") as line:
            settings = place.settings(port=line.port)
            where = "address" if "address" in settings else "url"
            url = re.sub("127.0.0.1|localhost", "[::1]", str(settings[where]))
            receipt = send(place, {**settings, where: url}, Parcel(), Memory().report)
        assert list(place.arrived().values()) == [CONTENT]
        assert re.search(r"\[::1\]|--1\.ipv6-literal|^s3:|@", receipt.place), receipt.place

    at_once(go, [place for place in slow if not isinstance(place, Vsftpd)])  # as pyftpdlib


def test_what_is_damaged_on_its_way_is_found_where_every_byte_is_compared(
    running: Callable[[type[Place]], Place],
) -> None:
    """The size is right and a byte is not; without the comparison nobody would see it."""

    def compare(place: Place) -> None:
        place.clear()
        damaged = Damaged(name="2026/letter.pdf")
        with pytest.raises(TargetUnreachable, match="not what was sent"):
            send(place, place.settings(compare="content"), damaged, Memory().report)
        assert not place.arrived()
        send(place, place.settings(compare="content"), Parcel(), Memory().report)
        send(place, place.settings(), replace(damaged, opened=0), Memory().report)
        assert place.arrived()["2026/letter.pdf"] == Damaged.content
        place.clear()

    at_once(compare, [running(kind) for kind in EVERY if "compare" in OPTIONS[kind.protocol]])


def documents(place: Place) -> list[str]:
    """Return the names of all that somebody may take for a document."""
    return [name for name in place.arrived() if not name.endswith(".part")]


@at(*(kind for kind in EVERY if kind is not Folder))
def test_wrong_credentials_are_told_and_not_tried_again(empty: Place) -> None:
    """A password does not get right by itself; trying it for a week locks the account."""
    wrong = empty.wrong()
    memory = Memory()

    with pytest.raises(TargetRefused) as caught:
        send(empty, {**empty.settings(), **wrong}, Parcel(), memory.report)
    with pytest.raises(TargetRefused):
        finished(make(empty.factory, {**empty.settings(), **wrong}, Target).test())

    assert not caught.value.details.get("again")
    assert "letmein" not in caught.value.message
    assert not empty.arrived()


def test_an_answer_that_was_lost_makes_no_second_document(empty: Place) -> None:
    """The document was there when we were killed; the next try sees that."""
    memory = Memory()
    send(empty, empty.settings(), Parcel(), memory.report)

    with suppress(DeliveryUnsure):  # who cannot see it leaves it to the person
        send(empty, empty.settings(), replace(Parcel(), state=memory.state), memory.report)

    assert list(empty.arrived().values()) == [CONTENT]


@at(*(kind for kind in EVERY if "collision" in OPTIONS[kind.protocol]))
def test_names_are_taken_as_the_policy_says(empty: Place) -> None:
    """Numbered, refused or replaced; the same bytes again are no collision."""
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


@at(*(kind for kind in EVERY if kind not in (S3, Mail, Mails)))  # these are there or not
def test_what_is_given_up_is_taken_away(empty: Place) -> None:
    """We were killed in the middle, and then the person cancelled."""

    def die() -> None:
        raise OSError("the store went away")

    memory = Memory()
    parcel = Tripping(name="a/b.pdf", at=len(CONTENT) // 2, trip=die)
    target = make(empty.factory, empty.settings(), Target)

    with pytest.raises((SheetfedError, OSError)):
        finished(target.send(parcel, memory.report))
    finished(target.abandon(replace(parcel, state=memory.state)))

    assert not empty.arrived()


@at(*(kind for kind in EVERY if "internal" in OPTIONS[kind.protocol]))
def test_an_address_inside_is_refused_unless_it_is_meant(empty: Place) -> None:
    """R30 (S05): every protocol looks at where the name leads before it says a word."""
    changes = {"plain": False} if "plain" in empty.settings() else {}
    outside = empty.settings(internal=False, **changes)
    url = str(outside["url"]).replace("http://", "https://")
    if empty.protocol == "ftp":
        url = url.replace("ftp://", "ftps://")
    for host in ("127.0.0.1", "localhost", "[::1]"):
        if host == "[::1]" and empty.protocol == "fsspec":  # it takes names only
            continue
        where = {**outside, "url": re.sub("127.0.0.1|localhost", host, url)}
        with pytest.raises(SheetfedError, match="this computer itself") as caught:
            send(empty, where, Parcel(), Memory().report)
        assert caught.value.code == "target-refused"
    assert not empty.arrived()
