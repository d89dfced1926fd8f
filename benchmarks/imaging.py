"""Edits and analysis of pages: how right they are, and how quick, beside plain methods.

    python benchmarks/imaging.py [--angles 4] [--seeds 3] [--rounds 5]

Pages are drawn with the truth about each (`tests/rigs/sheets.py`), in A4 at 300 dpi. Methods take
turns on the same pixels; times are processor time, medians, OpenCV on one thread.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/rigs"))
import sheets

from sheetfed.builtin.blank.ink import ink_on
from sheetfed.worker import jpeg, pictures
from sheetfed_imaging.corners import sheet_in
from sheetfed_imaging.edits.geometry import FastResize, FastRotate
from sheetfed_imaging.edits.threshold import AdaptiveThreshold
from sheetfed_imaging.skew import skew_of
from sheetfed_imaging.upright import upright_of
from verdicts import verdict

LEAST = 10.0
"""Millionths of a page's area that the step `blank` takes for nothing, unless it is told else."""

WITH_ADDON = 25
"""Milliseconds; 60 are promised without the addon, and nothing of it is needed."""

Gray = NDArray[np.uint8]
Angle = Callable[[Gray], float | None]


def timed(work: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    """Return what work returns, and its processor time in ms."""
    start = time.process_time()
    made = work(*given)
    return made, 1e3 * (time.process_time() - start)


def quarter(gray: Gray) -> Gray:
    """Return a page at a quarter of its size, as every plain method gets it."""
    size = (gray.shape[1] // 4, gray.shape[0] // 4)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def ours(gray: Gray) -> float | None:
    found = skew_of(gray)
    return found.angle if found else None


def hough(gray: Gray) -> float | None:
    """Return the median angle of lines that HoughLinesP sees in the edges."""
    edges = cv2.Canny(quarter(gray), 50, 150)
    lines = cv2.HoughLinesP(edges, 1, np.pi / 1800, 60, minLineLength=80, maxLineGap=12)
    if lines is None:
        return None
    x1, y1, x2, y2 = np.reshape(lines, (-1, 4)).T.astype(float)
    angles = np.degrees(np.arctan2(y2 - y1, x2 - x1))
    level = angles[np.abs(angles) < 20]
    return float(np.median(level)) if len(level) else None


def rectangles(gray: Gray) -> float | None:
    """Return the median angle of the smallest rectangles around smeared lines."""
    small = quarter(gray)
    _, ink = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    smeared = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 25), np.uint8))
    contours, _ = cv2.findContours(smeared, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    angles = []
    for contour in contours:
        _, (wide, high), angle = cv2.minAreaRect(contour)
        if max(wide, high) > 8 * min(wide, high) > 0:
            angles.append((angle if wide > high else angle - 90) % 180)
    level = [(angle + 90) % 180 - 90 for angle in angles]
    return float(np.median(level)) if level else None


def projection(gray: Gray) -> float | None:
    """Return the angle at which rows of ink differ most."""
    small = quarter(gray)
    _, ink = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    rows, columns = np.nonzero(ink)
    best, most = 0.0, -1.0
    for angle in np.arange(-12, 12.1, 0.5):
        at = rows - columns * np.tan(np.radians(angle))
        counts = np.bincount((at - at.min()).astype(int)).astype(float)
        if (score := float(counts @ counts)) > most:
            best, most = float(angle), score
    return best


def deskew(angles: int) -> None:
    """Print how far off each method is."""
    methods: Mapping[str, Angle] = {
        "ours": ours,
        "HoughLinesP": hough,
        "minAreaRect of lines": rectangles,
        "projection of ink, 0.5°": projection,
    }
    away: dict[str, list[float]] = {name: [] for name in methods}
    took: dict[str, list[float]] = {name: [] for name in methods}
    chance = np.random.default_rng(11)
    for kind, draw in sheets.TEXTS.items():
        page = draw(seed=len(kind))
        for angle in chance.uniform(-10, 10, angles):
            gray = sheets.captured(sheets.skewed(page, angle), seed=int(abs(angle) * 100))
            pixels = np.asarray(gray)
            for name, method in methods.items():
                found, ms = timed(method, pixels)
                away[name].append(abs((90.0 if found is None else found) - angle))
                took[name].append(ms)
    print(f"\nskew of {len(away['ours'])} pages, ±10°: degrees off")
    print(f"{'':26} {'median':>7} {'p95':>7} {'worst':>7} {'<=0.1':>6} {'ms':>6}")
    for name, off in away.items():
        share = 100 * float(np.mean(np.array(off) <= 0.1))
        print(
            f"{name:26} {np.median(off):7.3f} {np.quantile(off, 0.95):7.3f} {max(off):7.3f}"
            f" {share:5.0f}% {statistics.median(took[name]):6.1f}"
        )
    verdict("skew within ±10°, worst", max(away["ours"]), 0.1, "degrees")
    verdict("skew of a page, processor", statistics.median(took["ours"]), 20, "ms")


def blank(seeds: int) -> None:
    """Print which blank pages each rule finds without losing a page."""
    rules: Mapping[str, Callable[[Image.Image], float]] = {
        "ours (ppm of ink)": lambda page: ink_on(page).share,
        "standard deviation": lambda page: float(np.asarray(page).std()),
        "darker than 128 (ppm)": lambda page: 1e6 * float((np.asarray(page) < 128).mean()),
        "ink by Otsu (ppm)": _otsu_ink,
    }
    scores: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in rules}
    took: dict[str, list[float]] = {name: [] for name in rules}
    for empty, page in _nearly_blank(seeds):
        for name, rule in rules.items():
            score, ms = timed(rule, page)
            scores[name][0 if empty else 1].append(score)
            took[name].append(ms)
    first = scores["ours (ppm of ink)"]
    print(f"\n{len(first[0])} blank pages, {len(first[1])} with little on them")
    print(f"{'':26} {'most blank':>11} {'least page':>11} {'found, none lost':>17} {'ms':>6}")
    for name, (blanks, pages) in scores.items():
        found = sum(score < min(pages) for score in blanks)
        print(
            f"{name:26} {max(blanks):11.1f} {min(pages):11.1f} {found:9d} of {len(blanks):4d}"
            f" {statistics.median(took[name]):6.1f}"
        )
    blanks, pages = first
    verdict("pages with content that count as blank", sum(p <= LEAST for p in pages), 0, "pages")
    verdict("blank pages that do not", sum(b > LEAST for b in blanks), 0, "pages")


def _nearly_blank(seeds: int) -> Iterable[tuple[bool, Image.Image]]:
    for seed in range(1, seeds + 1):
        for kind in sheets.BLANKS | sheets.CONTENTS:
            empty = kind in sheets.BLANKS
            sheet = sheets.nearly_blank(kind, seed=seed, angle=seed * 0.7 - 1)
            yield empty, sheets.captured(sheet, seed=seed)
            if kind in {"dusty", "a page number"}:
                for spoil in (sheets.shaded, sheets.edged):
                    yield empty, sheets.captured(spoil(sheet), seed=seed)


def _otsu_ink(page: Image.Image) -> float:
    _, ink = cv2.threshold(np.asarray(page), 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return 1e6 * float((ink > 0).mean())


def border(scenes: int) -> None:
    """Print how far the corners of sheets on four grounds are off, in mm."""
    size = (1545, 2190)
    grounds = {
        "black lid": Image.new("RGB", size, (20, 20, 20)),
        "grey lid": Image.new("RGB", size, (160, 160, 160)),
        "blue cloth": Image.new("RGB", size, (60, 90, 180)),
        "table": sheets.table(*size),
    }
    page, chance = sheets.letter(dpi=150), np.random.default_rng(5)
    print(
        "\ncorners of a sheet, worst of four, mm off: ours, then Otsu's threshold and minAreaRect"
    )
    for name, ground in grounds.items():
        off: list[tuple[float, float]] = []
        for scene in range(scenes):
            angle = np.radians(chance.uniform(-6, 6))
            turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            own = np.array([[-620, -877], [620, -877], [620, 877], [-620, 877]], float)
            truth = own @ turn + np.array(size) / 2
            if scene % 2:
                truth += chance.uniform(-60, 60, (4, 2))  # from aside
            pixels = np.asarray(sheets.captured(sheets.lying(page, ground, truth), shading=4))
            found = sheet_in(pixels)
            mine = found.corners * size if found else np.zeros((4, 2))
            off.append((_worst(mine, truth), _worst(_plain_corners(pixels), truth)))
        print(f"{name:26} {max(o[0] for o in off):7.2f} {max(o[1] for o in off):7.2f}")


def _worst(corners: NDArray[Any], truth: NDArray[Any]) -> float:
    """Return the longest way from a true corner to the nearest found one, in mm at 150 dpi."""
    apart = np.hypot(*(corners[:, None] - truth[None]).transpose(2, 0, 1))
    return float(apart.min(axis=0).max()) / 150 * 25.4


def _plain_corners(pixels: Gray) -> NDArray[Any]:
    small = cv2.cvtColor(cv2.resize(pixels, None, fx=0.25, fy=0.25), cv2.COLOR_RGB2GRAY)
    _, bright = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return np.asarray(cv2.boxPoints(cv2.minAreaRect(max(contours, key=cv2.contourArea)))) * 4


def threshold() -> None:
    """Print how like the print black and white is (F1), in four lights."""
    print(f"\nblack and white, F1: {'paper':>16} {'sauvola':>8} {'Otsu':>8} {'mean of 51':>11}")
    for kind in ("letter", "form"):
        page = sheets.TEXTS[kind](dpi=200)
        truth = np.asarray(page) < 140
        faint = page.point([round(246 - (246 - min(tone, 246)) * 0.3) for tone in range(256)])
        dark = page.point([round(0.7 * tone) for tone in range(256)])
        shade = sheets.shaded(page, wide=70, dpi=200)
        lights = {"even": page, "shadow": shade, "faint": faint, "dark paper": dark}
        for light, spoiled in lights.items():
            picture = sheets.captured(spoiled)
            gray = np.asarray(picture)
            made = [
                ~np.asarray(AdaptiveThreshold({"method": method}).apply(picture, 1.0))
                for method in ("paper", "sauvola")
            ]
            made.append(cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1] == 0)
            mean = cv2.ADAPTIVE_THRESH_MEAN_C
            local = cv2.adaptiveThreshold(gray, 255, mean, cv2.THRESH_BINARY, 51, 15)
            made.append(local == 0)
            scores = [2 * (b & truth).sum() / (b.sum() + truth.sum()) for b in made]
            print(f"{kind:8} {light:14}" + "".join(f"{score:12.3f}" for score in scores))


def upright(seeds: int) -> None:
    """Print how often the way up is told, and rightly."""
    right = wrong = silent = 0
    for seed in range(1, seeds + 1):
        for kind, draw in sheets.TEXTS.items():
            page = np.asarray(sheets.captured(sheets.skewed(draw(dpi=150, seed=seed), seed - 3.0)))
            for quarters in range(4):
                found = upright_of(np.ascontiguousarray(np.rot90(page, quarters)))
                if found is None:
                    silent += 1
                elif found.turn == 90 * quarters:
                    right += 1
                else:
                    wrong += 1
                    print("wrong:", kind, seed, quarters, found)
    print(f"\nwhich way is up: {right} right, {wrong} wrong, {silent} not said")


def speed(rounds: int) -> None:
    """Print how long a page in colour takes, beside Pillow."""
    color = sheets.captured(sheets.mixed().convert("RGB"))
    raw = color.tobytes()
    works: Mapping[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "rotate by 3°, bilinear": (
            lambda: FastRotate({"angle": 3.0}).apply(color, 1.0),
            lambda: color.rotate(-3, Image.Resampling.BILINEAR, expand=True),
        ),
        "rotate by 3°, bicubic": (
            lambda: FastRotate({"angle": 3.0, "interpolation": "bicubic"}).apply(color, 1.0),
            lambda: color.rotate(-3, Image.Resampling.BICUBIC, expand=True),
        ),
        "resize to 1000 pixels": (
            lambda: FastResize({"width": 1000}).apply(color, 1.0),
            lambda: color.resize((1000, 1415), Image.Resampling.BOX),
        ),
        "resize to half": (
            lambda: FastResize({"percent": 50}).apply(color, 1.0),
            lambda: color.resize((1240, 1754), Image.Resampling.BOX),
        ),
        "both previews, raw": (lambda: _previews_by_opencv(raw), lambda: _previews(raw)),
    }
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (first, second) in works.items():
            took[name].append((timed(first)[1], timed(second)[1]))
    print(f"\n{'page in colour, ms':26} {'OpenCV':>8} {'Pillow':>8} {'ratio':>6}")
    for name, times in took.items():
        one, other = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name:26} {one:8.1f} {other:8.1f} {other / one:6.2f}")
    core = statistics.median(column[1] for column in took["both previews, raw"])
    verdict("both previews, with the addon or without", core, WITH_ADDON, "ms")


WIDTH, HEIGHT, FACTOR = 2480, 3508, 3


def _previews(raw: bytes) -> Any:
    """Make both as a driver's child does: bands made smaller, then put together."""
    rows = FACTOR * 96
    pieces = []
    for top in range(0, HEIGHT, rows):
        count = min(rows, HEIGHT - top)
        band = memoryview(raw)[top * WIDTH * 3 : (top + count) * WIDTH * 3]
        picture = Image.frombuffer("RGB", (WIDTH, count), band, "raw", "RGB", 0, 1)
        pieces.append(picture.reduce(FACTOR))
    whole = Image.new("RGB", (pieces[0].width, sum(piece.height for piece in pieces)))
    top = 0
    for piece in pieces:
        whole.paste(piece, (0, top))
        top += piece.height
    return pictures.parts(whole)


def _previews_by_opencv(raw: bytes) -> Any:
    """Make the same with averages of OpenCV."""
    page = np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 3)
    made = []
    for factor in (FACTOR, 5):
        height, width = page.shape[0] // factor, page.shape[1] // factor
        whole = page[: height * factor, : width * factor]
        page = np.asarray(
            cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
        made.append(jpeg.encode(page.tobytes(), (width, height), 3, quality=pictures.QUALITY))
    return made


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--angles", type=int, default=4, help="pages of each kind")
    parser.add_argument("--seeds", type=int, default=1, help="sheets of each kind")
    parser.add_argument("--rounds", type=int, default=5, help="turns in which times are taken")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    deskew(asked.angles)
    blank(asked.seeds)
    border(2 * asked.angles)
    threshold()
    upright(asked.seeds)
    speed(asked.rounds)


if __name__ == "__main__":
    main()
