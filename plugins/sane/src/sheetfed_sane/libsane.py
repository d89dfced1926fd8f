"""Calls libsane directly, with ctypes."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterable
from ctypes import POINTER, byref, c_char_p, c_int, c_void_p
from typing import Any

from sheetfed.api.errors import AddonMissing, BadSettings, DeviceFailed, DeviceGone
from sheetfed_sane.binding import (
    Can,
    Descriptor,
    Frame,
    Handle,
    Info,
    Kind,
    Library,
    Listed,
    Number,
    Parameters,
    Range,
    Unit,
    Word,
    text,
)
from sheetfed_sane.status import Operation, Status, failure

SONAME = "libsane.so.1"  # by name: asking the linker where it is takes 20 ms
ONE = 1 << 16  # a SANE_Fixed counts 65536ths
WORD = 4
NOTHING_YET = 0.002  # seconds until a driver that had no data is asked again
GET, SET = 0, 1
NO_CONSTRAINT, RANGE, WORD_LIST, STRING_LIST = range(4)


class _Device(ctypes.Structure):
    _fields_ = [(name, c_char_p) for name in ("name", "vendor", "model", "type")]


class _Range(ctypes.Structure):
    _fields_ = [(name, c_int) for name in ("min", "max", "quant")]


class _Constraint(ctypes.Union):
    _fields_ = [
        ("strings", POINTER(c_char_p)),
        ("words", POINTER(c_int)),
        ("range", POINTER(_Range)),
    ]


class _Descriptor(ctypes.Structure):
    _fields_ = [
        *((name, c_char_p) for name in ("name", "title", "description")),
        *((name, c_int) for name in ("type", "unit", "size", "can", "constraint_type")),
        ("constraint", _Constraint),
    ]


class _Parameters(ctypes.Structure):
    _fields_ = [
        (name, c_int) for name in ("format", "last_frame", "stride", "width", "lines", "depth")
    ]


class Libsane(Library):
    """The library itself, as its C header describes it."""

    def __init__(self) -> None:
        try:
            self._c = ctypes.CDLL(SONAME)
        except OSError as error:
            raise AddonMissing(
                f"{SONAME} is not on this computer; install it, on Debian and Ubuntu with"
                " `apt install libsane1`",
                package="libsane1",
            ) from error
        _declare(self._c)
        _check(self._c.sane_init(byref(c_int()), None), "init")

    def devices(self, *, local_only: bool) -> list[Listed]:
        """Ask every backend afresh for its devices."""
        found = POINTER(POINTER(_Device))()
        _check(self._c.sane_get_devices(byref(found), local_only), "list")
        return [
            Listed(
                name=text(device.name),
                vendor=text(device.vendor),
                model=text(device.model),
                kind=text(device.type),
            )
            for device in (pointer.contents for pointer in _until_null(found))
        ]

    def open(self, name: str) -> Handle:
        """Open a device by its name."""
        handle = c_void_p()
        _check(self._c.sane_open(self._name(name), byref(handle)), "open", name)
        return LibsaneHandle(self._c, handle)

    def _name(self, name: str) -> bytes:
        if not name.isascii():  # its bytes may not be the UTF-8 of what we show
            found = POINTER(POINTER(_Device))()
            _check(self._c.sane_get_devices(byref(found), False), "list")  # noqa: FBT003
            for pointer in _until_null(found):
                raw: bytes = pointer.contents.name
                if text(raw) == name:
                    return raw
        return name.encode()


class LibsaneHandle(Handle):
    """One device, by its C handle."""

    def __init__(self, library: ctypes.CDLL, handle: c_void_p) -> None:
        self._c = library
        self._open: c_void_p | None = handle
        self._got = c_int()

    @property
    def _handle(self) -> c_void_p:
        if self._open is None:
            raise DeviceGone("The device was closed")
        return self._open

    def descriptors(self) -> list[Descriptor]:
        """Return all options, groups too, in the driver's order."""
        count = c_int()
        self._c.sane_get_option_descriptor(self._handle, 0)  # only this makes `net` ask afresh
        _check(self._c.sane_control_option(self._handle, 0, GET, byref(count), None), "describe")
        found = []
        for index in range(1, count.value):
            pointer = self._c.sane_get_option_descriptor(self._handle, index)
            if pointer:
                found.append(_described(index, pointer.contents))
        return found

    def get(self, descriptor: Descriptor) -> Word:
        """Return the value in force."""
        size = self._size(descriptor)
        place = ctypes.create_string_buffer(size + WORD)
        self._control(descriptor, GET, place)
        if descriptor.kind == Kind.STRING:
            return text(place.value)
        words = (c_int * descriptor.count).from_buffer(place)
        values = tuple(_number(descriptor.kind, word) for word in words)
        if descriptor.count > 1:
            return values
        return bool(values[0]) if descriptor.kind == Kind.BOOL else values[0]

    def set(self, descriptor: Descriptor, value: Word) -> Info:
        """Set a value, or press a button."""
        size = self._size(descriptor)
        place = ctypes.create_string_buffer(size + WORD)
        if descriptor.kind == Kind.STRING:
            data = self._bytes(descriptor, str(value))
            if len(data) >= size and not descriptor.strings:
                raise BadSettings(
                    f"{descriptor.title or descriptor.name} takes {size - 1} bytes at most",
                    option=f"raw.{descriptor.name}",
                )
            place.value = data[: size - 1]
        elif descriptor.kind != Kind.BUTTON:
            values = value if isinstance(value, tuple) else (value,)
            words = [_word(descriptor.kind, each) for each in values]
            ctypes.memmove(place, (c_int * len(words))(*words), WORD * len(words))
        return self._control(descriptor, SET, place)

    def start(self) -> None:
        """Begin the next frame."""
        _check(self._c.sane_start(self._handle), "start")

    def parameters(self) -> Parameters:
        """Return how the frame lies."""
        raw = _Parameters()
        _check(self._c.sane_get_parameters(self._handle, byref(raw)), "start")
        return Parameters(
            frame=_frame(raw.format),
            last=bool(raw.last_frame),
            stride=raw.stride,
            width=raw.width,
            lines=raw.lines if raw.lines >= 0 else None,
            depth=raw.depth,
        )

    def read(self, into: memoryview) -> int:
        """Fill `into` as far as there is data now; 0 at the end of the frame."""
        place = ctypes.addressof(ctypes.c_char.from_buffer(into))
        while True:
            self._got.value = 0
            status = self._c.sane_read(self._handle, place, len(into), byref(self._got))
            if status == Status.EOF:
                return 0
            _check(status, "read")
            if self._got.value:
                return self._got.value
            time.sleep(NOTHING_YET)

    def cancel(self) -> None:
        """End the scan, finished or not."""
        self._c.sane_cancel(self._handle)

    def close(self) -> None:
        """Let go of the device."""
        if self._open is not None:
            handle, self._open = self._open, None
            self._c.sane_close(handle)

    def _control(self, descriptor: Descriptor, action: int, place: Any) -> Info:
        info = c_int()
        status = self._c.sane_control_option(
            self._handle, descriptor.index, action, place, byref(info)
        )
        _check(status, "get" if action == GET else "set", descriptor.name)
        return Info(info.value & 7)

    def _size(self, descriptor: Descriptor) -> int:
        """Ask afresh: a string's room may have changed since it was described."""
        pointer = self._c.sane_get_option_descriptor(self._handle, descriptor.index)
        return max(int(pointer.contents.size), WORD * descriptor.count)

    def _bytes(self, descriptor: Descriptor, value: str) -> bytes:
        """Return a listed string with the driver's own bytes, any other in UTF-8."""
        raw = self._c.sane_get_option_descriptor(self._handle, descriptor.index).contents
        if raw.constraint_type == STRING_LIST:
            for known in _until_null(raw.constraint.strings):
                if text(known) == value:
                    return bytes(known)
        return value.encode()


def _declare(c: ctypes.CDLL) -> None:
    """Tell ctypes the arguments; every call lets other threads run."""
    c.sane_init.argtypes = [POINTER(c_int), c_void_p]
    c.sane_get_devices.argtypes = [POINTER(POINTER(POINTER(_Device))), c_int]
    c.sane_open.argtypes = [c_char_p, POINTER(c_void_p)]
    c.sane_get_option_descriptor.argtypes = [c_void_p, c_int]
    c.sane_get_option_descriptor.restype = POINTER(_Descriptor)
    c.sane_control_option.argtypes = [c_void_p, c_int, c_int, c_void_p, POINTER(c_int)]
    c.sane_get_parameters.argtypes = [c_void_p, POINTER(_Parameters)]
    c.sane_start.argtypes = [c_void_p]
    c.sane_read.argtypes = [c_void_p, c_void_p, c_int, POINTER(c_int)]
    for name in ("sane_cancel", "sane_close"):
        getattr(c, name).argtypes = [c_void_p]
        getattr(c, name).restype = None


def _check(status: int, operation: Operation, about: str = "") -> None:
    if status != Status.GOOD:
        raise failure(status, operation, about)


def _until_null(array: Any) -> Iterable[Any]:
    index = 0
    while array[index]:
        yield array[index]
        index += 1


def _described(index: int, raw: _Descriptor) -> Descriptor:
    kind = Kind(raw.type)
    numeric = kind in {Kind.BOOL, Kind.INT, Kind.FIXED}
    limits: Range | None = None
    words: tuple[Number, ...] = ()
    strings: tuple[str, ...] = ()
    if raw.constraint_type == RANGE:
        span = raw.constraint.range.contents
        low, high, step = (_number(kind, word) for word in (span.min, span.max, span.quant))
        limits = Range(minimum=low, maximum=high, quant=step)
    elif raw.constraint_type == WORD_LIST:
        listed = raw.constraint.words
        words = tuple(_number(kind, listed[place]) for place in range(1, listed[0] + 1))
    elif raw.constraint_type == STRING_LIST:
        strings = tuple(text(each) for each in _until_null(raw.constraint.strings))
    return Descriptor(
        index=index,
        name=text(raw.name),
        title=text(raw.title),
        description=text(raw.description),
        kind=kind,
        unit=Unit(raw.unit),
        can=Can(raw.can & 127),
        count=max(1, raw.size // WORD) if numeric else 1,
        range=limits,
        words=words,
        strings=strings,
    )


def _frame(code: int) -> Frame:
    try:
        return Frame(code)
    except ValueError as error:
        raise DeviceFailed(f"The driver sends frames of the unknown kind {code}") from error


def _number(kind: Kind, word: int) -> Number:
    return word / ONE if kind == Kind.FIXED else word


def _word(kind: Kind, value: Any) -> int:
    return round(value * ONE) if kind == Kind.FIXED else int(value)
