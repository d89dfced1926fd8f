"""A delivery is a promise: whole or not at all, once, and the person can see it."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from sheetfed.api.errors import (
    AddonMissing,
    BadSettings,
    Conflict,
    NotAllowed,
    NotFound,
    QuotaReached,
    TargetRefused,
)
from sheetfed.catalogue import package_for
from sheetfed.events import LOCAL
from sheetfed.keeping import Keeping, Quota
from sheetfed.outbox import Rests
from sheetfed.outgoing import Outgoing, Pace
from sheetfed.store.blobs import BlobReader, BlobWriter
from sheetfed.store.deliveries import DeliveryRow
from sheetfed.targets import Targets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conftest import Bureau

SHOP = "https://shop.example"
PNG = {"type": "image/png"}


def readers() -> set[int]:
    """Return the sealed files that somebody still holds."""
    gc.collect()
    return {id(each) for each in gc.get_objects() if isinstance(each, BlobReader)}


@pytest.mark.parametrize("target", ["inbox", "second"])
async def test_a_file_arrives_whole_and_nothing_of_it_stays(bureau: Bureau, target: str) -> None:
    """From a child and from the service's own loop; then the sealed copy has done its work."""
    data = bytes(range(256)) * 9000

    done = await bureau.become(await bureau.post(data, target=target), "done", "failed")

    assert done["error"] is None
    assert [f.read_bytes() for f in (bureau.home / target).glob("letter*.txt")] == [data]
    assert (done["sent"], done["size"], done["tries"]) == (len(data), len(data), 1)
    assert done["receipt"]["details"] == {"id": 42}
    assert bureau.files() == []
    with sqlite3.connect(bureau.home / "store" / "store.db") as database:
        assert database.execute("SELECT key, blob FROM deliveries").fetchall() == [(None, None)]


async def test_what_is_unreachable_is_tried_until_it_is_there(bureau: Bureau) -> None:
    """The network was away; nobody has to press a button when it is back."""
    bureau.mode("away")
    delivery = await bureau.post()
    tried = await bureau.when(delivery, lambda now: now["tries"] > 2 and now["state"] == "waiting")
    assert tried["next_try"] > time.time() - 1
    assert {one["message"] for one in tried["history"]} == {"Nobody there"}

    bureau.mode("")
    done = await bureau.become(delivery, "done")

    assert (bureau.inbox / "letter.txt").read_bytes() == b"a letter"
    assert done["history"][-1]["outcome"] == "done"
    assert done["error"] is None


async def test_a_cut_line_is_no_fault_of_the_addon(bureau: Bureau) -> None:
    """Whatever an addon lets through of the network's errors means: try again."""
    bureau.mode("broken")
    waiting = await bureau.when(await bureau.post(), lambda now: bool(now["error"]))

    assert waiting["error"]["code"] == "target-unreachable"
    assert waiting["state"] != "failed"


async def test_a_refusal_is_told_in_the_target_s_words_and_can_be_retried(bureau: Bureau) -> None:
    """A refusal does not get better by itself; a person puts it right, then presses a button."""
    bureau.mode("refuse")
    failed = await bureau.become(await bureau.post(), "failed")
    assert failed["error"]["detail"] == "No, says the clerk"
    assert bureau.tries() == 1

    bureau.mode("")
    await bureau.deliveries.retry("me", failed["id"])
    done = await bureau.become(failed, "done")

    assert (bureau.inbox / "letter.txt").exists()
    assert done["tries"] == 2
    with pytest.raises(Conflict):
        await bureau.deliveries.retry("me", failed["id"])


async def test_a_server_that_asks_for_patience_gets_it(bureau: Bureau) -> None:
    """Retry-After: who comes back too early is shut out. Meanwhile it holds nothing but its row."""
    before = readers()
    bureau.mode("busy")

    waiting = await bureau.when(
        await bureau.post(), lambda now: now["state"] == "waiting" and now["tries"] == 1
    )

    assert 3000 < waiting["next_try"] - time.time() < 3700
    assert readers() <= before, "what the last try worked with stays in memory until the next one"
    bureau.mode("")
    await bureau.deliveries.retry("me", waiting["id"])
    await bureau.become(waiting, "done")


async def test_one_target_that_hangs_holds_up_no_other(bureau: Bureau) -> None:
    """Each target has a queue of its own; its own deliveries wait for one another."""
    bureau.mode("hang")
    stuck, behind = await bureau.post(), await bureau.post()
    await bureau.become(stuck, "sending")

    await bureau.become(await bureau.post(target="second"), "done")

    assert (await bureau.deliveries.get("me", behind["id"]))["state"] == "waiting"
    bureau.mode("")
    await bureau.become(stuck, "done")
    await bureau.become(behind, "done")


async def test_what_is_cancelled_leaves_nothing_behind(bureau: Bureau) -> None:
    """Neither here nor there: the target is asked to clean up. Cancelling twice is safe."""
    bureau.mode("hang")
    delivery = await bureau.post()
    await bureau.when(delivery, lambda _: (bureau.inbox / "hangs").exists())

    for _ in range(2):
        gone = await bureau.deliveries.cancel("me", delivery["id"])

    assert gone["state"] == "cancelled"
    assert (bureau.inbox / "abandoned").read_text() == delivery["id"]
    assert not (bureau.inbox / "letter.txt").exists()
    assert bureau.files() == []


@pytest.mark.parametrize("target", ["inbox", "second"])
async def test_what_may_have_arrived_is_not_told_as_given_up_only(
    bureau: Bureau, target: str
) -> None:
    """The target had all of it: it says so itself, or it left nothing that could be taken away."""
    bureau.mode("hang")
    folder = bureau.home / target
    (folder / "keeps").touch()
    delivery = await bureau.post(target=target)
    await bureau.when(delivery, lambda _: (folder / "hangs").exists())

    gone = await bureau.deliveries.cancel("me", delivery["id"])

    assert gone["state"] == "cancelled"
    assert gone["error"]["code"] == gone["history"][-1]["outcome"] == "delivery-unsure"
    assert "it may be there" in gone["error"]["advice"]
    assert await bureau.deliveries.cancel("me", delivery["id"]) == gone
    assert bureau.files() == []


async def test_what_is_cancelled_lets_go_of_its_document(bureau: Bureau) -> None:
    """It is kept no longer than others, and a service that ends when idle may end."""
    document = await scanned(bureau)
    bureau.mode("away")
    row = await bureau.deliveries.send("me", {"document": document, "target": "inbox", **PNG})
    await bureau.when(bureau.deliveries.data(row), lambda now: now["tries"] > 0)

    await bureau.deliveries.cancel("me", row.id)

    assert bureau.deliveries.documents_in_use() == set()


async def test_what_is_cancelled_while_its_file_is_finished_leaves_none(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed, and counted by no quota, it would stay until the next start."""
    document = await scanned(bureau)
    before, begun, real = bureau.files(), threading.Event(), BlobWriter.finish

    def finish(writer: BlobWriter) -> int:
        size = real(writer)
        begun.set()
        time.sleep(0.3)
        return size

    monkeypatch.setattr(BlobWriter, "finish", finish)
    row = await bureau.deliveries.send("me", {"document": document, "target": "inbox", **PNG})
    assert await asyncio.to_thread(begun.wait, 20)

    gone = await bureau.deliveries.cancel("me", row.id)

    assert gone["state"] == "cancelled"
    assert bureau.files() == before


async def test_what_has_arrived_is_given_up_no_more(bureau: Bureau) -> None:
    """It is told as soon as it is written down; what is tidied up after that changes nothing."""
    told = bureau.store.events.subscribe("me")
    delivery = await bureau.post()
    async for event in told:
        if event.data.get("state") == "done":
            break

    gone = await bureau.deliveries.cancel("me", delivery["id"])

    assert gone["state"] == "done"
    assert gone["receipt"]["details"] == {"id": 42}
    assert (await bureau.deliveries.get("me", delivery["id"]))["receipt"] == gone["receipt"]


async def test_a_target_that_cannot_tidy_up_holds_no_delivery(bureau: Bureau) -> None:
    """Whatever it raises, the refusal is told, and the person can retry."""
    (bureau.second / "stubborn").touch()

    failed = await bureau.become(await bureau.post(target="second"), "failed")

    assert failed["error"]["detail"] == "No, and nothing is taken away either"
    (bureau.second / "stubborn").unlink()
    await bureau.deliveries.retry("me", failed["id"])
    await bureau.become(failed, "done")


async def test_a_file_may_not_be_larger_than_there_is_room(bureau: Bureau) -> None:
    """It is refused at the byte that is too many, and nothing of it stays."""
    await bureau.close()
    await bureau.open(keeping=Keeping(quota=Quota(mib=2)))
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1 << 20)

    with pytest.raises(QuotaReached):
        await bureau.deliveries.send_file("me", {"target": "inbox", "name": "big"}, endless())

    assert taken == 3
    assert bureau.files() == []
    assert (await bureau.deliveries.list("me"))[0] == []


async def test_a_restart_goes_on_with_what_the_target_knew(bureau: Bureau) -> None:
    """The service stopped in the middle; the next one sends the same bytes by itself."""
    bureau.mode("hang")
    delivery = await bureau.post()
    await bureau.when(delivery, lambda _: (bureau.inbox / "hangs").exists())
    await bureau.close()

    bureau.mode("")
    await bureau.open()
    done = await bureau.become(delivery, "done")

    assert (bureau.inbox / "letter.txt").read_bytes() == b"a letter"
    assert (bureau.inbox / "state").read_text() == "{'began': True}"
    assert done["tries"] == 2


def test_rests_double_up_to_a_quarter_of_an_hour_and_differ() -> None:
    """A hundred that failed together do not come back together."""
    for tries, middle in ((1, 5.0), (2, 10.0), (5, 80.0), (9, 900.0), (2000, 900.0)):
        rests = [Rests().after(tries) for _ in range(100)]
        assert 0.8 * middle <= min(rests) < 0.9 * middle
        assert 1.1 * middle < max(rests) <= 1.2 * middle


async def test_a_week_offline_is_waited_out(bureau: Bureau) -> None:
    """A quarter of an hour between two tries, for weeks; then it arrives by itself."""
    week, tries = 7 * 86_400.0, 10 * 24 * 4
    assert week < sum(map(Rests().after, range(1, tries)))
    bureau.mode("away")
    delivery = await bureau.post()
    await bureau.when(delivery, lambda now: now["tries"] > 1)
    await bureau.close()
    with sqlite3.connect(bureau.home / "store" / "store.db") as database:
        database.execute(
            "UPDATE deliveries SET tries = ?, created = created - ?, changed = changed - ?",
            (tries, week, week),
        )
    await bureau.open()
    waiting = await bureau.when(delivery, lambda now: now["tries"] > tries + 1)
    assert waiting["state"] in ("waiting", "sending")

    bureau.mode("")
    await bureau.become(delivery, "done")

    assert (bureau.inbox / "letter.txt").read_bytes() == b"a letter"


async def test_what_may_have_arrived_is_not_sent_again_by_itself(bureau: Bureau) -> None:
    """Two invoices are worse than a question."""
    bureau.mode("hang")
    delivery = await bureau.post()
    await bureau.when(delivery, lambda _: (bureau.inbox / "hangs").exists())
    await bureau.close()
    bureau.mode("unsure")
    await bureau.open()

    failed = await bureau.become(delivery, "failed")
    assert failed["error"]["code"] == "delivery-unsure"
    assert not (bureau.inbox / "letter.txt").exists()

    await bureau.deliveries.retry("me", delivery["id"])  # the person looked: it is not there
    await bureau.become(delivery, "done")


async def test_a_target_that_keeps_dying_is_given_up(bureau: Bureau) -> None:
    """A crash may be chance once; five in a row are not."""
    bureau.mode("die")

    failed = await bureau.become(await bureau.post(), "failed")

    assert failed["error"]["code"] == "driver-crashed"
    assert bureau.tries() == 5


async def test_a_document_is_sent_as_it_was_when_it_was_sent(bureau: Bureau) -> None:
    """What is deleted afterwards was still promised; its document is kept until it is a file."""
    document = await scanned(bureau)
    bureau.mode("away")
    wish = {"document": document, "target": "inbox", "type": "image/png", "fields": {"case": "7"}}
    row = await bureau.deliveries.send("me", wish)
    assert bureau.deliveries.documents_in_use() == {document}
    delivery = bureau.deliveries.data(row)
    await bureau.when(delivery, lambda now: now["tries"] > 0)
    await bureau.documents.delete("me", document)

    bureau.mode("")
    done = await bureau.become(delivery, "done")

    (found,) = bureau.inbox.glob("*.png")
    assert found.read_bytes().startswith(b"\x89PNG")
    assert done["name"] == found.name
    assert done["fields"] == {"case": "7"}
    assert bureau.deliveries.documents_in_use() == set()


async def test_a_job_delivers_once_it_is_done(bureau: Bureau) -> None:
    """One request says everything; a target that does not fit is told before any paper moves."""
    request: dict[str, Any] = {"device": "tray:one", "settings": {"sheets": 1}}
    with pytest.raises(NotAllowed):
        await bureau.jobs.start("me", {**request, "deliver": [{"target": "nowhere"}]})
    wrong = {"target": "inbox", "fields": {"cas": 1}}
    with pytest.raises(BadSettings) as caught:
        await bureau.jobs.start("me", {**request, "deliver": [wrong]})
    assert caught.value.details["errors"][0]["pointer"] == "/deliver/0/fields/cas"

    odd = {"target": "inbox", "type": "image/png", "options": {"colour": "red"}}
    with pytest.raises(BadSettings, match="colour"):
        await bureau.jobs.start("me", {**request, "deliver": [odd]})

    wish = {"target": "inbox", "type": "image/png"}
    job = await bureau.state(await bureau.jobs.start("me", {**request, "deliver": [wish]}), "done")
    assert job.document
    key = f"{job.id} 0 {job.document}"  # the job's end is written down after, and may come twice
    await bureau.deliveries.promise(
        "me", job.deliver[0], job.document, number=1, job=job.id, key=key
    )
    (delivery,), _ = await bureau.deliveries.list("me")
    done = await bureau.become(delivery, "done")

    assert (done["job"], done["document"]) == (job.id, job.document)
    assert len([*bureau.inbox.glob("*.png")]) == 1


async def test_the_documents_of_a_batch_are_counted_in_their_names(bureau: Bureau) -> None:
    job = await bureau.jobs.start(
        "me",
        {
            "device": "tray:one",
            "settings": {"sheets": 3},
            "title": "Post",
            "split": {"by": "pages", "every": 1, "title": "{title}"},
            "deliver": [{"target": "second", "type": "image/png"}],
        },
    )
    await bureau.state(job, "done")
    rows, _ = await bureau.deliveries.list("me")
    for row in rows:
        await bureau.become(row, "done")

    names = [file.name for file in sorted(bureau.second.glob("*.png"))]
    assert names == ["Post 001.png", "Post 002.png", "Post 003.png"]


async def test_what_is_private_dies_with_the_service(bureau: Bureau) -> None:
    """Its key was in memory only; a row without a key would be a promise nobody can keep."""
    document = await scanned(bureau, private=True)
    bureau.mode("away")
    wish = {"document": document, "target": "inbox", "type": "image/png"}
    delivery = bureau.deliveries.data(await bureau.deliveries.send("me", wish))
    await bureau.when(delivery, lambda now: now["tries"] > 0)
    await bureau.close()
    await bureau.open()

    with pytest.raises(NotFound):
        await bureau.deliveries.get("me", delivery["id"])
    assert bureau.files() == []


async def test_a_key_makes_one_delivery(bureau: Bureau) -> None:
    """A page that lost the answer asks again; another request under the key is a mistake."""
    first = await bureau.post(key="one")
    again = await bureau.post(key="one")

    assert first["id"] == again["id"]
    assert (await bureau.post(key="one", owner=SHOP))["id"] != first["id"]
    with pytest.raises(Conflict):
        await bureau.post(key="one", fields={"case": "8"})


async def test_a_target_of_one_site_is_not_there_for_another(bureau: Bureau) -> None:
    """R29: in the same words as for a name that nobody configured."""
    refusals = []
    for owner, target in (("https://evil.example", "shut"), ("https://evil.example", "nowhere")):
        with pytest.raises(NotAllowed) as caught:
            await bureau.post(target=target, owner=owner)
        refusals.append((caught.value.message, caught.value.details))

    assert refusals[0] == refusals[1]
    assert "shut" in {place.name for place in bureau.targets.offered(SHOP)}
    assert "shut" not in {place.name for place in bureau.targets.offered("https://evil.example")}
    done = await bureau.become(await bureau.post(target="shut", owner=SHOP), "done", owner=SHOP)
    assert done["receipt"]["place"] == ""  # a path on this computer is not a site's to know


async def test_a_target_whose_addon_is_missing_names_the_package(bureau: Bureau) -> None:
    """The configuration may be there before the addon is."""
    with pytest.raises(AddonMissing) as caught:
        await bureau.post(target="cloud")

    assert caught.value.details["package"] == "sheetfed-uploader"


async def test_a_target_that_was_removed_fails_what_waits_for_it(bureau: Bureau) -> None:
    """It is told, and can be retried once the target is back."""
    bureau.mode("away")
    delivery = await bureau.post()
    await bureau.when(delivery, lambda now: now["tries"] > 0)
    await bureau.close()
    kept, bureau.targets = bureau.targets, Targets({}, specs={}, package_for=package_for)
    await bureau.open()

    failed = await bureau.become(delivery, "failed")

    assert failed["error"]["code"] == "not-allowed"
    await bureau.close()
    bureau.targets = kept
    bureau.mode("")
    await bureau.open()
    await bureau.deliveries.retry("me", delivery["id"])
    await bureau.become(delivery, "done")


async def test_secrets_are_told_to_nobody(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """R29: neither a field that is one, nor what the configuration refers to; a gap is named."""
    bureau.configure(
        f'[targets.inbox]\nprotocol = "post"\nfolder = "{bureau.inbox}"\n'
        'password = { env = "POST_PASSWORD" }\n'
    )
    await bureau.close()
    await bureau.open()
    with pytest.raises(TargetRefused, match="env:POST_PASSWORD"):
        await bureau.deliveries.test("me", "inbox")
    monkeypatch.setenv("POST_PASSWORD", "hunter2")
    await bureau.deliveries.test("me", "inbox")

    delivery = await bureau.post(fields={"ticket": "sesame"})
    done = await bureau.become(delivery, "done")

    assert "sesame" not in str(done)
    assert "hunter2" not in str(done)
    raw = (bureau.home / "store" / "store.db").read_bytes()
    assert b"sesame" not in raw


async def test_a_secret_that_a_server_says_again_goes_no_further(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many name the token that they do not know: it would be kept, and shown to pages."""
    monkeypatch.setenv("POST_PASSWORD", "hunter2")
    bureau.configure(
        f'[targets.inbox]\nprotocol = "post"\nfolder = "{bureau.inbox}"\n'
        'password = { env = "POST_PASSWORD" }\n'
    )
    await bureau.close()
    await bureau.open()
    bureau.mode("echo")

    delivery = await bureau.post(fields={"ticket": "https://a.example/b?signed=sesame"})
    failed = await bureau.become(delivery, "failed")
    with pytest.raises(TargetRefused) as caught:
        await bureau.deliveries.test("me", "inbox")

    assert failed["error"]["detail"] == "Who are you, … and …?"
    assert caught.value.message == "Who are you, …?"
    for said in (failed, *(await bureau.deliveries.list("me"))[0]):
        assert "hunter2" not in str(said)
        assert "sesame" not in str(said)


async def test_a_secret_stays_one_when_its_target_is_gone(bureau: Bureau) -> None:
    """Which fields are secret was said when they were filled in; the configuration may change."""
    bureau.mode("away")
    delivery = await bureau.post(fields={"ticket": "sesame", "case": "7"})
    await bureau.when(delivery, lambda now: now["tries"] > 0)
    await bureau.close()
    bureau.targets = Targets({}, specs={}, package_for=package_for)
    await bureau.open()

    failed = await bureau.become(delivery, "failed")

    assert failed["fields"] == {"case": "7"}
    assert "sesame" not in str(await bureau.deliveries.list("me"))


async def test_where_a_target_is_stays_here_also_when_it_fails(bureau: Bureau) -> None:
    """A site is told what is wrong; the person at this computer is told where, too."""
    bureau.mode("lost")
    told = {}
    for owner in (LOCAL, SHOP):
        delivery = await bureau.post(owner=owner)
        now = await bureau.when(delivery, lambda now: bool(now["history"]), owner=owner)
        told[owner] = (now["error"]["detail"], now["history"][0]["message"])

    assert told[LOCAL] == (f"There is no folder {bureau.inbox}",) * 2
    assert told[SHOP] == ("There is no folder …",) * 2


async def test_a_restart_does_not_make_a_server_s_patience_shorter(bureau: Bureau) -> None:
    """Retry-After holds for the next service, too; what rests holds up nobody else."""
    document = await scanned(bureau)
    bureau.mode("busy")
    row = await bureau.deliveries.send("me", {"document": document, "target": "inbox", **PNG})
    waiting = await bureau.when(
        bureau.deliveries.data(row), lambda now: now["state"] == "waiting" and now["tries"] == 1
    )
    await bureau.close()
    await bureau.open()
    async with asyncio.timeout(10):
        await bureau.documents.delete("me", document)
    await asyncio.sleep(0.5)

    now = await bureau.deliveries.get("me", row.id)

    assert (now["state"], now["tries"], bureau.tries()) == ("waiting", 1, 1)
    assert abs(now["next_try"] - waiting["next_try"]) < 60
    bureau.mode("")
    await bureau.deliveries.retry("me", row.id)
    await bureau.become(now, "done")


async def test_the_time_of_sleep_counts(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of timers stands still meanwhile; the one on the wall does not."""
    monkeypatch.setattr("sheetfed.sending.LOOKS_UP", 0.05)
    bureau.mode("busy")
    waiting = await bureau.when(
        await bureau.post(), lambda now: now["state"] == "waiting" and now["tries"] == 1
    )
    bureau.mode("")
    wall = time.time
    await asyncio.sleep(0.3)
    assert bureau.tries() == 1

    monkeypatch.setattr(time, "time", lambda: wall() + 4000)

    await bureau.become(waiting, "done")


async def test_of_what_failed_so_many_files_are_kept(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A target that refuses all would fill the disk."""
    monkeypatch.setattr("sheetfed.store.deliveries.KEPT_FILES", 2)
    bureau.mode("refuse")
    for _ in range(4):
        await bureau.become(await bureau.post(), "failed")
    end = time.monotonic() + 10
    while len(bureau.files()) > 2:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)

    newest, *_, oldest = (await bureau.deliveries.list("me"))[0]

    with pytest.raises(Conflict):
        await bureau.deliveries.retry("me", oldest["id"])
    bureau.mode("")
    await bureau.deliveries.retry("me", newest["id"])
    await bureau.become(newest, "done")


async def test_what_has_arrived_is_done_whatever_becomes_of_its_file(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody looks into each new file, and for a moment none of them can be deleted."""
    real, gone = type(bureau.home).unlink, threading.Event()

    def unlink(path: Path, *, missing_ok: bool = False) -> None:
        if path.name.startswith("out_") and gone.is_set():
            raise PermissionError(13, "somebody has it open")
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(type(bureau.home), "unlink", unlink)

    delivery = await bureau.post()
    gone.set()
    done = await bureau.become(delivery, "done", "failed")

    assert (done["state"], done["error"]) == ("done", None)
    monkeypatch.undo()
    with sqlite3.connect(bureau.home / "store" / "store.db") as database:
        assert database.execute("SELECT key FROM deliveries").fetchall() == [(None,)]


async def test_a_limit_of_bandwidth_holds(bureau: Bureau) -> None:
    """From a child and from the service's own loop; two at once share it."""
    for target, protocol in (("inbox", "post"), ("second", "async")):
        bureau.configure(
            f'[targets.{target}]\nprotocol = "{protocol}"\nfolder = "{bureau.home / target}"\n'
            "bandwidth = 1000\n"
        )
        await bureau.close()
        await bureau.open()
        began = time.monotonic()

        both = [await bureau.post(bytes(1_000_000), target=target) for _ in range(2)]
        for each in both:
            await bureau.become(each, "done")

        assert 1.6 < time.monotonic() - began < 15


async def test_so_many_deliveries_go_at_once(bureau: Bureau) -> None:
    """Two, where nothing is said; the third waits until one of them has ended."""
    bureau.configure(f'[targets.inbox]\nprotocol = "post"\nfolder = "{bureau.inbox}"\n')
    await bureau.close()
    await bureau.open()
    bureau.mode("hang")
    first, second, third = [await bureau.post() for _ in range(3)]

    await bureau.become(first, "sending")
    await bureau.become(second, "sending")
    await asyncio.sleep(0.3)
    assert (await bureau.deliveries.get("me", third["id"]))["state"] == "waiting"

    bureau.mode("")
    for each in (first, second, third):
        await bureau.become(each, "done")


async def test_what_stands_on_the_paper_is_in_the_name(bureau: Bureau) -> None:
    """A barcode, a tag and a field: each is one part of the path, whatever it holds."""
    bureau.configure(
        f'[targets.inbox]\nprotocol = "post"\nfolder = "{bureau.inbox}"\n'
        'name = "{tag}/{field:case}/{barcode}-{n:3}"\nfields.case = "Case"\n'
    )
    await bureau.close()
    await bureau.open()
    request = {"device": "tray:one", "settings": {"sheets": 1}}
    job = await bureau.state(await bureau.jobs.start("me", request), "done")
    assert job.document
    await bureau.documents.describe("me", job.document, tags=["Tax"])
    (page,) = await bureau.pages(job)
    await bureau.mark(page.id, "barcode", "../4711\n*")

    row = await bureau.deliveries.send(
        "me",
        {"document": job.document, "target": "inbox", "fields": {"case": "A/7\u202e"}, **PNG},
    )

    assert row.name == "Tax/A_7_/_4711__-001.png"
    await bureau.become(bureau.deliveries.data(row), "done")


def test_a_pace_holds_over_all_that_share_it() -> None:
    """A limit of bandwidth is for the line, not for each delivery."""
    pace = Pace(1000)

    waits = [pace.wait(500) for _ in range(4)]

    assert [round(wait, 1) for wait in waits] == [0.0, 0.5, 1.0, 1.5]
    assert pace.most(1 << 20) == 250, "what is read at a time must not take long"
    assert Pace(0).wait(1 << 30) == 0
    assert Pace(0).most(1 << 30) == 1 << 30


def test_what_is_read_once_more_waits_once(tmp_path: Path) -> None:
    """A checksum is made of the bytes that go on the line afterwards."""
    key = os.urandom(32)
    asked: list[int] = []
    writer = BlobWriter(tmp_path / "blob", key, b"")
    writer.write(bytes(600_000))
    writer.finish()

    class Noting(Pace):
        def wait(self, size: int) -> float:
            asked.append(size)
            return 0.0

    with BlobReader(tmp_path / "blob", key, b"") as reader:
        row = DeliveryRow(
            id="dlv",
            owner="me",
            state="sending",
            target="inbox",
            name="a.bin",
            media_type="x/y",
            private=False,
            created=0.0,
            changed=0.0,
        )
        outgoing = Outgoing(row, reader, Noting(1_000_000), lambda *_: asyncio.sleep(0))
        assert outgoing.open().read() == bytes(600_000)
        assert sum(asked) == 600_000
        outgoing.open(100_000).read()

    assert sum(asked) == 600_000


async def scanned(bureau: Bureau, *, private: bool = False) -> str:
    """Return a document of one page."""
    request = {"device": "tray:one", "settings": {"sheets": 1}, "private": private}
    job = await bureau.state(await bureau.jobs.start("me", request), "done")
    assert job.document
    await asyncio.sleep(0)
    return job.document
