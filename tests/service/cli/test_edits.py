"""`sheetfed edits`, as a person uses it."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def test_pages_are_edited_saved_and_undone(served: Any, quick: tuple[str, ...]) -> None:
    """What is saved is what was made of the page; undone, it is as it came."""
    served.run("scan", *quick, "-s", "source=flatbed", "--out", "first.png")
    (document,) = (line.split()[0] for line in served.run("documents").stdout.splitlines()[1:])

    added = served.run(
        "edits", "add", document, "rotate:angle=90", "depth:bits=1", "--pages", "odd"
    )
    served.run("documents", "save", document, "edited.png")
    undone = served.run("edits", "undo", document, "--all")
    served.run("documents", "save", document, "again.png")
    nothing = served.run("edits", "undo", document)

    first, edited, again = (
        Image.open(io.BytesIO((served.folder / name).read_bytes()))
        for name in ("first.png", "edited.png", "again.png")
    )
    assert (added.returncode, undone.returncode) == (0, 0), added.stderr + undone.stderr
    assert (edited.mode, edited.size) == ("1", first.size[::-1])
    assert again.tobytes() == first.tobytes()
    assert nothing.returncode != 0
    assert "nothing to undo" in nothing.stderr


def test_edits_are_listed_and_wrong_ones_named(served: Any) -> None:
    listed = served.run("edits")
    options = served.run("edits", "--options", "depth")
    unknown = served.run("edits", "--options", "dance")

    assert "rotate" in listed.stdout
    assert "found in the page" in options.stdout
    assert unknown.returncode == 2
    assert "sheetfed edits" in unknown.stderr
