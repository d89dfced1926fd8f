"""The page in a real browser: first paint, thumbnails, 2 000 pages scrolled, and what it weighs.

Starts a service with a source that notes when it gave its last row, and Chromium without a window.
Prints medians beside their goals. Needs a machine with nothing else to do: frames are counted.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

import sheetfed
from pdfs import letters
from sheetfed.api.errors import ServiceGone
from sheetfed.cli.client import Client
from sheetfed.config import load

CLIENT = Path(sheetfed.__file__).parent / "web" / "client"
PROGRAM = Path(sys.executable).with_name("sheetfed")
SOURCE = """
import os, time
from sheetfed.api.contracts import Session, Source
from sheetfed.api.hooks import SourceSpec, hookimpl
from sheetfed.api.model import Device, Raster

WIDTH, HEIGHT = 2480, 3508  # A4 at 300 dpi

@hookimpl
def sheetfed_sources():
    return [SourceSpec(name="timed", title="Timed", factory="timed:Timed")]

class Timed(Source):
    def __init__(self, settings): pass
    def devices(self): return [Device(id="one", title="Timed", kind="scanner")]
    def open(self, device_id): return Sheets()

class Sheets(Session):
    def options(self): return []
    def set(self, name, value): return []
    def close(self): pass
    def scan(self, settings):
        for _ in range(int(os.environ["TIMED_SHEETS"])):
            time.sleep(1)  # a scanner takes its time between sheets; the page is at rest then
            yield Raster(width=WIDTH, height=HEIGHT, mode="gray", rows=rows(), dpi=(300, 300))

def rows():
    text = bytes(255 if (x // 40) % 3 else 40 for x in range(WIDTH))
    blank = b"\\xff" * WIDTH
    for y in range(HEIGHT):
        yield text if y % 60 < 20 else blank
    with open(os.environ["TIMED_LOG"], "a") as log:
        log.write(f"{time.time()}\\n")
"""
STEPS = """
window.reached = {};
const steps = {
    useful: () => document.querySelector("#empty h2")?.checkVisibility(),
    ready: () => document.querySelector("#scan-button:enabled")
        && document.querySelector("sheetfed-settings").shadowRoot.querySelector("select"),
};
const look = () => {
    const [name, there] = Object.entries(steps).find(([name]) => !(name in reached)) ?? [];
    if (there?.()) reached[name] = performance.now();
    if (name) requestAnimationFrame(look);
};
look();
"""
"""Notes in which frame a person can read what to do, and in which they can scan."""

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
WATCH = """() => {
    window.seen = [];
    window.told = [];
    window.long = 0;
    new PerformanceObserver((list) => {
        for (const {duration} of list.getEntries()) long = Math.max(long, duration);
    }).observe({type: "longtask"});
    const viewer = document.querySelector("sheetfed-viewer");
    const {shadowRoot} = viewer;
    const now = () => (performance.timeOrigin + performance.now()) / 1000;
    viewer.addEventListener("change", () => {
        while (told.length < viewer.order.length) told.push(now());
    });
    const known = new Set();
    const look = () => {
        for (const each of shadowRoot.querySelectorAll(".page.shown")) {
            const img = each.querySelector("img");
            if (known.has(each.dataset.id) || !img.complete || !img.naturalWidth) continue;
            known.add(each.dataset.id);
            seen.push(now());
        }
        requestAnimationFrame(look);
    };
    look();
}"""
SCROLL = """async ([seconds, speed]) => {
    const {shadowRoot} = document.querySelector("sheetfed-viewer");
    const table = shadowRoot.querySelector(".table");
    const frames = [];
    const begun = performance.now();
    let last = begun, way = 1;
    while (last - begun < seconds * 1000) {
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        table.scrollTop += (way * speed * (now - last)) / 1000;
        if (table.scrollTop <= 0) way = 1;
        if (table.scrollTop + table.clientHeight >= table.scrollHeight - 1) way = -1;
        last = now;
    }
    return frames.slice(2);
}"""

DROP = """async ([text, name]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name, {type: "application/pdf"}));
    const {shadowRoot} = document.querySelector("sheetfed-viewer");
    const began = performance.now();
    window.dispatchEvent(new DragEvent("drop", {dataTransfer, cancelable: true}));
    for (;;) {
        const seen = await new Promise(requestAnimationFrame);
        const img = shadowRoot.querySelector(".page.shown img");
        if (img?.complete && img.naturalWidth) return seen - began;
    }
}"""
"""Drops a file beside the pages; tells the milliseconds until a page of it is seen."""

THERE = "(count) => document.querySelector('sheetfed-viewer').order.length === count"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pages", type=int, default=2_000)
    words.add_argument("--sheets", type=int, default=10)
    words.add_argument("--rounds", type=int, default=10)
    words.add_argument("--seconds", type=float, default=20)
    words.add_argument("--dropped", action="store_true", help="measure a dropped PDF alone")
    wish = words.parse_args()
    weigh()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        log = Path(folder) / "rows.log"
        with serving(Path(folder), log, wish.sheets) as (tool, address):
            chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            dropped(browser, tool, address, Path(folder) / "many.pdf")
            if wish.dropped:
                return
            paint(browser, tool, address, wish.rounds)
            thumbnails(browser, tool, address, log)
            scroll(browser, tool, address, wish.pages, wish.seconds)
            browser.close()


def weigh() -> None:
    """Print what the files weigh when they are packed."""
    for name, places, goal in (
        ("client", ("*.js", "calls/*.js"), 25),
        ("viewer", ("elements/*.js",), 60),
    ):
        files = [file for place in places for file in sorted(CLIENT.glob(place))]
        text = b"".join(file.read_bytes() for file in files)
        said(f"{name}, packed", len(gzip.compress(text, 9)) / 1e3, "kB", at_most=goal)


def paint(browser: Browser, tool: Client, address: str, rounds: int) -> None:
    """Print how soon something is seen, beside a line of text from the same service, in turns.

    Each time in a new profile, and in the same one once more.
    """
    empty, useful, ready, again = [], [], [], []
    for _ in range(rounds):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/livez")
        page.wait_for_function(f"() => {PAINT}")
        empty.append(page.evaluate(PAINT))
        context.close()
        context = browser.new_context()
        context.add_init_script(STEPS)
        page = context.new_page()
        page.goto(door(tool, address))
        for each in (useful, again):
            page.wait_for_function("() => window.reached?.ready")
            seen = page.evaluate(f"[{PAINT}, reached.useful]")
            each.append(max(seen))
            if each is useful:
                ready.append(page.evaluate("reached.ready"))
                page.reload()
        context.close()
    nothing = statistics.median(empty)
    said("first paint of a line of text", nothing, "ms")
    first = statistics.median(useful)
    said("first useful paint: what to do", first, "ms", at_most=300)
    said("first useful paint, of that of a line", first / nothing)
    said("the same, loaded again", statistics.median(again), "ms", at_most=300)
    said("device and settings there, Scan can be pressed", statistics.median(ready), "ms")


def dropped(browser: Browser, tool: Client, address: str, file: Path) -> None:
    """Print how long after a PDF of 2 000 pages was dropped its first page is on the screen."""
    letters(file, 2_000)
    text = base64.b64encode(file.read_bytes()).decode()
    took = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(door(tool, address))
    page.locator("#scan-button:enabled").wait_for()
    for _ in range(4):  # an owner may have 10 000 pages
        page.wait_for_timeout(4_000)  # the service has its next children ready then
        took.append(page.evaluate(DROP, [text, "many.pdf"]))
        page.wait_for_function(THERE, arg=2_000)  # it is seen long before
        page.click("#new")
    said("first page of 2 000 seen after a drop", statistics.median(took[1:]), "ms", at_most=300)
    page.close()
    tool.delete("/v1/documents")


def thumbnails(browser: Browser, tool: Client, address: str, log: Path) -> None:
    """Print how long after the driver's last row a thumbnail is on the screen."""
    page = browser.new_page()
    page.goto(door(tool, address))
    page.locator("#devices").select_option(label="Timed")
    page.locator("#scan-button:enabled").wait_for()
    page.evaluate(WATCH)
    page.click("#scan-button")
    page.locator(".toast", has_text="scanned").wait_for(timeout=120_000)
    page.wait_for_timeout(1_000)
    rows = [float(line) for line in log.read_text().split()]
    told, seen = page.evaluate("told"), page.evaluate("seen")
    took = [(last - row) * 1e3 for last, row in zip(seen, rows, strict=True)]
    heard = [(each - row) * 1e3 for each, row in zip(told, rows, strict=True)]
    said("last row to thumbnail", statistics.median(took), "ms", at_most=150)
    said("last row to thumbnail, the slowest", max(took), "ms")
    said("of these until the page is told", statistics.median(heard), "ms")
    said("the longest task of the page meanwhile", page.evaluate("long"), "ms", at_most=50)
    page.close()


def scroll(browser: Browser, tool: Client, address: str, pages: int, seconds: float) -> None:
    """Print frames a second while a long document is scrolled, and what the page takes then."""
    made = tool.get("/v1/documents")["items"][0]["id"]
    ids = [each["id"] for each in tool.get(f"/v1/documents/{made}")["pages"]]
    while len(ids) < pages:
        more = {"pages": ids[: pages - len(ids)]}
        copied: dict[str, Any] = tool.post(f"/v1/documents/{made}/copy", more)
        ids = [each["id"] for each in copied["pages"]]
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(door(tool, address))
    page.locator("#scan-button:enabled").wait_for()
    page.goto(f"{address}/#{made}")
    page.locator(".page.shown").first.wait_for(timeout=30_000)
    frames = page.evaluate(SCROLL, [seconds, 4_000])
    windows = list(by_second(frames))
    said(f"{pages} pages scrolled, frames a second", 1e3 * len(frames) / sum(frames), at_least=50)
    said("the worst second of them", min(windows), at_least=50)
    said("frames longer than 40 ms", sum(each > 40 for each in frames))
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    said("script memory", metric(devtools, "JSHeapUsedSize") / 1e6, "MB")
    said("memory of the page's process", renderers(browser), "MB", at_most=300)
    page.close()


def by_second(frames: list[float]) -> Iterator[int]:
    """Yield how many frames each whole second had."""
    count, spent = 0, 0.0
    for each in frames:
        count, spent = count + 1, spent + each
        if spent >= 1_000:
            yield count
            count, spent = 0, 0.0


def metric(devtools: CDPSession, name: str) -> float:
    """Return one of the browser's own figures of a page."""
    devtools.send("Performance.enable")
    told = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in told if each["name"] == name))


def renderers(browser: Browser) -> float:
    """Return the memory of the largest process that draws pages, shared parts in proportion."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = [pss(each["id"]) for each in told if each["type"] == "renderer"]
    return max(sizes)


def pss(process: int) -> float:
    """Return the proportional set size of a process, in MB."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1e3


def door(tool: Client, address: str) -> str:
    """Return an address that lets a page in, once."""
    return f"{address}/#nonce={tool.post('/v1/page-nonces')['nonce']}"


def said(
    what: str,
    value: float,
    unit: str = "",
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> None:
    """Print a figure, its goal where there is one, and whether it is met."""
    goal, verdict = "", ""
    if at_most is not None:
        goal, verdict = f"<= {at_most:g}", "met" if value <= at_most else "MISSED"
    if at_least is not None:
        goal, verdict = f">= {at_least:g}", "met" if value >= at_least else "MISSED"
    print(f"{what:52} {value:9.1f} {unit:3} {goal:8} {verdict}".rstrip(), flush=True)


@contextmanager
def serving(folder: Path, log: Path, sheets: int) -> Iterator[tuple[Client, str]]:
    """Start a service with the timed source; give a tool that asks it, and its address."""
    site, home = folder / "site", folder / "home"
    info = site / "timed-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "timed.py").write_text(SOURCE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: timed\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sheetfed.v1]\ntimed = timed\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {"PYTHONPATH": str(site), "TIMED_LOG": str(log), "TIMED_SHEETS": str(sheets)}
    program = subprocess.Popen(
        [PROGRAM, "--home", home, "serve", "--port", str(port)],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    tool = Client(load(home=home).socket)
    try:
        for _ in range(600):
            try:
                tool.get("/readyz")
                break
            except (OSError, ServiceGone):
                time.sleep(0.1)
        yield tool, f"http://127.0.0.1:{port}"
    finally:
        program.terminate()
        program.wait(20)


if __name__ == "__main__":
    main()
