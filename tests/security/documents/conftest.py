"""The codec of every installation, in its box."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from sheetfed.api.model import Page
from sheetfed.builtin.images import sheetfed_codecs
from sheetfed.catalogue import package_for
from sheetfed.imaging import Imaging
from sheetfed.worker.files import Held
from sheetfed.worker.wire import Recipe

sys.path.insert(0, str(Path(__file__).parent))

Draw = Callable[[bytes, str], Awaitable[Page]]


@pytest.fixture
async def imaging(tmp_path: Path) -> AsyncIterator[Imaging]:
    (spec,) = sheetfed_codecs()
    found = Imaging(
        {"images": Recipe(kind="codec", name="images", factory=spec.factory)},
        specs={"images": spec},
        crashes=tmp_path / "crashes",
        package_for=package_for,
    )
    yield found
    await found.close()


@pytest.fixture
def draw(imaging: Imaging) -> Draw:
    """Return what draws a small picture of a file that claims to be of a type."""

    async def drawn(data: bytes, media_type: str) -> Page:
        return await imaging.draw(
            Held(data), media_type, 0, width=40, height=40, as_type="image/jpeg", document="one"
        )

    return drawn
