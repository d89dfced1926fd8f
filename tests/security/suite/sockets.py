"""W: WebSockets, which browsers guard least."""

from __future__ import annotations

import json
import time
import zlib
from contextlib import ExitStack
from functools import partial

from suite.attack import Attacks, Tries, listed
from suite.target import EVIL, Target
from suite.wire import Socket, frame

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)

FLAT = 16 << 10
"""Kibibytes that the service's memory may grow while it is attacked."""


def refused(
    target: Target, tries: Tries, *lines: str, status: int, host: str | None = None
) -> None:
    """Write down a handshake that must be refused."""
    with target.socket(*lines, host=host) as line:
        tries.status(str(lines), line.reply, status)


def silenced(tries: Tries, what: str, line: Socket, *, seconds: float = 2.5) -> None:
    """Write down a socket that must be closed in time, without a message of ours."""
    ended, messages = line.ended(seconds)
    said = "closed" if ended else "open"
    tries.expect(
        what, line.is_open and ended and not messages, f"{said} {messages[:1] or ''}".strip()
    )


@attack("W01", "the handshake of a site that nobody approved", expected="403", tries=1)
def evil(target: Target, tries: Tries) -> None:
    refused(target, tries, f"Origin: {EVIL}", status=403)


@attack("W02", "Origin null, none, and rebound Hosts", expected="refused, 4 of 4", tries=4)
def handshakes(target: Target, tries: Tries) -> None:
    rebound = f"rebind.example:{target.port}"
    refused(target, tries, "Origin: null", status=403)
    refused(target, tries, status=403)
    refused(target, tries, f"Origin: http://{rebound}", status=421, host=rebound)
    refused(target, tries, target.a.from_it, status=421, host=rebound)


@attack("W03", "an approved site without a token", expected="closed, nothing sent", tries=4)
def no_token(target: Target, tries: Tries) -> None:
    for first in ({}, {"token": "A" * 43}, {"topics": ["job"]}, ["token"]):
        with target.socket(target.a.from_it) as line:
            line.say(first)
            silenced(tries, json.dumps(first), line)


@attack("W04", "A's token on B's socket, and the person's", expected="closed", tries=2)
def token_of_another(target: Target, tries: Tries) -> None:
    for token in (target.a.token, target.local):
        with target.socket(target.b.from_it) as line:
            line.say({"token": token, "after": 0})
            silenced(tries, token[:6], line)


@attack("W05", "a socket that says nothing, or only pings", expected="closed in 3 s", tries=2)
def silent(target: Target, tries: Tries) -> None:
    with target.socket(target.a.from_it) as mute, target.socket(target.a.from_it) as pinging:
        for _ in range(3):
            pinging.put(frame(9, b"x"))
            pinging.frames(0.8)
        silenced(tries, "pings", pinging)
        silenced(tries, "silent", mute, seconds=1.0)


@attack(
    "W06", "a frame of 2^40 bytes, fragments without end", expected="closed, memory flat", tries=5
)
def endless(target: Target, tries: Tries) -> None:
    before = target.memory
    for known in (False, True):
        with target.socket(target.a.from_it) as line:
            if known:
                line.say({"token": target.a.token})
                line.frames(0.3)
            line.put(frame(1, b"x" * 1000, claim=1 << 40))
            silenced(tries, "2^40", line)
        with target.socket(target.a.from_it) as line:
            if known:
                line.say({"token": target.a.token})
                line.frames(0.3)
            line.put(frame(1, b"x" * 1000, last=False))
            for _ in range(2000):
                line.put(frame(0, b"x" * 1000, last=False))
            silenced(tries, "fragments", line)
    grown = target.memory - before
    tries.expect("memory", grown < FLAT, f"{grown} KiB more" if grown >= FLAT else "flat")


@attack("W07", "a bomb of 200 MiB, compressed", expected="not negotiated, closed", tries=3)
def bomb(target: Target, tries: Tries) -> None:
    before = target.memory
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    wish = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    with target.socket(target.a.from_it, wish) as line:
        agreed = line.reply.header("Sec-WebSocket-Extensions")
        tries.expect("negotiated", line.is_open and agreed is None, agreed)
        line.put(frame(1, data, bits=0x40))
        silenced(tries, "bomb", line)
    grown = target.memory - before
    tries.expect("memory", grown < FLAT, f"{grown} KiB more" if grown >= FLAT else "flat")


@attack(
    "W08", "reserved bits, bad opcodes, long pings, no mask", expected="closed, no leak", tries=5
)
def malformed(target: Target, tries: Tries) -> None:
    wrong = json.dumps({"token": target.a.token}).encode()
    for name, data in {
        "reserved": frame(1, wrong, bits=0x20),
        "opcode": frame(5, wrong),
        "ping": frame(9, b"x" * 126),
        "unfinished ping": frame(9, b"x", last=False),
    }.items():
        with target.socket(target.a.from_it) as line:
            line.put(data)
            silenced(tries, name, line)
    with target.socket(target.b.from_it) as line:
        line.put(frame(1, wrong, masked=False))
        silenced(tries, "no mask", line)


@attack("W09", "sixteen sockets of one site", expected="8 open, others served", tries=2)
def many(target: Target, tries: Tries) -> None:
    time.sleep(1.0)  # so that what was asked before does not count
    with ExitStack() as held:
        lines = [held.enter_context(target.socket_at_once(target.a.from_it)) for _ in range(16)]
        number = sum(line.is_open for line in lines)
        told = {line.reply.status for line in lines if not line.is_open}
        tries.expect("number", number <= 8 and told == {429}, f"{number} open, {told or ''}")
        with target.socket(target.b.from_it) as other:
            other.say({"token": target.b.token})
            frames = other.frames(0.5)
            tries.expect("another site", other.is_open and frames, other.reply.status)
