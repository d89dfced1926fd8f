"""The known word that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known word that is most like another; None where none is near.

    At a likeness of 1 words are the same; below 0.75 they are mostly words of their own.
    """
    import difflib  # noqa: PLC0415 - for mistakes alone

    return next(iter(difflib.get_close_matches(word, [*known], n=1, cutoff=likeness)), None)
