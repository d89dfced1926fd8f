"""Pixels averaged: pictures made smaller by a whole number.

Sums of rows go through NumPy as they lie in memory, which takes half of what Pillow takes: that
has to part the colours first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sheetfed.worker import extras

if TYPE_CHECKING:  # a child may lack numpy
    import numpy as np
    from numpy.typing import NDArray

MOST = 16
"""By how much a picture is made smaller at once: the sum of so many pixels fits into 16 bits."""


def averaged(
    rows: memoryview | NDArray[np.uint8], width: int, samples: int, by: int
) -> NDArray[np.uint8]:
    """Return 8-bit rows with each square of `by` pixels as one: height, width, samples.

    At the right and at the bottom it is the mean of what there is.
    """
    numpy: Any = extras.numpy()
    lines = numpy.frombuffer(rows, numpy.uint8).reshape(-1, width * samples)
    if by == 1:
        return lines.reshape(-1, width, samples)  # type: ignore[no-any-return]
    if by > MOST:
        half = averaged(rows, width, samples, 2)
        return averaged(half, half.shape[1], samples, -(-by // 2))
    whole = len(lines) // by
    made = numpy.empty((-(-len(lines) // by), -(-width // by), samples), numpy.uint8)
    if whole:
        blocks = lines[: whole * by].reshape(whole, by, -1)
        sums = numpy.add(blocks[:, 0], blocks[:, 1], dtype=numpy.uint16)
        for place in range(2, by):
            sums += blocks[:, place]
        _across(numpy, sums, made[:whole], by, by)
    if rest := len(lines) - whole * by:
        sums = lines[whole * by :].sum(axis=0, keepdims=True, dtype=numpy.uint16)
        _across(numpy, sums, made[whole:], by, rest)
    return made  # type: ignore[no-any-return]


def _across(numpy: Any, sums: Any, made: Any, by: int, high: int) -> None:
    """Fill rows of a smaller picture out of the sums of `high` rows each."""
    samples = made.shape[2]
    step = by * samples
    whole = sums.shape[1] // step
    for sample in range(samples):
        total = sums[:, sample : sample + whole * step : step].copy()
        for start in range(sample + samples, step, samples):
            total += sums[:, start : start + whole * step : step]
        made[:, :whole, sample] = _mean(total, high * by)
        edge = sums[:, whole * step + sample :: samples]
        if edge.shape[1]:
            total = edge.sum(axis=1, dtype=numpy.uint16)
            made[:, whole, sample] = _mean(total, high * edge.shape[1])


def _mean(total: Any, count: int) -> Any:
    total += count // 2
    total //= count
    return total
