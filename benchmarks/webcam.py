"""What a live preview costs and how old its pictures are, beside a plain OpenCV loop, in turns.

The camera is ours (`tests/rigs/webcam/camera.c`), 30 pictures a second; root makes its node. CPU is
that of the service and its children, in percent of one core; a picture's age is counted from the
moment when OpenCV handed it over.
"""

# ruff: noqa: ASYNC110, ASYNC220, ASYNC221, ASYNC240 - nothing else may run meanwhile

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "rigs" / "webcam"))
from photographs import photograph  # noqa: E402 - the rigs are no package

NODE = Path("/dev/video59")
PLAIN = """
import sys, time, cv2
film = cv2.VideoCapture(59, cv2.CAP_V4L2, [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")])
cv2.setNumThreads(1)
width, seconds = int(sys.argv[1]), float(sys.argv[2])
for _ in range(10):
    film.read()
begun, cpu, number = time.monotonic(), time.process_time(), 0
while time.monotonic() - begun < seconds:
    whole, pixels = film.read()
    if width < pixels.shape[1]:
        height = pixels.shape[0] * width // pixels.shape[1]
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 80])
    number += 1
took = time.monotonic() - begun
print(number / took, (time.process_time() - cpu) / took * 100)
"""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One preview: pictures a second, percent of a core, ages in milliseconds."""

    rate: float
    cpu: float
    ages: list[float]


def processor(pid: int) -> float:
    """Return the seconds of processor time of a process and its children."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in (int(stat.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def watch(client: aiohttp.ClientSession, pid: int, path: str, seconds: float) -> Watched:
    """Look for some seconds."""
    ages: list[float] = []
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        begun, cpu = 0.0, 0.0
        while not begun or time.monotonic() - begun < seconds:
            head = await answer.content.readuntil(b"\r\n\r\n")
            facts = dict(line.split(": ", 1) for line in head.decode().strip().split("\r\n")[1:])
            await answer.content.readexactly(int(facts["Content-Length"]) + 2)
            ages.append((time.time() - float(facts["Sheetfed-Time"])) * 1e3)
            if not begun and len(ages) == 10:
                begun, cpu = time.monotonic(), processor(pid)
                ages.clear()
        took = time.monotonic() - begun
        return Watched(rate=len(ages) / took, cpu=(processor(pid) - cpu) / took * 100, ages=ages)


async def switched_off(log: Path) -> float:
    """Return how many seconds it takes until the camera's light is off."""
    begun = time.monotonic()
    while log.read_text().split()[-1] != "off":
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def measure(folder: Path, environment: dict[str, str], seconds: float, turns: int) -> None:
    """Run a service and print what was measured."""
    home = folder / "home"
    command = [Path(sys.executable).with_name("sheetfed"), "--home", home, "serve"]
    service = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        place = home / "run" / "sheetfed.sock"
        while not place.exists():
            await asyncio.sleep(0.1)
        connector = aiohttp.UnixConnector(str(place))
        async with aiohttp.ClientSession("http://localhost", connector=connector) as client:
            async with client.get("/v1/devices") as answer:
                ids = [each["id"] for each in (await answer.json())["items"]]
            camera = next(each for each in ids if each.startswith("webcam:rig-"))
            for width in (1280, 640):
                path = f"/v1/devices/{camera}/preview?width={width}"
                ours, plain = [], []
                for _ in range(turns):
                    ours.append(await watch(client, service.pid, path, seconds))
                    off = await switched_off(folder / "log")
                    done = subprocess.run(
                        [sys.executable, "-c", PLAIN, str(width), str(seconds)],
                        env=environment,
                        capture_output=True,
                        text=True,
                        check=True,
                    )
                    plain.append([float(value) for value in done.stdout.split()])
                ages = sorted(age for each in ours for age in each.ages)
                rate = statistics.median(each.rate for each in ours)
                cpu = statistics.median(each.cpu for each in ours)
                beside = statistics.median(each[1] for each in plain)
                print(
                    f"{width} wide of 1280x720: {rate:.1f} pictures a second (goal 25), "
                    f"{cpu:.0f} % of a core (goal 40; plain loop {beside:.0f} %), "
                    f"age {statistics.median(ages):.0f} ms, "
                    f"99th percentile {ages[int(len(ages) * 0.99)]:.0f} ms (goal 120), "
                    f"light off after {off:.1f} s (goal 2)",
                    flush=True,
                )
    finally:
        service.terminate()
        service.wait()


def main() -> None:
    """Build the camera and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        library = folder / "camera.so"
        code = ROOT / "tests" / "rigs" / "webcam" / "camera.c"
        subprocess.run(["gcc", "-O2", "-fPIC", "-shared", "-o", library, code, "-ldl"], check=True)
        for number in (1, 2, 3):
            photograph(folder / "film" / "1280x720" / f"f00{number}.jpg", number)
        environment = {
            **os.environ,
            "LD_PRELOAD": str(library),
            "RIG_NODE": str(NODE),
            "RIG_DIR": str(folder / "film"),
            "RIG_FAULT": str(folder / "fault"),
            "RIG_LOG": str(folder / "log"),
        }
        NODE.touch()
        try:
            asyncio.run(measure(folder, environment, asked.seconds, asked.turns))
        finally:
            NODE.unlink()


main()
