"""Takes secrets out of what a target says.

A server may say again what it was told: a token that it does not know, the address that it was
asked for. That goes into rows, events and pages, where no secret may stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Receipt

SHORTEST = 4
"""Letters of a secret that is looked for in an error: shorter ones stand in every text."""

NO_WORD = 12
"""The same in an answer, which a page may need to the letter: a password can be a word of it."""

HIDDEN = "…"


class Hush:
    """Some secrets, and what is said without them."""

    def __init__(self, secrets: Iterable[object]) -> None:
        found = {str(secret) for secret in secrets if secret is not None}
        found |= {text.partition("?")[2] for text in found}  # what an address was signed with
        self._secrets = sorted((text for text in found if len(text) >= SHORTEST), key=len)[::-1]

    def error(self, error: SheetfedError) -> None:
        """Take them out of an error."""
        error.args = (self._without(error.message, SHORTEST),)
        error.details = self._without(error.details, SHORTEST)

    def receipt(self, receipt: Receipt) -> Receipt:
        """Return a receipt without them."""
        place, details = self._without((receipt.place, dict(receipt.details)), NO_WORD)
        return replace(receipt, place=place, details=details)

    def _without(self, value: Any, shortest: int) -> Any:
        match value:
            case str():
                for secret in self._secrets:
                    if len(secret) >= shortest:
                        value = value.replace(secret, HIDDEN)
                return value
            case dict():
                return {name: self._without(one, shortest) for name, one in value.items()}
            case list() | tuple():
                return type(value)(self._without(one, shortest) for one in value)
        return value
