"""Photographs of sheets as a document camera takes them, and where their corners are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import sheets
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Numbers = NDArray[np.float64]
Chance = np.random.Generator

A4 = (210.0, 297.0)
A5 = (148.0, 210.0)
LETTER = (215.9, 279.4)
RECEIPT = (80.0, 200.0)
CARD = (105.0, 148.0)
MARGIN = 5.0
"""Millimetres at the edges that printers leave white."""

DPI = 110
FINE = 2
"""How many samples of a sheet stand side by side for each pixel of a photograph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """A picture in RGB and the corners of each sheet in it, clockwise from the top left."""

    name: str
    picture: Picture
    sheets: tuple[Numbers, ...]

    @property
    def corners(self) -> Numbers:
        """The corners of the only sheet."""
        (only,) = self.sheets
        return only


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How a sheet lies before the lens: degrees, and its share of the picture's height."""

    turn: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0
    share: float = 0.75
    middle: tuple[float, float] = (0.5, 0.5)


def photograph(kind: str, seed: int, *, size: tuple[int, int] = (1280, 720)) -> Photograph:
    """Return the photograph that a kind and a seed name, always the same."""
    chance = np.random.default_rng([seed, *kind.encode()])
    made, found = KINDS[kind](chance, size)
    return Photograph(name=f"{kind} {seed}", picture=made, sheets=tuple(found))


def photograph_on(table: Picture, seed: int, *, size: tuple[int, int] = (1280, 720)) -> Photograph:
    """Return a photograph of a sheet that lies on what another picture shows."""
    ground = cv2.resize(table, size, interpolation=cv2.INTER_CUBIC)
    made, found = _on(lambda _chance, _size: np.asarray(ground, np.uint8))(
        np.random.default_rng(seed), size
    )
    return Photograph(name=f"picture {seed}", picture=made, sheets=tuple(found))


def corners_of(pose: Pose, paper: tuple[float, float], size: tuple[int, int]) -> Numbers:
    """Return where the corners of a sheet of so many mm come to lie in a picture.

    A pinhole camera, its focal length the longer side of the picture, looks straight down.
    """
    wide, high = paper
    own = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / 2
    flat = np.column_stack([own, np.zeros(4)])
    turned = flat @ _rotation(pose.roll, pose.tilt, pose.turn).T
    focal = max(size)
    away = focal * max(high, 0.8 * wide) / (pose.share * size[1])
    seen = focal * turned[:, :2] / (away + turned[:, 2:])
    middle = np.array([pose.middle[0] * size[0], pose.middle[1] * size[1]])
    return np.asarray(seen - seen.mean(axis=0) + middle, np.float64)


def _rotation(about_x: float, about_y: float, about_z: float) -> Numbers:
    x, y, z = (math.radians(angle) for angle in (about_x, about_y, about_z))
    sines, cosines = np.sin([x, y, z]), np.cos([x, y, z])
    one = np.array([[1, 0, 0], [0, cosines[0], -sines[0]], [0, sines[0], cosines[0]]])
    two = np.array([[cosines[1], 0, sines[1]], [0, 1, 0], [-sines[1], 0, cosines[1]]])
    three = np.array([[cosines[2], -sines[2], 0], [sines[2], cosines[2], 0], [0, 0, 1]])
    return np.asarray(one @ two @ three, np.float64)


# Sheets, flat.


def printed(
    chance: Chance, paper: tuple[float, float], *, colour: Sequence[float] = (244, 243, 240)
) -> Picture:
    """Return a sheet with something printed on it, flat, at `DPI`."""
    draw = list(sheets.TEXTS.values())[chance.integers(len(sheets.TEXTS))]
    gray = np.asarray(draw(dpi=DPI, seed=int(chance.integers(1000))))
    wide, high = (round(side / 25.4 * DPI) for side in paper)
    if paper[0] > 100:  # the same, smaller or larger
        gray = np.asarray(cv2.resize(gray, (wide, high), interpolation=cv2.INTER_AREA))
    edge = round(MARGIN / 25.4 * DPI)
    inner = gray[edge : high - edge, edge : wide - edge]
    around = ((edge, high - edge - inner.shape[0]), (edge, wide - edge - inner.shape[1]))
    gray = np.pad(inner, around, constant_values=sheets.PAPER)
    share = np.minimum(gray / sheets.PAPER, 1)[:, :, None]
    made = share * np.asarray(colour, float)
    if chance.random() < 0.3:  # a band of colour that reaches the edges
        deep = round(high * chance.uniform(0.05, 0.14))
        made[:deep] = chance.uniform(20, 200, 3)
    return np.asarray(made.clip(0, 255), np.uint8)


# Grounds.


def _noise(chance: Chance, size: tuple[int, int], cells: tuple[int, int]) -> NDArray[np.float32]:
    coarse = chance.normal(0, 1, (cells[1], cells[0])).astype(np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32)


def dark_table(chance: Chance, size: tuple[int, int]) -> Picture:
    """Return an even, dark table."""
    colour = chance.uniform(25, 95, 3)
    return _ground(colour, _noise(chance, size, (12, 8)) * 4)


def wood(chance: Chance, size: tuple[int, int]) -> Picture:
    """Return planks with grain and joints."""
    colour = np.array([150, 105, 65]) * chance.uniform(0.6, 1.25)
    grain = _noise(chance, size, (10, size[1] // 6)) * 11 + _noise(chance, size, (5, 40)) * 9
    made = _ground(colour, grain)
    for y in range(int(chance.integers(60, 140)), size[1], 160):
        cv2.line(made, (0, y), (size[0], y + 3), tuple(colour * 0.45), 2)
    return made


def light_table(chance: Chance, size: tuple[int, int]) -> Picture:
    """Return a light table, hardly darker than paper."""
    colour = np.array([1, 0.99, 0.97]) * chance.uniform(188, 216)
    return _ground(colour, _noise(chance, size, (9, 7)) * 3)


def cloth(chance: Chance, size: tuple[int, int]) -> Picture:
    """Return a cloth with checks."""
    made = _ground(chance.uniform(90, 200, 3), _noise(chance, size, (60, 60)) * 5)
    step, broad = int(chance.integers(40, 110)), int(chance.integers(10, 40))
    other = chance.uniform(40, 220, 3)
    rows, columns = np.arange(size[1]) % step < broad, np.arange(size[0]) % step < broad
    mixed = 0.5 * (rows[:, None] + 1.0 * columns[None])[:, :, None]
    return np.asarray(made * (1 - mixed * 0.6) + other * mixed * 0.6, np.uint8)


def granite(chance: Chance, size: tuple[int, int]) -> Picture:
    """Return speckled stone."""
    speckles = _noise(chance, size, (size[0] // 5, size[1] // 5)) * 26
    return _ground(np.array([1, 0.98, 0.95]) * chance.uniform(90, 150), speckles)


def _ground(colour: Sequence[float] | Numbers, grain: NDArray[np.float32]) -> Picture:
    made = np.asarray(colour, np.float32)[None, None] + grain[:, :, None].astype(np.float32)
    return np.asarray(made.clip(0, 255), np.uint8)


def littered(chance: Chance, ground: Picture, many: int) -> Picture:
    """Return a ground with pens, cards, rings and cables on it."""
    high, wide = ground.shape[:2]
    for _ in range(many):
        at = (int(chance.integers(wide)), int(chance.integers(high)))
        colour = tuple(float(part) for part in chance.uniform(10, 245, 3))
        what = chance.integers(4)
        if what == 0:  # a pen
            turn, long = chance.uniform(0, math.pi), 130
            end = (int(at[0] + long * math.cos(turn)), int(at[1] + long * math.sin(turn)))
            cv2.line(ground, at, end, colour, 9, cv2.LINE_AA)
        elif what == 1:  # a card, a small book
            box = (at, (90, 58), float(chance.uniform(0, 180)))
            cv2.fillConvexPoly(ground, cv2.boxPoints(box).astype(np.int32), colour, cv2.LINE_AA)
        elif what == 2:  # a cup
            cv2.circle(ground, at, 45, colour, -1, cv2.LINE_AA)
            cv2.circle(ground, at, 37, (60.0, 35.0, 20.0), -1, cv2.LINE_AA)
        else:  # a cable
            steps = np.cumsum(chance.normal(0, 30, (12, 2)), axis=0) + at
            cv2.polylines(ground, [steps.astype(np.int32)], False, colour, 4, cv2.LINE_AA)  # noqa: FBT003 - OpenCV's way
    return ground


# Laying, lighting, taking.


def laid(ground: Picture, sheet: Picture, corners: Numbers) -> Picture:
    """Return a ground with a sheet upon it, smooth at its edges, and its narrow shadow."""
    high, wide = sheet.shape[:2]
    left, top = np.maximum(corners.min(axis=0) - 12, 0).astype(int)
    right, low = np.minimum(corners.max(axis=0) + 12, ground.shape[1::-1]).astype(int)
    size = (int(right - left), int(low - top))
    fine = (size[0] * FINE, size[1] * FINE)
    there = (corners - (left, top)) * FINE
    own = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    half = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    lifted = cv2.getPerspectiveTransform(own, there.astype(np.float32))
    seen = cv2.warpPerspective(sheet, half @ lifted @ np.linalg.inv(half), fine)
    mask = np.zeros(fine[::-1], np.uint8)
    cv2.fillConvexPoly(mask, ((there - 0.5) * 16).round().astype(np.int32), 255, cv2.LINE_8, 4)
    seen[mask == 0] = 0
    seen = cv2.resize(seen, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    cover = cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    cast = cv2.GaussianBlur(np.roll(cover, (2, 2), (0, 1)), (0, 0), 2.0)
    made = ground.copy()
    part = made[top:low, left:right]
    dark = part * (1 - 0.35 * cast)[:, :, None]
    part[:] = dark * (1 - cover)[:, :, None] + seen
    return made


def taken(
    chance: Chance, scene: Picture, *, light: Numbers | None = None, grain: float = 3.0
) -> Picture:
    """Return what a camera makes of a scene: uneven light, a soft lens, grain, JPEG."""
    size = (scene.shape[1], scene.shape[0])
    seen = scene.astype(np.float32)
    x, y = np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1])[:, None]
    lean = chance.uniform(-0.14, 0.14, 2)
    falloff = 1 - 0.13 * (x * x + y * y) + lean[0] * x + lean[1] * y
    seen *= falloff[:, :, None].astype(np.float32) * np.float32(chance.uniform(0.82, 1.0))
    if light is not None:
        seen *= light[:, :, None].astype(np.float32)
    seen *= chance.uniform([0.94, 0.97, 0.88], [1.0, 1.0, 1.0]).astype(np.float32)
    seen = cv2.GaussianBlur(seen, (0, 0), chance.uniform(0.5, 1.1))
    seen += np.float32(grain) * chance.standard_normal(seen.shape, np.float32)
    data = cv2.imencode(".jpg", seen.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88])
    return np.asarray(cv2.imdecode(data[1], cv2.IMREAD_COLOR), np.uint8)


def shade(chance: Chance, size: tuple[int, int]) -> Numbers:
    """Return the light that an arm and a head leave: soft shadows across everything."""
    light = np.ones((size[1], size[0]), np.float32)
    for _ in range(int(chance.integers(1, 4))):
        middle = chance.uniform([0, 0], size)
        points = middle + chance.normal(0, 0.28, (5, 2)) * size
        hull = cv2.convexHull(points.astype(np.float32)).astype(np.int32)
        dark = np.zeros_like(light)
        cv2.fillConvexPoly(dark, hull, 1.0)
        dark = cv2.GaussianBlur(dark, (0, 0), chance.uniform(3, 22))
        light *= 1 - chance.uniform(0.25, 0.5) * dark
    return np.asarray(light, np.float64)


def _pose(chance: Chance, *, least: float = 0.55, most: float = 0.88) -> Pose:
    return Pose(
        turn=float(chance.uniform(-32, 32)),
        tilt=float(chance.uniform(-18, 18)),
        roll=float(chance.uniform(-18, 18)),
        share=float(chance.uniform(least, most)),
        middle=(float(chance.uniform(0.44, 0.56)), float(chance.uniform(0.46, 0.54))),
    )


def _inside(chance: Chance, paper: tuple[float, float], size: tuple[int, int]) -> Numbers:
    """Return the corners of a sheet that is wholly seen."""
    while True:
        corners = corners_of(_pose(chance), paper, size)
        if (corners > 6).all() and (corners < np.array(size) - 6).all():
            return _from_top_left(corners)


def _from_top_left(corners: Numbers) -> Numbers:
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)


Made = tuple[Picture, Sequence[Numbers]]
Ground = Callable[[Chance, tuple[int, int]], Picture]
ANY: tuple[Ground, ...] = (dark_table, wood, granite, cloth)


def _any_ground(chance: Chance, size: tuple[int, int]) -> Picture:
    return ANY[chance.integers(len(ANY))](chance, size)


def _on(ground: Ground) -> Callable[[Chance, tuple[int, int]], Made]:
    def make(chance: Chance, size: tuple[int, int]) -> Made:
        paper = (A4, LETTER, A5)[chance.integers(3)]
        corners = _inside(chance, paper, size)
        scene = laid(ground(chance, size), printed(chance, paper), corners)
        return taken(chance, scene), [corners]

    return make


def _clutter(chance: Chance, size: tuple[int, int]) -> Made:
    corners = _inside(chance, A4, size)
    ground = littered(chance, _any_ground(chance, size), 14)
    return taken(chance, laid(ground, printed(chance, A4), corners)), [corners]


def _shadow(chance: Chance, size: tuple[int, int]) -> Made:
    corners = _inside(chance, A4, size)
    scene = laid(_any_ground(chance, size), printed(chance, A4), corners)
    return taken(chance, scene, light=shade(chance, size)), [corners]


def _pale_shadow(chance: Chance, size: tuple[int, int]) -> Made:
    corners = _inside(chance, A4, size)
    scene = laid(light_table(chance, size), printed(chance, A4), corners)
    return taken(chance, scene, light=shade(chance, size)), [corners]


def _dim(chance: Chance, size: tuple[int, int]) -> Made:
    corners = _inside(chance, A4, size)
    scene = laid(_any_ground(chance, size), printed(chance, A4), corners)
    light = np.full((size[1], size[0]), chance.uniform(0.28, 0.45))
    return taken(chance, scene, light=light, grain=6.0), [corners]


def _coloured(chance: Chance, size: tuple[int, int]) -> Made:
    corners = _inside(chance, A4, size)
    colours = ((235, 220, 120), (180, 220, 180), (240, 190, 200), (170, 200, 235), (190, 150, 105))
    sheet = printed(chance, A4, colour=colours[chance.integers(len(colours))])
    return taken(chance, laid(_any_ground(chance, size), sheet, corners)), [corners]


def _receipt(chance: Chance, size: tuple[int, int]) -> Made:
    corners = _inside(chance, RECEIPT, size)
    scene = laid(_any_ground(chance, size), printed(chance, RECEIPT), corners)
    return taken(chance, scene), [corners]


def _partial(chance: Chance, size: tuple[int, int]) -> Made:
    """One or two corners are a little outside of the picture."""
    while True:
        corners = _from_top_left(corners_of(_pose(chance, least=0.8, most=1.05), A4, size))
        outside = ((corners < 0) | (corners > np.array(size))).any(axis=1)
        far = np.maximum(-corners, corners - np.array(size)).max()
        if 1 <= outside.sum() <= 2 and 6 < far < 0.1 * max(size):
            break
    scene = laid(_any_ground(chance, size), printed(chance, A4), corners)
    return taken(chance, scene), [corners]


def _many(chance: Chance, size: tuple[int, int]) -> Made:
    """Ten cards beside each other, none upon another."""
    scene, found = dark_table(chance, size), []
    for place in range(10):
        middle = ((place % 5 + 0.5) / 5, (place // 5 + 0.5) / 2)
        pose = Pose(turn=float(chance.uniform(-12, 12)), share=0.36, middle=middle)
        corners = _from_top_left(corners_of(pose, CARD, size))
        scene = laid(scene, printed(chance, CARD), corners)
        found.append(corners)
    return taken(chance, scene), found


def _book(chance: Chance, size: tuple[int, int]) -> Made:
    """An open book, darker towards its fold; the corners are those of its two pages."""
    spread = (2 * A5[0], A5[1])
    left, right = (printed(chance, A5) for _ in range(2))
    flat = np.hstack([left, right]).astype(np.float32)
    away = np.abs(np.arange(flat.shape[1]) + 0.5 - left.shape[1]) / DPI * 25.4
    flat *= (1 - 0.55 * np.exp(-((away / 7) ** 2)))[None, :, None]
    pose = Pose(turn=4, tilt=8, roll=-7, share=0.62)
    corners = corners_of(pose, spread, size)
    own = np.array([[0, 0], [2, 0], [2, 1], [0, 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    fold = cv2.perspectiveTransform(np.array([[[1.0, 0.0], [1.0, 1.0]]]), matrix)[0]
    scene = laid(wood(chance, size), np.asarray(flat, np.uint8), corners)
    one, two, three, four = corners
    pages = [np.array([one, fold[0], fold[1], four]), np.array([fold[0], two, three, fold[1]])]
    return taken(chance, scene), pages


def _none(chance: Chance, size: tuple[int, int]) -> Made:
    """No sheet: a ground alone, some with things on it."""
    ground = (*ANY, light_table)[chance.integers(5)](chance, size)
    if chance.random() < 0.4:
        ground = littered(chance, ground, 8)
    return taken(chance, ground), []


KINDS: Mapping[str, Callable[[Chance, tuple[int, int]], Made]] = {
    "dark": _on(dark_table),
    "wood": _on(wood),
    "cloth": _on(cloth),
    "granite": _on(granite),
    "light": _on(light_table),
    "clutter": _clutter,
    "shadow": _shadow,
    "pale shadow": _pale_shadow,
    "dim": _dim,
    "coloured": _coloured,
    "receipt": _receipt,
    "partial": _partial,
    "many": _many,
    "book": _book,
    "none": _none,
}

ONE: tuple[str, ...] = tuple(kind for kind in KINDS if kind not in {"many", "book", "none"})
"""Kinds with one sheet."""
