"""Corners of sheets in photographs: how right, and how quick, beside a plain method.

    python benchmarks/corners.py [--seeds 24] [--rounds 5]

Photographs are made with the truth about each (`tests/rigs/tabletops.py`), 1280 x 720. Methods
take turns on the same pixels; times are processor time, medians, OpenCV on one thread. The author
of the photographs is the author of the method, so that the figures are an upper limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/rigs"))
import tabletops
from gallery import photographs
from tabletops import Numbers, Picture

from sheetfed_webcam.sheets.edit import LaySheet
from sheetfed_webcam.sheets.finder import find
from sheetfed_webcam.sheets.quads import from_top_left
from verdicts import verdict

LARGE = (4000, 3000)

GOAL, LIVE, LAID = 95, 15, 150
"""Per cent of the photographs, pictures a second, milliseconds that were promised."""


def timed(work: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    """Return what work returns, and its processor time in ms."""
    start = time.process_time()
    made = work(*given)
    return made, 1e3 * (time.process_time() - start)


def ours(picture: Picture) -> Numbers | None:
    """Return the corners that the addon finds."""
    sheet = find(picture)
    return None if sheet is None else np.asarray(sheet.corners, np.float64)


def plain(picture: Picture) -> Numbers | None:
    """Return the largest outline of four corners among Canny's edges, as tutorials have it."""
    scale = 500 / picture.shape[0]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    gray = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    edges = cv2.dilate(cv2.Canny(gray, 75, 200), np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:10]:
        four = cv2.approxPolyDP(outline, 0.02 * cv2.arcLength(outline, closed=True), closed=True)
        if len(four) == 4 and cv2.isContourConvex(four):
            return from_top_left(four.reshape(4, 2) / scale)
    return None


METHODS: dict[str, Callable[[Picture], Numbers | None]] = {"ours": ours, "Canny, largest": plain}


def off(found: Numbers | None, sheets: tuple[Numbers, ...]) -> float:
    """Return how far off the worst corner is, in per cent of the sheet's diagonal; 100 for none."""
    if found is None:
        return 100.0
    worst = [
        float(np.hypot(*(found - one).T).max() / np.hypot(*(one[0] - one[2]))) for one in sheets
    ]
    return min(100.0, 100 * min(worst))


def corners(seeds: int) -> None:
    """Print how far off corners are, for each kind of photograph."""
    away: dict[str, dict[str, list[float]]] = {name: {} for name in METHODS}
    took: dict[str, list[float]] = {name: [] for name in METHODS}
    for kind in (*tabletops.ONE, "many"):
        for seed in range(seeds):
            seen = tabletops.photograph(kind, 1000 + seed)
            picture = np.ascontiguousarray(seen.picture[:, :, ::-1])
            for name, method in METHODS.items():
                found, ms = timed(method, picture)
                away[name].setdefault(kind, []).append(off(found, seen.sheets))
                took[name].append(ms)
    print(f"\ncorners, {seeds} photographs of each kind: share within 1 % of the diagonal")
    print(f"{'':14}" + "".join(f"{name:>18}" for name in METHODS))
    for kind in away["ours"]:
        print(f"{kind:14}" + "".join(f"{within(away[name][kind]):>17.0f}%" for name in METHODS))
    every = {
        name: [one for kind in tabletops.ONE for one in kinds[kind]] for name, kinds in away.items()
    }
    print(f"{'all with one':14}" + "".join(f"{within(every[name]):>17.1f}%" for name in METHODS))
    print(f"{'median off':14}" + "".join(f"{np.median(every[name]):>17.2f}%" for name in METHODS))
    quick = {name: statistics.median(took[name]) for name in METHODS}
    print(f"{'ms, median':14}" + "".join(f"{quick[name]:>18.1f}" for name in METHODS))
    right, plainly = (within(every[name]) for name in METHODS)
    verdict("corners within 1 % of the diagonal", right, GOAL, "%", least=True)
    verdict("and more of them than the plain method finds", right - plainly, 0, "%", least=True)
    verdict("corners live", 1e3 / quick["ours"], LIVE, "a second", least=True)


def within(away: list[float]) -> float:
    """Return how many of a hundred are within one per cent."""
    return 100 * float(np.mean(np.array(away) <= 1))


def nothing(seeds: int) -> None:
    """Print how often a sheet is seen where there is none."""
    print(f"\nsheets seen in {seeds} photographs without one")
    for name, method in METHODS.items():
        seen = sum(
            method(tabletops.photograph("none", 1000 + seed).picture[:, :, ::-1].copy()) is not None
            for seed in range(seeds)
        )
        print(f"{name:14}{seen:>18}")


def strange(seeds: int) -> None:
    """Print how many sheets are found that lie on photographs which others took."""
    print(f"\nsheets on public photographs, {seeds} on each: share within 1 % of the diagonal")
    print(f"{'':20}" + "".join(f"{name:>18}" for name in METHODS))
    every: dict[str, list[float]] = {name: [] for name in METHODS}
    for title, table in photographs().items():
        here: dict[str, list[float]] = {name: [] for name in METHODS}
        for seed in range(seeds):
            seen = tabletops.photograph_on(table, seed)
            picture = np.ascontiguousarray(seen.picture[:, :, ::-1])
            for name, method in METHODS.items():
                here[name].append(off(method(picture), seen.sheets))
        print(f"{title:20}" + "".join(f"{within(here[name]):>17.0f}%" for name in METHODS))
        for name, found in here.items():
            every[name] += found
    print(f"{'all':20}" + "".join(f"{within(every[name]):>17.0f}%" for name in METHODS))


def laying(rounds: int) -> None:
    """Print how long it takes to lay a sheet of a 12-megapixel photograph flat."""
    seen = tabletops.photograph("wood", 1)
    picture = Image.fromarray(seen.picture).resize(LARGE)
    scale = np.array(LARGE) / np.array([seen.picture.shape[1], seen.picture.shape[0]])
    place = " ".join(f"{x:.1f},{y:.1f}" for x, y in seen.corners * scale)
    whole = f"0,0 {LARGE[0]},0 {LARGE[0] - 40},{LARGE[1]} 30,{LARGE[1] - 20}"
    print(f"\nlaid flat, of {LARGE[0]} x {LARGE[1]}: ms, median of {rounds}")
    for what, where in (("the sheet", place), ("all of it", whole)):
        for light in ("off", "gentle", "strong"):
            settings = {"corners": where, "lighting": light, "page-size": "free"}
            edit = LaySheet({**settings, "clean-edges": light != "off"})
            times = [timed(edit.apply, picture, 1.0)[1] for _ in range(rounds)]
            print(f"{what}, light {light:8}{statistics.median(times):>10.0f}")
            if (what, light) == ("the sheet", "off"):
                flat = statistics.median(times)
    verdict("the perspective of a sheet put right", flat, LAID, "ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    corners(options.seeds)
    nothing(options.seeds)
    strange(options.seeds)
    laying(options.rounds)


if __name__ == "__main__":
    main()
