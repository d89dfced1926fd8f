"""Writes the types of what travels, from the service's own description of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from node import run

from sheetfed.server.app import OPS
from sheetfed.server.openapi import describe

CLIENT = Path(__file__).parents[2] / "core" / "src" / "sheetfed" / "web" / "client"
FILE = CLIENT / "schema.d.ts"


def schemas(file: Path) -> None:
    """Write the types to a file; the routes themselves are methods of the client."""
    document = {**describe(OPS), "paths": {}}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "openapi.json"
        source.write_text(json.dumps(document))
        optional = "--default-non-nullable=false"  # what a request leaves out has its default
        run("openapi-typescript", str(source), optional, "--output", str(file))


if __name__ == "__main__":
    schemas(FILE)
