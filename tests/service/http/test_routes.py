"""Every route: what it answers, and what it says to nonsense."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import shutil
from base64 import b64encode
from posixpath import dirname, join, normpath
from typing import Any

import pypdfium2
import pytest
from face import Face

from sheetfed.api.errors import CODES
from sheetfed.events import LOCAL
from sheetfed.server.app import OPS


async def test_hello_tells_nothing_more(face: Face) -> None:
    """R10: no version, no device, no time."""
    _, _, body = await face.get("/.well-known/sheetfed")

    assert json.loads(body) == {"product": "sheetfed", "api": 1}


async def test_it_lives_and_is_ready(face: Face) -> None:
    assert await face.send("GET", "/livez") == (200, {"status": "ok"})
    assert await face.send("GET", "/readyz") == (200, {"status": "ok", "reasons": []})


async def test_what_hinders_it_is_said_to_whoever_watches(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without room for a page is no reason to restart it; a store that is gone is lost."""
    monkeypatch.setattr("sheetfed.store.room.free_bytes", lambda _folder: 1)
    full = await face.send("GET", "/readyz")
    shutil.rmtree(face.service.config.store)
    status, gone = await face.send("GET", "/readyz")

    assert full == (200, {"status": "limited", "reasons": ["disk-full"]})
    assert (status, gone["code"]) == (503, "service-gone")
    assert "store" in gone["detail"], gone


async def test_figures_count_everybodys_for_the_person_and_a_sites_own_for_a_site(
    face: Face,
) -> None:
    await face.document((40, 60), owner="https://a.example")
    await face.document((40, 60), (40, 60), owner="https://b.example")
    site = await face.site("https://a.example")

    _, all_of_it = await face.send("GET", "/v1/figures")
    async with site.client.get("/v1/figures") as answer:
        its_own = await answer.json()

    assert (all_of_it["pages"], its_own["pages"]) == (3, 1)
    assert all_of_it["jobs"]["scanning"] == 0
    assert all_of_it["addons"]["ready"] > 3
    assert (its_own["addons"], its_own["workers"], its_own["started"]) == ({}, 0, 0.0)


async def test_the_service_tells_how_it_is(face: Face) -> None:
    await face.document((40, 60))

    status, told = await face.send("GET", "/v1/service")

    assert status == 200
    assert told["home"] == str(face.service.config.home)
    assert told["pages"] == 1
    assert told["bytes"] > 0
    assert told["free_bytes"] > 0
    assert told["low_disk"] is (told["free_bytes"] < 1 << 30)
    assert told["version"]


async def test_addons_are_rows(face: Face) -> None:
    _, told = await face.send("GET", "/v1/addons")

    rows = {row["name"]: row for row in told["items"]}
    assert rows["sample"]["state"] == "ready"
    assert rows["sample"]["offers"]["sources"] == ["sample"]


# --- documents


async def test_a_document_is_made_listed_renamed_and_deleted(face: Face) -> None:
    status, made = await face.send("POST", "/v1/documents", {"title": "Tax"})
    path = f"/v1/documents/{made['id']}"
    assert status == 201
    assert made["pages"] == []

    _, listed = await face.send("GET", "/v1/documents")
    status, renamed = await face.send("PATCH", path, {"title": "Tax 2026 — ü"})
    gone, nothing = await face.send("DELETE", path)

    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert listed["items"][0]["page_count"] == 0
    assert status == 200
    assert renamed["title"] == "Tax 2026 — ü"
    assert renamed["version"] > made["version"]
    assert (gone, nothing) == (204, None)
    assert (await face.send("GET", path))[0] == 404
    assert (await face.send("DELETE", path))[0] == 404


async def test_a_new_document_says_where_it_is(face: Face) -> None:
    async with face.client.post("/v1/documents", json={}) as answer:
        made = await answer.json()

    assert answer.headers["Location"] == f"/v1/documents/{made['id']}"
    assert answer.headers["ETag"] == f'"{made["version"]}"'


async def test_a_list_goes_on_at_its_cursor(face: Face) -> None:
    made = [(await face.document(title=str(number))).id for number in range(5)]

    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        _, part = await face.send("GET", f"/v1/documents?limit=2{cursor}")
        assert len(part["items"]) <= 2
        seen += [item["id"] for item in part["items"]]
        cursor = part["next"] and f"&cursor={part['next']}"

    assert seen == made[::-1]


async def test_everything_is_deleted_at_once(face: Face) -> None:
    await face.document((40, 60))
    await face.document()

    status, _ = await face.send("DELETE", "/v1/documents")

    assert status == 204
    assert (await face.send("GET", "/v1/documents"))[1]["items"] == []


async def test_pages_are_put_in_order(face: Face) -> None:
    document = await face.document((40, 60), (41, 60), (42, 60), (43, 60))
    a, b, c, d = document.pages
    path = f"/v1/documents/{document.id}"

    def order(answer: tuple[int, Any]) -> list[str]:
        assert answer[0] == 200
        assert [page["position"] for page in answer[1]["pages"]] == [0, 1, 2, 3]
        return [page["id"] for page in answer[1]["pages"]]

    assert order(await face.send("GET", path)) == [a, b, c, d]
    assert order(await face.send("PUT", f"{path}/order", {"pages": [d, c, b, a]})) == [d, c, b, a]
    swap = {"a": d, "b": a}
    assert order(await face.send("POST", f"{path}/swap", swap)) == [a, c, b, d]
    move = {"pages": [b, d], "before": a}
    assert order(await face.send("POST", f"{path}/move", move)) == [b, d, a, c]
    end = {"pages": [b], "before": None}
    assert order(await face.send("POST", f"{path}/move", end)) == [d, a, c, b]


async def test_pages_are_removed_all_or_none(face: Face) -> None:
    document = await face.document((40, 60), (41, 60), (42, 60))
    other = await face.document((40, 60))
    a, b, c = document.pages
    path = f"/v1/documents/{document.id}/remove"

    refused, problem = await face.send("POST", path, {"pages": [a, other.pages[0]]})
    status, left = await face.send("POST", path, {"pages": [a, c]})

    assert refused == 404
    assert problem["code"] == "not-found"
    assert status == 200
    assert [page["id"] for page in left["pages"]] == [b]


async def test_pages_move_between_documents(face: Face) -> None:
    first = await face.document((40, 60), (41, 60))
    second = await face.document((42, 60))
    wish = {"pages": [first.pages[1]], "before": second.pages[0]}

    status, told = await face.send("POST", f"/v1/documents/{second.id}/move", wish)

    assert status == 200
    assert [page["id"] for page in told["pages"]] == [first.pages[1], second.pages[0]]
    _, body = await face.send("GET", f"/v1/documents/{first.id}")
    assert [page["id"] for page in body["pages"]] == [first.pages[0]]
    status, _, _ = await face.get(f"/v1/pages/{first.pages[1]}/image")
    assert status == 200


@pytest.mark.parametrize(
    ("method", "place", "body"),
    [
        ("PATCH", "", {"title": "new"}),
        ("PUT", "/order", {"pages": ["{b}", "{a}"]}),
        ("POST", "/move", {"pages": ["{b}"], "before": "{a}"}),
        ("POST", "/swap", {"a": "{a}", "b": "{b}"}),
        ("POST", "/remove", {"pages": ["{a}"]}),
        ("POST", "/copy", {"pages": ["{a}"]}),
        ("POST", "/arrange", {"rule": "reverse"}),
        ("POST", "/tag", {"add": ["x"]}),
        ("POST", "/split", {"parts": [{"first": "{b}"}]}),
        ("POST", "/separate", {"by": "pages", "every": 1}),
        ("POST", "/merge", {"documents": ["{other}"]}),
    ],
)
async def test_a_change_to_something_older_is_refused(
    face: Face, method: str, place: str, body: dict[str, Any]
) -> None:
    """Two tabs: the second one has to look first."""
    document = await face.document((40, 60), (41, 60))
    a, b = document.pages
    other = (await face.document((42, 60))).id
    asked = json.dumps(body).replace("{a}", a).replace("{b}", b).replace("{other}", other)
    path = f"/v1/documents/{document.id}{place}"
    version = document.version

    for stale in (f'"{version - 1}"', f'W/"{version}"', '"x"', "garbage"):
        status, problem = await face.send(method, path, json.loads(asked), If_Match=stale)
        assert (status, problem["code"]) == (412, "stale")
    before = await face.service.documents.get(LOCAL, document.id)
    status, _ = await face.send(method, path, json.loads(asked), If_Match=f'"1", "{version}"')

    assert before == document
    assert status == 200
    assert (await face.service.documents.get(LOCAL, document.id)).version > version


async def test_what_was_changed_meanwhile_is_not_deleted(face: Face) -> None:
    """A page came in another tab, or was edited there: who deletes has not seen it."""
    document = await face.document((40, 60))
    (page,) = document.pages
    path = f"/v1/documents/{document.id}"
    of_page = f"/v1/pages/{page}"
    _, seen = await face.send("GET", of_page)
    _, edited = await face.send("POST", f"{of_page}/edits", {"edits": [{"name": "invert"}]})

    early, problem = await face.send("DELETE", of_page, If_Match=f'"{seen["etag"]}"')
    assert (early, problem["code"]) == (412, "stale")
    early, problem = await face.send("DELETE", path, If_Match=f'"{document.version}"')
    assert (early, problem["code"]) == (412, "stale")
    _, now = await face.send("GET", path)
    assert [each["id"] for each in now["pages"]] == [page]

    status, _ = await face.send("DELETE", of_page, If_Match=f'"{edited["etag"]}"')
    assert status == 204
    _, now = await face.send("GET", path)
    status, _ = await face.send("DELETE", path, If_Match=f'"{now["version"]}"')
    assert status == 204


async def test_a_document_that_is_known_is_not_sent_again(face: Face) -> None:
    document = await face.document((40, 60))
    path = f"/v1/documents/{document.id}"
    _, headers, _ = await face.get(path)

    status, again, body = await face.get(path, If_None_Match=headers["ETag"])

    assert status == 304
    assert again["ETag"] == headers["ETag"]
    assert body == b""


# --- pages


async def test_a_page_tells_what_is_known_of_it(face: Face) -> None:
    document = await face.document((40, 60))
    page = document.pages[0]

    status, told = await face.send("GET", f"/v1/pages/{page}")

    assert status == 200
    assert told["document"] == document.id
    assert (told["width"], told["height"], told["dpi"]) == (40, 60, [100.0, 100.0])
    assert told["media_type"] == "image/jpeg"


async def test_a_page_is_deleted(face: Face) -> None:
    document = await face.document((40, 60))
    path = f"/v1/pages/{document.pages[0]}"

    assert (await face.send("DELETE", path))[0] == 204
    assert (await face.send("GET", path))[0] == 404
    assert (await face.send("DELETE", path))[0] == 404
    assert (await face.get(f"{path}/image"))[0] == 404


# --- files


@pytest.mark.parametrize(
    ("media_type", "magic", "ending"),
    [
        ("application/pdf", b"%PDF-", "pdf"),
        ("image/tiff", b"II*\0", "tiff"),
    ],
)
async def test_a_document_is_saved_as_a_file(
    face: Face, media_type: str, magic: bytes, ending: str
) -> None:
    document = await face.document((40, 60), (41, 60), title="Brief / Ärger")

    status, headers, body = await face.get(f"/v1/documents/{document.id}/file?type={media_type}")

    assert status == 200
    assert body.startswith(magic)
    assert headers["Content-Type"] == media_type
    assert f"Brief%20_%20%C3%84rger.{ending}" in headers["Content-Disposition"]
    assert headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/bmp"])
async def test_one_page_is_saved_as_a_picture(face: Face, media_type: str) -> None:
    document = await face.document((40, 60), (41, 60))
    path = f"/v1/documents/{document.id}/file?type={media_type}"

    refused, *_ = await face.get(path)
    status, headers, body = await face.get(f"{path}&pages={document.pages[1]}")

    assert refused == 422
    assert status == 200
    assert headers["Content-Type"] == media_type
    assert body


async def test_a_jpeg_page_is_saved_untouched(face: Face) -> None:
    document = await face.document((40, 60))
    row = await face.service.documents.page(LOCAL, document.pages[0])

    _, _, body = await face.get(f"/v1/documents/{document.id}/file?type=application/pdf")

    assert await face.original(row) in body


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("type=application/x-nothing", 415, "unsupported-type"),
        ("pages=pg_unknown", 404, "not-found"),
        ("pages=,", 404, "not-found"),
        ("pages=", 422, "bad-request"),
        ("quality=0", 422, "bad-request"),
        ("colour=blue", 422, "bad-request"),
    ],
)
async def test_a_file_that_cannot_be_is_refused(
    face: Face, query: str, status: int, code: str
) -> None:
    document = await face.document((40, 60))

    answered, _, body = await face.get(f"/v1/documents/{document.id}/file?{query}")

    assert (answered, json.loads(body)["code"]) == (status, code)


async def test_two_thousand_pages_are_saved_in_the_order_named(face: Face) -> None:
    """A query has no room for more than a few hundred names."""
    document = await face.document(*[(8, 10)] * 25, *[(12, 10)] * 25)
    wanted = [*reversed(document.pages)] * 40

    async with face.client.post(
        f"/v1/documents/{document.id}/file", json={"type": "application/pdf", "pages": wanted}
    ) as answer:
        status, body = answer.status, await answer.read()

    pdf = pypdfium2.PdfDocument(body)
    assert status == 200
    assert len(pdf) == 2000
    assert pdf.get_page_size(0) > pdf.get_page_size(1999)
    assert pdf.get_page_size(24) > pdf.get_page_size(25)


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"pages": ["pg_unknown"]}, 404, "not-found"),
        ({"pages": []}, 422, "bad-request"),
        ({"pages": "pg_1,pg_2"}, 422, "bad-request"),
        ({"type": "application/x-nothing"}, 415, "unsupported-type"),
        ({"colour": "blue"}, 422, "bad-request"),
    ],
)
async def test_a_selection_that_cannot_be_is_refused(
    face: Face, wish: dict[str, Any], status: int, code: str
) -> None:
    document = await face.document((40, 60))

    answered, body = await face.send("POST", f"/v1/documents/{document.id}/file", wish)

    assert (answered, body["code"]) == (status, code)


async def test_an_empty_document_has_no_file(face: Face) -> None:
    document = await face.document()

    status, _, body = await face.get(f"/v1/documents/{document.id}/file")

    assert (status, json.loads(body)["code"]) == (409, "conflict")


# --- devices and jobs, on the sample scanner


async def test_devices_are_listed_and_opened(face: Face) -> None:
    _, told = await face.send("GET", "/v1/devices?refresh=true")
    device = next(item for item in told["items"] if item["id"].startswith("sample:"))

    status, opened = await face.send("GET", f"/v1/devices/{device['id'].replace(':', '%3A')}")

    assert status == 200
    assert opened["title"] == device["title"]
    assert {"source", "mode", "resolution"} <= {option["name"] for option in opened["options"]}


async def test_a_form_changes_with_its_settings(face: Face) -> None:
    _, told = await face.send("GET", "/v1/devices")
    device = next(item["id"] for item in told["items"] if item["id"].startswith("sample:"))

    status, changed = await face.send(
        "POST", f"/v1/devices/{device}/options", {"settings": {"resolution": 150}}
    )
    refused, problem = await face.send(
        "POST", f"/v1/devices/{device}/options", {"settings": {"resolution": 10**9}}
    )

    assert status == 200
    options = {option["name"]: option for option in changed["options"]}
    assert options["resolution"]["default"] == 150
    assert (refused, problem["code"]) == (422, "bad-settings")
    assert problem["details"]["option"] == "resolution"


@pytest.mark.parametrize(
    "device", ["sample:nothing", "nothing:at-all", "x", "a%2Fb:c%2Fd", "{}:{}"]
)
async def test_an_unknown_device_is_gone(face: Face, device: str) -> None:
    for method, path, body in (
        ("GET", f"/v1/devices/{device}", None),
        ("POST", f"/v1/devices/{device}/options", {"settings": {}}),
    ):
        status, problem = await face.send(method, path, body)

        assert (status, problem["code"]) == (404, "device-gone")


async def test_a_job_scans_into_a_document(face: Face) -> None:
    request = {
        "device": "sample:paper",
        "settings": {"source": "feeder", "resolution": 75, "sheets": 2},
        "title": "Post",
        "tags": ["inbox"],
    }

    async with face.client.post("/v1/jobs", json=request) as answer:
        job = await answer.json()
    assert answer.status == 201, job
    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    job = await ended(face, job)

    assert job["state"] == "done", job
    assert job["pages"] == 2
    _, document = await face.send("GET", f"/v1/documents/{job['document']}")
    assert document["title"] == "Post"
    assert [page["tags"] for page in document["pages"]] == [["inbox"]] * 2
    assert job["tags"] == ["inbox"]
    _, listed = await face.send("GET", "/v1/jobs")
    assert [item["id"] for item in listed["items"]] == [job["id"]]


async def test_the_same_key_starts_one_job(face: Face) -> None:
    """A client that lost the answer asks again and gets no second batch."""
    request = {"device": "sample:paper", "settings": {"resolution": 75}}

    _, first = await face.send("POST", "/v1/jobs", request, Idempotency_Key="k1")
    status, again = await face.send("POST", "/v1/jobs", request, Idempotency_Key="k1")
    refused, problem = await face.send(
        "POST", "/v1/jobs", {**request, "title": "other"}, Idempotency_Key="k1"
    )
    await ended(face, first)

    assert status == 201
    assert again["id"] == first["id"]
    assert (refused, problem["code"]) == (409, "conflict")
    for bad in ("", "x" * 256, "a b"):
        status, _ = await face.send("POST", "/v1/jobs", request, Idempotency_Key=bad)
        assert status == 422


async def test_a_jam_waits_for_a_person(face: Face) -> None:
    request = {
        "device": "sample:paper",
        "settings": {
            "source": "feeder",
            "resolution": 75,
            "sheets": 3,
            "fault": "paper-jam",
            "fault-page": 2,
        },
    }
    _, job = await face.send("POST", "/v1/jobs", request)
    job = await settled(face, job)
    path = f"/v1/jobs/{job['id']}"
    assert job["state"] == "paused", job
    assert job["error"]["code"] == "paper-jam"

    status, kept = await face.send("POST", f"{path}/keep", {})
    late, problem = await face.send("POST", f"{path}/continue")

    assert status == 200
    assert kept["state"] == "done"
    assert (late, problem["code"]) == (409, "conflict")


async def test_a_job_is_cancelled_as_often_as_one_likes(face: Face) -> None:
    request = {"device": "sample:paper", "settings": {"source": "feeder", "sheets": 50}}
    _, job = await face.send("POST", "/v1/jobs", request)
    path = f"/v1/jobs/{job['id']}"

    answers = [
        await face.send("POST", f"{path}/cancel"),
        await face.send("POST", f"{path}/cancel", {}),
        await face.send("DELETE", path),
    ]

    assert [(status, told["state"]) for status, told in answers] == [(200, "cancelled")] * 3


async def test_a_wait_for_news_ends_when_time_is_up(face: Face) -> None:
    request = {
        "device": "sample:paper",
        "settings": {
            "source": "feeder",
            "resolution": 75,
            "sheets": 2,
            "fault": "paper-jam",
            "fault-page": 2,
        },
    }
    _, job = await face.send("POST", "/v1/jobs", request)
    job = await settled(face, job)
    began = asyncio.get_running_loop().time()

    _, same = await face.send("GET", f"/v1/jobs/{job['id']}?wait=1&seen={job['version']}")

    assert asyncio.get_running_loop().time() - began >= 1
    assert same == job

    # What is written down, and was told before anybody listened, though the job itself comes later.
    database, place = face.service.database, job["id"]
    await database.write(
        lambda connection: connection.execute(
            "UPDATE jobs SET version = version + 1 WHERE id = ?", (place,)
        )
    )
    began = asyncio.get_running_loop().time()
    await face.send("GET", f"/v1/jobs/{place}?wait=20&seen={job['version']}")
    assert asyncio.get_running_loop().time() - began < 15


async def settled(face: Face, job: dict[str, Any]) -> dict[str, Any]:
    """Return the job once it neither waits nor scans, by long polls."""
    while job["state"] in ("waiting", "scanning"):
        _, job = await face.send("GET", f"/v1/jobs/{job['id']}?wait=20&seen={job['version']}")
    return job


async def ended(face: Face, job: dict[str, Any]) -> dict[str, Any]:
    """Return the job once it ended."""
    job = await settled(face, job)
    assert job["state"] != "paused", job
    return job


# --- nonsense


UNKNOWN = [
    (op.method, op.path.replace("{device_id:[^/]+}", "x:y").replace("_id}", "}"))
    for op in OPS
    if "{" in op.path and op.access == "owner" and "{name}" not in op.path
    if op.id != "free_device"
]
"""What a script may ask; what only a person may is tried in test_pairing. Targets have names, not
ids, and one that is not there is refused. A device may be freed after it was unplugged."""


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
async def test_what_is_not_there_is_not_found(face: Face, method: str, path: str) -> None:
    """T05: the same answer for what never was and for what belongs to somebody else."""
    bodies = {
        "order": {"pages": []},
        "move": {"pages": ["a"]},
        "swap": {"a": "a", "b": "b"},
        "remove": {"pages": ["a"]},
        "copy": {"pages": ["a"]},
        "arrange": {"rule": "reverse"},
        "tag": {"add": ["x"]},
        "split": {"parts": [{"first": "a"}]},
        "separate": {"by": "pages", "every": 1},
        "steps": {"steps": [{"name": "blank"}]},
        "merge": {"documents": ["a"]},
        "file": {},
        "options": {"settings": {}},
        "hold": {"seconds": 60},
        "edits": {"edits": [{"name": "invert"}]},
        "undo": {},
        "redo": {},
    }
    body = bodies.get(path.rpartition("/")[2], {"title": "x"} if method == "PATCH" else None)
    body = None if method == "GET" else body
    name = path.replace("{", "").replace("}", "")

    status, problem = await face.send(method, name, body)

    assert status == 404, problem
    assert problem["code"] in ("not-found", "device-gone")
    assert problem["type"] == f"/docs/errors#{problem['code']}"
    assert problem["title"]
    assert problem["advice"]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/v1/documents?limit=0", "/limit"),
        ("/v1/documents?limit=1.0", "/limit"),
        ("/v1/documents?limit=%201", "/limit"),
        ("/v1/documents?limit=+1", "/limit"),
        ("/v1/documents?limit=1_0", "/limit"),
        ("/v1/documents?limit=1&limit=2", "/limit"),
        ("/v1/documents?cursor=", "/cursor"),
        ("/v1/documents?offset=1", "/offset"),
        ("/v1/devices?refresh=1", "/refresh"),
        ("/v1/devices?refresh=True", "/refresh"),
        ("/v1/jobs/job_x?wait=61", "/wait"),
        ("/v1/jobs/job_x?seen=-1", "/seen"),
        ("/v1/pages/pg_x/image?width=0", "/width"),
        ("/v1/pages/pg_x/image?width=99999999999999999999999", "/width"),
        ("/livez?x=1", "/x"),
    ],
)
async def test_an_odd_query_is_a_bad_request(face: Face, path: str, pointer: str) -> None:
    status, _, body = await face.get(path)

    problem = json.loads(body)
    assert (status, problem["code"]) == (422, "bad-request")
    assert problem["errors"][0]["pointer"] == pointer
    assert problem["errors"][0]["where"] == "query"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({}, "/device"),
        ({"device": 7}, "/device"),
        ({"device": "x", "colour": 1}, "/colour"),
        ({"device": "x", "settings": {"a": [1]}}, "/settings/a"),
        ({"device": "x", "settings": {"a/b~c": {}}}, "/settings/a~1b~0c"),
        ({"device": "x", "keep": {"form": "zip"}}, "/keep/form"),
        ({"device": "x", "keep": {"quality": "85"}}, "/keep/quality"),
        ({"device": "x" * 501}, "/device"),
    ],
)
async def test_an_odd_body_is_a_bad_request(face: Face, body: Any, pointer: str) -> None:
    """Each fault is named by a JSON Pointer."""
    status, problem = await face.send("POST", "/v1/jobs", body)

    assert (status, problem["code"]) == (422, "bad-request")
    assert problem["errors"][0]["pointer"].startswith(pointer)
    assert problem["errors"][0]["where"] == "body"


async def test_an_operation_without_a_body_takes_an_empty_one(face: Face) -> None:
    """Some clients always send one; anything in it would be passed over in silence."""
    for body, status in (({}, 404), ({"x": 1}, 422), ([], 422)):
        assert (await face.send("POST", "/v1/jobs/job_x/cancel", body))[0] == status


@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v1/", "/v1/documents/", "/v2/documents"])
async def test_there_is_nothing_elsewhere(face: Face, path: str) -> None:
    status, headers, body = await face.get(path)

    assert status == 404
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["code"] == "not-found"


# --- pages for people


async def test_every_error_is_explained(face: Face) -> None:
    """`type` of a problem points here."""
    status, headers, body = await face.get("/docs/errors")

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    for code, kind in CODES.items():
        assert f'id="{code}"'.encode() in body
        assert kind.title.split("'")[0].encode() in body


@pytest.mark.parametrize("path", ["/docs", "/docs/docs.js", "/docs/docs.css", "/", "/app/app.js"])
async def test_our_own_pages_come_from_the_package(face: Face, path: str) -> None:
    """No CDN; a browser asks again each time and mostly hears that nothing changed."""
    status, headers, body = await face.get(path)
    again, *_ = await face.get(path, If_None_Match=headers["ETag"])

    assert status == 200
    assert body
    assert headers["Content-Type"].split(";")[0] in ("text/html", "text/javascript", "text/css")
    assert b"//" not in body or b"https://" not in body.replace(b"https://www.w3.org", b"")
    assert again == 304


async def test_our_page_is_read_before_any_script_runs(face: Face) -> None:
    """What to do stands in it, in the first language of the reader that it speaks."""
    for accepted, language, words in (
        ("", "en", "Nothing scanned yet"),
        ("pt-BR,pt;q=0.9", "en", "Nothing scanned yet"),
        ("pt, de-AT;q=0.8, fr;q=0.5", "de", "Noch nichts gescannt"),
    ):
        _, headers, body = await face.get("/", Accept_Language=accepted)
        assert headers["Vary"] == "Accept-Language"
        assert f'<html lang="{language}">' in body.decode()
        assert f">{words}</h2>" in body.decode()

    sheets = re.findall(r"<style>(.*?)</style>", body.decode(), re.DOTALL)
    digests = [b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in sheets]
    own = " ".join(f"'sha256-{each}'" for each in digests)
    policy = headers["Content-Security-Policy"]
    assert len(sheets) == 2
    assert f"script-src 'self'; style-src 'self' {own}; " in policy
    assert "unsafe" not in policy
    assert b'rel="stylesheet"' not in body


async def test_what_our_page_loads_is_named_in_it_and_kept(face: Face) -> None:
    """No module waits for another one to name it, and none is asked for twice."""
    _, _, body = await face.get("/", Accept_Language="fr")
    named = re.findall(r'="(/at/[^"]+)"', body.decode())
    assert not re.search(r'="/(app|client)/', body.decode())
    for path in {*named}:
        status, headers, module = await face.get(path)
        assert (status, "immutable" in headers["Cache-Control"]) == (200, True)
        for other in re.findall(r'^import [^;]*"(\.[^"]+)";$', module.decode(), re.MULTILINE):
            assert normpath(join(dirname(path), other)) in named, (path, other)

    old = re.sub("/at/[0-9a-f]+/", "/at/0123456789ab/", named[0])
    assert (await face.get(old))[1]["Cache-Control"] == "no-cache"
    assert (await face.get(f"/at/{named[0].split('/')[2]}/app/nothing.js"))[0] == 404


@pytest.mark.parametrize("path", ["/v1/devices", "/", "/nowhere"])
async def test_an_unknown_expectation_is_a_problem(face: Face, path: str) -> None:
    """It is refused before any middleware sees it."""
    reply = await face.raw(f"GET {path} HTTP/1.1\r\nHost: {face.host}\r\nExpect: tea\r\n\r\n")

    assert reply.status == 417
    assert reply.header("Content-Type") == "application/problem+json"
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert json.loads(reply.body)["code"] == "bad-request"
