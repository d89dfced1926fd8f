"""Calls libsane through python-sane.

Only the inner module `_sane` is used. Its faults (2.9.2), and what is done about each:

- any call after `exit` crashes the process, so `exit` is never called; a closed device is dropped;
- a progress function that raises crashes the process, so none is given;
- errors carry English text and no number: the text is turned back into the status;
- a page comes only when it is whole: rows cannot be shown while the paper moves;
- rows with padding come out skewed and three-pass colour loses two rows of three: both are refused;
- 16 bits are right only when asked for as such; one bit comes blown up to eight: packed again;
- arrays (gamma tables) are cut to one word, buttons cannot be pressed: neither is offered;
- a closed device is refused by python-sane itself: that becomes device-gone;
- a page of 2 GiB overflows its counter: refused;
- strings that are not UTF-8 in a list end in a SystemError: refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sheetfed.api.errors import AddonMissing, BadSettings, DeviceFailed, DeviceGone, TooLarge
from sheetfed_sane.binding import (
    Can,
    Descriptor,
    Frame,
    Handle,
    Info,
    Kind,
    Library,
    Listed,
    Parameters,
    Range,
    Unit,
    Word,
    text,
)
from sheetfed_sane.status import Operation, Status, failure

ONE = 1 << 16
WORD = 4
ADVICE = 'set binding = "ctypes"'
FRAMES = {
    "gray": Frame.GRAY,
    "color": Frame.RGB,
    "red": Frame.RED,
    "green": Frame.GREEN,
    "blue": Frame.BLUE,
}
STATUSES = {
    "Operation not supported": Status.UNSUPPORTED,
    "Operation was canceled": Status.CANCELLED,
    "Operation was cancelled": Status.CANCELLED,
    "Device busy": Status.DEVICE_BUSY,
    "Invalid argument": Status.INVAL,
    "End of file reached": Status.EOF,
    "Document feeder jammed": Status.JAMMED,
    "Document feeder out of documents": Status.NO_DOCS,
    "Scanner cover is open": Status.COVER_OPEN,
    "Error during device I/O": Status.IO_ERROR,
    "Out of memory": Status.NO_MEM,
    "Access to resource has been denied": Status.ACCESS_DENIED,
}
DIGITS = bytes(ord("1") if value == 0 else ord("0") for value in range(256))
"""What python-sane makes of one bit (0 for black) as the digits of a binary number."""


class PythonSane(Library):
    """python-sane, kept to what it does right."""

    def __init__(self) -> None:
        try:
            import _sane  # noqa: PLC0415  # an extra: only who asks for it has it
        except ImportError as error:
            raise AddonMissing(
                f"python-sane cannot be loaded ({error}); install `sheetfed-sane[python-sane]`"
                f" and libsane1, or {ADVICE}",
                package="sheetfed-sane[python-sane]",
            ) from error
        self._sane: Any = _sane
        with _typed(_sane, "init"):
            _sane.init()

    def devices(self, *, local_only: bool) -> list[Listed]:
        """Ask every backend afresh for its devices."""
        with _typed(self._sane, "list"):
            rows = self._sane.get_devices(int(local_only))
        return [Listed(name=row[0], vendor=row[1], model=row[2], kind=row[3]) for row in rows]

    def open(self, name: str) -> Handle:
        """Open a device by its name."""
        with _typed(self._sane, "open", name):
            device = self._sane._open(name)  # noqa: SLF001
        return PythonSaneHandle(self._sane, device)


class PythonSaneHandle(Handle):
    """One device of python-sane."""

    def __init__(self, module: Any, device: Any) -> None:
        self._sane = module
        self._device = device
        self._page: memoryview | None = None

    def descriptors(self) -> list[Descriptor]:
        """Return all options but arrays and buttons, groups too, in the driver's order."""
        with _typed(self._sane, "describe"):
            rows = self._device.get_options()
        return [_described(row) for row in rows if row[0] and not _is_out_of_reach(row)]

    def get(self, descriptor: Descriptor) -> Word:
        """Return the value in force."""
        with _typed(self._sane, "get", descriptor.name):
            value: Word = self._device.get_option(descriptor.index)
        if isinstance(value, str):
            return _decoded(value)
        return bool(value) if descriptor.kind == Kind.BOOL else value

    def set(self, descriptor: Descriptor, value: Word) -> Info:
        """Set a value."""
        with _typed(self._sane, "set", descriptor.name):
            return Info(self._device.set_option(descriptor.index, _native(descriptor, value)) & 7)

    def start(self) -> None:
        """Begin the next frame."""
        self._page = None
        with _typed(self._sane, "start"):
            self._device.start()

    def parameters(self) -> Parameters:
        """Return how the frame lies."""
        with _typed(self._sane, "start"):
            frame, last, (width, lines), depth, stride = self._device.get_parameters()
        if frame not in FRAMES:
            raise DeviceFailed("The driver sends frames of an unknown kind")
        return Parameters(
            frame=FRAMES[frame],
            last=bool(last),
            stride=stride,
            width=width,
            lines=lines if lines >= 0 else None,
            depth=depth,
        )

    def read(self, into: memoryview) -> int:
        """Fill `into` from the page, which is read whole when first asked for."""
        if self._page is None:
            self._page = memoryview(self._snap(self.parameters()))
        size = min(len(into), len(self._page))
        into[:size] = self._page[:size]
        self._page = self._page[size:]
        return size

    def cancel(self) -> None:
        """End the scan, finished or not."""
        with _typed(self._sane, "start"):
            self._device.cancel()

    def close(self) -> None:
        """Let go of the device."""
        self._page = None
        self._device.close()

    def _snap(self, parameters: Parameters) -> bytes | bytearray:
        _refuse_what_comes_out_wrong(parameters)
        with _typed(self._sane, "read"):
            data: bytearray = self._device.snap(1, 1)[0]
        return _packed(data, parameters.width) if parameters.depth == 1 else data


def _refuse_what_comes_out_wrong(parameters: Parameters) -> None:
    if parameters.frame not in {Frame.GRAY, Frame.RGB}:
        raise BadSettings(f"python-sane mixes up three-pass colour; {ADVICE}", option="mode")
    samples = 3 if parameters.frame == Frame.RGB else 1
    if parameters.stride != (parameters.width * samples * parameters.depth + 7) // 8:
        raise BadSettings(f"python-sane skews rows with padding; {ADVICE}", option="width")
    pixels = parameters.width * (parameters.lines or 0)
    if pixels * samples * (2 if parameters.depth == 16 else 1) >= 1 << 31:
        raise TooLarge(f"python-sane cannot hold a page of 2 GiB; {ADVICE}")


def _packed(data: bytearray, width: int) -> bytes:
    """Return one bit a pixel again, a set bit for black."""
    size, spare = (width + 7) // 8, -width % 8
    digits = data.translate(DIGITS)
    return b"".join(
        (int(digits[start : start + width], 2) << spare).to_bytes(size)
        for start in range(0, len(digits), width)
    )


@contextmanager
def _typed(module: Any, operation: Operation, about: str = "") -> Iterator[None]:
    try:
        yield
    except module.error as error:
        if "is closed" in str(error):
            raise DeviceGone("The device was closed") from error
        raise failure(_status(str(error)), operation, about) from error
    except (SystemError, UnicodeError) as error:
        raise DeviceFailed(
            f"python-sane cannot read a string of the driver that is not UTF-8; {ADVICE}",
            operation=operation,
        ) from error


def _status(message: str) -> int:
    number = re.search(r"\d+$", message)  # a status without text of its own
    known = STATUSES.get(message)
    return known if known is not None else int(number[0]) if number else Status.UNSUPPORTED


def _is_out_of_reach(row: tuple[Any, ...]) -> bool:
    """Tell whether it is a button, which cannot be pressed, or an array, which would be cut."""
    kind, size = row[4], row[6]
    return kind == Kind.BUTTON or (kind in {Kind.BOOL, Kind.INT, Kind.FIXED} and size > WORD)


def _described(row: tuple[Any, ...]) -> Descriptor:
    index, name, title, description, kind, unit, _size, can, constraint = row
    listed = constraint if isinstance(constraint, list) else []
    return Descriptor(
        index=index,
        name=name or "",
        title=title or "",
        description=description or "",
        kind=Kind(kind),
        unit=Unit(unit),
        can=Can(can & 127),
        range=(
            Range(minimum=constraint[0], maximum=constraint[1], quant=constraint[2])
            if isinstance(constraint, tuple)
            else None
        ),
        words=() if kind == Kind.STRING else tuple(listed),
        strings=tuple(map(_decoded, listed)) if kind == Kind.STRING else (),
    )


def _native(descriptor: Descriptor, value: Any) -> Any:
    if descriptor.kind == Kind.STRING:
        return str(value).encode().decode("latin-1")
    if descriptor.kind == Kind.FIXED:
        return round(value * ONE) / ONE  # it would cut where it should round
    return int(value)


def _decoded(value: str) -> str:
    return text(value.encode("latin-1"))
