"""Six colour pages through TWAIN: our session beside pytwain's own loop.

All run in the Windows Python of the tests, with the same scanner, which sends as fast as memory is
copied. `bare` is pytwain's loop with each bitmap dropped, `ours` our session with its strips
dropped: what TWAIN itself costs, and what is promised. `bare, saved` writes each bitmap to a file;
`ours, kept` packs each page without loss and sends it to the service's side of the pipe. In the
first round it is seen how much more memory the process has at the most, first of `ours`: strips
are held, not pages.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/rigs/twain"))
from scanner import DEVICE, Rig, set_up
from windows import WINDOWS, there

from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageDone

PROMISE = 1.3
SHEETS = 3
PROGRAM = """
import ctypes, json, os, sys, tempfile, time
import twain
from sheetfed_twain.source import Twain
from sheetfed_twain.window import Window

dpi, device = int(sys.argv[1]), "Virtual Scanner"
place = os.path.join(tempfile.mkdtemp(), "page.bmp")


class Counters(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("faults", ctypes.c_uint32)]
    _fields_ += [(name, ctypes.c_size_t) for name in ("most", "now", "a", "b", "c", "d", "e", "f")]


def memory():
    counters = Counters(ctypes.sizeof(Counters))
    kernel = ctypes.WinDLL("kernel32")
    itself = ctypes.c_void_p(-1)
    assert kernel.K32GetProcessMemoryInfo(itself, ctypes.byref(counters), counters.size)
    return counters.most, counters.now


def bare(keep):
    with twain.SourceManager(Window().handle, dsm_name="twain_32.dll") as manager:
        with manager.open_source(device) as source:
            source.set_capability(twain.CAP_DUPLEXENABLED, twain.TWTY_BOOL, True)
            for axis in (twain.ICAP_XRESOLUTION, twain.ICAP_YRESOLUTION):
                source.set_capability(axis, twain.TWTY_FIX32, float(dpi))
            pages = []

            def after(image, more):
                if keep:
                    image.save(place)
                pages.append(image.close())

            start = time.perf_counter()
            source.acquire_natively(after=after, show_ui=False)
            return time.perf_counter() - start, len(pages)


def ours():
    session = Twain({}).open(device)
    pages = 0
    start = time.perf_counter()
    for item in session.scan({"source": "duplex", "resolution": dpi, "mode": "color"}):
        rows = getattr(item, "rows", None)
        for _ in rows or ():
            pass
        pages += rows is not None
    took = time.perf_counter() - start
    session.close()
    return took, pages


print("ready", flush=True)
for line in sys.stdin:
    what = line.strip()
    before = memory()[1]
    took = ours() if what == "ours" else bare(what == "bare, saved")
    print(json.dumps([*took, memory()[0] - before]), flush=True)
"""


async def kept(worker: Worker, dpi: int) -> float:
    """Scan once through the worker; return the seconds."""
    await worker.open(DEVICE)
    start, pages = time.perf_counter(), 0
    settings = {"source": "duplex", "resolution": dpi, "mode": "color"}
    async with aclosing(worker.scan(settings, Keep())) as events:
        async for event in events:
            pages += isinstance(event, PageDone)
    assert pages == 2 * SHEETS
    return time.perf_counter() - start


def inside(program: subprocess.Popen[str], what: str) -> tuple[float, float]:
    """Scan once in the program's own process; return the seconds, and MB more than before."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{what}\n")
    program.stdin.flush()
    seconds, pages, more = json.loads(program.stdout.readline())
    assert pages == 2 * SHEETS
    return float(seconds), more / 1e6


async def measure(rig: Rig, *, dpi: int, rounds: int, crashes: Path) -> None:
    """Take turns, and print the medians and what is promised."""
    times: dict[str, list[float]] = {"ours": [], "bare": [], "bare, saved": [], "ours, kept": []}
    memory: dict[str, float] = {}
    command = [*WINDOWS.python(rig.prefix, path=there(rig.modules)), "-c", PROGRAM]
    with subprocess.Popen(  # noqa: ASYNC220 - asked from a thread
        [*command, str(dpi)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline().strip() == "ready"
        async with rig.worker(crashes) as worker:
            for _ in range(rounds + 1):
                for name in ("ours", "bare", "bare, saved"):
                    seconds, more = await asyncio.to_thread(inside, program, name)
                    times[name].append(seconds)
                    memory.setdefault(name, more)
                times["ours, kept"].append(await kept(worker, dpi))
        program.stdin.close()
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    for name, seconds in medians.items():
        print(f"{name:12} {seconds:6.3f} s for {2 * SHEETS} pages at {dpi} dpi")
    print(
        f"memory: ours {memory['ours']:.1f} MB, bare {memory['bare']:.1f} MB;"
        f" a page has {88 * 3 * dpi * dpi / 1e6:.1f} MB"
    )
    print(
        f"ours / bare              {medians['ours'] / medians['bare']:5.2f}   (promised: {PROMISE})"
    )
    print(f"ours, kept / bare, saved {medians['ours, kept'] / medians['bare, saved']:5.2f}")


def main() -> None:
    """Make the rig and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dpi", type=int, default=300, choices=(75, 100, 200, 300))
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    if reason := WINDOWS.missing():
        raise SystemExit(f"There is no Windows Python here: {reason}")
    WINDOWS.make()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        rig = set_up(Path(folder))
        try:
            asyncio.run(
                measure(rig, dpi=wanted.dpi, rounds=wanted.rounds, crashes=Path(folder) / "crashes")
            )
        finally:
            WINDOWS.stop(rig.prefix)


if __name__ == "__main__":
    main()
