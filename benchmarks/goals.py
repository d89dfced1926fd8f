"""What was promised, measured, and whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Goals:
    """Goals with their figures, in the order in which they were measured."""

    _rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def least(self, goal: str, figure: float, bound: float, unit: str = "") -> None:
        """Add a figure that is to be `bound` or more."""
        self._add(goal, figure, f">= {bound:g}{unit}", unit, kept=figure >= bound)

    def most(self, goal: str, figure: float, bound: float, unit: str = "") -> None:
        """Add a figure that is to be `bound` or less."""
        self._add(goal, figure, f"<= {bound:g}{unit}", unit, kept=figure <= bound)

    def print(self) -> None:
        """Print a line for each goal."""
        wide = max((len(row[0]) for row in self._rows), default=0)
        print()
        for goal, bound, figure, verdict in self._rows:
            print(f"{goal:{wide}}  {bound:>10}  {figure:>10}  {verdict}")

    def _add(self, goal: str, figure: float, bound: str, unit: str, *, kept: bool) -> None:
        self._rows.append((goal, bound, f"{figure:.4g}{unit}", "kept" if kept else "MISSED"))
