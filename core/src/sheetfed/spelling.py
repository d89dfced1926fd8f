"""The known word that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like another; None where none is near."""
    import difflib  # noqa: PLC0415 - for mistakes alone

    return next(iter(difflib.get_close_matches(word, [*known], n=1)), None)
