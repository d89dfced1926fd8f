"""One open data source: its state, calls and capabilities."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import ctypes
import importlib
import os
import sys
import traceback
from dataclasses import dataclass
from typing import Any

from sheetfed.api.errors import BadSettings, DeviceGone, SheetfedError
from sheetfed_twain.conditions import error_of
from sheetfed_twain.containers import ONE_VALUE, Capability, Item, Type, decode, encode
from sheetfed_twain.dsm import EVERY, Dsm
from sheetfed_twain.structs import Custom
from sheetfed_twain.words import CONTROL, Answer, Cap, Data, Message

OPEN, ENABLED, READY, MOVING = 4, 5, 6, 7
"""The states of a source that matter here, by the specification's numbers."""

CRASHED = 3
"""Exit status after a driver touched memory that it does not have: as after `abort`."""

CAN_SET = 0x2
MOST_BYTES = 4 * 1024 * 1024
"""No capability is larger."""

MOST_CUSTOM = 256 * 1024
"""Bytes of a driver's own settings that are worth keeping."""

FIXED = frozenset(
    {Cap.FEEDER_LOADED, Cap.SUPPORTED, Cap.PAPER_DETECTABLE, Cap.DUPLEX, Cap.WIDTH, Cap.HEIGHT}
)
"""Capabilities that no device lets be set, for drivers that do not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """A capability by its number, and whether it can be set."""

    number: int
    capability: Capability
    settable: bool


class Driver:
    """An open data source. The state follows what the specification says of each call."""

    def __init__(self, dsm: Dsm, name: str) -> None:
        self.name = name
        self.state = OPEN
        self._dsm = dsm
        self._source: Any = dsm.open(name)
        self._structs = importlib.import_module("twain.lowlevel.structs")
        self._settable: dict[int, bool] = {}
        self._all: dict[int, Dialled] | None = None

    @property
    def window(self) -> Any:
        """The window that the driver was told of."""
        return self._dsm.window

    # Calls.

    def ask(self, group: int, data: int, message: int, about: Any) -> int:
        """Call the source and return what it answers.

        A driver that touched memory which it does not have leaves this process in no state that
        anybody knows: it ends.
        """
        if self._source is None:
            raise DeviceGone("The device was closed")
        pointer = None if about is None else ctypes.byref(about)
        try:
            answer: int = self._source._call(group, data, message, pointer, EVERY)  # noqa: SLF001
        except OSError:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(CRASHED)
        return answer

    def do(self, group: int, data: int, message: int, about: Any, doing: str, *more: Answer) -> int:
        """Call the source; raise what is wrong unless it answers SUCCESS or one of `more`."""
        answer = self.ask(group, data, message, about)
        if answer == Answer.SUCCESS or answer in more:
            return answer
        raise self.error(answer, doing)

    def error(self, answer: int, doing: str) -> SheetfedError:
        """Return what an answer that is no success stands for."""
        condition = self._dsm.condition(self._identity()) if answer == Answer.FAILURE else 0
        return error_of(answer, condition, doing)

    # Capabilities.

    def capabilities(self) -> dict[int, Dialled]:
        """Return all that the source tells about; what it tells wrongly is left out."""
        if self._all is None:
            numbers = self._numbers()
            found = ((number, self._read(number)) for number in numbers)
            self._all = {number: each for number, each in found if each is not None}
        return self._all

    def find(self, number: int) -> Dialled | None:
        """Return a capability; None where the source has none or tells nonsense."""
        return self.capabilities().get(number)

    def now(self, number: int) -> Item | None:
        """Return a capability's value in force."""
        found = self.find(number)
        return None if found is None else found.capability.now

    def number(self, number: int) -> float | None:
        """Return the value in force of one that is a number."""
        value = self.now(number)
        return value if isinstance(value, int | float) else None

    def set(self, number: int, value: Item) -> None:
        """Set a capability unless it is so already.

        Raises BadSettings where the device does not take the value, or makes another of it.
        """
        found = self.find(number)
        if found is None:
            raise BadSettings(f"The device has no capability 0x{number:04x}")
        if _same(found.capability.now, value):
            return
        answer = self._set(number, found.capability.type, value)
        self.forget()
        if answer == Answer.CHECK_STATUS and not _same(self.now(number), value):
            raise BadSettings(
                f"The device makes {self.now(number)!r} of {value!r}", capability=number
            )

    def try_set(self, number: int, value: Item) -> bool:
        """Set a capability where the device has it and lets it; say whether it is so now."""
        found = self.find(number)
        if found is None:
            return False
        try:
            if found.settable:
                self.set(number, value)
        except SheetfedError:
            self.forget()
        return _same(self.now(number), value)

    def forget(self) -> None:
        """Read capabilities afresh next time: each may change others."""
        self._all = None

    # The driver's own settings.

    def custom(self) -> bytes:
        """Return the driver's own settings; nothing where it has none, or too many."""
        data = Custom()
        if self.now(Cap.CUSTOM_DATA) is not True:
            return b""
        if self.ask(CONTROL, Data.CUSTOM, Message.GET, data) != Answer.SUCCESS or not data.handle:
            return b""
        copied = self._copied(data.handle, data.length)
        return copied if len(copied) <= MOST_CUSTOM else b""

    def set_custom(self, settings: bytes) -> None:
        """Give the driver its own settings back. Raises BadSettings where it refuses them."""
        handle = self._handle_of(settings)
        try:
            data = Custom(len(settings), handle)
            self.do(CONTROL, Data.CUSTOM, Message.SET, data, "set")
        finally:
            self._source._free(handle)  # noqa: SLF001
            self.forget()

    # From state to state.

    def enable(self, *, dialog: bool) -> bool:
        """Have it begin; return whether it shows its dialog, which some insist on."""
        face = self._structs.TW_USERINTERFACE(dialog, 0, self._dsm.window.handle)
        answer = self.do(
            CONTROL, Data.INTERFACE, Message.ENABLE, face, "start", Answer.CHECK_STATUS
        )
        self.state = ENABLED
        return dialog or answer == Answer.CHECK_STATUS

    def heed(self, message: Any) -> tuple[bool, int]:
        """Show the driver a message; return whether it was the driver's, and its signal."""
        event = self._structs.TW_EVENT(ctypes.addressof(message), 0)
        answer = self.ask(CONTROL, Data.EVENT, Message.PROCESS_EVENT, event)
        if event.TWMessage == Message.READY:
            self.state = READY
        return answer == Answer.DS_EVENT, event.TWMessage

    def end_image(self) -> int:
        """Say that an image was taken; return how many wait, -1 where the driver cannot say."""
        pending = self._structs.TW_PENDINGXFERS()
        self.do(CONTROL, Data.PENDING, Message.END_TRANSFER, pending, "page")
        self.state = READY if pending.Count else ENABLED
        return -1 if pending.Count == 0xFFFF else int(pending.Count)

    def stop(self) -> None:
        """Bring it back to where it can be set, whatever it did; open it afresh if it will not."""
        if self._source is None or self.state == OPEN:
            return
        pending, face = self._structs.TW_PENDINGXFERS(), self._structs.TW_USERINTERFACE()
        if self.state == MOVING:
            answer = self.ask(CONTROL, Data.PENDING, Message.END_TRANSFER, pending)
            if answer == Answer.SUCCESS:
                self.state = READY if pending.Count else ENABLED
        if self.state in (READY, MOVING) and self._succeeds(Data.PENDING, Message.RESET, pending):
            self.state = ENABLED
        if self.state == ENABLED and self._succeeds(Data.INTERFACE, Message.DISABLE, face):
            self.state = OPEN
        if self.state != OPEN:
            self._reopen()
        self.forget()

    def close(self) -> None:
        """Let go of the device and of the manager. Safe twice."""
        source, self._source = self._source, None
        if source is not None:
            try:
                self._leave(source)
            finally:
                self._dsm.close()

    # Memory.

    def view(self, handle: int, size: int) -> tuple[Any, Any]:
        """Return a handle's memory, not copied, and what lets go of it and frees it."""
        source = self._source
        at = source._lock(handle)  # noqa: SLF001
        whole = _size(handle) or size
        memory = (ctypes.c_char * whole).from_address(at)

        def release() -> None:
            source._unlock(handle)  # noqa: SLF001
            source._free(handle)  # noqa: SLF001

        return memory, release

    @property
    def encoding(self) -> str:
        """How this driver writes texts."""
        return "utf-8" if self._source._version2 and self._dsm.twain._version2 else "mbcs"  # noqa: SLF001

    def path(self, path: str) -> bytes:
        """Return a path as the driver reads it."""
        return path.encode(self.encoding, "replace")

    def _identity(self) -> Any:
        return None if self._source is None else self._source._id  # noqa: SLF001

    def _numbers(self) -> list[int]:
        found = self._read(Cap.SUPPORTED)
        if found is not None and found.capability.shape == "array":
            return sorted({each for each in found.capability.values if type(each) is int})
        return sorted(Cap)

    def _read(self, number: int) -> Dialled | None:
        asked = self._structs.TW_CAPABILITY(number, 0xFFFF, None)
        if self.ask(CONTROL, Data.CAPABILITY, Message.GET, asked) != Answer.SUCCESS:
            return None
        if not asked.hContainer:
            return None
        try:
            data = self._copied(asked.hContainer)
            capability = decode(asked.ConType, data, self.encoding)
        except ValueError as error:
            print(f"{self.name}: capability 0x{number:04x} is left out: {error}", file=sys.stderr)  # noqa: T201
            return None
        settable = capability.shape != "array" and self._can_set(number)
        return Dialled(number=number, capability=capability, settable=settable)

    def _can_set(self, number: int) -> bool:
        """Ask once whether a capability can be set; who does not tell is believed to let it."""
        if number not in self._settable:
            asked = self._structs.TW_CAPABILITY(number, ONE_VALUE, None)
            can = number not in FIXED
            answer = self.ask(CONTROL, Data.CAPABILITY, Message.QUERY_SUPPORT, asked)
            if answer == Answer.SUCCESS and asked.hContainer:
                try:
                    support = decode(asked.ConType, self._copied(asked.hContainer)).now
                    can = isinstance(support, int) and bool(support & CAN_SET)
                except ValueError:
                    pass
            self._settable[number] = can
        return self._settable[number]

    def _set(self, number: int, kind: Type, value: Item) -> int:
        try:
            container = encode(kind, value, self.encoding)
        except ValueError as error:
            raise BadSettings(f"0x{number:04x} cannot be {value!r}: {error}") from error
        handle = self._handle_of(container)
        try:
            asked = self._structs.TW_CAPABILITY(number, ONE_VALUE, handle)
            return self.do(CONTROL, Data.CAPABILITY, Message.SET, asked, "set", Answer.CHECK_STATUS)
        except BadSettings as error:
            raise BadSettings(f"{error.message}: {value!r}", capability=number) from error
        finally:
            self._source._free(handle)  # noqa: SLF001

    def _handle_of(self, data: bytes) -> int:
        handle: int = self._source._alloc(len(data))  # noqa: SLF001
        ctypes.memmove(self._source._lock(handle), data, len(data))  # noqa: SLF001
        self._source._unlock(handle)  # noqa: SLF001
        return handle

    def _copied(self, handle: int, length: int = 0) -> bytes:
        """Return a copy of a handle's memory, and free it."""
        source = self._source
        size = min(_size(handle) or length or 22, MOST_BYTES)
        try:
            at = source._lock(handle)  # noqa: SLF001
            try:
                return ctypes.string_at(at, min(size, length) if length else size)
            finally:
                source._unlock(handle)  # noqa: SLF001
        finally:
            source._free(handle)  # noqa: SLF001

    def _succeeds(self, data: int, message: int, about: Any) -> bool:
        return self.ask(CONTROL, data, message, about) == Answer.SUCCESS

    def _reopen(self) -> None:
        """Close a source that is stuck, and open it again."""
        source, self._source = self._source, None
        self._leave(source)
        self.state = OPEN
        self._source = self._dsm.open(self.name)

    @staticmethod
    def _leave(source: Any) -> None:
        """Close pytwain's object: its own clean-up is for states that it was told of."""
        source._state = "open"  # noqa: SLF001
        try:
            source.close()
        except Exception:  # noqa: BLE001 - a device that is gone is closed as well
            traceback.print_exc()
            source._state = "closed"  # noqa: SLF001


def _size(handle: int) -> int:
    """Return how large the memory behind a handle is; 0 where Windows does not know."""
    kernel = vars(ctypes)["WinDLL"]("kernel32")
    kernel.GlobalSize.restype = ctypes.c_size_t
    found: int = kernel.GlobalSize(ctypes.c_void_p(handle))
    return found


def _same(one: Item | None, other: Item) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-3
    return one == other
