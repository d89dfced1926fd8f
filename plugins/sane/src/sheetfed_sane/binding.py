"""What a way to call libsane must offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum, IntFlag

Number = int | float
Word = bool | int | float | str | tuple[Number, ...] | None
"""What a driver's option can hold; an array is a tuple, a button holds nothing."""


class Kind(IntEnum):
    """The type of a driver's option."""

    BOOL = 0
    INT = 1
    FIXED = 2
    STRING = 3
    BUTTON = 4
    GROUP = 5


class Unit(IntEnum):
    """What a driver's number counts."""

    NONE = 0
    PIXEL = 1
    BIT = 2
    MM = 3
    DPI = 4
    PERCENT = 5
    MICROSECOND = 6


class Can(IntFlag):
    """What can be done with a driver's option."""

    SOFT_SELECT = 1
    HARD_SELECT = 2
    SOFT_DETECT = 4
    EMULATED = 8
    AUTOMATIC = 16
    INACTIVE = 32
    ADVANCED = 64


class Info(IntFlag):
    """What the driver says after an option was set."""

    INEXACT = 1
    RELOAD_OPTIONS = 2
    RELOAD_PARAMETERS = 4


class Frame(IntEnum):
    """Which samples a frame carries."""

    GRAY = 0
    RGB = 1
    RED = 2
    GREEN = 3
    BLUE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The values from `minimum` to `maximum`, in steps where `quant` is not 0."""

    minimum: Number
    maximum: Number
    quant: Number = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """One option as the driver describes it; `count` is more than 1 for an array."""

    index: int
    name: str
    title: str
    description: str
    kind: Kind
    unit: Unit
    can: Can
    count: int = 1
    range: Range | None = None
    words: tuple[Number, ...] = ()
    strings: tuple[str, ...] = ()

    @property
    def active(self) -> bool:
        """Whether the option has a meaning with the others as they are now."""
        return not self.can & Can.INACTIVE

    @property
    def settable(self) -> bool:
        """Whether software may set it now."""
        return self.active and bool(self.can & Can.SOFT_SELECT)

    @property
    def readable(self) -> bool:
        """Whether software may read it now."""
        return self.active and bool(self.can & Can.SOFT_DETECT) and self.kind < Kind.BUTTON


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How the bytes of the next frame lie; `lines` is None where only its end tells."""

    frame: Frame
    last: bool
    stride: int
    width: int
    lines: int | None
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A device in libsane's list."""

    name: str
    vendor: str
    model: str
    kind: str


class Handle(ABC):
    """One open device. Every refusal is raised as one of our typed errors."""

    @abstractmethod
    def descriptors(self) -> list[Descriptor]:
        """Return all options, groups too, in the driver's order."""

    @abstractmethod
    def get(self, descriptor: Descriptor) -> Word:
        """Return the value in force."""

    @abstractmethod
    def set(self, descriptor: Descriptor, value: Word) -> Info:
        """Set a value, or press a button."""

    @abstractmethod
    def start(self) -> None:
        """Begin the next frame. Raises FeederEmpty when there is no paper."""

    @abstractmethod
    def parameters(self) -> Parameters:
        """Return how the frame lies; only true after `start`."""

    @abstractmethod
    def read(self, into: memoryview) -> int:
        """Fill `into` as far as there is data now; 0 at the end of the frame."""

    @abstractmethod
    def cancel(self) -> None:
        """End the scan, finished or not."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the device; nothing else may be called afterwards."""


class Library(ABC):
    """libsane, loaded and initialised. It is never left: the child ends with `os._exit`."""

    @abstractmethod
    def devices(self, *, local_only: bool) -> list[Listed]:
        """Ask every backend afresh for its devices."""

    @abstractmethod
    def open(self, name: str) -> Handle:
        """Open a device by its name."""


def text(raw: bytes | None) -> str:
    """Return a driver's string: UTF-8, or else Latin-1, which takes any byte."""
    try:
        return (raw or b"").decode()
    except UnicodeDecodeError:
        return (raw or b"").decode("latin-1")
