"""Objects in a bucket: in parts, after a cut only the rest, and nothing left behind."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from clouds import S3
from line import Line
from parcels import Tripping
from places import Place
from yarl import URL

from sheetfed.api.contracts import Target
from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Noted, Parcel
from sheetfed_uploader.signing import EMPTY, Signer

LONG = bytes(range(251)) * 53_000
"""Three parts of 5 MiB, the last one shorter."""


@dataclass(slots=True, kw_only=True)
class Long(Parcel):
    """A delivery of several parts."""

    size: int | None = len(LONG)

    def open(self, offset: int = 0) -> Any:
        return io.BytesIO(LONG[offset:])


@pytest.fixture
def bucket(running: Callable[[type[Place]], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    found = running(S3)
    found.clear()
    monkeypatch.setattr("sheetfed_uploader.s3.AT_ONCE", 1)  # so that a cut meets the second part
    yield found
    found.clear()


def done(
    bucket: S3,
    parcel: Parcel,
    state: dict[str, Any] | None = None,
    *,
    word: str = "send",
    **changes: Any,
) -> Mapping[str, Any]:
    """Send, or abandon; return the state that was saved last."""
    state = {} if state is None else state

    def note(_: int, told: Mapping[str, Any]) -> Noted:
        state.clear()
        state.update(told)
        return Noted()

    async def wait() -> None:
        target = make(bucket.factory, bucket.settings(**changes), Target)
        if word == "send":
            await target.send(parcel, note)  # type: ignore[misc]
        else:
            await target.abandon(parcel)  # type: ignore[misc]

    try:
        asyncio.run(wait())
    except TargetUnreachable:
        assert state["upload"]
    return state


def test_what_is_large_goes_in_parts_and_after_a_cut_only_the_rest(bucket: S3) -> None:
    """The parts that were taken stay; they become an object once all are there."""
    parcel = Long()
    with Line(bucket.port, most=7 << 20) as line:
        state = done(bucket, parcel, port=line.port)
    assert not bucket.arrived()
    (upload,) = bucket.store.buckets[bucket.bucket].multiparts.values()
    kept = {number: part.last_modified for number, part in upload.parts.items()}

    done(bucket, replace(parcel, state=state))
    tags = {number: upload.parts[number].last_modified for number in kept}

    assert bucket.arrived() == {"contract.pdf": LONG}
    assert bucket.uploads() == []
    assert [*kept] == [1]
    assert tags == kept
    done(bucket, replace(parcel, state=state))  # the answer was lost: it is there already
    assert bucket.arrived() == {"contract.pdf": LONG}
    assert bucket.uploads() == []


def test_parts_that_a_server_lost_go_again(bucket: S3) -> None:
    """It restarts while the second is on its way, and knows nothing of an upload any more."""
    parcel = Tripping(
        content=LONG, size=len(LONG), at=7 << 20, reads=bucket.reads, trip=bucket.restart
    )
    state: dict[str, Any] = {}
    with pytest.raises(TargetRefused, match="NoSuchUpload") as caught:
        done(bucket, parcel, state)
    assert caught.value.details["again"]
    assert not bucket.arrived()
    assert bucket.uploads() == []

    done(bucket, Long(state=state))

    assert bucket.arrived() == {"contract.pdf": LONG}
    assert bucket.uploads() == []


def test_parts_of_what_is_given_up_are_thrown_away(bucket: S3) -> None:
    """Amazon asks money for parts that nobody sees."""
    with Line(bucket.port, most=7 << 20) as line:
        state = done(bucket, Long(), port=line.port)
    assert bucket.uploads()

    done(bucket, Long(state=state), word="abandon")

    assert bucket.uploads() == []


def test_keys_that_end_half_way_leave_nothing_and_new_ones_finish(bucket: S3) -> None:
    """A token runs out between two parts; the person puts a new one in, and retries."""
    with Line(bucket.port, most=7 << 20) as line:
        state = done(bucket, Long(), port=line.port)

    with pytest.raises(TargetRefused, match="Signature"):
        done(bucket, Long(state=state), **{"secret-key": "of yesterday"})
    assert not bucket.arrived()
    done(bucket, Long(state=state))

    assert bucket.arrived() == {"contract.pdf": LONG}


@dataclass(slots=True, kw_only=True)
class Paced(Long):
    """The same over a line with a limit: who reads waits for its turn."""

    def open(self, offset: int = 0) -> Any:
        return _Paced(LONG[offset:])


class _Paced(io.BytesIO):
    def readinto(self, buffer: Any, /) -> int:
        time.sleep(0.02)
        return super().readinto(buffer)

    readinto1 = readinto


def test_a_limit_of_bandwidth_takes_no_thread_from_others(
    bucket: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts are read twice, six side by side: the service's own threads are as few as that."""
    monkeypatch.setattr("sheetfed_uploader.s3.AT_ONCE", 6)
    waits: list[float] = []

    async def beside() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        target = make(bucket.factory, bucket.settings(), Target)
        sending = asyncio.ensure_future(target.send(Paced(), lambda *_: Noted()))  # type: ignore[arg-type]
        while not sending.done():
            began = time.monotonic()
            await asyncio.to_thread(int)
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
        await sending

    asyncio.run(beside())

    assert bucket.arrived() == {"contract.pdf": LONG}
    assert max(waits) < 0.3, "others waited for a thread"


def test_a_name_that_was_taken_meanwhile_gives_way(bucket: S3) -> None:
    """Somebody put another object there while the line was cut: nothing of it is replaced."""
    with Line(bucket.port, most=7 << 20) as line:
        state = done(bucket, Long(), port=line.port)
    other = Parcel(idempotency_key="other")
    done(bucket, other)

    done(bucket, Long(state=state))

    assert bucket.arrived() == {"contract.pdf": CONTENT, "contract-2.pdf": LONG}
    assert bucket.uploads() == []


def test_a_signature_is_the_one_that_amazon_prints() -> None:
    """The example of its reference: whoever signs otherwise is let in nowhere."""
    settings = {
        "access-key": "AKIAIOSFODNN7EXAMPLE",
        "secret-key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "region": "us-east-1",
        "headers": "",
    }
    signer = Signer(settings)
    assert signer.follow({"Date": "Fri, 24 May 2013 00:00:00 GMT"})
    url = URL("https://examplebucket.s3.amazonaws.com/?lifecycle=", encoded=True)

    signed = signer.sign("GET", url, {}, EMPTY)

    assert signed["x-amz-date"] == "20130524T000000Z"
    assert signed["Authorization"].endswith(
        "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    )
