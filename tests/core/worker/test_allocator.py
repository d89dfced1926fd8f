"""Memory that was freed serves again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

WORK = """
import resource, sys
from sheetfed.worker.allocator import keep_freed

sys.argv[1] == "kept" and keep_freed()

def work():
    pieces = [bytearray(8 << 20) for _ in range(2)]
    for piece in pieces:
        piece[::4096] = piece[::4096]

work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    """Return how often ten pages made the system give memory."""
    told = subprocess.run([sys.executable, "-c", WORK, how], capture_output=True, check=True)
    return int(told.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is the allocator of glibc")
def test_the_next_page_gets_the_memory_of_the_one_before() -> None:
    assert faults("kept") < 500
    assert faults("given back") > 10_000
