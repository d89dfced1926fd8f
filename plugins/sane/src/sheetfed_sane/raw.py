"""A driver's own options, as it calls them: `raw.NAME`."""

from __future__ import annotations

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Choice, Option, OptionKind, Value
from sheetfed.api.options import fitted, refusal
from sheetfed_sane.binding import Can, Descriptor, Kind, Unit, Word

PREFIX = "raw."
KINDS: dict[Kind, OptionKind] = {
    Kind.BOOL: "bool",
    Kind.INT: "int",
    Kind.FIXED: "float",
    Kind.STRING: "text",
    Kind.BUTTON: "action",
}
UNITS = {Unit.MM: "mm", Unit.PIXEL: "px", Unit.DPI: "dpi", Unit.PERCENT: "%"}


def raw_option(group: str, descriptor: Descriptor, value: Word) -> Option:
    """Return a driver's option in our form; an array is a text with commas between its numbers."""
    listed = descriptor.count == 1
    choices: tuple[Word, ...] = (descriptor.strings or descriptor.words) if listed else ()
    span = descriptor.range if listed else None
    return Option(
        name=PREFIX + descriptor.name,
        title=descriptor.title or descriptor.name,
        description=descriptor.description,
        kind="choice" if choices else "text" if not listed else KINDS[descriptor.kind],
        default=_shown(value),
        unit=UNITS.get(descriptor.unit, ""),
        choices=tuple(Choice(value=_shown(each), title=str(_shown(each))) for each in choices),
        minimum=_meant(span.minimum) if span else None,
        maximum=_meant(span.maximum) if span else None,
        step=(_meant(span.quant) or None) if span else None,
        group=group,
        advanced=True,
        readonly=not descriptor.can & Can.SOFT_SELECT,
    )


def raw_word(descriptor: Descriptor, value: Value) -> Word:
    """Return what to set; raises BadSettings where it is impossible."""
    option = raw_option("", descriptor, None)
    word = fitted(option, value)
    if descriptor.count > 1 and isinstance(word, str):
        return _array(descriptor, option, word)
    if descriptor.words and isinstance(word, int | float):
        return min(descriptor.words, key=lambda each: abs(each - word))
    return word


def _shown(value: Word) -> Value:
    if isinstance(value, tuple):
        return ",".join(f"{each:g}" for each in value)
    return _meant(value) if isinstance(value, float) else value


def _meant(value: float) -> float:
    """Return a driver's fraction, a number of 65536ths, as it was meant: -42.17."""
    return round(value, 4) if isinstance(value, float) else value


def _array(descriptor: Descriptor, option: Option, value: str) -> Word:
    try:
        numbers = tuple(float(each) for each in value.split(","))
    except ValueError as error:
        raise refusal(option, "must be numbers with commas between them") from error
    if len(numbers) != descriptor.count:
        raise refusal(option, f"must be {descriptor.count} numbers, not {len(numbers)}")
    for each in numbers:
        _refuse_element(descriptor, option, each)
    return numbers if descriptor.kind == Kind.FIXED else tuple(map(round, numbers))


def _refuse_element(descriptor: Descriptor, option: Option, number: float) -> None:
    span = descriptor.range
    if span and not span.minimum <= number <= span.maximum:
        raise refusal(
            option, f"must hold numbers of {span.minimum:g} to {span.maximum:g}, not {number:g}"
        )
    if descriptor.words and number not in descriptor.words:
        raise refusal(option, f"must hold numbers out of {descriptor.words}, not {number:g}")


def unknown(name: str) -> BadSettings:
    """Return the error for a name that the device does not have now."""
    return BadSettings(
        f"The device has no option {name!r} with the others as they are", option=name
    )
