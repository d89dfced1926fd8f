"""Errors that outlive the work that raised them."""

from __future__ import annotations

from sheetfed.api.errors import SheetfedError


def bare(error: SheetfedError) -> SheetfedError:
    """Return the error without the way it came.

    Its traceback holds every frame that it passed, and each of these what it worked with: of a
    delivery that waits for its next try, megabytes.
    """
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error
