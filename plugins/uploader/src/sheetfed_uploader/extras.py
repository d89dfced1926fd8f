"""What is said where a library of an extra is missing."""

from __future__ import annotations

from sheetfed.api.errors import AddonMissing


def missing(extra: str, library: str) -> AddonMissing:
    """Return the error for a protocol whose library is not installed."""
    package = f"sheetfed-uploader[{extra}]"
    return AddonMissing(
        f"The protocol {extra!r} needs the library {library}, which is not installed",
        package=package,
        advice=f'Install it with `pip install "{package}"`, then try again.',
    )
