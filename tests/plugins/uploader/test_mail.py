"""A document by e-mail: who gets it, what it looks like, and what nobody gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clouds import Mail
from places import Place

from sheetfed.api.contracts import Target
from sheetfed.api.errors import DeliveryUnsure, SheetfedError, TargetRefused
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Noted, Parcel


@pytest.fixture
def post(running: Callable[[type[Place]], Any]) -> Iterator[Mail]:
    found = running(Mail)
    found.clear()
    yield found
    found.clear()


def send(post: Mail, parcel: Parcel, **changes: Any) -> Any:
    """Send a message."""
    target = make(post.factory, post.settings(**changes), Target)
    return target.send(parcel, lambda _sent, _state: Noted())


def test_the_configuration_says_who_gets_what(post: Mail) -> None:
    """Fields fill the subject, the text and the first half of an address, never a header."""
    parcel = Parcel(
        name="2026/Brief \u00fc.pdf",
        fields={"case": "A-7", "note": "two\r\nBcc: evil@evil.example"},
    )

    receipt = send(
        post,
        parcel,
        to="Archive <archive@office.example>\ninvoices+{field:case}@office.example",
        subject="{name}: {field:note}",
        text="Case {field:case}",
    )

    (message,) = post.messages
    assert message.to == ["archive@office.example", "invoices+A-7@office.example"]
    assert message["Subject"] == "Brief \u00fc.pdf: two  Bcc: evil@evil.example"
    assert message["Bcc"] is None
    assert message.get_body().get_content().strip() == "Case A-7"
    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("Brief \u00fc.pdf", "application/pdf")
    assert part.get_payload(decode=True) == CONTENT
    assert receipt.details["message-id"] == message["Message-ID"]
    assert receipt.details["answer"] == "2.0.0 Queued as 42"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"to": "archive@office.example\nnobody@office.example"}, "No such person here"),
        ({"to": "{field:who}@office.example"}, "cannot be a part of an address"),
        ({"to": ""}, "says nobody"),
        ({"from": "scans"}, "no address"),
        ({"limit": 0}, "MiB"),
        ({"url": "http://mail.example"}, "no smtp or smtps URL"),
    ],
)
def test_all_get_it_or_nobody(post: Mail, changes: dict[str, Any], words: str) -> None:
    """A page cannot say a host; one wrong recipient stops the message before it is begun."""
    with pytest.raises(TargetRefused, match=words):
        send(post, Parcel(fields={"who": "evil@evil.example,x"}), **changes)

    assert post.messages == []


def test_a_message_that_may_be_on_its_way_is_not_sent_again(post: Mail) -> None:
    """Two invoices are worse than a question; the Message-ID tells which one to look for."""
    states: list[Any] = []

    def die(_: int, state: Any) -> Noted:
        states.append(state)
        if state.get("handed"):
            raise KeyboardInterrupt
        return Noted()

    target = make(post.factory, post.settings(), Target)
    with pytest.raises(KeyboardInterrupt):
        target.send(Parcel(), die)
    with pytest.raises(DeliveryUnsure) as caught:
        send(post, Parcel(state=states[-1]))

    assert post.messages == []
    assert isinstance(caught.value, SheetfedError)
