"""A page brings an address; the administrator says which hosts that may be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from places import SPECS, Place
from programs import Http

from sheetfed.api.errors import TargetRefused
from sheetfed.testing.target import CONTENT, Noted, Parcel
from sheetfed_uploader.presigned import Presigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def bucket(running: Callable[[type[Place]], Any]) -> Iterator[Http]:
    found = running(Http)
    found.clear()
    yield found
    found.clear()


def send(port: int, url: str, hosts: str) -> Any:
    """Send a document to an address that a page brought."""
    defaults = {option.name: option.default for option in SPECS["presigned"].options}
    settings = {**defaults, "hosts": hosts, "internal": True, "plain": True}
    parcel = Parcel(fields={"url": url.format(port=port)})
    return asyncio.run(Presigned(settings).send(parcel, lambda _sent, _state: Noted()))


def test_a_signed_address_is_used_to_the_letter(bucket: Http) -> None:
    """Whoever rewrites a query breaks the signature."""
    query = "X-Sig=a%2Fb+c%20d&X-Exp=1%3A2&empty="

    receipt = send(bucket.port, f"http://127.0.0.1:{{port}}/put/a%20b?{query}", "127.0.0.1")

    assert bucket.put == {f"/put/a%20b?{query}": CONTENT}
    assert query not in receipt.place


def test_a_signature_that_is_not_right_is_told_and_not_tried_again(bucket: Http) -> None:
    """Only the page can bring another one."""
    with pytest.raises(TargetRefused, match="403 Forbidden: Signed by somebody else") as caught:
        send(bucket.port, "http://127.0.0.1:{port}/put/a?sign=letmein", "127.0.0.1")

    assert not caught.value.details.get("again")
    assert "letmein" not in caught.value.message
    assert bucket.put == {}


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/put/x",
        "http://127.0.0.1.evil.example:{port}/put/x",
        "http://127.0.0.1@evil.example:{port}/put/x",
        "http://evil.example:{port}/127.0.0.1",
        "ftp://127.0.0.1:{port}/x",
        "//127.0.0.1:{port}/x",
        "",
        "http://[::1",
    ],
)
def test_another_host_is_refused(bucket: Http, url: str) -> None:
    """R30: presigned addresses lead to hosts that are listed, and nowhere else."""
    with pytest.raises(TargetRefused):
        send(bucket.port, url, "127.0.0.1\nfiles.example")

    assert bucket.put == {}
