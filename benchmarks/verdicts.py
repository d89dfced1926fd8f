"""Prints a figure beside the goal that was promised for it."""

from __future__ import annotations


def verdict(what: str, figure: float, goal: float, unit: str, *, least: bool = False) -> None:
    """Print a line; the figure may be no more than the goal, or no less if that is the `least`."""
    met = figure >= goal if least else figure <= goal
    limit = "at least" if least else "at most"
    said = "met" if met else "MISSED"
    print(f"  goal: {what:52} {figure:9.2f} {unit:10} {limit} {goal:g}: {said}")
