"""The uploader alone beside the core, and what each of its extras adds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

TELL = """
import json, sys, sheetfed.cli
from importlib import import_module
from sheetfed.api.errors import AddonMissing
from sheetfed_uploader import sheetfed_targets

missing = {}
for spec in sheetfed_targets():
    try:
        import_module(spec.factory.partition(":")[0])
    except AddonMissing as error:
        missing[spec.name] = f"{error.message} {error.details}"
print(json.dumps(missing), flush=True)
sys.argv[1:] = ["addons", "--json"]
sheetfed.cli.main()
"""


def the_uploader_comes_alone_and_grows_by_its_extras(built: Path, tmp_path: Path) -> None:
    """With the libraries that it asks for and no other one; who lacks an extra is told the line."""
    site = tmp_path / "extras"
    wheels = {wheel.name.split("-")[0] for wheel in built.glob("sheetfed_*.whl")}
    others = {name.removeprefix("sheetfed_") for name in wheels - {"sheetfed_uploader"}}
    for name in ("sheetfed", "sheetfed_uploader"):
        (wheel,) = built.glob(f"{name}-*.whl")
        zipfile.ZipFile(wheel).extractall(site)
    packages = [*distributions(path=[str(site)])]
    (uploader,) = (one for one in packages if one.name == "sheetfed-uploader")
    extras = set(uploader.metadata.get_all("Provides-Extra") or ())

    for extra in ("", *extras):
        libraries = tmp_path / f"with-{extra}"
        libraries.mkdir()
        for entry in needed(packages, extra):
            (libraries / entry.name).symlink_to(entry)
        path = f"{site}{os.pathsep}{libraries}"
        said = run("-S", "-c", TELL, PYTHONPATH=path, SHEETFED_HOME=str(site / "home"))
        missing, _, listed = said.partition("\n")
        words = json.loads(missing)
        addons = {row["name"]: row["state"] for row in json.loads(listed)["items"]}

        assert words.keys() == extras - {extra}
        assert all(f'pip install "sheetfed-uploader[{one}]"' in words[one] for one in words)
        assert addons["uploader"] == "ready"
        assert not addons.keys() & others


def run(*words: str | Path, **environment: str) -> str:
    """Run Python and return what it prints."""
    command = [sys.executable, *words]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def needed(packages: Sequence[Distribution], extra: str) -> set[Path]:
    """Return the files and folders of all libraries that packages ask for, with one extra."""
    entries: set[Path] = set()
    waiting = [(package, {"", extra}) for package in packages]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        package, extras = waiting.pop()
        for wish in map(Requirement, package.requires or ()):
            wanted = wish.marker is None or any(wish.marker.evaluate({"extra": e}) for e in extras)
            key = (wish.name, frozenset(wish.extras))
            if not wanted or wish.name.startswith("sheetfed") or key in seen:
                continue
            seen.add(key)
            library = distribution(wish.name)
            waiting.append((library, {"", *wish.extras}))
            names = {file.parts[0] for file in library.files or () if file.parts[0] != ".."}
            entries |= {Path(str(library.locate_file(name))) for name in names}
    return {entry for entry in entries if entry.exists() and entry.name != "__pycache__"}
