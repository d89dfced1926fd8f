"""Files beside others: nothing that is there is lost, whatever ends in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clouds import Mail
from daemons import OpenSsh, Samba, Vsftpd
from parcels import Another, Tripping
from places import FixedFtp, Folder, Ftp, Place, StiffFtp
from programs import Http, OldSftp, Sftp, Tus
from test_troubles import EVERY, Memory, at, finished, send
from webservers import Fronted

from sheetfed.api.contracts import Target
from sheetfed.api.errors import SheetfedError, TargetRefused
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Parcel

OTHER = Another(idempotency_key="other")


@pytest.fixture
def empty(place: Place) -> Iterator[Place]:
    """A place with nothing in it."""
    place.clear()
    yield place
    place.clear()


@at(StiffFtp, OldSftp)
def test_where_no_step_does_both_a_file_takes_another_one_s_place(empty: Place) -> None:
    """The old one steps aside first: a server that only renames to free names is no excuse."""
    send(empty, empty.settings(), Parcel(), Memory().report)

    send(empty, empty.settings(collision="overwrite"), OTHER, Memory().report)

    assert empty.arrived() == {"contract.pdf": CONTENT[::-1]}


@at(FixedFtp)
def test_a_place_that_renames_nothing_loses_nothing(empty: Place) -> None:
    """What was there stays there: it goes only once the new one can have its name."""
    (empty.folder / "contract.pdf").write_bytes(CONTENT)

    with pytest.raises(TargetRefused, match="550"):
        send(empty, empty.settings(collision="overwrite"), OTHER, Memory().report)

    assert empty.arrived() == {"contract.pdf": CONTENT}


@at(Folder, OpenSsh)
def test_a_document_that_has_its_name_is_not_written_again(empty: Place) -> None:
    """We died between its name and the end of the other one: both are the same file by now."""
    part = empty.folder / ".sheetfed-contract-1.part"
    part.write_bytes(CONTENT)
    (empty.folder / "contract.pdf").hardlink_to(part)
    state = {"part": part.name, "placing": "contract.pdf"}

    def die() -> None:
        raise OSError("the store went away")

    dying = Tripping(at=len(CONTENT) // 2, trip=die, state=state)
    with pytest.raises((SheetfedError, OSError)):
        send(empty, empty.settings(), dying, Memory().report)
    assert (empty.folder / "contract.pdf").read_bytes() == CONTENT
    send(empty, empty.settings(), Parcel(state=state), Memory().report)

    assert empty.arrived() == {"contract.pdf": CONTENT}


def test_a_folder_without_links_never_shows_half_a_document(
    running: Callable[[type[Place]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick knows no links: the name is given in one step there, too, and taken from nobody."""
    place = running(Folder)
    place.clear()

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    monkeypatch.setattr(Path, "touch", refused)  # an empty file under its name is half a document

    send(place, place.settings(), Parcel(), Memory().report)
    send(place, place.settings(), OTHER, Memory().report)

    assert place.arrived() == {"contract.pdf": CONTENT, "contract-2.pdf": CONTENT[::-1]}
    place.clear()


@at(OpenSsh, Sftp, Samba)
def test_a_folder_that_is_not_there_is_told_as_that(empty: Place) -> None:
    """It is no broken connection, and a person can make it; then it goes on by itself."""
    settings = empty.settings()
    url = f"{str(settings['url']).rstrip('/')}/nowhere"
    for work in (
        lambda: finished(make(empty.factory, {**settings, "url": url}, Target).test()),
        lambda: send(empty, {**settings, "url": url}, Parcel(), Memory().report),
    ):
        with pytest.raises(TargetRefused, match="no such folder") as caught:
            work()
        assert caught.value.details["again"]
    (empty.folder / "nowhere").mkdir(mode=0o777)

    send(empty, {**settings, "url": url}, Parcel(), Memory().report)

    assert empty.arrived() == {"nowhere/contract.pdf": CONTENT}


ODD = "Br\u00fccke #1/100 % & (a+b) = 'c', \u9818\u53ce\u66f8 [x].pdf"


@at(*EVERY)
def test_a_name_arrives_to_the_letter(empty: Place) -> None:
    """Umlauts, signs of addresses, other alphabets: what the person reads is what lies there."""
    receipt = send(empty, empty.settings(), Parcel(name=ODD), Memory().report)

    (name,) = empty.arrived()
    whole = not isinstance(empty, Http | Fronted | Mail | Tus)
    assert name == (ODD if whole else ODD.rpartition("/")[2])
    assert receipt.place
    assert receipt.details.get("name", ODD) == ODD


@at(Ftp, Vsftpd)
def test_what_the_server_says_of_its_disk_is_passed_on(empty: Place) -> None:
    """It ends the line in the middle, and says why on the other one."""
    with empty.full(), pytest.raises(SheetfedError, match="The server says: ") as caught:
        send(empty, empty.settings(), Parcel(), Memory().report)

    assert caught.value.details.get("again", caught.value.code == "target-unreachable")
