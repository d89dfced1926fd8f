"""macOS' list of connections, and what is decided by it; none of it was tried on a Mac."""

from __future__ import annotations

import errno
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sheetfed.server.guard import blocks, peers
from sheetfed.server.guard.blocks import LAYOUT, uid_in

COMPILER = "gcc"
ROW = """
#include <stddef.h>
#include <stdint.h>
#pragma pack(4)
struct pair { uint64_t next, before; };
struct in46 { uint32_t pad[3]; uint32_t four; };
union place { struct in46 four; unsigned char six[16]; };
struct buffer { uint32_t used[4]; int32_t low; int16_t flags, wait; };
struct connection {
    uint32_t length;
    struct {
        uint64_t length, self;
        uint16_t remote_port, local_port;
        struct pair every;
        uint64_t protocol, lists;
        struct pair port;
        uint64_t head, generation;
        int32_t flags;
        uint32_t flow;
        unsigned char families, life, kind;
        union place remote, local;
        struct { unsigned char service; } four;
        struct { unsigned char hops; int32_t sum; uint16_t interface; int16_t most; } six;
        struct {
            uint32_t length;
            uint64_t handle;
            int16_t type, options, linger, state;
            uint64_t block;
            int32_t protocol, family;
            int16_t queue, coming, limit, wait;
            uint16_t error;
            int32_t group;
            uint32_t mark;
            struct buffer in, out;
            uint32_t uid;
        } socket;
    } block;
};
"""
"""The rows' fields in their order and widths, as Apple's headers declare them (xnu 11417:
netinet/tcp_var.h xtcpcb64, netinet/in_pcb.h xinpcb64, sys/socketvar.h xsocket64)."""

FIELDS = {
    "remote_port": "block.remote_port",
    "local_port": "block.local_port",
    "families": "block.families",
    "remote": "block.remote",
    "local": "block.local",
    "handle": "block.socket.handle",
    "uid": "block.socket.uid",
}
HERE, THERE = 18910, 50123
OTHER, ROOT = 4711, 0


def test_rows_are_as_a_compiler_lays_them_out(tmp_path: Path) -> None:
    """R8: every place that we read, and the shortest row that has them all."""
    row = "struct connection"
    claims = [f"offsetof({row}, {told}) == {LAYOUT._asdict()[n]}" for n, told in FIELDS.items()]
    claims += [f"offsetof({row}, block.socket.uid) + 4 == {LAYOUT.row}"]
    source = tmp_path / "rows.c"
    source.write_text(ROW + "".join(f'_Static_assert({claim}, "");\n' for claim in claims))

    done = subprocess.run([COMPILER, "-fsyntax-only", source], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    ("family", "host", "bits"),
    [
        (socket.AF_INET, "127.0.0.1", 1),
        (socket.AF_INET6, "::1", 2),
        (socket.AF_INET, "127.0.0.1", 3),
    ],
)
def test_the_row_of_the_other_end_is_found_and_no_other(family: int, host: str, bits: int) -> None:
    """R8: our own end is in the list, too; who is in it without a socket is nobody, not root."""
    here, there, beside = (host, HERE), (host, THERE), (host, HERE + 1)
    rows = made((here, there, 501), (there, beside, 502), (there, here, OTHER), bits=bits)

    assert uid_in(rows, family, here, there) == OTHER
    assert uid_in(made((here, there, 501), bits=bits), family, here, there) is None
    assert uid_in(made((there, here, 0), bits=bits, handle=0), family, here, there) is None
    assert uid_in(made((there, here, 0), bits=bits), family, here, there) == ROOT
    assert uid_in(made((there, here, 7), bits=bits, length=600), family, here, there) == 7
    assert uid_in(made((there, here, 7), bits=4), family, here, there) is None


def test_a_list_that_is_cut_or_nonsense_names_nobody() -> None:
    """R8: what cannot be read is never taken for an account."""
    here, there = ("127.0.0.1", HERE), ("127.0.0.1", THERE)
    whole = made((here, there, 501), (there, here, OTHER))

    cut = [uid_in(whole[:end], socket.AF_INET, here, there) for end in range(len(whole) - 24)]
    assert set(cut) == {None}
    for rows in (b"", bytes(4096), b"\xff" * 4096, whole[:24]):
        assert uid_in(rows, socket.AF_INET, here, there) is None


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[int, int | None]], None]]:
    """Return what makes this a Mac on which connections of each family are an account's."""

    def make(accounts: dict[int, int | None]) -> None:
        def told(connected: socket.socket) -> int | None:
            return accounts.get(connected.family)

        monkeypatch.setattr(blocks, "uid_of", told, raising=False)
        peers._shows_us.cache_clear()

    monkeypatch.setattr(sys, "platform", "darwin")
    yield make
    peers._shows_us.cache_clear()


def test_another_account_and_who_cannot_be_told_are_refused(
    mac: Callable[[dict[int, int | None]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R8: root and the accounts of the configuration are let in, as on Linux."""
    us, line = os.getuid() + 1, socket.socket()
    monkeypatch.setattr(os, "getuid", lambda: us)
    monkeypatch.setattr(os, "geteuid", lambda: us)
    mac({socket.AF_INET: us})
    assert peers.are_told()

    let_in = []
    for account in (us, ROOT, OTHER, None):
        monkeypatch.setattr(blocks, "uid_of", lambda _, told=account: told)
        let_in.append((peers.is_ours(line), peers.is_ours(line, {OTHER})))
    line.close()

    assert let_in == [(True, True), (True, True), (False, True), (False, False)]


@pytest.mark.parametrize("shown", [None, OTHER])
def test_a_mac_that_does_not_show_even_us_leaves_it_to_the_token(
    mac: Callable[[dict[int, int | None]], None], shown: int | None
) -> None:
    """R8: a list of another shape locks nobody out; the local socket still tells its peer."""
    mac({socket.AF_INET: shown, socket.AF_UNIX: OTHER})

    with socket.socket() as line, socket.socket(socket.AF_UNIX) as local:
        assert not peers.are_told()
        assert (peers.is_ours(line), peers.is_ours(local)) == (True, False)


def test_a_mac_without_room_for_a_connection_is_asked_again(
    mac: Callable[[dict[int, int | None]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R8: a moment without descriptors opens the port to nobody, now or later."""
    mac({socket.AF_INET: OTHER})

    def full(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with socket.socket() as line:
        with monkeypatch.context() as short:
            short.setattr(socket, "create_server", full)
            short.setattr(blocks, "uid_of", lambda _: None)
            assert not peers.is_ours(line)
        mac({socket.AF_INET: os.geteuid()})
        assert peers.are_told()
        assert peers.is_ours(line)


def made(
    *rows: tuple[tuple[str, int], tuple[str, int], int],
    bits: int = 1,
    handle: int = 9,
    length: int = LAYOUT.row + 128,
) -> bytes:
    """Return a list of these connections: local, remote, account."""
    around = struct.pack("=IIQQ", 24, len(rows), 1, 1)
    told = around
    for local, remote, uid in rows:
        row = bytearray(length)
        struct.pack_into("=I", row, 0, length)
        row[LAYOUT.families] = bits
        for (host, port), address, at in (
            (local, LAYOUT.local, LAYOUT.local_port),
            (remote, LAYOUT.remote, LAYOUT.remote_port),
        ):
            six = ":" in host
            packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, host)
            row[address : address + 16] = packed.rjust(16, b"\0")
            struct.pack_into("!H", row, at, port)
        struct.pack_into("=Q", row, LAYOUT.handle, handle)
        struct.pack_into("=I", row, LAYOUT.uid, uid)
        told += row
    return told + around
