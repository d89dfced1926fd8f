"""Windows' table of connections: which program has the other end."""

from __future__ import annotations

import socket
import struct
import subprocess
from pathlib import Path

import pytest

from sheetfed.server.guard.tables import LAYOUTS, pid_in

COMPILER = "x86_64-w64-mingw32-gcc"
ROWS = {
    socket.AF_INET: (
        "MIB_TCPROW_OWNER_PID",
        ("dwLocalAddr", "dwLocalPort", "dwRemoteAddr", "dwRemotePort", "dwOwningPid"),
    ),
    socket.AF_INET6: (
        "MIB_TCP6ROW_OWNER_PID",
        ("ucLocalAddr", "dwLocalPort", "ucRemoteAddr", "dwRemotePort", "dwOwningPid"),
    ),
}
HERE, THERE = 18910, 50123


@pytest.mark.parametrize("family", [*ROWS])
def test_rows_are_as_windows_headers_have_them(
    family: socket.AddressFamily, tmp_path: Path
) -> None:
    """R8: a compiler for Windows agrees about every place that we read."""
    name, fields = ROWS[family]
    layout = LAYOUTS[family]
    _, row, *places = layout
    claims = [f"sizeof({name}) == {row}"]
    for field, place in zip(fields, places, strict=True):
        claims.append(f"offsetof({name}, {field}) == {place}")
    claims.append(f"sizeof((({name} *)0)->{fields[0]}) == {layout.address}")
    source = tmp_path / "rows.c"
    source.write_text(
        "#include <stddef.h>\n#include <winsock2.h>\n#include <iphlpapi.h>\n"
        + "".join(f'_Static_assert({claim}, "");\n' for claim in claims)
    )

    done = subprocess.run([COMPILER, "-fsyntax-only", source], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_the_row_of_the_other_end_is_found_and_no_other(
    family: socket.AddressFamily, host: str
) -> None:
    """R8: our own end is in the table, too, and a program that ended has number 0."""
    here, there = (host, HERE), (host, THERE)
    table = made(family, (here, there, 4), (there, (host, HERE + 1), 5), (there, here, 6))

    assert pid_in(table, family, here, there) == 6
    assert pid_in(made(family, (here, there, 4)), family, here, there) is None
    assert pid_in(made(family, (there, here, 0)), family, here, there) is None
    assert pid_in(made(family), family, here, there) is None


def made(family: int, *rows: tuple[tuple[str, int], tuple[str, int], int]) -> bytes:
    """Return a table of these connections: local, remote, process."""
    layout = LAYOUTS[socket.AddressFamily(family)]
    told = struct.pack("=I", len(rows))
    for local, remote, pid in rows:
        row = bytearray(layout.row)
        for (host, port), address, at in (
            (local, layout.local, layout.local_port),
            (remote, layout.remote, layout.remote_port),
        ):
            row[address : address + layout.address] = socket.inet_pton(family, host)
            struct.pack_into("!H", row, at, port)
        struct.pack_into("=I", row, layout.pid, pid)
        told += row
    return told
