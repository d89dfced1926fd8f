"""Codecs in their children, found by media type."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from sheetfed.api.errors import AddonMissing, BadSettings, Unreadable, UnsupportedType
from sheetfed.api.hooks import CodecSpec
from sheetfed.api.model import Page
from sheetfed.builtin.images import sheetfed_codecs
from sheetfed.catalogue import package_for
from sheetfed.imaging import Imaging
from sheetfed.worker.files import Held
from sheetfed.worker.wire import Recipe

RIGS = Path(__file__).parents[2] / "rigs"


@pytest.fixture
async def imaging(tmp_path: Path) -> AsyncIterator[Imaging]:
    (spec,) = sheetfed_codecs()
    found = Imaging(
        {"images": Recipe(kind="codec", name="images", factory=spec.factory)},
        specs={"images": spec},
        crashes=tmp_path,
        package_for=package_for,
    )
    yield found
    await found.close()


def jpeg(width: int = 400, height: int = 300) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(stream, "JPEG", dpi=(100, 100))
    return stream.getvalue()


async def pages(count: int) -> AsyncIterator[Page]:
    for _ in range(count):
        yield Page(data=jpeg(), media_type="image/jpeg", width=400, height=300)


async def drawn(imaging: Imaging, data: bytes, as_type: str) -> Image.Image:
    page = await imaging.draw(Held(data), "image/jpeg", 0, width=100, height=None, as_type=as_type)
    assert page.media_type == as_type
    with Image.open(io.BytesIO(page.data)) as image:
        image.load()
        return image.copy()


async def test_a_page_is_drawn_in_the_type_asked_for(imaging: Imaging) -> None:
    for as_type in ("image/jpeg", "image/png"):
        image = await drawn(imaging, jpeg(), as_type)
        assert image.size == (100, 75)


async def test_who_reads_a_type_need_not_write_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A codec that only reads still has thumbnails: another one encodes them."""
    monkeypatch.setenv("PYTHONPATH", str(RIGS))
    (images,) = sheetfed_codecs()
    slate = CodecSpec(
        name="slate", title="Slate", factory="slate:Slate", reads=frozenset({"image/x-slate"})
    )
    specs = {"images": images, "slate": slate}
    recipes = {
        name: Recipe(kind="codec", name=name, factory=spec.factory) for name, spec in specs.items()
    }
    both = Imaging(recipes, specs=specs, crashes=tmp_path, package_for=package_for)

    page = await both.draw(
        Held(b"slate"), "image/x-slate", 0, width=40, height=40, as_type="image/jpeg"
    )
    await both.close()

    assert page.media_type == "image/jpeg"
    with Image.open(io.BytesIO(page.data)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 40))


def test_an_addon_s_codec_is_asked_unless_another_is_chosen(tmp_path: Path) -> None:
    """What a person installs is meant to be used; who wants the core's own says so."""
    (images,) = sheetfed_codecs()
    pdf = frozenset({"application/pdf"})
    more = CodecSpec(name="more", title="More", factory="slate:Slate", writes=pdf, takes=pdf)
    specs = {"images": images, "more": more}

    def takes(**chosen: str) -> bool:
        choice = {name.replace("_", "/"): codec for name, codec in chosen.items()}
        found = Imaging({name: Recipe(kind="codec", name=name, factory=spec.factory)
                         for name, spec in specs.items()}, specs=specs, crashes=tmp_path,
                        package_for=package_for, chosen=choice)  # fmt: skip
        return found.takes("application/pdf") == pdf

    assert takes()
    assert takes(application_pdf="more")
    assert not takes(application_pdf="images")


async def test_several_pages_are_drawn_at_once(imaging: Imaging) -> None:
    images = await asyncio.gather(*(drawn(imaging, jpeg(), "image/jpeg") for _ in range(8)))

    assert {image.size for image in images} == {(100, 75)}


async def test_a_document_is_exported_as_a_stream(imaging: Imaging) -> None:
    data = b"".join([piece async for piece in imaging.export(pages(20), "application/pdf", {})])

    assert data.startswith(b"%PDF")
    assert data.count(jpeg()) == 20


async def test_an_export_may_be_left_and_another_begun(imaging: Imaging) -> None:
    leaving = imaging.export(pages(500), "application/pdf", {})
    await anext(leaving)
    await leaving.aclose()

    data = b"".join([piece async for piece in imaging.export(pages(1), "image/tiff", {})])

    assert data.startswith(b"II*\0")


async def test_garbage_is_unreadable_and_the_next_page_is_drawn(imaging: Imaging) -> None:
    with pytest.raises(Unreadable):
        await drawn(imaging, b"garbage", "image/jpeg")

    assert (await drawn(imaging, jpeg(), "image/jpeg")).size == (100, 75)


async def test_impossible_options_are_told(imaging: Imaging) -> None:
    with pytest.raises(BadSettings):
        async for _ in imaging.export(pages(1), "application/pdf", {"quality": 500}):
            pass


async def test_what_an_addon_reads_better_names_its_package(imaging: Imaging) -> None:
    """A PDF of text is no scan; whoever has one is told what reads it."""
    stream = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(stream)

    with pytest.raises(AddonMissing) as caught:
        await imaging.info(Held(stream.getvalue()), "application/pdf")

    assert caught.value.details["package"] == "sheetfed-pdf"
    assert "sheetfed-pdf" in caught.value.message


async def test_a_type_that_nobody_knows_is_not_supported(imaging: Imaging) -> None:
    with pytest.raises(UnsupportedType):
        await imaging.draw(Held(b""), "image/x-odd", 0, width=1, height=1, as_type="image/png")
    with pytest.raises(UnsupportedType):
        await imaging.draw(Held(b""), "image/png", 0, width=1, height=1, as_type="image/x-odd")


async def test_a_picture_does_not_wait_for_files_that_nobody_reads(imaging: Imaging) -> None:
    """A page that is looked at is not held up by a stalled download."""
    exports = [imaging.export(pages(50), "application/pdf", {}) for _ in range(2)]
    for export in exports:
        await anext(export)

    async with asyncio.timeout(20):
        image = await drawn(imaging, jpeg(), "image/jpeg")

    assert image.size == (100, 75)
    for export in exports:
        await export.aclose()
