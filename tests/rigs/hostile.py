"""A source, a codec and a step that do what no addon should: one fault for each device id."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from sheetfed.api.contracts import Book, Codec, Files, Session, Source, Step
from sheetfed.api.errors import BadSettings, DeviceFailed, DeviceGone, PaperJam, Unreadable
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
    Settings,
    Value,
    View,
)

WIDTH, HEIGHT = 64, 40
ROW = bytes(range(WIDTH))

BEGUN = (
    b'{"say":"begun","number":1,"media_type":"image/png","width":1,"height":1,"mode":"gray",'
    b'"dpi":[0,0],"side":"front"}\n'
)

if sys.platform == "win32":
    libc = ctypes.CDLL("ucrtbase")
    doze = ctypes.PyDLL("kernel32").Sleep  # a call through PyDLL keeps the interpreter lock
    MINUTE = 60_000
else:
    import fcntl

    libc = ctypes.CDLL(None)
    doze = ctypes.PyDLL(None).sleep
    MINUTE = 60

Thing = Page | Raster | Progress


def sheet(height: int = HEIGHT, rows: Iterator[bytes] | None = None, **claims: Any) -> Raster:
    """Return a small grey page, true unless told otherwise."""
    true = {"width": WIDTH, "height": height, "mode": "gray", "dpi": (100.0, 100.0)}
    return Raster(**{**true, **claims}, rows=rows or (ROW for _ in range(height)))


def good(settings: Settings) -> Iterator[Thing]:
    """Yield `pages` true pages."""
    for _ in range(int(settings.get("pages") or 2)):
        yield sheet()


def large(settings: Settings) -> Iterator[Thing]:
    """Yield pages of noise that no encoder makes small."""
    block = os.urandom(1000 * 100)
    for _ in range(int(settings.get("pages") or 1)):
        rows = (block for _ in range(int(settings.get("blocks") or 100)))
        yield sheet(width=1000, height=100 * int(settings.get("blocks") or 100), rows=rows)


def slow(settings: Settings) -> Iterator[Thing]:
    """Yield a page whose rows take their time, and tell where it was stopped."""

    def rows() -> Iterator[bytes]:
        try:
            for _ in range(HEIGHT):
                time.sleep(0.05)
                yield ROW
        finally:
            print("the lamp is off", file=sys.stderr)

    try:
        yield sheet(rows=rows())
        yield sheet()
    finally:
        print("the motor is off", file=sys.stderr)


def jams_at_once(settings: Settings) -> Iterator[Thing]:
    """Yield true pages; the next one fails at its first row."""

    def rows() -> Iterator[bytes]:
        raise PaperJam("stuck at the roller")
        yield ROW

    yield from good(settings)
    yield sheet(rows=rows())


def large_then_slow(settings: Settings) -> Iterator[Thing]:
    """Yield a large page, then one whose rows take their time."""
    yield from large({**settings, "pages": 1})
    yield from slow(settings)


def in_mid_page(fault: Callable[[], object]) -> Callable[[Settings], Iterator[Thing]]:
    """Return a scan whose first page is good and whose second has the fault after half its rows."""

    def rows() -> Iterator[bytes]:
        for number in range(HEIGHT):
            if number == HEIGHT // 2:
                fault()
            yield ROW

    def scan(_settings: Settings) -> Iterator[Thing]:
        yield sheet()
        yield sheet(rows=rows())

    return scan


def fails(fault: Callable[[], object]) -> Callable[[Settings], Iterator[Thing]]:
    """Return a scan that only has the fault."""

    def scan(_settings: Settings) -> Iterator[Thing]:
        fault()
        yield from ()

    return scan


def yields(*things: Callable[[], Any]) -> Callable[[Settings], Iterator[Thing]]:
    """Return a scan that yields these things."""

    def scan(_settings: Settings) -> Iterator[Thing]:
        for thing in things:
            yield thing()

    return scan


def raises(error: BaseException) -> Callable[[], None]:
    """Return what raises the error."""

    def fault() -> None:
        raise error

    return fault


def writes(descriptor: int) -> bool:
    """Tell whether it can be written to. Windows does not say; the worker's is the last pipe."""
    if sys.platform == "win32":
        return True
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY


def pipe_of_the_worker() -> int:
    """Find the descriptor that the worker talks through, as a driver with a bug would hit it."""
    for descriptor in reversed(range(3, 64)):
        try:
            kind = os.fstat(descriptor).st_mode
        except OSError:
            continue
        if stat.S_ISFIFO(kind) and writes(descriptor):
            return descriptor
    raise AssertionError("no pipe")


def slip(data: bytes) -> None:
    """Write into the worker's pipe, as a driver with a bug does."""
    os.write(pipe_of_the_worker(), data)


def flood() -> None:
    line = b"the driver complains about everything it sees\n" * 1000
    for _ in range(200):
        os.write(2, line)
    os.write(2, b"one line without an end " * 100_000)
    os.write(2, b"\nthe very last line\n")


def print_from_c() -> None:
    libc.puts(b"sane-backends: status 0")
    libc.puts(b'{"say":"done","bytes":0}')
    libc.fflush(None)
    os.write(1, b"raw bytes to 1\n")
    print("a print from Python")


def cover_your_ears() -> None:
    """Never obey, never say anything."""
    while True:
        time.sleep(60)


def fork() -> None:
    """Leave a process behind that holds all descriptors."""
    if os.fork() == 0:
        cover_your_ears()
    print("forked")


FAULTS: dict[str, Callable[[Settings], Iterator[Thing]]] = {
    "good": good,
    "large": large,
    "slow": slow,
    "jams-at-once": jams_at_once,
    "large-then-slow": large_then_slow,
    "aborts": in_mid_page(os.abort),
    "segfaults": in_mid_page(lambda: ctypes.string_at(0)),
    "hangs": in_mid_page(cover_your_ears),
    "hangs-first": fails(cover_your_ears),
    "hangs-locked": in_mid_page(lambda: doze(MINUTE)),
    "spins": in_mid_page(lambda: [None for _ in iter(int, 1)]),
    "exits": in_mid_page(lambda: os._exit(0)),
    "system-exit": in_mid_page(lambda: sys.exit(0)),
    "prints": in_mid_page(print_from_c),
    "floods": in_mid_page(flood),
    "garbage": in_mid_page(lambda: slip(b"\xff\x00 no JSON\n" * 10)),
    "closes-pipe": in_mid_page(lambda: os.close(pipe_of_the_worker())),
    "forged": in_mid_page(lambda: slip(b'{"say":"page-done"}\n')),
    "forged-begin": in_mid_page(lambda: slip(BEGUN)),
    "early-data": fails(lambda: slip(b'{"say":"data","bytes":3}\nabc')),
    "early-bytes": fails(
        lambda: slip(b'{"say":"progress","activity":"","done":null,"bytes":3}\nabc')
    ),
    "early-picture": fails(lambda: slip(b'{"say":"picture","bytes":3}\nabc')),
    "endless-head": in_mid_page(lambda: slip(b"a" * 5_000_000)),
    "stops": in_mid_page(lambda: os.kill(os.getpid(), signal.SIGSTOP)),
    "reads-input": in_mid_page(lambda: os.read(0, 100)),
    "forks": in_mid_page(fork),
    "too-few": yields(lambda: sheet(rows=iter([ROW * HEIGHT, ROW[:-1]]), height=HEIGHT + 1)),
    "too-many": yields(lambda: sheet(rows=iter([ROW * HEIGHT, b"x"]))),
    "row-less": yields(lambda: sheet(rows=iter([ROW * (HEIGHT - 1)]))),
    "row-more": yields(lambda: sheet(rows=iter([ROW * (HEIGHT + 1)]))),
    "wide-lie": yields(lambda: sheet(width=WIDTH - 1)),
    "huge-lie": yields(lambda: sheet(width=10**9, height=10**9)),
    "negative": yields(lambda: sheet(width=-1)),
    "nothing": yields(lambda: None),
    "empty-page": yields(lambda: Page(data=b"", media_type="image/jpeg", width=1, height=1)),
    "odd-type": yields(lambda: Page(data=b"x", media_type="JPEG!", width=1, height=1)),
    "no-jpeg": yields(lambda: Page(data=b"xxxx", media_type="image/jpeg", width=9, height=9)),
    "empty-rows": yields(lambda: sheet(rows=iter(lambda: b"", None))),
    "unknown-height": yields(lambda: sheet(rows=(ROW for _ in range(33)), height=None)),
    "raises": in_mid_page(raises(RuntimeError("the driver's own words"))),
    "jams": in_mid_page(raises(PaperJam("paper stuck at roller 2", roller=2, odd={1, 2} and "x"))),
    "odd-head": in_mid_page(lambda: slip(b'{"say":[]}\n')),
    "forged-error": in_mid_page(lambda: slip(b'{"say":"error","code":"paper-jam"}\n')),
    "forged-done": in_mid_page(lambda: slip(b'{"say":"done","number":1}\n')),
    "half-line": in_mid_page(lambda: (os.write(2, b"no end of line"), os.abort())),
    "odd-details": fails(raises(PaperJam("stuck", thing=object(), nan=float("nan")))),
    "progress": yields(*(lambda: Progress(activity="lamp", done=0.5) for _ in range(1000))),
    "close-raises": slow,
    "close-hangs": slow,
}


class HostileSession(Session):
    """One device, which is one fault."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._resolution: Value = 300

    def options(self) -> Sequence[Option]:
        if self._name == "options-hang":
            cover_your_ears()
        if self._name == "options-lie":
            return ["resolution"]  # type: ignore[list-item]
        option = Option(
            name="resolution", title="Resolution", kind="int", default=self._resolution, unit="dpi"
        )
        return [option]

    def set(self, name: str, value: Value) -> Sequence[Option]:
        if name == "hang":
            cover_your_ears()
        if name != "resolution":
            raise BadSettings(f"there is no option {name}", option=name)
        self._resolution = value
        return self.options()

    def scan(self, settings: Settings) -> Iterator[Thing]:
        return FAULTS[self._name](settings)

    def close(self) -> None:
        print("the device is closed", file=sys.stderr)
        if self._name == "close-hangs":
            cover_your_ears()
        if self._name == "close-raises":
            raise RuntimeError("it does not close")


class Hostile(Source):
    """Devices with faults."""

    def devices(self) -> Iterable[Device]:
        match self.settings.get("devices"):
            case "hang":
                cover_your_ears()
            case "abort":
                os.abort()
            case "lie":
                return [Device(id=7, title="seven")]  # type: ignore[arg-type]
        return [Device(id=name, title=name.replace("-", " ")) for name in FAULTS]

    def open(self, device_id: str) -> Session:
        if device_id == "open-hangs":
            cover_your_ears()
        if device_id not in FAULTS and not device_id.startswith("options-"):
            raise DeviceGone(f"there is no {device_id}")
        return HostileSession(device_id)


class DiesAtBirth(Source):
    """Raises, exits or hangs where it is made."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        {"raise": lambda: 1 / 0, "abort": os.abort, "hang": cover_your_ears}[settings["birth"]]()

    def devices(self) -> Iterable[Device]:
        return []

    def open(self, device_id: str) -> Session:
        raise DeviceGone(device_id)


class Flickers(Source):
    """A camera that gives one live picture; the next one fails while it scans."""

    def devices(self) -> Iterable[Device]:
        """List none: it is known."""
        return []

    def open(self, device_id: str) -> Session:
        """Open it."""
        del device_id
        return FlickersSession()


class FlickersSession(Session):
    """Scans until a live picture failed."""

    def __init__(self) -> None:
        self._given = self._failed = False

    def options(self) -> Sequence[Option]:
        """Return none."""
        return []

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Take anything."""
        del name, value
        return []

    def scan(self, settings: Settings) -> Iterator[Thing]:
        """Wait for the failure, with signs of life."""
        del settings
        while not self._failed:
            yield Progress(activity="waiting")
            time.sleep(0.01)

    def frames(self, view: View) -> Iterator[Frame]:
        """Yield one picture, and never another."""
        del view
        if not self._given:
            self._given = True
            yield Frame(data=b"a picture", width=8, height=8)
        self._failed = True
        raise DeviceFailed("The lamp went out")

    def close(self) -> None:
        """Let go."""


class Lines(Book):
    """Every line of a text is a page of one row."""

    def __init__(self, text: bytes) -> None:
        self._lines = text.split(b"\n")

    @property
    def count(self) -> int:
        return len(self._lines)

    def info(self, index: int) -> PageInfo:
        return PageInfo(width=len(self._lines[index]), height=1)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        line = self._lines[index][: width if height != 0 else 0]
        return Page(data=line, media_type="text/x-line", width=len(line), height=1)


class Text(Codec):
    """Reads and writes such texts; some words in them are faults."""

    def open(self, stream: BinaryIO, options: Settings) -> Book:
        text = stream.read()
        match text[:4]:
            case b"\xff\xff\xff\xff":
                raise Unreadable("this is no text", at=0)
            case b"DIE!":
                os.abort()
            case b"HANG":
                cover_your_ears()
            case b"CHAT":
                while True:
                    slip(b'{"say":"doing","operation":"codec"}\n')
                    time.sleep(0.05)
            case b"VAST":
                slip(b'{"say":"page","bytes":4000000000}\n')
                cover_your_ears()
            case b"LATE":
                importlib.import_module("calendar")
            case b"EAT!":
                return Lines(b"x" * (8 << 30))
            case b"DISK":
                with tempfile.TemporaryFile() as file:
                    file.write(b"x" * 100_000_000)
        return Lines(text)

    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        if media_type == "text/x-loud":
            stream.writelines(page.data.upper() for page in pages)
            return
        for number, page in enumerate(pages):
            if page.data == b"DIE!":
                os.abort()
            if page.data == b"WRONG":
                stream.write(b"half a")
                raise Unreadable("no such page can be written")
            by = str(options.get("by", "")).encode()
            stream.write(b"%d %dx%d %s%s\n" % (number, page.width, page.height, page.data, by))


class Marks(Step):
    """Doubles a page, drops it, or dies of it."""

    def apply(self, page: Page) -> Iterable[Page]:
        match page.data:
            case b"drop":
                return []
            case b"die":
                os.abort()
            case b"raise":
                raise KeyError("no such mark")
        mark = Mark(kind="blank", value="no", by="marks")
        first = Page(data=page.data, media_type=page.media_type, width=1, height=2, marks=(mark,))
        return [first, page]
