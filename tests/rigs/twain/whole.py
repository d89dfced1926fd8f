"""The Windows Python with what its libraries need and Wine lacks."""

from __future__ import annotations

from pathlib import Path

from windows import WINDOWS


def interpreter(folder: Path) -> Path:
    """Return a `python.exe` that can load them; all but the two libraries is the one made."""
    folder.mkdir(parents=True)
    for entry in (*(WINDOWS.place / "python").iterdir(), *WINDOWS.lacking.glob("*.dll")):
        (folder / entry.name).symlink_to(entry)
    (folder / "python.exe").unlink()
    (folder / "python.exe").write_bytes((WINDOWS.place / "python/python.exe").read_bytes())
    return folder / "python.exe"
