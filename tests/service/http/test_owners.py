"""What is one owner's is not there for another. Every operation that takes an id."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from face import Face, Site

from sheetfed.server.app import OPS
from sheetfed.server.table import Op
from sheetfed.store import deliveries
from sheetfed.store.deliveries import DeliveryRow

ALICE = "https://alice.example"
BOB = "https://bob.example"

EVERYBODY_S = {"device_id", "name"}
"""Ids of what belongs to nobody."""

TAKING = [
    op
    for op in OPS
    if set(re.findall(r"{(\w+)", op.path)) - EVERYBODY_S and op.access in ("owner", "pairing")
]
BODIES: dict[str, Any] = {
    "Wording": {"title": "x"},
    "Order": {"pages": ["PAGE"]},
    "Move": {"pages": ["PAGE"]},
    "Copy": {"pages": ["PAGE"]},
    "Arrangement": {"rule": "reverse", "pages": ["PAGE"]},
    "Retag": {"pages": ["PAGE"], "add": ["x"]},
    "Split": {"parts": [{"first": "PAGE"}]},
    "Merge": {"documents": ["DOCUMENT"]},
    "NewRound": {"steps": [{"name": "blank"}], "pages": ["PAGE"]},
    "Separation": {"by": "pages", "every": 1},
    "Swap": {"a": "PAGE", "b": "PAGE"},
    "Remove": {"pages": ["PAGE"]},
    "FileWish": {"pages": ["PAGE"]},
    "Editing": {"edits": [{"name": "invert"}]},
    "EditingMany": {"edits": [{"name": "invert"}], "pages": ["PAGE"]},
    "Turning": {},
    "TurningMany": {"pages": ["PAGE"]},
}


async def ids_of(face: Face, site: Site) -> dict[str, str]:
    """Return the ids of a document, a page, a job and a pairing of a site."""
    document = await face.document((40, 60), (60, 40), owner=site.origin)
    wish = {"device": "sample:paper", "settings": {"source": "feeder", "sheets": 1, "speed": 0}}
    async with site.client.post("/v1/jobs", json={**wish, "document": document.id}) as answer:
        assert answer.status == 201, await answer.text()
        job = (await answer.json())["id"]
    wish = [{"name": "blank"}]
    one = await face.service.rounds.start(site.origin, document.id, wish, [document.pages[0]])
    pairing = face.service.approvals.pairings.ask(site.origin, b"a key")
    delivery = await ended_delivery(face, site.origin, document.id)
    return {
        "document_id": document.id,
        "page_id": document.pages[0],
        "job_id": job,
        "pairing_id": pairing.id,
        "round_id": one.id,
        "delivery_id": delivery,
    }


async def ended_delivery(face: Face, owner: str, document: str) -> str:
    """Return the id of a delivery that was given up."""
    row = DeliveryRow(
        id=f"dlv_{secrets.token_urlsafe(16)}",
        owner=owner,
        state="cancelled",
        target="archive",
        name="letter.pdf",
        media_type="application/pdf",
        private=False,
        created=0,
        changed=0,
        document=document,
    )
    await face.service.database.write(lambda connection: deliveries.add(connection, row, None, ""))
    return row.id


async def ask(site: Site, op: Op, ids: dict[str, str]) -> tuple[int, str]:
    """Return status and body of an operation on these things, their ids replaced."""
    path = re.sub(r"{(\w+)(:[^{}]*)?}", lambda match: ids[match[1]], op.path)
    body = None if op.body is None else BODIES[op.body().__name__]
    text = json.dumps(body).replace("PAGE", ids["page_id"])
    text = text.replace("DOCUMENT", ids.get("other_document", ids["document_id"]))
    headers = {} if body is None else {"Content-Type": "application/json"}
    async with site.client.request(
        op.method, path, data=None if body is None else text, headers=headers
    ) as answer:
        said = await answer.text()
    for name, value in ids.items():
        said = said.replace(value, name)
    return answer.status, said


def unknown(ids: dict[str, str]) -> dict[str, str]:
    """Return ids of the same form that are nothing's."""
    return {name: f"{value[:-4]}AAAA" for name, value in ids.items()}


async def test_another_s_is_answered_as_what_does_not_exist(face: Face) -> None:
    """R13 (T05): the same status and the same body, for sites and for the person alike."""
    alice = await face.site(ALICE)
    ids = await ids_of(face, alice)
    before = await face.service.documents.get(ALICE, ids["document_id"])

    for number, op in enumerate(TAKING):
        bob = await face.site(f"https://bob{number}.example")  # one alone asks too often
        hers, nobody_s = await ask(bob, op, ids), await ask(bob, op, unknown(ids))

        assert hers == nobody_s, op.id
        assert hers[0] == 404, op.id
        after = await face.service.documents.get(ALICE, ids["document_id"])
        assert after.pages[:2] == before.pages, op.id


async def test_a_document_of_one_s_own_takes_nothing_of_another_s(face: Face) -> None:
    """R13: ids in a body are no way around the path."""
    alice, bob = await face.site(ALICE), await face.site(BOB)
    ids = await ids_of(face, alice)
    own = await face.document((40, 60), owner=BOB)

    for op in TAKING:
        if op.body is None or op.body().__name__ in ("Wording", "Order", "Separation"):
            continue
        strange = unknown(ids)
        mixed = {**ids, "other_document": ids["document_id"], "document_id": own.id}
        none = {**strange, "other_document": strange["document_id"], "document_id": own.id}

        hers, nobody_s = await ask(bob, op, mixed), await ask(bob, op, none)

        assert hers[0] == nobody_s[0] == 404, op.id
        assert hers[1] == nobody_s[1], op.id


async def test_a_new_document_is_no_copy_of_another_s(face: Face) -> None:
    """R13: nor is one made of what the caller cannot read."""
    alice, bob = await face.site(ALICE), await face.site(BOB)
    ids = await ids_of(face, alice)
    said = []
    for document in (ids["document_id"], unknown(ids)["document_id"]):
        async with bob.client.post("/v1/documents", json={"copy_of": document}) as answer:
            said.append((answer.status, (await answer.text()).replace(document, "")))

    assert said[0] == said[1]
    assert said[0][0] == 404
    assert (await face.service.documents.list(BOB))[0] == []


async def test_lists_name_only_what_is_one_s_own(face: Face) -> None:
    """R13 (T06): each list that there is, and what the service tells of itself."""
    alice, bob = await face.site(ALICE), await face.site(BOB)
    ids = await ids_of(face, alice)
    lists = [op for op in OPS if op.method == "GET" and op.access == "owner" and "{" not in op.path]

    for op in lists:
        if op.id == "get_events":  # endless; tests of its own look at it
            continue
        async with bob.client.get(op.path) as answer:
            said = await answer.text()
        assert answer.status == 200
        assert not [value for value in ids.values() if value in said], op.id
        assert ALICE not in said

    async with bob.client.get("/v1/service") as answer:
        told = await answer.json()
    assert (told["pages"], told["bytes"], told["home"]) == (0, 0, "")
    async with bob.client.get("/v1/addons") as answer:
        assert {row["location"] for row in (await answer.json())["items"]} == {""}


async def test_who_uses_a_device_is_not_told(face: Face) -> None:
    """R13: that it is busy has to be told; by whom and for what is not."""
    alice, bob = await face.site(ALICE), await face.site(BOB)
    wish = {
        "device": "sample:paper",
        "settings": {"source": "feeder", "sheets": 50, "speed": 60},
        "title": "a secret",
    }
    async with alice.client.post("/v1/jobs", json=wish) as answer:
        job = (await answer.json())["id"]

    async with bob.client.post("/v1/jobs", json=wish) as answer:
        said = await answer.text()
    async with alice.client.post(f"/v1/jobs/{job}/cancel") as cancelled:
        assert cancelled.status == 200

    assert answer.status == 409
    assert not [word for word in (ALICE, job, "secret") if word in said]


async def test_deleting_everything_deletes_one_s_own(face: Face) -> None:
    """R13."""
    bob = await face.site(BOB)
    hers, mine = await face.document((40, 60), owner=ALICE), await face.document((40, 60))
    await face.document((40, 60), owner=BOB)

    async with bob.client.delete("/v1/documents") as answer:
        assert answer.status == 204

    assert await face.service.documents.get(ALICE, hers.id)
    assert await face.service.documents.get("local", mine.id)
    assert (await face.service.documents.list(BOB))[0] == []


async def test_an_idempotency_key_is_one_s_own(face: Face) -> None:
    """R13: the same key of two sites makes two jobs."""
    jobs = []
    for origin in (ALICE, BOB):
        site = await face.site(origin)
        wish = {"device": "sample:paper", "settings": {"source": "flatbed", "speed": 0}}
        async with site.client.post(
            "/v1/jobs", json=wish, headers={"Idempotency-Key": "one"}
        ) as answer:
            assert answer.status == 201
            jobs.append((await answer.json())["id"])
        async with site.client.get(f"/v1/jobs/{jobs[-1]}?wait=20&seen=0") as answer:
            assert answer.status == 200
        await site.client.post(f"/v1/jobs/{jobs[-1]}/cancel")

    assert len(set(jobs)) == 2


async def test_ids_cannot_be_guessed(face: Face) -> None:
    """R13 (T07): 128 bits at least, and none like the one before."""
    ids = await ids_of(face, await face.site(ALICE))

    for value in ids.values():
        assert len(value.partition("_")[2]) * 6 >= 128
