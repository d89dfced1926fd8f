"""Files put in their place: written beside it, then renamed.

Every protocol that knows files and folders does it in this one way, so that a place never shows
half a document, and shows a document once.
"""

from __future__ import annotations

import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import BinaryIO

from sheetfed.api.contracts import Delivery, Report, Target
from sheetfed.api.errors import SheetfedError, TargetRefused, TargetUnreachable
from sheetfed.api.model import Receipt, Settings

PIECE = 1 << 20
MOST_NUMBERS = 10_000
"""So many files of one name may stand beside one another."""

TRIAL = b"sheetfed tried this place and takes this file away again\n"

Note = Callable[[int], None]


class Shelf(ABC):
    """The few things that a place of files must be able to do. Paths have `/` between folders."""

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Return a file's size, None where there is none."""

    @abstractmethod
    def make(self, folder: str) -> None:
        """Make a folder, and those that lead to it."""

    @abstractmethod
    def write(self, path: str, stream: BinaryIO, note: Note) -> None:
        """Write a file, whatever was there; tell `note` how many bytes it has."""

    @abstractmethod
    def read(self, path: str) -> Iterator[bytes]:
        """Yield a file's bytes."""

    @abstractmethod
    def place(self, part: str, path: str, *, over: bool) -> None:
        """Give a file its name, at once. Raises FileExistsError unless it may take its place."""

    @abstractmethod
    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""

    @abstractmethod
    def where(self, path: str) -> str:
        """Return where a file is, as a person may read it."""

    def close(self) -> None:  # noqa: B027 - some hold nothing
        """Let go. Safe twice."""


class Shelved(Target):
    """A target whose protocol knows files and folders; each says how its shelf is reached."""

    @abstractmethod
    def shelf(self) -> Shelf:
        """Return the place, reached. Raises TargetRefused, TargetUnreachable."""

    def send(self, delivery: Delivery, report: Report) -> Receipt:
        """Put it there."""
        with closing(self.shelf()) as shelf:
            return put(shelf, delivery, report, self.settings)

    def test(self) -> Receipt:
        """Write a small file and take it away again."""
        with closing(self.shelf()) as shelf:
            return tried(shelf)

    def abandon(self, delivery: Delivery) -> None:
        """Take away half a file."""
        with closing(self.shelf()) as shelf:
            abandon(shelf, delivery)


def put(shelf: Shelf, delivery: Delivery, report: Report, settings: Settings) -> Receipt:
    """Put a delivery in its place, whole or not at all."""
    placing = delivery.state.get("placing")
    part = _part(delivery)
    if placing and shelf.size(part) is None and _same(shelf, str(placing), delivery):
        return _receipt(shelf, str(placing), delivery)  # only the answer was lost last time
    folder = delivery.name.rpartition("/")[0]
    if folder:
        shelf.make(folder)
    report(0, {"part": part})
    try:
        if placing:  # some places give a name by a link: what is there may be the document by now
            shelf.remove(part)
        with delivery.open() as stream:
            _written(shelf, part, stream, lambda sent: _discard(report(sent, {"part": part})))
        found = shelf.size(part)
        if found != delivery.size:
            raise TargetUnreachable(f"{found} of {delivery.size} bytes arrived")
        if settings["compare"] == "content" and not _same(shelf, part, delivery):
            raise TargetUnreachable("What arrived is not what was sent")
        return _placed(shelf, part, delivery, report, str(settings["collision"]))
    except BaseException:
        with suppress(SheetfedError, OSError, EOFError):
            shelf.remove(part)
        raise


def abandon(shelf: Shelf, delivery: Delivery) -> None:
    """Take away what tries left."""
    shelf.remove(_part(delivery))


def tried(shelf: Shelf) -> Receipt:
    """Write a small file and take it away again."""
    name = ".sheetfed-trial"
    try:
        _written(shelf, name, io.BytesIO(TRIAL), lambda _: None)
    finally:
        shelf.remove(name)
    return Receipt(place=shelf.where(""))


def _written(shelf: Shelf, path: str, stream: BinaryIO, note: Note) -> None:
    try:
        shelf.write(path, stream, note)
    except FileNotFoundError as error:
        raise no_folder() from error


def no_folder() -> TargetRefused:
    """Return the error for a place whose own folder is not there: those in a name are made."""
    return TargetRefused(
        "The server has no such folder as the target's address names",
        again=True,  # a drive of the server's may be away
        advice="Make the folder there, or correct the address.",
    )


def renamed(
    shelf: Shelf, rename: Callable[[str, str], None], part: str, path: str, *, over: bool
) -> None:
    """Give a file its name where to rename is all that a server has for it.

    Raises FileExistsError.
    """
    if over:
        _replaced(shelf, rename, part, path)
    elif shelf.size(path) is not None:
        raise FileExistsError(path)
    else:
        rename(part, path)


def _replaced(shelf: Shelf, rename: Callable[[str, str], None], part: str, path: str) -> None:
    """Have a file take another one's place where that may not be one step.

    The other one steps aside, and comes back where it fails: at no time are both gone.
    """
    try:
        rename(part, path)  # most take away what is there
    except (SheetfedError, FileExistsError):
        if shelf.size(path) is None:
            raise
    else:
        return
    old = f"{part.removesuffix('.part')}.old"
    rename(path, old)
    try:
        rename(part, path)
    except BaseException:
        with suppress(SheetfedError, OSError, EOFError):
            rename(old, path)
        raise
    shelf.remove(old)


def _placed(shelf: Shelf, part: str, delivery: Delivery, report: Report, collision: str) -> Receipt:
    for name in names(delivery.name, collision):
        report(delivery.size or 0, {"part": part, "placing": name})
        try:
            shelf.place(part, name, over=collision == "overwrite")
        except FileExistsError:
            if _same(shelf, name, delivery):  # nothing is lost where both are the same
                shelf.remove(part)
                return _receipt(shelf, name, delivery)
            continue
        return _receipt(shelf, name, delivery)
    raise TargetRefused(f"There is a file {delivery.name!r} already, and it is another one")


def names(name: str, collision: str) -> Iterator[str]:
    """Yield the names that a document may get, in the order in which they are tried."""
    yield name
    if collision == "number":
        folder, slash, file = name.rpartition("/")
        stem, dot, ending = file.rpartition(".")
        stem, ending = (stem, f"{dot}{ending}") if stem else (file, "")
        for number in range(2, MOST_NUMBERS):
            yield f"{folder}{slash}{stem}-{number}{ending}"


def _same(shelf: Shelf, path: str, delivery: Delivery) -> bool:
    if shelf.size(path) != delivery.size:
        return False
    with delivery.open() as ours:
        return all(piece == ours.read(len(piece)) for piece in shelf.read(path))


def _part(delivery: Delivery) -> str:
    """Return a name that each try of this delivery finds again, and nobody takes for a document."""
    folder, slash, _ = delivery.name.rpartition("/")
    key = re.sub(r"[^\w-]", "", delivery.idempotency_key)[-16:]
    return f"{folder}{slash}.sheetfed-{key}.part"


def _receipt(shelf: Shelf, path: str, delivery: Delivery) -> Receipt:
    return Receipt(place=shelf.where(path), details={"name": path, "size": delivery.size})


def _discard(_: object) -> None:
    """Take what a report returns: in a child it is done already."""
