"""Small pictures: each pixel is the mean of those that it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from sheetfed.worker.averages import averaged


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize(
    ("height", "width", "by"),
    [(9, 12, 3), (7, 9, 2), (31, 32, 3), (5, 5, 8), (64, 100, 16), (17, 1, 2), (1, 50, 4)],
)
def test_a_pixel_is_the_mean_of_its_square(height: int, width: int, by: int, samples: int) -> None:
    """At the edges of what there is: white paper has no grey edge."""
    pixels = np.random.default_rng(height).integers(0, 256, (height, width, samples), np.uint8)
    pixels[:, -1] = 255

    made = averaged(memoryview(pixels).cast("B"), width, samples, by)

    meant = [
        [pixels[top : top + by, left : left + by].mean(axis=(0, 1)) for left in range(0, width, by)]
        for top in range(0, height, by)
    ]
    assert made.shape == np.shape(meant)
    assert np.abs(made - np.array(meant)).max() <= 0.5


def test_what_is_made_much_smaller_overflows_nowhere() -> None:
    """The sum of a thousand white pixels needs more than 16 bits."""
    white = np.full((100, 70, 3), 255, np.uint8)

    made = averaged(white, 70, 3, 33)

    assert made.shape[0] <= 4
    assert (made == 255).all()
