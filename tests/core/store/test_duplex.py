"""Fronts and backs are put together, and apart again."""

from __future__ import annotations

from itertools import product

from sheetfed.store.order import ruled


def test_what_was_put_together_is_put_apart_however_many_fronts_there_were() -> None:
    """A last sheet without a back, a feeder that took two at once: the numbers differ."""
    for count, fronts in product(range(8), (None, *range(8))):
        if fronts is None or fronts <= count:
            pages = [str(number) for number in range(count)]
            for rule, back in (
                ("interleave", "deinterleave"),
                ("interleave-reversed", "deinterleave-reversed"),
            ):
                together = ruled(pages, rule, fronts=fronts)  # type: ignore[arg-type]
                assert ruled(together, back, fronts=fronts) == pages  # type: ignore[arg-type]
