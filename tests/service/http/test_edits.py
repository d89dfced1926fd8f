"""Edits over HTTP: done, undone, seen, saved."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from face import Face, opened
from PIL import Image, ImageOps

from sheetfed.api.errors import Conflict
from sheetfed.api.model import Box, Mark, PageInfo
from sheetfed.config import Config
from sheetfed.events import LOCAL
from sheetfed.store.edits import Turn
from sheetfed.store.history import Done
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import PageBegun

ROTATE = {"edits": [{"name": "rotate"}]}
SITE = "https://site.example"


def drawn() -> Image.Image:
    """A page with a corner that can be told."""
    picture = Image.new("L", (120, 80), 200)
    picture.paste(20, (0, 0, 30, 20))
    return picture


async def lossless(face: Face, *, marks: tuple[Mark, ...] = (), owner: str = LOCAL) -> PageRow:
    """Put a page into a document of its own, as PNG and without small pictures."""
    document = await face.service.documents.create(owner)
    out = io.BytesIO()
    drawn().save(out, "PNG", dpi=(100, 100))
    begun = PageBegun(
        number=1,
        media_type="image/png",
        width=120,
        height=80,
        mode="gray",
        dpi=(100.0, 100.0),
        side="",
    )
    incoming = await face.service.documents.receive(owner, document.id, job=None, begun=begun)
    await incoming.write(out.getvalue())
    return await incoming.keep(width=120, height=80, marks=marks)


async def picture(face: Face, page: str, query: str = "") -> Image.Image:
    status, _, data = await face.get(f"/v1/pages/{page}/image{query}")
    assert status == 200, data
    return Image.open(io.BytesIO(data))


async def told(face: Face, page: str) -> Any:
    status, found = await face.send("GET", f"/v1/pages/{page}")
    assert status == 200, found
    return found


async def test_edits_are_listed_with_what_they_can_be_asked(face: Face) -> None:
    """A form is drawn of it."""
    _, listed = await face.send("GET", "/v1/edits")

    offers = {item["name"]: item for item in listed["items"]}
    assert {"rotate", "crop", "levels", "redact", "text"} <= offers.keys()
    assert [option["name"] for option in offers["crop"]["options"]] == [
        "left",
        "top",
        "width",
        "height",
    ]
    assert [name for name, item in offers.items() if item["hides"]] == ["redact"]


async def test_a_page_is_edited_undone_and_done_again(face: Face) -> None:
    """What is shown goes back to the last byte; the original never went."""
    page = await lossless(face)
    before = await told(face, page.id)
    _, _, original = await face.get(f"/v1/pages/{page.id}/image")

    status, edited = await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)
    turned = await picture(face, page.id)
    _, _, kept = await face.get(f"/v1/pages/{page.id}/image?edited=false")
    _, undone = await face.send("POST", f"/v1/pages/{page.id}/undo", {})
    _, _, back = await face.get(f"/v1/pages/{page.id}/image")
    _, again = await face.send("POST", f"/v1/pages/{page.id}/redo", {})

    assert (status, edited["edited"], edited["edits"][0]["options"]["angle"]) == (200, 1, 90.0)
    assert (edited["width"], edited["height"]) == (80, 120)
    assert edited["original"] == {"width": 120, "height": 80, "dpi": [100.0, 100.0]}
    assert np.array_equal(np.asarray(turned), np.rot90(np.asarray(drawn()), -1))
    assert original == kept == back
    assert {**undone, "edits": []} == before
    assert len(undone["edits"]) == 1
    assert again == edited
    status, problem = await face.send("POST", f"/v1/pages/{page.id}/redo", {})
    assert (status, problem["detail"]) == (409, "There is nothing to do again")


async def test_odd_pages_are_turned_in_one_call_and_each_is_told(face: Face) -> None:
    """A duplex scan whose back sides stand on their heads."""
    document = await face.document((60, 40), (60, 40), (60, 40))
    number = (await face.service.documents.get(LOCAL, document.id)).version
    subscription = face.service.events.subscribe(LOCAL)

    status, after = await face.send(
        "POST",
        f"/v1/documents/{document.id}/edits",
        {
            "pages": "odd",
            "edits": [{"name": "rotate", "options": {"angle": 180}}, *ROTATE["edits"]],
        },
        If_Match=f'"{number}"',
    )
    events = [await asyncio.wait_for(anext(subscription), 5) for _ in range(2)]
    subscription.close()

    assert (status, after["version"]) == (200, number + 1)
    assert [page["edited"] for page in after["pages"]] == [2, 0, 2]
    assert [page["height"] for page in after["pages"]] == [60, 40, 60]
    assert [event.data["change"] for event in events] == ["edited", "edited"]
    status, _ = await face.send(
        "POST", f"/v1/documents/{document.id}/undo", {}, If_Match=f'"{number}"'
    )
    assert status == 412
    _, back = await face.send("POST", f"/v1/documents/{document.id}/undo", {"all": True})
    assert [page["edited"] for page in back["pages"]] == [0, 0, 0]


async def test_a_dragged_slider_is_one_edit(face: Face) -> None:
    page = await lossless(face)
    for amount in (10, 20, 30):
        body = {
            "edits": [{"name": "brightness", "options": {"amount": amount}}],
            "replace": amount > 10,
        }
        status, after = await face.send("POST", f"/v1/pages/{page.id}/edits", body)
        assert status == 200

    assert [edit["options"] for edit in after["edits"]] == [{"amount": 30.0}]


async def test_the_second_tab_is_told_that_it_is_late(face: Face) -> None:
    page = await lossless(face)
    seen = (await told(face, page.id))["etag"]
    path = f"/v1/pages/{page.id}/edits"

    first, _ = await face.send("POST", path, ROTATE, If_Match=f'"{seen}"')
    second, _ = await face.send("POST", path, ROTATE, If_Match=f'"{seen}"')

    assert (first, second) == (200, 412)
    assert (await told(face, page.id))["edited"] == 1


async def test_marks_are_told_where_they_are_now(face: Face) -> None:
    """An outline is drawn over the picture that is shown."""
    box = Box(left=10, top=20, width=30, height=40)
    page = await lossless(face, marks=(Mark(kind="barcode", value="1", by="b", box=box),))

    _, after = await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)

    assert after["marks"][0]["box"] == {"left": 20.0, "top": 10.0, "width": 40.0, "height": 30.0}


REFUSED: list[tuple[str, Any, tuple[int, str], str]] = [
    ("crop", {"left": 120}, (422, "bad-settings"), ""),
    ("crop", {"left": -1}, (422, "bad-settings"), "left"),
    ("crop", {"lift": 1}, (422, "bad-settings"), "lift"),
    ("resolution", {"dpi": 0}, (422, "bad-settings"), "dpi"),
    ("resolution", {"dpi": 1e9}, (422, "bad-settings"), "dpi"),
    ("resize", {"width": 65500, "height": 65500}, (422, "too-large"), ""),
    ("rotate", {"fill": "red"}, (422, "bad-settings"), ""),
    ("rotate", {"angle": "x"}, (422, "bad-settings"), "angle"),
    ("dropout", {"custom": "x" * 10_001}, (422, "bad-settings"), "custom"),
    ("border", {"corners": f"0.{'0' * 10_000},0 9,0 9,9 0,9"}, (422, "bad-settings"), "corners"),
    ("dance", {}, (501, "addon-missing"), ""),
]
"""What is asked for, how it is refused, and which option is at fault."""


async def test_what_cannot_be_done_is_refused_and_nothing_changes(face: Face) -> None:
    """The first edit of each request would have been fine; it is not done either."""
    page = await lossless(face)
    before = await told(face, page.id)

    for name, options, refused, where in REFUSED:
        edits = [{"name": "mirror"}, {"name": name, "options": options}]
        status, problem = await face.send("POST", f"/v1/pages/{page.id}/edits", {"edits": edits})

        assert (status, problem["code"]) == refused, name
        assert not where or problem["errors"][0]["pointer"] == f"/edits/1/options/{where}"
        assert await told(face, page.id) == before


async def test_a_deleted_page_is_not_edited(face: Face) -> None:
    page = await lossless(face)
    await face.send("DELETE", f"/v1/pages/{page.id}")

    status, _ = await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)

    assert status == 404


async def test_a_region_is_seen_from_near(face: Face) -> None:
    page = await lossless(face)
    await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)
    whole = np.rot90(np.asarray(drawn()), -1)

    part = await picture(face, page.id, "?region=40,10,30,20&type=image/png")
    small = await picture(face, page.id, "?region=40,10,30,20&width=15")
    cut = await picture(face, page.id, "?region=70,110,30,20&type=image/png")
    raw = await picture(face, page.id, "?region=0,0,31,21&type=image/png&edited=false")

    assert np.array_equal(np.asarray(part), whole[10:30, 40:70])
    assert (small.format, small.size) == ("JPEG", (15, 10))
    assert cut.size == (10, 10)
    assert np.array_equal(np.asarray(raw), np.asarray(drawn())[:21, :31])
    for region in ("1,2,3", "a,b,c,d", "90,10,5,5", "1,1,0,5", "-1,0,5,5", "nan,0,1,1"):
        status, _, _ = await face.get(f"/v1/pages/{page.id}/image?region={region}")
        assert status == 422, region


async def test_quality_is_taken_and_every_type_that_is_written(face: Face) -> None:
    document = await face.document((200, 200))
    page = document.pages[0]
    await face.send("POST", f"/v1/pages/{page}/edits", ROTATE)

    sizes = [
        len((await face.get(f"/v1/pages/{page}/image?quality={quality}"))[2])
        for quality in (95, 20)
    ]
    tiff = await picture(face, page, "?type=image/tiff&width=50")

    assert sizes[0] > 2 * sizes[1]
    assert (tiff.format, tiff.size) == ("TIFF", (50, 50))


async def test_a_picture_is_known_again_until_the_page_looks_different(face: Face) -> None:
    page = await lossless(face)
    path = f"/v1/pages/{page.id}/image?width=50"
    await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)
    _, headers, _ = await face.get(path)

    same, _, _ = await face.get(path, If_None_Match=headers["ETag"])
    await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)
    other, later, _ = await face.get(path, If_None_Match=headers["ETag"])

    assert (same, other) == (304, 200)
    assert later["ETag"] != headers["ETag"]


async def test_what_is_saved_is_what_is_seen(face: Face) -> None:
    """An edited page goes into files as it is shown; the others as they came, to the byte."""
    page = await lossless(face)
    other = await face.page(page.document, (50, 40))
    await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)

    _, _, png = await face.get(f"/v1/documents/{page.document}/file?type=image/png&pages={page.id}")
    _, _, pdf = await face.get(f"/v1/documents/{page.document}/file?type=application/pdf")

    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(png))), np.rot90(np.asarray(drawn()), -1)
    )
    came = await face.original(other)
    assert came in pdf
    assert b"/MediaBox" in pdf

    await face.send("POST", f"/v1/pages/{other.id}/edits", ROTATE)
    path = f"/v1/documents/{page.document}/file?pages={other.id}&type="
    scan = came[came.index(b"\xff\xda") :]
    for media_type in ("application/pdf", "image/tiff", "image/jpeg"):
        _, _, turned = await face.get(path + media_type)
        assert scan in turned, f"{media_type}: a JPEG that was only turned was packed again"
    _, _, whole = await face.get(f"/v1/pages/{other.id}/image")
    assert whole == turned
    with Image.open(io.BytesIO(turned)) as seen, Image.open(io.BytesIO(came)) as original:
        upright = ImageOps.exif_transpose(seen)
        assert np.array_equal(np.asarray(upright), np.rot90(np.asarray(original), -1))


async def test_page_numbers_follow_the_order(face: Face) -> None:
    """The stamp is made when somebody looks."""
    document = await face.document((300, 300), (300, 300))
    body = {"edits": [{"name": "text", "options": {"text": "{page} {date}", "size": 8}}]}
    _, after = await face.send("POST", f"/v1/documents/{document.id}/edits", body)
    first, second = after["pages"]
    seen = await picture(face, first["id"], "?type=image/png")

    _, swapped = await face.send(
        "POST", f"/v1/documents/{document.id}/swap", {"a": first["id"], "b": second["id"]}
    )
    now = await picture(face, first["id"], "?type=image/png")

    assert "{date}" not in first["edits"][0]["options"]["text"]
    assert "{page}" in first["edits"][0]["options"]["text"]
    assert swapped["pages"][1]["etag"] != first["etag"]
    assert np.asarray(seen).tobytes() != np.asarray(now).tobytes()


async def test_letters_beyond_ascii_are_written(face: Face) -> None:
    """Each as itself, and no two as the same empty box; an accent may be typed by itself."""
    page = await lossless(face)
    path = f"/v1/pages/{page.id}/edits"
    seen = {}
    for text in (
        "GEPR\u00dcFT",
        "GEPRU\u0308FT",
        "GEPR\u00c9FT",
        "\u20ac",
        "\u0416",
        "\u042f",
        "\u03a9",
    ):
        deed = {"name": "text", "options": {"text": text, "size": 10}}
        status, _ = await face.send("POST", path, {"edits": [deed], "replace": bool(seen)})
        assert status == 200
        seen[text] = np.asarray(await picture(face, page.id, "?type=image/png")).tobytes()

    assert len({*seen.values()}) == len(seen) - 1
    assert seen["GEPR\u00dcFT"] == seen["GEPRU\u0308FT"]


@pytest.mark.parametrize("text", ["\U00012000 Sumer", "\u05e9\u05dc\u05d5\u05dd"])
async def test_letters_that_cannot_be_written_are_refused(face: Face, text: str) -> None:
    """No font has them, or they run to the left: the page is as it was."""
    page = await lossless(face)
    path = f"/v1/pages/{page.id}"
    deed = {"name": "text", "options": {"text": text}}

    status, problem = await face.send("POST", f"{path}/edits", {"edits": [deed]})

    assert (status, problem["code"]) == (422, "bad-settings")
    assert repr(text[0]) in problem["detail"]
    _, now = await face.send("GET", path)
    assert now["edits"] == []


async def test_a_signature_is_stamped_and_outlives_its_page(face: Face) -> None:
    """Each page keeps a copy; what belongs to somebody else cannot be stamped."""
    page, signature = await lossless(face), await lossless(face)
    foreign = await lossless(face, owner=SITE)
    path = f"/v1/pages/{page.id}/edits"

    def stamp(picture: str) -> Any:
        return {"edits": [{"name": "stamp", "options": {"picture": picture, "margin": 0}}]}

    status, after = await face.send("POST", path, stamp(signature.id))
    await face.send("DELETE", f"/v1/documents/{signature.document}")
    first = np.asarray(await picture(face, page.id))
    again, _ = await face.send("POST", path, stamp(after["edits"][0]["options"]["picture"]))
    levels, _ = await face.send("POST", path, {"edits": [{"name": "levels"}]})
    refused, _ = await face.send("POST", path, stamp(foreign.id))
    gone, _ = await face.send("POST", path, stamp(signature.id))
    _, _, saved = await face.get(f"/v1/documents/{page.document}/file?type=image/png")

    assert (status, again, levels, refused, gone) == (200, 200, 200, 404, 404)
    assert first[60:62, 46:50].max() < 40  # its dark corner, bottom centre
    assert first[60, 90] == 200
    assert np.asarray(Image.open(io.BytesIO(saved))).shape == (80, 120)


async def test_a_stamp_that_came_to_nothing_does_not_stay(face: Face) -> None:
    """Its picture was kept before the edits beside it were refused; the next edit ends it."""
    page, seal = await lossless(face), await lossless(face)
    stamp = {"name": "stamp", "options": {"picture": seal.id}}
    path = f"/v1/pages/{page.id}/edits"

    refused, _ = await face.send(
        "POST", path, {"edits": [stamp, {"name": "crop", "options": {"left": 500}}]}
    )
    _, after = await face.send("POST", path, ROTATE)

    assert (refused, after["edited"]) == (422, 1)
    rows = await face.service.database.read(
        lambda connection: connection.execute(
            "SELECT kind FROM pictures WHERE page = ?", (page.id,)
        ).fetchall()
    )
    assert [row["kind"] for row in rows] == []
    stamped, _ = await face.send("POST", path, {"edits": [stamp]})
    again, _ = await face.send("POST", path, ROTATE)
    undone, told = await face.send("POST", f"/v1/pages/{page.id}/undo", {})
    assert (stamped, again, undone, told["edited"]) == (200, 200, 200, 2)
    shown = np.asarray(await picture(face, page.id, "?type=image/png"))
    assert (shown != np.rot90(np.asarray(drawn()), -1)).any()


async def test_what_is_redacted_is_given_to_nobody(face: Face) -> None:
    """Not as a picture, not as the original, not in a file, not by a mark. Undone, it is there."""
    site = await face.site(SITE)
    box = Box(left=1, top=1, width=20, height=15)
    mark = Mark(kind="barcode", value="a secret", by="b", box=box)
    page = await lossless(face, marks=(mark,), owner=SITE)
    cover = {"edits": [{"name": "redact", "options": {"width": 40, "height": 30}}]}
    path = f"/v1/pages/{page.id}"
    async with site.client.post(f"{path}/edits", json=cover) as answer:
        told = await answer.json()
    shown = []
    for query in ("", "?type=image/png", "?width=60", "?region=0,0,40,30&type=image/png"):
        async with site.client.get(f"{path}/image{query}") as answer:
            shown.append(np.asarray(Image.open(io.BytesIO(await answer.read()))))
    refused = []
    for query in ("?edited=false", "?edited=false&width=20", "?edited=false&region=0,0,9,9"):
        async with site.client.get(f"{path}/image{query}") as answer:
            refused.append(answer.status)
    async with site.client.get(f"/v1/documents/{page.document}/file?type=image/png") as answer:
        saved = np.asarray(Image.open(io.BytesIO(await answer.read())))
    async with site.client.post(f"{path}/undo", json={}) as answer:
        undone = await answer.json()

    assert told["marks"] == []
    assert "a secret" not in str(told)
    assert refused == [409, 409, 409]
    corners = [array[: len(array) // 3, : array.shape[1] // 4] for array in shown[:3]]
    assert [corner.max() < 20 for corner in corners] == [True, True, True]
    assert not shown[3].any()
    assert not saved[:30, :40].any()
    assert undone["marks"][0]["value"] == "a secret"


async def test_an_edit_that_nobody_brings_any_more_is_told_and_left_out(face: Face) -> None:
    """The addon was taken out: the page says so, and shows and saves everything else."""
    page = await lossless(face)
    await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)
    row = await face.service.documents.page(LOCAL, page.id)
    gone = Done(name="polish", options={}, page=PageInfo(width=500, height=500))
    after = row.history.grown([gone], without_last=False)
    turns = {page.id: Turn(before=row.history, after=after)}
    await face.service.documents.edit(LOCAL, page.document, turns)

    status, mirrored = await face.send(
        "POST", f"/v1/pages/{page.id}/edits", {"edits": [{"name": "mirror"}]}
    )
    shown = await picture(face, page.id)
    _, _, saved = await face.get(f"/v1/documents/{page.document}/file?type=image/png")

    assert status == 200
    assert mirrored["missing"] == ["polish"]
    assert [edit["name"] for edit in mirrored["edits"]] == ["rotate", "polish", "mirror"]
    assert (mirrored["width"], mirrored["height"]) == (80, 120)
    meant = np.rot90(np.asarray(drawn()), -1)[:, ::-1]
    assert np.array_equal(np.asarray(shown), meant)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(saved))), meant)


async def test_a_picture_without_an_edit_is_not_taken_for_one_with_it(config: Config) -> None:
    """The addon was out for a while: a browser that kept what it saw then asks, and is told."""
    away = replace(config, disabled=(*config.disabled, "imaging"))
    async with opened(config) as face:
        page = await lossless(face)
        await face.send("POST", f"/v1/pages/{page.id}/edits", {"edits": [{"name": "fast-rotate"}]})
        path = f"/v1/pages/{page.id}/image?width=50"
        _, with_it, _ = await face.get(path)
    async with opened(away) as face:
        status, without, _ = await face.get(path, If_None_Match=with_it["ETag"])
        assert status == 200
        assert without["ETag"] != with_it["ETag"]
    async with opened(config) as face:
        assert (await face.get(path, If_None_Match=without["ETag"]))[0] == 200
        assert (await face.get(path, If_None_Match=with_it["ETag"]))[0] == 304


async def test_what_covers_is_not_left_out(face: Face) -> None:
    """Where the edit that hides something is gone, the page is not shown at all."""
    page = await lossless(face)
    gone = Done(name="blackout", options={}, page=PageInfo(width=120, height=80), hides=True)
    after = page.history.grown([gone], without_last=False)
    await face.service.documents.edit(
        LOCAL, page.document, {page.id: Turn(before=page.history, after=after)}
    )

    shown, _, _ = await face.get(f"/v1/pages/{page.id}/image?width=20")
    saved, _, _ = await face.get(f"/v1/documents/{page.document}/file?type=image/png")

    edited, _ = await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)

    assert (shown, saved, edited) == (501, 501, 501)


def editing(name: str, **options: Any) -> dict[str, Any]:
    return {"edits": [{"name": name, "options": options}]}


async def test_an_edit_made_without_another_stays_where_it_was_seen(config: Config) -> None:
    """What was cut is what the person saw; the turn before it is back once that is undone."""
    away = replace(config, disabled=(*config.disabled, "imaging"))
    turned, cut = np.rot90(np.asarray(drawn()), -1), np.asarray(drawn())[:, 40:]

    async def shown(face: Face, page: str) -> tuple[Any, Any, Any, np.ndarray[Any, Any]]:
        found = await told(face, page)
        whole = np.asarray(await picture(face, page))
        assert whole.shape == (found["height"], found["width"])
        return found["missing"], found["left_out"], found["edited"], whole

    async with opened(config) as face:
        page = await lossless(face)
        await face.send("POST", f"/v1/pages/{page.id}/edits", editing("fast-rotate", angle=90))
        assert np.array_equal((await shown(face, page.id))[3], turned)
    async with opened(away) as face:
        status, _ = await face.send("POST", f"/v1/pages/{page.id}/edits", editing("crop", left=40))
        assert status == 200
        *facts, seen = await shown(face, page.id)
        assert facts == [["fast-rotate"], [], 2]
        assert np.array_equal(seen, cut)
    async with opened(config) as face:
        *facts, seen = await shown(face, page.id)
        assert facts == [[], ["fast-rotate"], 2]
        assert np.array_equal(seen, cut)
        part = await picture(face, page.id, "?region=10,10,30,30&type=image/png")
        assert np.array_equal(np.asarray(part), cut[10:40, 10:40])
        await face.send("POST", f"/v1/pages/{page.id}/undo", {})
        *facts, seen = await shown(face, page.id)
        assert facts == [[], [], 1]
        assert np.array_equal(seen, turned)
        await face.send("POST", f"/v1/pages/{page.id}/redo", {})
        assert np.array_equal((await shown(face, page.id))[3], cut)


@pytest.mark.parametrize(
    ("before", "status"), [("fast-rotate", 501), ("despeckle", 200)], ids=["moved", "as it lay"]
)
async def test_what_is_redacted_stays_under_its_cover(
    config: Config, before: str, status: int
) -> None:
    """Without the edit that moved the page below it, the cover would lie beside the secret."""
    away = replace(config, disabled=(*config.disabled, "imaging"))
    async with opened(config) as face:
        page = await lossless(face)
        cover = editing("redact", left=50, top=0, width=30, height=30)
        for edit in (editing(before), cover):
            done, _ = await face.send("POST", f"/v1/pages/{page.id}/edits", edit)
            assert done == 200

    async with opened(away) as face:
        path = f"/v1/pages/{page.id}"
        image, _, _ = await face.get(f"{path}/image?width=20")
        saved, _, _ = await face.get(f"/v1/documents/{page.document}/file?type=image/png")
        edited, _ = await face.send("POST", f"{path}/edits", editing("mirror"))
        assert (image, saved, edited) == (status, status, status)
        undone, found = await face.send("POST", f"{path}/undo", {})

    assert (undone, found["missing"]) == (200, [before])


async def test_a_client_that_leaves_stops_its_picture(face: Face) -> None:
    """The child is free for who is still there."""
    page = await lossless(face)
    await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)
    pictures = face.app[next(key for key in face.app if "PICTURES" in str(key))]
    stopped = asyncio.Event()

    async def endless(*_: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    pictures.picture = endless
    _, writer = await asyncio.open_connection("127.0.0.1", face.port)
    writer.write(f"{face.head('GET', f'/v1/pages/{page.id}/image?width=9')}\r\n".encode())
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()

    await asyncio.wait_for(stopped.wait(), 5)


DAWDLER = '''
"""An edit that takes its time."""

import time

from sheetfed.api.contracts import Edit
from sheetfed.api.hooks import EditSpec, hookimpl


@hookimpl
def sheetfed_edits():
    return [EditSpec(name="dawdle", title="Dawdle", factory="dawdler:Dawdle")]


class Dawdle(Edit):
    def apply(self, picture, scale):
        if picture.width > 16:  # of the rehearsal
            time.sleep(1000)
        return picture
'''


def lives(pid: int) -> bool:
    """Say whether there is still a process of this id."""
    return Path(f"/proc/{pid}").exists()


async def test_the_child_of_a_client_that_left_ends(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real one, in the middle of an edit that takes an age; the next picture is drawn."""
    about = tmp_path / "dawdler-1.0.dist-info"
    about.mkdir()
    (tmp_path / "dawdler.py").write_text(DAWDLER)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: dawdler\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[sheetfed.v1]\ndawdle = dawdler\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with opened(config) as face:
        page, other = await lossless(face), await lossless(face)
        dawdle = {"edits": [{"name": "dawdle"}]}
        assert (await face.send("POST", f"/v1/pages/{page.id}/edits", dawdle))[0] == 200
        _, writer = await asyncio.open_connection("127.0.0.1", face.port)
        writer.write(f"{face.head('GET', f'/v1/pages/{page.id}/image?width=90')}\r\n".encode())
        await writer.drain()
        benches = face.service.edits._easels._benches
        pids: list[int] = []
        async with asyncio.timeout(30):
            while not pids:
                await asyncio.sleep(0.02)
                pids = [one.pid for it in benches.values() for one in it._busy if one.pid]
        await asyncio.sleep(0.5)  # until it is at the edit

        writer.close()

        async with asyncio.timeout(30):
            while lives(pids[0]):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
        await face.send("POST", f"/v1/pages/{other.id}/edits", ROTATE)
        assert (await picture(face, other.id, "?width=40")).size == (40, 60)


async def test_a_step_cannot_swap_the_picture_below_an_edit(face: Face) -> None:
    """What was covered would be open again, and what was cut would be cut elsewhere."""
    page = await lossless(face)
    await face.send("POST", f"/v1/pages/{page.id}/edits", ROTATE)
    row = await face.service.documents.page(LOCAL, page.id)
    came = await face.service.documents.loaded(LOCAL, row)
    mark = Mark(kind="blank", value="", by="b")

    with pytest.raises(Conflict):
        await face.service.documents.put_stepped(LOCAL, page.id, came, [replace(came, data=b"x")])
    await face.service.documents.put_stepped(LOCAL, page.id, came, [replace(came, marks=(mark,))])

    after = await told(face, page.id)
    assert (after["edited"], [mark["kind"] for mark in after["marks"]]) == (1, ["blank"])
