"""S: what a page may say about where a document goes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from suite.attack import Attacks, Tries, listed
from suite.target import Target
from suite.wire import Reply

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)

PLACES = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://127.1:{port}/",
    "http://a@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@shop.example/",
    "ftp://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
)


@attack("S01", "12 addresses in a target's place", expected="403, trap unseen", tries=13)
def addresses(target: Target, tries: Tries) -> None:
    with trap() as (port, seen):
        for place in PLACES:
            name = place.format(port=port)
            tries.status(name, _send(target, {"target": name}), 403)
        tries.expect("the trap", not seen, f"{len(seen)} connections")


@attack("S03", "unknown targets, paths, and a smuggled address", expected="403 or 422", tries=9)
def smuggled(target: Target, tries: Tries) -> None:
    with trap() as (port, seen):
        for name in ("nowhere", "../nowhere", "nowhere/../../etc", "\u0000", " "):
            tries.status(repr(name), _send(target, {"target": name}), 403, 422)
        for more in (
            {"url": f"http://127.0.0.1:{port}/"},
            {"host": "127.0.0.1", "path": "/etc"},
            {"headers": {"Host": "127.0.0.1"}},
        ):
            tries.status(str(more), _send(target, {"target": "nowhere", **more}), 403, 422)
        tries.expect("the trap", not seen, f"{len(seen)} connections")


def _send(target: Target, wish: dict[str, object]) -> Reply:
    body = json.dumps({"document": target.a.held[0].document, **wish}).encode()
    kind = "Content-Type: application/json"
    return target.ask("POST", "/v1/deliveries", *target.a.lines, kind, body=body)


@contextmanager
def trap() -> Iterator[tuple[int, list[object]]]:
    """Give a port that nobody may come to, and who came."""
    seen: list[object] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def wait() -> None:
            with suppress(OSError):
                while True:
                    line, whence = listening.accept()
                    seen.append(whence)
                    line.close()

        threading.Thread(target=wait, daemon=True).start()
        yield listening.getsockname()[1], seen
