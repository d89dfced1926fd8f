"""A device's options, and what is asked of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Value = bool | int | float | str | None


class Panel:
    """Options by name, each with the value asked for, else the one in force."""

    def __init__(self, options: Sequence[Mapping[str, Any]], settings: Mapping[str, Value]) -> None:
        self.options = {option["name"]: option for option in options}
        self.settings = {name: value for name, value in settings.items() if name in self.options}
        self.missed = False
        """Whether something was asked that the device has not as it is now."""

    def has(self, name: str, value: Value = None) -> bool:
        """Tell whether there is an option, and whether it offers a value."""
        option = self.options.get(name)
        return option is not None and (value is None or value in self.offered(name))

    def offered(self, name: str) -> list[Value]:
        """Return the values among which one is chosen."""
        return [choice["value"] for choice in self.options[name]["choices"]]

    def value(self, name: str) -> Any:
        """Return the value of an option, None where there is none."""
        if name in self.settings:
            return self.settings[name]
        return self.options[name]["default"] if name in self.options else None

    def default(self, name: str) -> Any:
        """Return the value that an option has where nothing is asked."""
        return self.options[name]["default"]

    def ask(self, name: str, value: Value) -> bool:
        """Ask for a value; tell whether it is offered. What is not is left as it was."""
        option = self.options.get(name)
        if (
            option is None
            or option["readonly"]
            or (option["choices"] and value not in self.offered(name))
        ):
            self.missed = True
            return False
        self.settings[name] = value
        return True

    def ask_near(self, name: str, wanted: float) -> bool:
        """Ask for the number nearest to the one wanted; tell whether there is such an option."""
        option = self.options.get(name)
        near = None if option is None else nearest(option, wanted)
        return self.ask(name, near)

    def all(self) -> dict[str, Value]:
        """Return every option that can be set, with its value."""
        return {
            name: self.value(name)
            for name, option in self.options.items()
            if not option["readonly"] and option["kind"] not in ("action", "secret")
        }


def nearest(option: Mapping[str, Any], wanted: float) -> float | None:
    """Return the number that an option takes which is nearest to the one wanted."""
    if option["choices"]:
        numbers = [c["value"] for c in option["choices"] if isinstance(c["value"], int | float)]
        return min(numbers, key=lambda number: abs(number - wanted), default=None)
    low = -math.inf if option["minimum"] is None else option["minimum"]
    high = math.inf if option["maximum"] is None else option["maximum"]
    if option["step"] and option["minimum"] is not None:
        wanted = low + round((wanted - low) / option["step"]) * option["step"]
    found = min(max(wanted, low), high)
    return round(found) if option["kind"] == "int" else found
