"""Files out of a document, and an addon that brings a format the core has never heard of."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
import pytest_asyncio
from face import Face, opened
from openapi_spec_validator import validate
from PIL import Image

from sheetfed.cli.saving import Out
from sheetfed.config import load

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from etcher import plant

BYTES = {"Content-Type": "application/octet-stream"}
NOISE = np.random.default_rng(4).integers(0, 256, (60, 80, 3), np.uint8)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    """A service beside which the addon is installed."""
    site = tmp_path_factory.mktemp("site")
    plant(site)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.setenv("PYTHONPATH", str(site))
        patch.delitem(sys.modules, "etcher", raising=False)
        home = tmp_path_factory.mktemp("formats")
        async with opened(replace(load(home=home, environ={}), port=0, tls=False)) as face:
            yield face


def png(number: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.roll(NOISE, number)).save(stream, "PNG", dpi=(200, 200))
    return stream.getvalue()


async def imported(face: Face, *files: bytes, **query: str) -> dict[str, Any]:
    """Return the document that these files become."""
    first, *more = files
    async with face.client.post(
        "/v1/imports", data=first, headers=BYTES, params={"title": "Ärger", **query}
    ) as answer:
        assert answer.status == 201, await answer.text()
        made = await answer.json()
    for data in more:
        path = f"/v1/documents/{made['id']}/pages"
        async with face.client.post(path, data=data, headers=BYTES) as answer:
            assert answer.status == 201, await answer.text()
    async with face.client.get(f"/v1/documents/{made['id']}") as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def saved(face: Face, document: str, **wish: Any) -> tuple[int, Any, bytes]:
    async with face.client.post(f"/v1/documents/{document}/file", json=wish) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_an_addons_format_is_imported_drawn_and_saved(face: Face) -> None:
    """Nothing of the core knows an etching."""
    made = await imported(face, b"ETCH\n30 40 100\n50 20 200\n", png(0))

    kinds = [page["media_type"] for page in made["pages"]]
    path = f"/v1/pages/{made['pages'][1]['id']}/image"
    async with face.client.get(path, params={"type": "image/png"}) as answer:
        picture = Image.open(io.BytesIO(await answer.read()))
    status, headers, data = await saved(face, made["id"], type="image/x-etch",
                                        options={"ink": "red"})  # fmt: skip
    _, _, pdf = await saved(face, made["id"], type="application/pdf")

    assert kinds == ["image/x-etch", "image/x-etch", "image/png"]
    assert (picture.size, picture.convert("L").getpixel((3, 3))) == ((50, 20), 200)
    assert status == 200
    grey = Image.fromarray(NOISE).convert("L").getpixel((0, 0))
    assert data == b"ETCH\n30 40 100 red\n50 20 200 red\n80 60 %d red\n" % grey
    assert headers["Content-Disposition"].endswith("filename*=UTF-8''%C3%84rger.etch")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 3


async def test_pages_whose_addon_is_gone_cost_no_others(tmp_path: Path) -> None:
    """They stay as they came, say what they are, and are there again once it is back."""
    site = tmp_path / "site"
    plant(site)
    config = replace(load(home=tmp_path / "home", environ={}), port=0, tls=False)
    away = replace(config, disabled=(*config.disabled, "etch"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.setenv("PYTHONPATH", str(site))
        patch.delitem(sys.modules, "etcher", raising=False)
        async with opened(config) as face:
            made = await imported(face, b"ETCH\n30 40 100\n", png(0))
            etching, other = (page["id"] for page in made["pages"])
        async with opened(away) as face:
            async with face.client.get(f"/v1/documents/{made['id']}") as answer:
                there = (await answer.json())["pages"]
            _, _, came = await face.get(f"/v1/pages/{etching}/image")
            seen, _, problem = await face.get(f"/v1/pages/{etching}/image?width=20")
            whole, _, refused = await saved(face, made["id"])
            rest, _, file = await saved(face, made["id"], type="image/png", pages=[other])
            async with face.client.get("/openapi.json") as answer:
                told = await answer.text()
        async with opened(config) as face:
            again, _, _ = await face.get(f"/v1/pages/{etching}/image?width=20")

    assert [page["media_type"] for page in there] == ["image/x-etch", "image/png"]
    assert came == b"ETCH\n30 40 100\n"
    assert (seen, json.loads(problem)["code"]) == (415, "unsupported-type")
    assert (whole, json.loads(refused)["code"]) == (415, "unsupported-type")
    assert "image/x-etch" in json.loads(problem)["detail"]
    assert (rest, file) == (200, png(0))
    assert "image/x-etch" not in told
    assert again == 200


async def test_what_an_addon_can_be_asked_is_asked_when_a_file_comes_in(face: Face) -> None:
    """And is remembered with the page: it is opened so each time."""
    made = await imported(face, b"ETCH\n30 40 100\n30 40 1\n", options=json.dumps({"light": 7}))
    path = f"/v1/pages/{made['pages'][0]['id']}/image"

    async with face.client.get(path, params={"type": "image/png"}) as answer:
        picture = Image.open(io.BytesIO(await answer.read()))

    assert picture.convert("L").getpixel((0, 0)) == 107


async def test_formats_and_endings_come_from_the_addons(face: Face) -> None:
    """The command line saves under every ending that is listed, and no other."""
    async with face.client.get("/v1/formats") as answer:
        items = (await answer.json())["items"]
    etch = next(item for item in items if item["type"] == "image/x-etch")

    assert (etch["reads"], etch["writes"], etch["endings"]) == ("etch", "etch", ["etch"])
    assert [option["name"] for option in etch["reading"]] == ["light"]
    plan = Out.plan(items, "plan.etch", kind=None, force=True)
    assert (plan.media_type, plan.gathers) == ("image/x-etch", True)


async def test_the_description_lists_what_addons_read_and_write(face: Face) -> None:
    """What is accepted, what may be asked for, and what may come: no client has to guess."""
    async with face.client.get("/openapi.json") as answer:
        told = await answer.json()
    async with face.client.get("/v1/formats") as answer:
        items = (await answer.json())["items"]
    read = {item["type"] for item in items if item["reads"]}
    written = {item["type"] for item in items if item["writes"]}
    paths, shapes = told["paths"], told["components"]["schemas"]

    def asked(path: str) -> set[str]:
        (found,) = (one for one in paths[path]["get"]["parameters"] if one["name"] == "type")
        return {*found["schema"]["enum"]}

    def comes(path: str, method: str) -> set[str]:
        return {*paths[path][method]["responses"]["200"]["content"]}

    file, image = "/v1/documents/{document_id}/file", "/v1/pages/{page_id}/image"
    assert "image/x-etch" in read & written
    for path, method in (
        ("/v1/imports", "post"),
        ("/v1/documents/{document_id}/pages", "post"),
        (image, "put"),
    ):
        taken = {*paths[path][method]["requestBody"]["content"]}
        assert taken == read | {"application/octet-stream"}, path
    anything = paths["/v1/deliveries/files"]["post"]["requestBody"]["content"]
    assert "image/*" in anything
    assert asked(file) == {*shapes["FileWish"]["properties"]["type"]["enum"]} == written
    assert asked(image) == read | written
    for name in ("NewDelivery", "DeliveryWish"):
        assert {*shapes[name]["properties"]["type"]["anyOf"][0]["enum"]} == written
    assert comes(file, "get") == comes(file, "post") == written | {
        "application/zip", "application/octet-stream",
    }  # fmt: skip
    assert read | written <= comes(image, "get")
    assert told["x-formats"] == items
    validate(told)


@pytest.mark.parametrize("kind", ["png", "bmp", "webp", "jp2", "x-portable-anymap"])
async def test_each_page_is_a_file_in_an_archive(face: Face, kind: str) -> None:
    """Nothing is lost on the way, whatever the format."""
    made = await imported(face, png(0), png(1))

    status, headers, data = await saved(face, made["id"], type=f"image/{kind}", zip=True)

    assert (status, headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for number, name in enumerate(sorted(archive.namelist())):
            with Image.open(io.BytesIO(archive.read(name))) as picture:
                assert np.array_equal(np.asarray(picture.convert("RGB")), np.roll(NOISE, number))


async def test_a_single_format_names_the_way_to_save_more(face: Face) -> None:
    made = await imported(face, png(0), png(1))

    status, _, data = await saved(face, made["id"], type="image/png")

    assert (status, json.loads(data)["code"]) == (422, "bad-request")
    assert "zip" in json.loads(data)["detail"]


async def test_pages_are_put_behind_those_of_another_document(face: Face) -> None:
    """That is how a TIFF file gets more pages: it comes in, and its pages come first."""
    old = await imported(face, png(5), png(6))
    _, _, tiff = await saved(face, old["id"], type="image/tiff", compression="lzw")
    there, new = await imported(face, tiff), await imported(face, png(7))

    status, headers, data = await saved(face, new["id"], type="image/tiff", after=there["id"])

    assert (status, headers["Sheetfed-Pages"]) == (200, "3")
    assert headers["Content-Length"] == str(len(data))
    with Image.open(io.BytesIO(data)) as picture:
        for number in range(3):
            picture.seek(number)
            assert np.array_equal(np.asarray(picture), np.roll(NOISE, 5 + number))


async def test_16_bits_are_given_up_only_where_that_is_asked(face: Face) -> None:
    """A picture to look at needs no more than 8; a file is another thing, and says so before."""
    stream = io.BytesIO()
    Image.fromarray(NOISE[..., 0].astype(np.uint16) * 256 + 9).save(stream, "PNG")
    made = await imported(face, stream.getvalue())
    look = f"/v1/pages/{made['pages'][0]['id']}/image"

    for size in ({}, {"width": "40"}, {"region": "10,10,30,30"}):
        async with face.client.get(look, params={"type": "image/bmp", **size}) as answer:
            assert answer.status == 200, size
            Image.open(io.BytesIO(await answer.read())).load()
    status, _, data = await saved(face, made["id"], type="image/bmp")
    async with face.client.get("/v1/formats") as answer:
        items = {item["type"]: item for item in (await answer.json())["items"]}
    _, _, eight = await saved(face, made["id"], type="image/bmp", options={"depth": "8"})

    refused = json.loads(data)
    assert (status, refused["code"]) == (422, "bad-settings")
    assert "set depth to 8" in refused["detail"]
    for kind in ("image/bmp", "image/webp"):
        told = {option["name"]: option for option in items[kind]["writing"]}
        assert "refused by BMP and WebP" in told["depth"]["description"]
    with Image.open(io.BytesIO(eight)) as picture:
        assert np.array_equal(np.asarray(picture.convert("L")), NOISE[..., 0])


async def test_what_a_format_cannot_be_asked_is_told(face: Face) -> None:
    made = await imported(face, png(0))
    for options in ({"colour": 1}, {"page-size": "folio"}, {"compression": "zip"}):
        status, _, data = await saved(face, made["id"], options=options)
        assert (status, json.loads(data)["code"]) == (422, "bad-settings")


async def test_what_an_addons_format_cannot_be_asked_is_told_for_it(face: Face) -> None:
    """The addon says what it can be asked, and takes no care of its own for anything else."""
    made = await imported(face, png(0))
    for options in ({"colour": "red"}, {"ink": 5}, {"quality": 90}):
        status, _, data = await saved(face, made["id"], type="image/x-etch", options=options)
        told = json.loads(data)
        assert (status, told["code"]) == (422, "bad-settings")
        assert next(iter(options)) in told["detail"]
    status, _, _ = await saved(face, made["id"], type="image/x-etch", options={"ink": "blue"})
    assert status == 200
