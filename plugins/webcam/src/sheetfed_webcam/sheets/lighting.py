"""Evens out how a sheet is lit, and makes its paper white."""

from __future__ import annotations

import cv2
import numpy as np

from sheetfed_webcam.sheets.pixels import Matrix, Pixels, bytes_of, shrunk

COARSE = 400
"""About the longer side of the map of the paper."""

WHITE = 248
"""The level that paper gets."""

_STROKES = 0.03  # of the shorter side: print that is narrower is left out
_DARKEST = 0.4  # of the brightest paper has paper in a shadow; what is darker is print
_COLOURED = 14  # levels of a and b away from the paper's is no paper
_DETAIL = 4.0  # cells wide are details; a soft shadow has none
_RESTLESS = 0.02  # the detail, in shares of brightness, that a picture has
_PICTURE = 17  # cells wide is a picture at least; a hard shadow's edge is narrower
_FILLED = 61  # cells wide is what is plain in a picture
_TINT = 0.22  # of its brightest colour is missing of the others in coloured paper
_REACH = 25  # cells around are looked at where there is no paper
_BLACK, _PALE = 55, 228  # levels that become black and white where more contrast is asked


def evened(samples: Matrix, *, strong: bool) -> Matrix:
    """Return samples as if their paper were white, and lit evenly; pictures keep their tones."""
    paper = _paper(samples)
    if samples.ndim == 3 and not strong:
        paper = _tinted(paper)
    size = (samples.shape[1], samples.shape[0])
    wide = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR)
    if samples.dtype == np.uint16:
        deep = samples.astype(np.float32) / np.maximum(wide, 1) * WHITE
        made: Matrix = deep.clip(0, 65_535).astype(np.uint16)
        return made if not strong else _curved(made)
    made = cv2.divide(samples, wide, scale=WHITE)
    return _curved(made) if strong else made


def _tinted(paper: Pixels) -> Pixels:
    """Return a map that leaves coloured paper its colour; a warm lamp's is none."""
    red, green, blue = np.median(paper.reshape(-1, 3), axis=0)
    colour = (max(red, green, blue) - min(red, green, blue)) / max(red, green, blue, 1)
    if colour < _TINT:
        return paper
    light = paper.max(axis=2)
    return np.dstack([light] * 3)


def _curved(samples: Matrix) -> Matrix:
    levels = (np.arange(256) - _BLACK) / (_PALE - _BLACK)
    table = (levels.clip(0, 1) * 255).round()
    if samples.dtype == np.uint16:
        exact = np.interp(samples, np.arange(256) * 257.0, table * 257.0)
        return np.asarray(exact, np.uint16)
    return bytes_of(cv2.LUT(bytes_of(samples), bytes_of(table)))


def _paper(samples: Matrix) -> Pixels:
    """Return a small map of the colour that the paper has at each place."""
    eight = bytes_of(samples >> 8 if samples.dtype == np.uint16 else samples)
    small, _ = shrunk(eight, COARSE)
    many = max(3, round(min(small.shape[:2]) * _STROKES) | 1)
    bright = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((many, many), np.uint8))
    bright = bytes_of(cv2.medianBlur(bright, 5))
    mask = _is_paper(bright)
    if mask.mean() < 0.05:
        return bytes_of(np.full_like(bright, max(1, int(np.quantile(bright, 0.95)))))
    filled = bright.astype(np.float32)
    known = mask.astype(np.float32)
    for reach in (_REACH, 4 * _REACH):
        share = cv2.blur(known, (reach, reach))
        held = known[:, :, None] if filled.ndim == 3 else known
        around = cv2.blur(filled * held, (reach, reach))
        weight = np.maximum(share, 1e-4)
        around = around / (weight[:, :, None] if filled.ndim == 3 else weight)
        missing = (known == 0) & (share > 0.01)
        filled[missing] = around[missing]
        known[missing] = 1
    filled[known == 0] = np.median(bright[mask], axis=0)
    return bytes_of(cv2.GaussianBlur(filled, (0, 0), 1.2).clip(1, 255))


def _is_paper(bright: Pixels) -> Matrix:
    """Say which cells are paper, also in a shadow: pale, plain, of the usual colour."""
    colour = cv2.cvtColor(bright, cv2.COLOR_GRAY2RGB) if bright.ndim == 2 else bright
    lab = cv2.cvtColor(colour, cv2.COLOR_RGB2Lab).astype(np.float32)
    light = colour.max(axis=2).astype(np.float32)
    top = float(np.quantile(light, 0.92))
    pale = light > _DARKEST * top
    usual = np.median(lab[light > 0.7 * top], axis=0)
    plain = np.abs(lab[:, :, 1:] - usual[1:]).max(axis=2) < _COLOURED
    tone = np.log(np.maximum(light, 1))
    detail = np.abs(tone - cv2.GaussianBlur(tone, (0, 0), _DETAIL))
    restless = bytes_of(cv2.blur(detail, (_PICTURE, _PICTURE)) > _RESTLESS)
    brush = cv2.getStructuringElement(cv2.MORPH_RECT, (_PICTURE, _PICTURE))
    pictures = cv2.morphologyEx(restless, cv2.MORPH_OPEN, brush)
    pictures = cv2.morphologyEx(pictures, cv2.MORPH_CLOSE, np.ones((_FILLED, _FILLED), np.uint8))
    return _from_the_edge(pale & plain & (pictures == 0))


def _from_the_edge(mask: Matrix) -> Matrix:
    """Return what of a mask reaches the sheet's edge: what is plain inside a picture does not."""
    count, names = cv2.connectedComponents(bytes_of(mask), connectivity=4)
    reaches = np.zeros(count, bool)
    for side in (names[:2], names[-2:], names[:, :2], names[:, -2:]):
        reaches[np.unique(side)] = True
    reaches[0] = False
    made: Matrix = reaches[names]
    return made
