"""Builds the examples that need a bundler, as a product does."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from node import PLACE, run
from schemas import CLIENT

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
_WEBPACK = """
import webpack from "webpack";
const { default: config } = await import(process.cwd() + "/webpack.config.mjs");
webpack({ ...config, context: process.cwd() }, (error, stats) => {
  if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1); }
});
"""


def build(name: str) -> dict[str, str]:
    """Build an example; return its files by their paths. Raises AssertionError where it fails."""
    _install()
    (PLACE / "examples").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE / "examples") as folder:
        place = Path(folder) / name
        shutil.copytree(EXAMPLES / name, place)
        if (place / "vite.config.mjs").exists():
            run("vite", "build", "--logLevel", "error", cwd=place)
        else:
            run("--input-type=module", "--eval", _WEBPACK, cwd=place)
            shutil.copy(place / "index.html", place / "dist")
        made = [file for file in (place / "dist").rglob("*") if file.is_file()]
        return {f"/{name}/{file.relative_to(place / 'dist')}": file.read_text() for file in made}


def _install() -> None:
    """Put the client where a bundler looks for it, as npm would."""
    scope = PLACE / "node_modules" / "@sheetfed"
    scope.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scope) as folder:
        link = Path(folder) / "client"
        link.symlink_to(CLIENT)
        link.replace(scope / "client")  # whole at any moment: others build as well
