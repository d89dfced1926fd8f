"""Documents over HTTP: pages ordered, copied, tagged; documents split, merged, described."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pypdfium2
from face import Face, jpeg, opened

from sheetfed.config import Config
from sheetfed.events import LOCAL
from sheetfed.keeping import Keeping, Quota

BYTES = {"Content-Type": "application/octet-stream"}
MANY = 2000
LONGEST_TURN = 0.1
"""Seconds of the processor that the event loop may take before it looks at the next request."""


async def change(face: Face, document: str, place: str, body: Any) -> Any:
    """Ask for a change that must be taken."""
    status, told = await face.send("POST", f"/v1/documents/{document}{place}", body)
    assert status == 200, told
    return told


def ids(told: Any) -> list[str]:
    return [page["id"] for page in told["pages"]]


async def test_pages_are_arranged_copied_and_removed(face: Face) -> None:
    document = await face.document(*[(40, 60)] * 4)
    a, b, c, d = document.pages

    duplex = await change(face, document.id, "/arrange", {"rule": "interleave-reversed"})
    some = await change(face, document.id, "/arrange", {"rule": "reverse", "pages": [a, b]})
    copied = await change(face, document.id, "/copy", {"pages": [c], "before": a})
    left = await change(face, document.id, "/remove", {"pages": "even"})
    nothing = await change(face, document.id, "/remove", {"pages": "all"})
    again = await change(face, document.id, "/remove", {"pages": "all"})

    assert ids(duplex) == [a, d, b, c]
    assert ids(some) == [b, d, a, c]
    assert [ids(copied)[0], ids(copied)[1], *ids(copied)[3:]] == [b, d, a, c]
    assert ids(left) == [b, ids(copied)[2], c]
    assert (nothing["pages"], again["version"]) == ([], nothing["version"])


async def test_a_document_is_split_merged_and_copied(face: Face) -> None:
    document = await face.document(*[(40, 60)] * 3, title="Post")
    a, b, c = document.pages

    parts = (await change(face, document.id, "/split", {"parts": [{"first": c}]}))["items"]
    merged = await change(face, parts[1]["id"], "/merge", {"documents": [document.id]})
    status, copy = await face.send("POST", "/v1/documents", {"copy_of": parts[1]["id"]})
    some = {"copy_of": parts[1]["id"], "pages": [b, c], "title": "Some"}
    _, other = await face.send("POST", "/v1/documents", some)

    assert [(part["title"], part["page_count"]) for part in parts] == [("Post", 2), ("Post (2)", 1)]
    assert ids(merged) == [c, a, b]
    assert (status, copy["title"], len(copy["pages"])) == (201, "Post (2)", 3)
    assert not set(ids(copy)) & set(ids(merged))
    assert (other["title"], [page["size"] for page in other["pages"]]) == (
        "Some",
        [merged["pages"][2]["size"], merged["pages"][0]["size"]],
    )
    assert (await face.send("GET", f"/v1/documents/{document.id}"))[0] == 404
    _, pages = await face.send("GET", f"/v1/documents/{copy['id']}")
    status, headers, image = await face.get(f"/v1/pages/{ids(pages)[0]}/image")
    assert (status, int(headers["Content-Length"])) == (200, len(image))


async def test_tags_and_info_are_kept_listed_and_saved(face: Face) -> None:
    document = await face.document((40, 60), (41, 60), (42, 60), title="Tax")
    path = f"/v1/documents/{document.id}"
    info = {"author": "Ada Ä", "keywords": "a b", "fields": {"case": "12"}}

    _, told = await face.send("PATCH", path, {"tags": ["2025", "tax"], "info": info})
    _, kept = await face.send("PATCH", path, {"info": {"subject": "Money"}})
    await change(face, document.id, "/tag", {"pages": "odd", "add": ["sined"]})
    rename = {"having": "sined", "add": ["signed"], "remove": ["sined"]}
    await change(face, document.id, "/tag", rename)
    _, first = await face.send("GET", f"{path}/pages?tag=signed&limit=1")
    _, second = await face.send("GET", f"{path}/pages?tag=signed&cursor={first['next']}")
    _, tags = await face.send("GET", "/v1/tags")
    _, listed = await face.send("GET", "/v1/documents?tag=tax")
    _, none = await face.send("GET", "/v1/documents?tag=signed")
    _, _, pdf = await face.get(f"{path}/file?type=application/pdf")

    assert (told["tags"], told["info"]["subject"]) == (["2025", "tax"], "")
    assert kept["info"] == {**info, "subject": "Money"}
    found = [page["id"] for page in [*first["items"], *second["items"]]]
    assert found == [document.pages[0], document.pages[2]]
    assert second["next"] is None
    assert {item["tag"]: (item["documents"], item["pages"]) for item in tags["items"]} == {
        "2025": (1, 0),
        "signed": (0, 2),
        "tax": (1, 0),
    }
    assert [item["id"] for item in listed["items"]] == [document.id]
    assert none["items"] == []
    said = pypdfium2.PdfDocument(pdf).get_metadata_dict()
    words = (said["Title"], said["Author"], said["Subject"], said["Keywords"])
    assert words == ("Tax", "Ada Ä", "Money", "a b")


async def test_a_tag_is_found_however_it_is_typed(face: Face) -> None:
    """Accents may be signs of their own, spaces wide; some words need signs that nobody sees."""
    document = await face.document((40, 60))
    path = f"/v1/documents/{document.id}"
    persian, family = (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f468\u200d\U0001f467",
    )
    words = [persian, family, "Ange\u0301le", "\u8acb\u6c42\u3000\u66f8", " late "]

    told = await change(face, document.id, "/tag", {"pages": "all", "add": words})
    _, described = await face.send("PATCH", path, {"tags": words})
    asked = [*words, "Ang\u00e9le", "\u8acb\u6c42 \u66f8", "late"]
    found = [(await face.send("GET", f"{path}/pages?tag={quote(word)}"))[1] for word in asked]
    listed = [(await face.send("GET", f"/v1/documents?tag={quote(word)}"))[1] for word in asked]
    rename = {"pages": "all", "having": "Ange\u0301le", "add": ["Ida"], "remove": ["Ange\u0301le"]}
    renamed = await change(face, document.id, "/tag", rename)
    hidden, problem = await face.send("POST", f"{path}/tag", {"pages": "all", "add": ["\u200d"]})

    kept = sorted([persian, family, "Ang\u00e9le", "\u8acb\u6c42 \u66f8", "late"])
    assert told["pages"][0]["tags"] == described["tags"] == kept
    assert [len(one["items"]) for one in [*found, *listed]] == [1] * 16
    assert renamed["pages"][0]["tags"] == sorted({*kept, "Ida"} - {"Ang\u00e9le"})
    assert (hidden, problem["code"]) == (422, "bad-request")


async def test_a_tag_gets_another_name_everywhere_and_no_other_owner_hears_of_it(
    face: Face,
) -> None:
    """In documents and on pages, also where a page has both names already; or it goes."""
    draft = json.dumps(["draft"])
    document = await face.document((40, 60), (41, 60))
    path = f"/v1/documents/{document.id}"
    site = await face.site("https://tags.example")
    other = await face.document((40, 60), owner=site.origin)
    await face.service.documents.tag(site.origin, other.id, "all", add=["draft"])
    await face.send("PATCH", path, {"tags": ["draft", "tax"]})
    await change(face, document.id, "/tag", {"pages": "even", "add": ["draft", "final"]})
    how = {"params": {"tags": draft}, "data": jpeg((30, 20))}
    async with face.client.post(f"{path}/pages", **how, headers=BYTES) as answer:
        assert answer.status == 201, await answer.text()
    async with face.client.post("/v1/imports", **how, headers=BYTES) as answer:
        imported = await answer.json()

    _, before = await face.send("GET", "/v1/tags")
    status, renamed = await face.send("POST", "/v1/tags", {"tag": "draft", "to": "final"})
    _, told = await face.send("GET", path)
    gone, none = await face.send("POST", "/v1/tags", {"tag": "draft"})
    _, left = await face.send("POST", "/v1/tags", {"tag": "final"})

    uses = {item["tag"]: (item["documents"], item["pages"]) for item in before["items"]}
    assert uses == {"draft": (1, 3), "final": (0, 1), "tax": (1, 0)}
    assert [page["tags"] for page in imported["pages"]] == [["draft"]]
    uses = {item["tag"]: (item["documents"], item["pages"]) for item in renamed["items"]}
    assert (status, uses) == (200, {"final": (1, 3), "tax": (1, 0)})
    assert told["tags"] == ["final", "tax"]
    assert [page["tags"] for page in told["pages"]] == [[], ["final"], ["final"]]
    assert (gone, none["code"]) == (404, "not-found")
    assert [item["tag"] for item in left["items"]] == ["tax"]
    kept = await face.service.documents.pages(site.origin, other.id)
    assert [page.tags for page in kept] == [("draft",)]
    for words in ("draft", '[" "]', "[1]", "{"):
        how["params"] = {"tags": words}
        async with face.client.post("/v1/imports", **how, headers=BYTES) as answer:
            assert (answer.status, (await answer.json())["code"]) == (422, "bad-request"), words


NONSENSE: list[tuple[str, str, Any]] = [
    ("POST", "/arrange", {"rule": "shuffle"}),
    ("POST", "/arrange", {"rule": "interleave", "fronts": 4}),
    ("POST", "/arrange", {"rule": "interleave", "fronts": -1}),
    ("POST", "/copy", {"pages": []}),
    ("POST", "/copy", {"pages": "all"}),
    ("POST", "/remove", {"pages": "some"}),
    ("POST", "/tag", {"add": [""]}),
    ("POST", "/tag", {"add": [" "]}),
    ("POST", "/tag", {"add": ["\u202e\n"]}),
    ("POST", "/tag", {"add": ["x"] * 51}),
    ("POST", "/tag", {"add": ["x" * 101]}),
    ("POST", "/split", {"parts": []}),
    ("POST", "/split", {"parts": [{"first": "PAGE"}]}),
    ("POST", "/merge", {"documents": ["DOC"]}),
    ("POST", "/merge", {"documents": ["doc_x", "doc_x"]}),
    ("PATCH", "", {"info": {"colour": "red"}}),
    ("PATCH", "", {"info": {"fields": {"": "x"}}}),
    ("PATCH", "", {"title": "x" * 501}),
    ("PATCH", "", {"tags": ["\ud800"]}),
]


async def test_nonsense_changes_nothing(face: Face) -> None:
    """Each is told apart from a fault of ours, and the document is as it was."""
    document = await face.document((40, 60), (41, 60), (42, 60))
    path = f"/v1/documents/{document.id}"
    _, before = await face.send("GET", path)

    for method, place, body in NONSENSE:
        words = json.dumps(body).replace("PAGE", document.pages[0]).replace("DOC", document.id)
        status, problem = await face.send(method, f"{path}{place}", json.loads(words))

        assert (status, problem["code"]) == (422, "bad-request"), words
        assert (await face.send("GET", path))[1] == before, words


async def test_a_document_that_is_full_takes_no_more(config: Config) -> None:
    """The answer says which limit it was. A picture that takes a page's place is no page more."""
    keeping = Keeping(quota=Quota(document_pages=2))
    async with opened(replace(config, keeping=keeping)) as face:
        document = await face.document((40, 60), (41, 60))
        first = document.pages[0]

        status, problem = await face.send(
            "POST", f"/v1/documents/{document.id}/copy", {"pages": [first]}
        )
        path, kind = f"/v1/pages/{first}/image", {"Content-Type": "application/octet-stream"}
        async with face.client.put(path, data=jpeg((30, 20)), headers=kind) as answer:
            replaced = answer.status

    assert (status, problem["code"]) == (507, "quota-reached")
    assert problem["details"] == {"quota": "document_pages", "limit": 2}
    assert replaced == 200


async def test_a_job_scans_before_a_page(face: Face) -> None:
    document = await face.document((40, 60), (41, 60))
    a, b = document.pages
    request = {
        "device": "sample:paper",
        "settings": {"source": "feeder", "resolution": 75, "sheets": 2, "speed": 0},
        "document": document.id,
        "before": b,
    }

    status, job = await face.send("POST", "/v1/jobs", request)
    assert (status, job["before"]) == (201, b)
    while job["state"] not in ("done", "failed"):
        _, job = await face.send("GET", f"/v1/jobs/{job['id']}?wait=20&seen={job['version']}")
    _, told = await face.send("GET", f"/v1/documents/{document.id}")
    _, elsewhere = await face.send("POST", "/v1/jobs", {**request, "before": "pg_x"})
    _, nowhere = await face.send("POST", "/v1/jobs", {**request, "document": None})

    assert len(ids(told)) == 4
    assert [ids(told)[0], ids(told)[3]] == [a, b]
    made = [page["created"] for page in told["pages"][1:3]]
    assert made == sorted(made)
    assert (elsewhere["code"], nowhere["code"]) == ("not-found", "bad-request")


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """Note the processor's seconds of each turn of the event loop.

    What the tests before have left is kept from the collector: a service has nothing of it.
    """
    turns: list[float] = []

    async def tick() -> None:
        while True:
            own = time.thread_time()
            await asyncio.sleep(0.002)
            turns.append(time.thread_time() - own)

    gc.collect()
    gc.freeze()
    ticking = asyncio.create_task(tick())
    try:
        yield turns
    finally:
        ticking.cancel()
        gc.unfreeze()


async def test_two_thousand_pages_keep_nobody_waiting(face: Face) -> None:
    """A document that somebody lists, orders and tags must not hold up another one's scan."""
    first = await face.document((40, 60))
    documents, pages = face.service.documents, list(first.pages)
    while len(pages) < MANY:
        row = await documents.copy_to(LOCAL, pages[: MANY - len(pages)], first.id, None)
        pages = list(row.pages)
    path = f"/v1/documents/{first.id}"
    await face.send("GET", "/v1/documents?limit=1")  # imports what checks requests

    async with watched() as turns:
        _, told = await face.send("GET", path)
        status, _ = await face.send("PUT", f"{path}/order", {"pages": pages[::-1]})
        await change(face, first.id, "/tag", {"pages": "odd", "add": ["x"]})
        _, part = await face.send("GET", f"{path}/pages?limit=100&tag=x")
        parts = await change(face, first.id, "/split", {"parts": [{"first": pages[MANY // 2]}]})
        other = parts["items"][1]["id"]
        merged = await change(face, first.id, "/merge", {"documents": [other]})

    assert (len(told["pages"]), status, len(part["items"])) == (MANY, 200, 100)
    assert ids(merged) == pages[::-1]
    assert max(turns) < LONGEST_TURN
