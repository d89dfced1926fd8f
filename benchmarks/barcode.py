"""Codes found, wrong reads and milliseconds a page, for each engine and preset.

    python benchmarks/barcode.py [--pages 12] [--empty 12] [--batch 24] [--dpi 300 150] [--seed 1]
    python benchmarks/barcode.py --pages 60 --empty 1000 --batch 60     what is promised, whole

The pages are made here (`tests/rigs/coded.py`), so that what is on them is known. All engines look
at the same page in turns; times are of the processor, medians over pages, and what is compared is
the median of the pages' own ratios. OpenCV's detectors run where it is installed. Pages without
codes beyond the first dozen are read by the engine and the presets that must not read one falsely.
A batch is `sheetfed barcodes` over files, and a job that scans them from a folder while its step
reads them.

At the end stands each goal with its figure. How busy a batch is: what its threads ran and what they
waited for a processor, so that other work on the machine takes nothing from the figure.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from busy import Busy
from goals import Goals
from sheetfed_barcode import zbar, zxing
from sheetfed_barcode.formats import FORMATS
from sheetfed_barcode.picture import Part
from sheetfed_barcode.reading import Preset, Wish, read

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/rigs"))
from coded import FINE, Grey, Sheet, sheet

Reader = Callable[[Grey, float], Sequence[str]]
Scores = dict[int, dict[str, "Score"]]

ENGINES = ("zxing-cpp alone", "ZBar alone")
DOZEN = 12
"""Pages without codes that every reader looks at."""


@dataclass(kw_only=True)
class Score:
    """How one reader did."""

    codes: int = 0
    found: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add how it did on other pages."""
        self.codes += other.codes
        self.found += other.found
        self.wrong += other.wrong
        self.seconds += other.seconds


def at_dpi(grey: Grey, dpi: int) -> Grey:
    """Return a page as it is at a lower resolution."""
    if dpi == FINE:
        return grey
    height, width = (round(side * dpi / FINE) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX))


def readers() -> dict[str, Reader]:
    """Return everything that is compared, by name."""

    def preset(name: Preset) -> Reader:
        wish = Wish(formats=FORMATS, preset=name)
        return lambda grey, dpi: [code.text for code in read(Part(pixels=grey), wish, dpi)]

    found: dict[str, Reader] = {
        "zxing-cpp alone": lambda grey, _: [
            code.text for code in zxing.find(grey, FORMATS, inverted=True)
        ],
        "ZBar alone": lambda grey, _: [code.text for code in zbar.find(grey, FORMATS)],
        "speed": preset("speed"),
        "balance": preset("balance"),
        "coverage": preset("coverage"),
    }
    return found | _opencv()


def _opencv() -> dict[str, Reader]:
    try:
        cv2 = importlib.import_module("cv2")
    except ImportError:
        return {}
    linear, square = cv2.barcode.BarcodeDetector(), cv2.QRCodeDetector()
    return {
        "OpenCV linear": lambda grey, _: [*filter(None, linear.detectAndDecodeWithType(grey)[1])],
        "OpenCV QR": lambda grey, _: [*filter(None, square.detectAndDecodeMulti(grey)[1])],
    }


def compare(
    seed: int, numbers: Iterable[int], dpis: Sequence[int], names: Sequence[str], *, codes: bool
) -> Scores:
    """Have every reader look at every page, each time in another order; by resolution."""
    scores = {dpi: {name: Score() for name in names} for dpi in dpis}
    look = partial(_page, seed, dpis=dpis, names=names, codes=codes)
    with multiprocessing.Pool() as pool:
        for seen in pool.imap_unordered(look, numbers):
            for dpi, by_name in seen.items():
                for name, score in by_name.items():
                    scores[dpi][name].add(score)
    return scores


def _page(
    seed: int, number: int, *, dpis: Sequence[int], names: Sequence[str], codes: bool
) -> Scores:
    """Return how readers do on one page."""
    one = _sheet(seed, number, codes=codes)
    known = readers()
    turn = number % len(names)
    seen: Scores = {dpi: {} for dpi in dpis}
    for dpi in dpis:
        grey = at_dpi(one.grey, dpi)
        for name in [*names[turn:], *names[:turn]]:
            seen[dpi][name] = _looked(one, grey, dpi, known[name])
    return seen


def _sheet(seed: int, number: int, *, codes: bool) -> Sheet:
    rng = random.Random(f"{seed if codes else -seed} {number}")
    return sheet(rng, rng.randint(1, 8) if codes else 0)


def _looked(one: Sheet, grey: Grey, dpi: int, reader: Reader) -> Score:
    began = time.process_time()
    texts = reader(grey, float(dpi))
    score = Score(codes=len(one.texts), seconds=[time.process_time() - began])
    left = list(one.texts)
    for text in texts:
        if text in left:
            left.remove(text)
            score.found += 1
        elif text not in one.texts:
            score.wrong += 1
    return score


def batch(seed: int, pages: int) -> Mapping[str, float]:
    """Read pages in two ways, and return how many processors each would keep busy."""
    with tempfile.TemporaryDirectory(prefix="sheetfed-bench-") as name:
        folder = Path(name)
        home, feed = folder / "home", folder / "feed"
        home.mkdir()
        feed.mkdir()
        (home / "sheetfed.toml").write_text(
            f'disabled = ["sane"]\n[addons.folder]\nfolders = "{feed}"\n'
        )
        files = []
        for number in range(pages):
            files.append(feed / f"{number:04}.png")
            grey = _sheet(seed, number, codes=True).grey
            Image.fromarray(grey).save(files[-1], dpi=(FINE, FINE), compress_level=1)
        program = [Path(sys.executable).with_name("sheetfed"), "--home", home]
        ways: dict[str, list[str | Path]] = {
            "files": [*program, "barcodes", "--preset", "balance", *files],
            "a job": [*program, "scan", "--device", "folder", "--step", "barcode"],
        }
        print(f"\n{pages} pages at {FINE} dpi, {os.cpu_count()} processors, start and end included")
        wanted = {}
        for way, command in ways.items():
            with Busy() as busy:
                subprocess.run(command, check=True, capture_output=True)
            print(f"{way:8} {busy.wall:6.1f} s  processors wanted {busy.wanted:.2f}")
            wanted[way] = busy.wanted
        return wanted


def judge(goals: Goals, full: Scores, empty: Scores) -> None:
    """Add what was promised of presets beside engines."""
    for dpi, scores in full.items():
        better = max(ENGINES, key=lambda name: (scores[name].found, -_sum(scores[name])))
        alone, balance = scores[better], scores["balance"]
        more = int(dpi < 200)
        told = f"{dpi} dpi: codes that balance finds beyond {better}"
        goals.least(told, balance.found - alone.found, more)
        goals.most(f"{dpi} dpi: its time beside that engine's", _ratio(balance, alone), 1.2)
        rest = empty[dpi]
        ratio = _ratio(rest["balance"], rest["zxing-cpp alone"])
        goals.most(f"{dpi} dpi: the same on pages without codes", ratio, 1.2)
        if dpi == FINE:
            share = 100 * scores["coverage"].found / max(1, scores["coverage"].codes)
            goals.least(f"{dpi} dpi: codes that coverage finds", share, 98, " %")
        for name in ("speed", "balance"):
            count = len(rest[name].seconds)
            goals.most(f"{dpi} dpi: false reads of {name} on {count} pages", rest[name].wrong, 0)


def _ratio(one: Score, other: Score) -> float:
    """Return the median of the ratios of two readers' times, page for page."""
    pairs = zip(one.seconds, other.seconds, strict=True)
    return statistics.median(mine / other for mine, other in pairs)


def _sum(score: Score) -> float:
    return sum(score.seconds)


def main() -> None:
    """Compare, and print tables and goals."""
    parser = argparse.ArgumentParser(description="Compare readers of codes.")
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--empty", type=int, default=DOZEN)
    parser.add_argument("--batch", type=int, default=24, metavar="PAGES")
    parser.add_argument("--dpi", type=int, nargs="+", default=[300, 150])
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    names = [*readers()]
    full = compare(asked.seed, range(asked.pages), asked.dpi, names, codes=True)
    dozen = min(DOZEN, asked.empty)
    empty = compare(asked.seed, range(dozen), asked.dpi, names, codes=False)
    few = ["zxing-cpp alone", "speed", "balance"]
    others = range(dozen, asked.empty)
    for dpi, scores in compare(asked.seed, others, asked.dpi, few, codes=False).items():
        for name, score in scores.items():
            empty[dpi][name].add(score)
    print(f"{asked.pages} pages with codes, {asked.empty} without; milliseconds of the processor")
    for dpi in asked.dpi:
        print(f"\n{dpi} dpi{'':15} found  wrong  ms a page   false reads  ms without codes")
        for name, score in full[dpi].items():
            rest = empty[dpi][name]
            print(
                f"{name:20} {f'{score.found}/{score.codes}':>7} {score.wrong:6}"
                f" {_median(score):>10} {rest.wrong:13} {_median(rest):>17}"
            )
    goals = Goals()
    judge(goals, full, empty)
    for way, wanted in batch(asked.seed, asked.batch).items():
        goals.least(f"processors that {way} keeps busy", wanted, 0.85 * (os.cpu_count() or 1))
    goals.print()


def _median(score: Score) -> str:
    return f"{statistics.median(score.seconds) * 1000:.0f}" if score.seconds else "-"


if __name__ == "__main__":
    main()
