"""Any folder of pictures as a feeder."""

from __future__ import annotations

from sheetfed.api.hooks import SourceSpec, hookimpl
from sheetfed.api.model import Option


@hookimpl
def sheetfed_sources() -> list[SourceSpec]:
    """Offer the folders that the settings name."""
    return [
        SourceSpec(
            name="folder",
            title="Folders of pictures",
            factory="sheetfed.builtin.folder.source:FolderSource",
            options=(
                Option(
                    name="folders",
                    title="Folders",
                    kind="text",
                    default="~/Scans",
                    description="One a line. One that is not there is not shown.",
                ),
            ),
        )
    ]
