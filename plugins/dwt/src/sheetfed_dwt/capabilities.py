"""Capabilities by number, made of a device's options.

Numbers, names and types are those of the TWAIN specification 2.5, chapters 7 and 10.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetfed_dwt import values
from sheetfed_dwt.faults import CAPABILITY, Fault
from sheetfed_dwt.panel import Panel, Value

INT16, INT32, UINT16, BOOL, FIX32, STR255 = 1, 2, 4, 6, 7, 12
_TYPES = {
    INT16: "TWTY_INT16",
    INT32: "TWTY_INT32",
    UINT16: "TWTY_UINT16",
    BOOL: "TWTY_BOOL",
    FIX32: "TWTY_FIX32",
    STR255: "TWTY_STR255",
}
_ARRAY, _ENUMERATION, _ONE, _RANGE = 3, 4, 5, 6
_CONTAINERS = {
    _ARRAY: "TWON_ARRAY",
    _ENUMERATION: "TWON_ENUMERATION",
    _ONE: "TWON_ONEVALUE",
    _RANGE: "TWON_RANGE",
}
_READ = ("get", "getdefault", "getcurrent")
_WRITE = ("get", "set", "reset", "getdefault", "getcurrent")

CUSTOM = 0x8000
"""From here on numbers are a driver's own: options that TWAIN has no number for."""

MOST = 500
"""Capabilities that are asked for or set at once."""

PIXELS = {"lineart": 0, "gray": 1, "color": 2}
_PIXEL_NAMES = {0: "TWPT_BW", 1: "TWPT_GRAY", 2: "TWPT_RGB"}
SIZES = {"custom": 0, "a4": 1, "letter": 3, "legal": 4, "a5": 5, "a3": 11, "a6": 13}
_MM = 25.4

Details = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One capability: how it is read from a panel, and asked of it."""

    number: int
    name: str
    kind: int
    read: Callable[[Panel], Details | None]
    write: Callable[[Panel, Any], bool] | None = None

    def details(self, panel: Panel) -> Details | None:
        """Return it as it is answered, None where the device has nothing like it."""
        found = self.read(panel)
        if found is None:
            return None
        container = found.pop("container")
        if "defaultValue" in found:
            found["defValue"] = found["defaultValue"]
        return {
            "capability": {"value": self.number, "label": self.name},
            "conType": {"value": container, "label": _CONTAINERS[container]},
            "valueType": {"value": self.kind, "label": _TYPES[self.kind]},
            "query": [*(_WRITE if self.write else _READ)],
            **found,
        }


def told(panel: Panel, wanted: str) -> list[Details]:
    """Return what is known of the capabilities that are asked for; of all where none is.

    Numbers that the device has nothing for are left out. Raises Fault.
    """
    known = {capability.number: capability for capability in of(panel)}
    numbers = [*known]
    if wanted:
        words = wanted.split(",")
        if len(words) > MOST:
            raise Fault(400, -2113, f"caps must name {MOST} capabilities at most.")
        numbers = [values.whole(word.strip(), "caps", low=0, high=0xFFFF) for word in words]
    found = (known[number].details(panel) for number in numbers if number in known)
    return [details for details in found if details is not None]


def negotiate(panel: Panel, wish: Mapping[str, Any], *, leniently: bool = False) -> None:
    """Ask a panel for what `caps` says. Raises Fault where something fails that may not.

    Leniently, what fails is only noted on the panel.
    """
    strict = _is_strict(wish.get("exception"))
    known = {capability.number: capability for capability in of(panel)}
    for each in values.items(wish.get("capabilities"), "caps.capabilities", most=MOST):
        asked = values.mapping(each, "A capability")
        number = values.whole(asked.get("capability"), "capability", low=0, high=0xFFFF)
        fails = _is_strict(asked["exception"]) if "exception" in asked else strict
        capability = known.get(number)
        try:
            done = bool(capability and capability.write and _set(capability, panel, asked))
        except Fault:
            done = False
        panel.missed = panel.missed or not done
        if fails and not done and not leniently:
            raise Fault(400, CAPABILITY, f"The capability {number} cannot be set to this.")


def of(panel: Panel) -> Sequence[Capability]:
    """Return the capabilities that a device has."""
    others = [_custom(name, option["kind"]) for name, option in panel.options.items()]
    custom = {each.number: each for each in reversed(others) if each}
    here = [c for c in (*_KNOWN, *reversed(custom.values())) if c.read(panel) is not None]
    numbers = [capability.number for capability in here]
    supported = Capability(
        number=0x1005,
        name="CAP_SUPPORTEDCAPS",
        kind=UINT16,
        read=lambda _: {"container": _ARRAY, "values": sorted([*numbers, 0x1005])},
    )
    return [*here, supported]


def _is_strict(word: Any) -> bool:
    if word not in (None, "", "ignore", "fail"):
        raise Fault(400, -2113, "exception must be ignore or fail.")
    return str(word) == "fail"


def _set(capability: Capability, panel: Panel, asked: Mapping[str, Any]) -> bool:
    assert capability.write
    value = asked.get("curValue")
    if value is None:
        given = values.items(asked.get("values"), "values", most=1)
        value = given[0] if given else None
    if isinstance(value, dict):
        value = value.get("value")
    return capability.write(panel, value)


def _one(value: Any, default: Any = None) -> Details:
    return {
        "container": _ONE,
        "curValue": value,
        "defaultValue": value if default is None else default,
    }


def _among(offered: Sequence[Any], value: Any, default: Any, labels: Mapping[Any, str]) -> Details:
    """Return an enumeration; where labels are known each value has its own."""
    shown = [{"value": one, "label": labels[one]} if one in labels else one for one in offered]
    found: Details = {"container": _ENUMERATION, "enums": shown}
    for name, index, one in (
        ("curValue", "curIndex", value),
        ("defaultValue", "defIndex", default),
    ):
        if one in offered:
            found[index] = offered.index(one)
            found[name] = shown[found[index]]
    return found


def _amount(
    option: str, *, number: int, name: str, kind: int = FIX32, times: float = 1.0
) -> Capability:
    """Return a capability that is an option with a number, in other units."""

    def read(panel: Panel) -> Details | None:
        if not panel.has(option):
            return None
        known = panel.options[option]
        value, default = _times(panel.value(option), times), _times(panel.default(option), times)
        if known["choices"]:
            offered = [_times(each, times) for each in panel.offered(option)]
            return _among(offered, value, default, {})
        if known["minimum"] is None or known["maximum"] is None:
            return _one(value, default)
        return {
            "container": _RANGE,
            "curValue": value,
            "defaultValue": default,
            "minValue": _times(known["minimum"], times),
            "maxValue": _times(known["maximum"], times),
            "stepSize": _times(known["step"] or 1, times),
        }

    def write(panel: Panel, value: Any) -> bool:
        return panel.ask_near(option, values.number(value, name) / times)

    return Capability(number=number, name=name, kind=kind, read=read, write=write)


def _times(value: Any, times: float) -> Any:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    found = value * times
    return int(found) if found == int(found) else round(found, 4)


def _named(
    option: str, theirs: Mapping[str, int], labels: Mapping[Any, str], *, number: int, name: str
) -> Capability:
    """Return a capability whose numbers stand for names of ours."""
    ours = {value: key for key, value in theirs.items()}

    def read(panel: Panel) -> Details | None:
        if not panel.has(option):
            return None
        offered = [theirs[str(each)] for each in panel.offered(option) if each in theirs]
        value, default = (theirs.get(v) for v in (panel.value(option), panel.default(option)))
        return _among(offered, value, default, labels)

    def write(panel: Panel, value: Any) -> bool:
        wanted = ours.get(values.whole(value, name))
        return wanted is not None and panel.ask(option, wanted)

    return Capability(number=number, name=name, kind=UINT16, read=read, write=write)


def _fixed(number: int, name: str, kind: int, value: Any) -> Capability:
    return Capability(number=number, name=name, kind=kind, read=lambda _: _one(value))


def _read_feeder(panel: Panel) -> Details | None:
    if not panel.has("source"):
        return None
    return _one(*(each in ("feeder", "duplex") for each in _sources(panel)))


def _read_duplex(panel: Panel) -> Details | None:
    if not panel.has("source"):
        return None
    return _one(*(each == "duplex" for each in _sources(panel)))


def _sources(panel: Panel) -> tuple[Any, Any]:
    return panel.value("source"), panel.default("source")


def feed(panel: Panel, value: Any) -> bool:
    """Take paper from the feeder, or from the glass."""
    if not values.flag(value, "IfFeederEnabled"):
        return panel.ask("source", "flatbed")
    if panel.value("source") == "duplex":
        return True
    return panel.ask("source", "feeder") or panel.ask("source", "duplex")


def take_both_sides(panel: Panel, value: Any) -> bool:
    """Scan both sides, or fronts only."""
    if values.flag(value, "IfDuplexEnabled"):
        return panel.ask("source", "duplex")
    return panel.value("source") != "duplex" or panel.ask("source", "feeder")


def _read_depth(panel: Panel) -> Details | None:
    samples = 3 if panel.value("mode") == "color" else 1
    if panel.value("mode") == "lineart" or not panel.has("depth"):
        return _one(1 if panel.value("mode") == "lineart" else 8 * samples)
    offered = [int(each) * samples for each in panel.offered("depth") if isinstance(each, int)]
    if not offered:
        return _one(8 * samples)
    value, default = (
        each * samples if isinstance(each, int) else None
        for each in (panel.value("depth"), panel.default("depth"))
    )
    return _among(offered, value, default, {})


def set_depth(panel: Panel, value: Any) -> bool:
    """Take so many bits a pixel, as far as the mode has them."""
    samples = 3 if panel.value("mode") == "color" else 1
    bits = values.whole(value, "BitDepth", low=1, high=48)
    return panel.ask("depth", bits // samples)


def _read_count(panel: Panel) -> Details | None:
    return _one(panel.value("pages") or -1, (panel.has("pages") and panel.default("pages")) or -1)


def count(panel: Panel, value: Any) -> bool:
    """Scan so many sides at most; -1 is all."""
    wanted = values.whole(value, "XferCount", low=-1, high=2**15)
    return panel.ask_near("pages", max(0, wanted))


def _read_length(option: str) -> Callable[[Panel], Details | None]:
    def read(panel: Panel) -> Details | None:
        most = panel.options[option]["maximum"] if panel.has(option) else None
        return None if most is None else _one(round(most / _MM, 4))

    return read


def _duplex_kind(panel: Panel) -> Details | None:
    return _one(int(panel.has("source", "duplex"))) if panel.has("source") else None


PIXEL_TYPE = _named("mode", PIXELS, _PIXEL_NAMES, number=257, name="ICAP_PIXELTYPE")
PAGE_SIZE = _named("page-size", SIZES, {}, number=0x1122, name="ICAP_SUPPORTEDSIZES")
RESOLUTION = _amount("resolution", number=0x1118, name="ICAP_XRESOLUTION")
BRIGHTNESS = _amount("brightness", number=0x1101, name="ICAP_BRIGHTNESS", times=10)
CONTRAST = _amount("contrast", number=0x1103, name="ICAP_CONTRAST", times=10)

_KNOWN = (
    Capability(number=1, name="CAP_XFERCOUNT", kind=INT16, read=_read_count, write=count),
    PIXEL_TYPE,
    _fixed(258, "ICAP_UNITS", UINT16, 0),
    _fixed(259, "ICAP_XFERMECH", UINT16, 0),
    Capability(number=0x1002, name="CAP_FEEDERENABLED", kind=BOOL, read=_read_feeder, write=feed),
    _fixed(0x100E, "CAP_UICONTROLLABLE", BOOL, value=True),
    _fixed(0x100F, "CAP_DEVICEONLINE", BOOL, value=True),
    Capability(number=0x1012, name="CAP_DUPLEX", kind=UINT16, read=_duplex_kind),
    Capability(
        number=0x1013,
        name="CAP_DUPLEXENABLED",
        kind=BOOL,
        read=_read_duplex,
        write=take_both_sides,
    ),
    BRIGHTNESS,
    CONTRAST,
    Capability(number=0x1111, name="ICAP_PHYSICALWIDTH", kind=FIX32, read=_read_length("width")),
    Capability(number=0x1112, name="ICAP_PHYSICALHEIGHT", kind=FIX32, read=_read_length("height")),
    RESOLUTION,
    _amount("resolution", number=0x1119, name="ICAP_YRESOLUTION"),
    PAGE_SIZE,
    _amount("threshold", number=0x1123, name="ICAP_THRESHOLD", times=2.55),
    Capability(number=0x112B, name="ICAP_BITDEPTH", kind=UINT16, read=_read_depth, write=set_depth),
)

_SPOKEN_FOR = {
    "source",
    "mode",
    "depth",
    "resolution",
    "page-size",
    "brightness",
    "contrast",
    "threshold",
    "pages",
}
_PLAIN: Mapping[str, int] = {"bool": BOOL, "int": INT32, "float": FIX32, "text": STR255}


def _custom(option: str, kind: str) -> Capability | None:
    """Return a capability for an option that TWAIN has none for; its number goes with its name."""
    if option in _SPOKEN_FOR or kind not in (*_PLAIN, "choice"):
        return None
    number = CUSTOM + zlib.crc32(option.encode()) % 0x7000

    def read(panel: Panel) -> Details | None:
        known = panel.options[option]
        value, default = panel.value(option), panel.default(option)
        if known["choices"]:
            labels = {choice["value"]: choice["title"] for choice in known["choices"]}
            return _among(panel.offered(option), value, default, labels)
        return _one(value, default)

    def write(panel: Panel, value: Any) -> bool:
        return _ask_plain(panel, option, value)

    return Capability(
        number=number, name=option, kind=_PLAIN.get(kind, STR255), read=read, write=write
    )


def _ask_plain(panel: Panel, option: str, value: Any) -> bool:
    known = panel.options[option]
    if known["choices"]:
        return panel.ask(option, value)
    found: Value
    match known["kind"]:
        case "bool":
            found = values.flag(value, option)
        case "int" | "float":
            return panel.ask_near(option, values.number(value, option))
        case _:
            found = values.text(value, option)
    return panel.ask(option, found)
