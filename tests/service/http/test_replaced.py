"""Pages whose picture another file takes the place of."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
from face import Face, jpeg
from PIL import Image

from sheetfed.api.model import Box, Mark
from sheetfed.events import LOCAL

BYTES = {"Content-Type": "application/octet-stream"}
ROTATE = {"edits": [{"name": "rotate"}]}


async def put(face: Face, page: str, data: bytes, **headers: str) -> tuple[int, Any]:
    """Send a file that is to take the place of a page."""
    named = {name.replace("_", "-"): value for name, value in headers.items()} | BYTES
    path = f"/v1/pages/{page}/image"
    async with face.client.put(path, data=data, headers=named) as answer:
        return answer.status, await answer.json(content_type=None)


async def seen(face: Face, page: str, query: str = "") -> bytes:
    status, _, data = await face.get(f"/v1/pages/{page}/image{query}")
    assert status == 200, data
    return data


def levels(data: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("L"), int)


def gradient(form: str, **how: Any) -> bytes:
    """Return a picture whose corners can be told."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((90, 130)).save(out, form, dpi=(100, 100), **how)
    return out.getvalue()


async def test_a_page_keeps_its_id_and_its_place_and_what_came_comes_back(face: Face) -> None:
    """A picture that was put right elsewhere takes the page's place; nothing is lost of either."""
    document = await face.document((400, 600), (410, 600))
    first = document.pages[0]
    came, other = await seen(face, first), jpeg((300, 200))
    await face.send("POST", f"/v1/pages/{first}/edits", ROTATE)
    turned = await seen(face, first, "?type=image/png")

    status, told = await put(face, first, other)
    shown = await seen(face, first)
    small = Image.open(io.BytesIO(await seen(face, first, "?width=100")))
    _, after = await face.send("GET", f"/v1/documents/{document.id}")
    _, _, pdf = await face.get(f"/v1/documents/{document.id}/file?pages={first}")
    _, undone = await face.send("POST", f"/v1/pages/{first}/undo", {})
    again = await seen(face, first, "?type=image/png")
    _, bare = await face.send("POST", f"/v1/pages/{first}/undo", {"all": True})
    as_came = await seen(face, first)
    _, redone = await face.send("POST", f"/v1/pages/{first}/redo", {"all": True})

    assert status == 200, told
    assert (told["id"], told["position"], told["width"], told["height"]) == (first, 0, 300, 200)
    assert [edit["name"] for edit in told["edits"]] == ["rotate", "replace"]
    assert [page["id"] for page in after["pages"]] == list(document.pages)
    assert shown == other
    assert small.size == (100, 67)
    assert other in pdf
    assert (undone["width"], undone["edited"], len(undone["edits"])) == (600, 1, 2)
    assert again == turned
    assert (bare["width"], as_came) == (400, came)
    assert (redone["width"], await seen(face, first)) == (300, other)
    assert await seen(face, first, "?edited=false") == came


async def test_it_is_edited_copied_and_saved_as_any_page_is(face: Face) -> None:
    """Edits begin with the new picture; what lies below it is neither drawn nor measured."""
    document = await face.document((400, 600))
    (page,) = document.pages
    path = f"/v1/documents/{document.id}"
    await face.send("POST", f"/v1/pages/{page}/edits", ROTATE)
    new = gradient("TIFF", compression="tiff_lzw")

    status, told = await put(face, page, new)
    _, edited = await face.send("POST", f"/v1/pages/{page}/edits", ROTATE)
    seen_turned = levels(await seen(face, page))
    _, copied = await face.send("POST", f"{path}/copy", {"pages": [page]})
    copy = copied["pages"][1]["id"]
    await face.send("POST", f"{path}/remove", {"pages": [page]})
    seen_copy = levels(await seen(face, copy))
    _, _, png = await face.get(f"{path}/file?type=image/png&pages={copy}")
    _, cropped = await face.send(
        "POST",
        f"/v1/pages/{copy}/edits",
        {"edits": [{"name": "crop", "options": {"width": 20, "height": 30}}], "replace": True},
    )

    assert (status, told["width"], told["height"]) == (200, 90, 130)
    meant = np.rot90(levels(new), -1)
    assert (edited["width"], edited["height"]) == (130, 90)
    for picture in (seen_turned, seen_copy, levels(png)):
        assert np.array_equal(picture, meant)
    assert (cropped["width"], cropped["height"]) == (20, 30)
    assert [edit["name"] for edit in cropped["edits"]] == ["rotate", "replace", "crop"]


async def test_a_file_that_nobody_can_bring_back_goes_at_once(face: Face) -> None:
    """While it can be undone or done again it stays, and is sent by range; a copy keeps its own."""
    document = await face.document((400, 600))
    (page,) = document.pages
    path, blobs = f"/v1/documents/{document.id}", face.service.config.home / "store/blobs"
    one, two = jpeg((300, 200)), jpeg((310, 200))

    def kept() -> set[str]:
        return {entry.name for entry in blobs.iterdir()}

    came = kept()
    _, told = await put(face, page, one)
    first = kept() - came
    status, headers, part = await face.get(f"/v1/pages/{page}/image", Range="bytes=10-19")
    await face.send("POST", f"/v1/pages/{page}/undo", {})
    undone = kept()
    await put(face, page, two)
    second = kept() - came
    _, copied = await face.send("POST", f"{path}/copy", {"pages": [page]})
    await face.send("POST", f"/v1/pages/{page}/undo", {})
    await face.send("POST", f"/v1/pages/{page}/edits", ROTATE)
    shared = kept()
    copy = copied["pages"][1]["id"]
    shown = await seen(face, copy)
    await face.send("POST", f"/v1/pages/{copy}/edits", {**ROTATE, "replace": True})

    assert (status, part, headers["ETag"]) == (206, one[10:20], f'"{told["etag"]}"')
    assert undone == came | first
    assert len(first) == len(second) == 1
    assert not first & second
    assert shared == came | second
    assert shown == two
    assert kept() == came


async def test_what_was_found_on_what_came_is_not_said_of_another_picture(face: Face) -> None:
    """A code of the old picture stands nowhere on the new one; undone, it is there again."""
    document = await face.document((400, 600))
    (page,) = document.pages
    mark = Mark(kind="barcode", value="42", by="test", box=Box(left=1, top=2, width=3, height=4))
    row = await face.service.documents.page(LOCAL, page)
    loaded = await face.service.documents.loaded(LOCAL, row)
    await face.service.documents.put_stepped(LOCAL, page, loaded, [replace(loaded, marks=(mark,))])

    _, told = await put(face, page, jpeg((300, 200)))
    _, contents = await face.send("GET", f"/v1/pages/{page}/contents")
    _, undone = await face.send("POST", f"/v1/pages/{page}/undo", {})

    assert (told["marks"], contents["items"]) == ([], [])
    assert [found["value"] for found in undone["marks"]] == ["42"]


async def test_what_cannot_take_a_place_changes_nothing(face: Face) -> None:
    """Two pages, no page, half a page, a page that changed meanwhile or is gone."""
    document = await face.document((400, 600))
    (page,) = document.pages
    pair = gradient("TIFF", save_all=True, append_images=[Image.new("L", (9, 9))])
    blobs = face.service.config.home / "store/blobs"
    _, before = await face.send("GET", f"/v1/pages/{page}")
    kept = {path.name for path in blobs.iterdir()}

    refused = [
        await put(face, page, data)
        for data in (pair, b"", b"no picture at all", gradient("PNG")[:100])
    ]
    stale = await put(face, page, gradient("PNG"), If_Match='"another"')
    gone = await put(face, "pg_nowhere", gradient("PNG"))
    _, after = await face.send("GET", f"/v1/pages/{page}")

    codes = [(status, told["code"]) for status, told in (*refused, stale, gone)]
    assert codes == [
        (422, "bad-request"),
        (422, "unreadable"),
        (415, "unsupported-type"),
        (422, "unreadable"),
        (412, "stale"),
        (404, "not-found"),
    ]
    assert after == before
    assert {path.name for path in blobs.iterdir()} == kept
