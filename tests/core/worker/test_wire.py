"""Frames and values: whole however they are cut, refused where they lie."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetfed.api.model import Box, Choice, Device, Mark, Option, Page
from sheetfed.worker.frames import Frames, Pipe, pack
from sheetfed.worker.wire import (
    PageBegun,
    from_json,
    to_json,
)


def gathered(frames: Frames, pieces: list[bytes]) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for piece in pieces:
        for item in frames.feed(piece):
            if isinstance(item, bytes):
                found[-1] = (found[-1][0], found[-1][1] + item)
            else:
                found.append((item["say"], b""))
    return found


@given(
    frames=st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=40)), max_size=6),
    cuts=st.lists(st.integers(min_value=1, max_value=30)),
)
def test_frames_survive_any_cutting(frames: list[tuple[str, bytes]], cuts: list[int]) -> None:
    whole = b"".join(pack({"say": word}, len(body)) + body for word, body in frames)
    pieces = []
    for cut in [*cuts, len(whole)]:
        pieces.append(whole[:cut])
        whole = whole[cut:]

    assert gathered(Frames(), pieces) == frames


def test_a_body_is_handed_on_without_a_copy() -> None:
    frames = Frames()
    list(frames.feed(pack({"say": "data"}, 100)))
    piece = bytes(100)

    assert next(frames.feed(piece)) is piece


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"no json\n",
        b"[]\n",
        b"\xff\n",
        b'{"bytes":-1}\n',
        b'{"bytes":1.5}\n',
        b'{"bytes":true}\n',
        b'{"bytes":99999999999}\n',
        b'{"done":NaN}\n',
        b'{"done":Infinity}\n',
        b"a" * 5_000_000,
    ],
)
def test_garbage_is_a_lie(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(Frames().feed(line))


def test_a_pipe_carries_both_ways() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream:
        pipe = Pipe(stream, writer)
        body = os.urandom(3_000_000)
        sender = threading.Thread(target=pipe.send, args=({"say": "data"}, body))
        sender.start()

        received = pipe.receive()
        sender.join()
        os.close(writer)

        assert received == ({"say": "data", "bytes": len(body)}, body)
        assert pipe.receive() is None


OPTION = Option(
    name="mode",
    title="Mode",
    kind="choice",
    default="gray",
    choices=(Choice(value="gray", title="Grey"), Choice(value=None, title="None")),
    minimum=1,
)
MARK = Mark(
    kind="barcode",
    value="1",
    by="x",
    box=Box(left=1, top=2, width=3.5, height=4),
    corners=((1, 2), (4.5, 2), (4.5, 6), (1, 6)),
    details={"a": None, "b": 1, "c": 1.5, "d": True},
)


@pytest.mark.parametrize(
    "value", [OPTION, MARK, Device(id="a", title="A"), Choice(value=1.5, title="")]
)
def test_values_come_back_as_they_were(value: object) -> None:
    assert from_json(type(value), to_json(value)) == value


def test_a_page_travels_with_its_data_as_a_body() -> None:
    page = Page(data=b"abc", media_type="image/png", width=1, height=2, marks=(MARK,))

    head = to_json(page)

    assert "data" not in head
    assert from_json(Page, head, b"abc") == page


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        (Device, {"id": 7, "title": "x"}),
        (Device, {"id": "x"}),
        (Device, {"id": "x", "title": "x", "kind": "toaster"}),
        (Device, ["x"]),
        (Option, {**to_json(OPTION), "minimum": "low"}),
        (Option, {**to_json(OPTION), "choices": "abc"}),
        (Option, {**to_json(OPTION), "readonly": 1}),
        (Mark, {**to_json(MARK), "details": []}),
        (Mark, {**to_json(MARK), "box": {"left": 1}}),
        (PageBegun, {"number": 1, "media_type": "x", "width": 1, "height": 1.5}),
        (Page, {"media_type": "x", "width": 1, "height": 1}),
        (Page, {"data": "abc", "media_type": "x", "width": 1, "height": 1, "dpi": [1]}),
    ],
)
def test_what_does_not_fit_is_a_lie(kind: type, head: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(kind, head)


def test_half_characters_of_a_driver_do_not_reach_the_service() -> None:
    """A lone surrogate in a device's name would break every answer that shows it."""
    device = from_json(Device, to_json(Device(id="x", title="caf\udce9")))

    device.title.encode()
