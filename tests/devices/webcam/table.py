"""What a camera on the table shows, and a rig that is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photographs import photograph

from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageData, PageDone


@dataclass(frozen=True, kw_only=True)
class Rig:
    """The camera as a test meets it."""

    node: Path
    folder: Path

    def begins(self) -> None:
        """Have it be well, see a picture at each of its sizes, and have done nothing yet."""
        for number, size in enumerate(((1280, 720), (640, 480))):
            photograph(self.seen(f"{size[0]}x{size[1]}"), number, size)
        self.fails("")
        (self.folder / "log").unlink(missing_ok=True)

    def fails(self, how: str) -> None:
        """Have it fail in some way from now on; not at all with an empty word."""
        (self.folder / "fault").write_text(how)

    def seen(self, size: str = "1280x720") -> Path:
        """Return the one picture that it sees at a size."""
        return self.folder / "film" / size / "f001.jpg"

    def log(self) -> list[str]:
        """Return what it did: on, off, set NUMBER VALUE."""
        file = self.folder / "log"
        return file.read_text().splitlines() if file.exists() else []


async def pages(worker: Worker, **settings: Any) -> AsyncIterator[bytes]:
    """Yield the bytes of each page as it is whole."""
    data = b""
    async with aclosing(worker.scan(settings, Keep())) as events:
        async for event in events:
            if isinstance(event, PageData):
                data += event.data
            elif isinstance(event, PageDone):
                yield data
                data = b""
