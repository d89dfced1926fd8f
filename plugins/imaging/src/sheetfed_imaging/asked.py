"""What is asked of an edit or a step: settings over defaults."""

from __future__ import annotations

from sheetfed.api.hooks import Spec
from sheetfed.api.model import Settings, Value
from sheetfed.api.options import fitted


class Asked:
    """The value of each option. Raises BadSettings where one does not fit."""

    def __init__(self, spec: Spec, settings: Settings) -> None:
        self._values: dict[str, Value] = {}
        for option in spec.options:
            value = settings.get(option.name)
            known = option.default if value is None else fitted(option, value)
            self._values[option.name] = known

    def number(self, name: str) -> float:
        """Return a number."""
        value = self._values[name]
        assert isinstance(value, int | float)
        return value

    def maybe(self, name: str) -> float | None:
        """Return a number, or None where none was given."""
        return None if self._values[name] is None else self.number(name)

    def word(self, name: str) -> str:
        """Return a choice or a text."""
        return str(self._values[name])

    def flag(self, name: str) -> bool:
        """Return yes or no."""
        return bool(self._values[name])
