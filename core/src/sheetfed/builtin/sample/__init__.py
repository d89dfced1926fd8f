"""A scanner without hardware, to try everything with."""

from __future__ import annotations

from sheetfed.api.hooks import SourceSpec, hookimpl


@hookimpl
def sheetfed_sources() -> list[SourceSpec]:
    """Offer the sample scanner."""
    return [
        SourceSpec(
            name="sample",
            title="Sample scanner",
            factory="sheetfed.builtin.sample.scanner:SampleSource",
        )
    ]
