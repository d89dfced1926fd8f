"""What addons implement, and what they are given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import (
    Box,
    Device,
    Frame,
    Mark,
    Option,
    Page,
    PageInfo,
    Progress,
    Raster,
    Receipt,
    Settings,
    Value,
    View,
)

if TYPE_CHECKING:  # heavy, and only the service has it
    from aiohttp import web

NOTHING: Settings = MappingProxyType({})
"""No options: each is as it is configured."""

Query = Mapping[str, str | int]
"""What stands after the question mark of an address."""

NO_QUERY: Query = MappingProxyType({})


class Session(ABC):
    """One open device. Ordinary blocking code, always called from one thread."""

    @abstractmethod
    def options(self) -> Sequence[Option]:
        """Return what can be asked, each with the value in force."""

    @abstractmethod
    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set one option; return every option that changed by it, itself included.

        Raises BadSettings where the name is unknown or the value impossible.
        """

    @abstractmethod
    def scan(self, settings: Settings) -> Iterator[Page | Raster | Progress]:
        """Yield sides as they come, until the paper ends.

        With no paper at all raises FeederEmpty. Called again it goes on with the next sheet. It may
        be closed at any yield: then stop the device. A Page is safe once the next one is asked for;
        where the iterator is closed instead, give that Page again next time.
        """

    def frames(self, view: View) -> Iterator[Frame]:  # noqa: ARG002 - most have no preview
        """Yield live pictures, each newer than the last; a device without preview yields none.

        One is asked for at a time, and pictures that nobody asked for in time are left out. Several
        may be looked at by turns, each through an iterator of its own, also while a scan waits at a
        Progress. What is raised ends the session. The device is let go of by `close`.
        """
        return iter(())

    @abstractmethod
    def close(self) -> None:
        """Let go of the device. Safe at any moment, twice."""


class Source(ABC):
    """A way to reach devices. Made as `Class(settings)` in a child process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def devices(self) -> Iterable[Device]:
        """Return the devices that are there now."""

    @abstractmethod
    def open(self, device_id: str) -> Session:
        """Open a device by the id this source gave it. Raises DeviceGone, DeviceBusy."""


class Book(ABC):
    """An opened file: pages that are drawn when asked for."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many pages the file has."""

    @abstractmethod
    def info(self, index: int) -> PageInfo:
        """Return size and resolution of a page without drawing it."""

    @abstractmethod
    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        """Draw a page, or a region of it in its own pixels.

        With `width` or `height` no larger than these, its shape kept. A page without them loses
        nothing that the file has of it. A region lies inside the page.
        """

    def about(self) -> Mapping[str, Value]:
        """Return what the file says about itself: `title`, `author`, …; most say nothing."""
        return {}

    def marks(self, index: int) -> Sequence[Mark]:  # noqa: ARG002 - most know nothing
        """Return what the file knows of a page without drawing it.

        `text` is a word with its box; `font`, `picture` and `link` say what is used.
        """
        return ()

    def close(self) -> None:  # noqa: B027 - most books have nothing to let go of
        """Let go of the file. Safe twice."""


class Files(Protocol):
    """The files that pages to be written came in."""

    def open(self, file: str) -> BinaryIO:
        """Open the file of an origin. It can seek, and is read through the box piece by piece."""

    def copy(self, file: str, stream: BinaryIO) -> None:
        """Have a whole file stand next in the stream that is written: its bytes never come here."""

    def check(self) -> int:
        """Return the CRC-32 of all files that were copied so, one after the other."""


class Codec(ABC):
    """Reads and writes formats. Made as `Class(settings)` in a child process.

    Its methods, its books and the streams they are given are used from one thread.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def open(self, stream: BinaryIO, options: Settings) -> Book:
        """Open a file with values for its spec's `reading`; each may be absent.

        `stream` can seek and is read through the box piece by piece, so that a large file is never
        held whole. The book may stay open and be asked again. Raises Unreadable, TooLarge.
        """

    @abstractmethod
    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        """Write pages to `stream` as they come.

        `stream` cannot seek, and no more than a few pages are to be held at a time. An untouched
        page of one of its spec's `copies` comes with an `origin` and without data: `files` opens
        the file that it is in. One of its `passes` comes with an `origin` and the beginning of its
        file, or without an `origin` where that is all.
        """


class Step(ABC):
    """Looks at pages on their way in. Made as `Class(settings)` in a child process.

    A job's pages come in any order, to several children at once.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page with marks and edits, nothing to drop it, or several made of it.

        A picture is corrected by an edit, which can be undone, rather than by other data. Whatever
        is raised, the page is kept as it came, and the job tells why.
        """


Transform = tuple[float, float, float, float, float, float, float, float, float]
"""A 3x3 matrix, row by row, from points of the page before an edit to points after it."""

UNMOVED: Transform = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
"""The transform of an edit that leaves every point where it is."""


class Edit(ABC):
    """One change to a picture that a page remembers. Made as `Class(settings)` in a child process.

    A picture is a `PIL.Image.Image` of mode 1, L, I;16 or RGB, and so is what is made of it; its
    `info["dpi"]` is its resolution, (0, 0) where nobody knows. It may be smaller than the page:
    `scale` is its size over that of the page as the edits before this one left it. Lengths among
    the options are pixels of that page, angles are degrees clockwise. The same edit looks the same
    at any scale.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def find(self, picture: Any, scale: float) -> Settings:  # noqa: ARG002 - most edits do not look
        """Return what is found in the picture, such as an angle, as values of options.

        Asked once, when a page is given the edit; the values are recorded with it, so that every
        later picture of the page is made with the same ones.
        """
        return {}

    def check(self) -> None:  # noqa: B027 - most ask for nothing special
        """Raise BadSettings where the options ask for what cannot be had on this computer.

        Asked once, when a page is given the edit; one that it has is drawn as well as can be.
        """

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return size and resolution of the page afterwards, and where its points go.

        Raises BadSettings where the options do not fit the page.
        """
        return page, UNMOVED

    def only_turns(self) -> bool:
        """Say whether all it does is turn the page by quarters or mirror it, as `measure` tells.

        A JPEG is then saved as it came, saying how it lies, and loses nothing.
        """
        return False

    def by_sample(self) -> bool:
        """Say whether it takes grey and each colour for itself, and all of them alike.

        A page of 48 bits then keeps them: it is given as three pictures of mode I;16. Of other
        edits only the samples that they change become 8 bits, and all where points move.
        """
        return False

    def is_shallow(self) -> bool:
        """Say whether what it makes has 8 bits a colour, whatever the page had before."""
        return False

    def for_sample(self, place: int) -> Edit:  # noqa: ARG002 - most have no colour to part
        """Return the edit for red (0), green (1) or blue (2), where they are taken alone.

        A colour among its options is there its share of that one, as a grey.
        """
        return self

    @abstractmethod
    def apply(self, picture: Any, scale: float) -> Any:
        """Return the changed picture, as large as `measure` says, times `scale`."""


class Delivery(Protocol):
    """A document on its way out: always the same bytes under the same key, however often tried.

    `name` may hold folders, with `/` between them. `state` is what `report` was given last.
    """

    name: str
    media_type: str
    size: int | None
    fields: Mapping[str, Value]
    idempotency_key: str
    state: Mapping[str, Any]

    def open(self, offset: int = 0) -> BinaryIO:
        """Return the bytes from `offset` on; every call gives the same bytes. Reading blocks."""


Report = Callable[[int, Mapping[str, Any]], Awaitable[None]]
"""Called with bytes sent so far and a state that a later try is given.

The state is safe once the call returns or, in the service, once what it returns was awaited.
"""


class Target(ABC):
    """A place that documents go to. Made as `Class(settings)` for each try.

    In a child its methods block, or are coroutines that run there; see `TargetSpec.in_service`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def send(self, delivery: Delivery, report: Report) -> Receipt | Awaitable[Receipt]:
        """Send it, whole or not at all.

        Raises TargetUnreachable, which is tried again, TargetRefused, which is not, and
        DeliveryUnsure where it may have arrived and must not arrive twice. The detail `again` says
        otherwise, and `retry_after` in how many seconds.
        """

    @abstractmethod
    def test(self) -> Receipt | Awaitable[Receipt]:
        """Find out whether a delivery would be taken, without leaving anything behind."""

    def abandon(self, delivery: Delivery) -> Awaitable[None] | None:  # noqa: B027 - most leave nothing
        """Take away what tries left behind; the delivery was given up.

        Raises DeliveryUnsure where it may have arrived whole, and cannot be taken back.
        """


class Client(Protocol):
    """The service's HTTP interface, asked in the name of one owner.

    What is refused is raised as the error that it stands for.
    """

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: Mapping[str, Any] | None = None,
        file: bytes | None = None,
    ) -> Any:
        """Return the JSON that is answered, None where nothing is.

        `file` is posted to a call that takes a file, in place of a body.
        """

    def stream(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[bytes]:
        """Yield the bytes that are answered, piece by piece."""


class Opened(Protocol):
    """A file as a command has it open; several things may be asked of it at a time."""

    media_type: str
    about: Mapping[str, Value]
    """What the file says about itself."""

    pages: Sequence[PageInfo]

    async def marks(self, index: int) -> Sequence[Mark]:
        """Return what the file knows of a page: its text with boxes, for one."""

    async def page(self, index: int, *, as_type: str | None = None) -> Page:
        """Return a page drawn, as it comes or as a file of a type."""


class Host(Client, Protocol):
    """The service as a command sees it, acting as the person at this computer."""

    async def devices(self) -> Sequence[Device]:
        """Return the devices that are there now, their ids as `source:id`."""

    async def start_job(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Start a job as `POST /v1/jobs` does and return it."""

    async def job(self, job_id: str) -> Mapping[str, Any]:
        """Return a job as `GET /v1/jobs/{id}` does."""

    async def documents(self) -> Sequence[Mapping[str, Any]]:
        """Return the owner's documents."""

    def read(self, path: Path, options: Settings = NOTHING) -> AsyncIterator[Page]:
        """Yield the pages of a file, through the codec that knows it, in its box.

        A page that has the file for itself comes as it stands there; others are drawn without loss.
        Needs no service. Raises NotFound, Unreadable, TooLarge, UnsupportedType, AddonMissing.
        """

    def look(self, path: Path, options: Settings = NOTHING) -> AbstractAsyncContextManager[Opened]:
        """Open a file, through the codec that knows it, in its boxes, until the block ends.

        Needs no service. Raises NotFound, Unreadable, TooLarge, UnsupportedType, AddonMissing.
        """

    async def take(self, page: Page, step: str, options: Settings = NOTHING) -> Sequence[Page]:
        """Return what a step, in its box, makes of a page; several may be asked at a time.

        Needs no service. Raises AddonMissing, BadSettings, and what the step raises.
        """

    def write(
        self, pages: AsyncIterator[Page], media_type: str, options: Settings = NOTHING
    ) -> AsyncIterator[bytes]:
        """Yield a file made of pages, written by the codec that knows its type, in its box.

        A page may have an origin instead of data, its file a path, where the codec copies.
        Needs no service. Raises UnsupportedType, AddonMissing, BadSettings.
        """


class WebApp(ABC):
    """Answers HTTP behind the service's guard. Made as `Class(settings)` in the service."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def app(self, client: Callable[[web.Request], Client]) -> web.Application:
        """Return the app to mount.

        `client` gives the service as the caller of a request may use it: a site sees what is its
        own.
        """

    def refusal(
        self, request: web.Request, error: SheetfedError, status: int
    ) -> web.Response | None:
        """Return what the guard refused in this protocol's words; None for a problem of ours.

        Asked only where the app has a port of its own. Nobody is let in by it: the status and the
        headers of the refusal are put on the answer.
        """
        del request, error, status
        return None


class Command(ABC):
    """One more word of the command line. Made as `Class(settings)`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def run(self, host: Host, arguments: Sequence[str]) -> int:
        """Do it and return the exit code."""
