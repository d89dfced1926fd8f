"""The wheel alone beside the core, and what each extra adds to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
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


@pytest.mark.timeout(180)
def test_the_wheel_comes_alone_beside_the_core_and_grows_by_its_extras(tmp_path: Path) -> None:
    """With the libraries that it asks for and no other one; who lacks an extra is told the line."""
    site = tmp_path / "site"
    for member in ("core", "plugins/uploader"):
        build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path)
        run(*build, ROOT / member)
    pip = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", site)
    run(*pip, *tmp_path.glob("*.whl"))
    packages = [*distributions(path=[str(site)])]
    (uploader,) = (one for one in packages if one.name == "sheetfed-uploader")
    extras = set(uploader.metadata.get_all("Provides-Extra") or ())

    for extra in ("", *extras):
        libraries = tmp_path / f"with-{extra}"
        libraries.mkdir()
        for entry in needed(packages, extra):
            (libraries / entry.name).symlink_to(entry)
        path = f"{site}{os.pathsep}{libraries}"
        said = run("-S", "-c", TELL, PYTHONPATH=path, SHEETFED_HOME=str(tmp_path / "home"))
        missing, _, listed = said.partition("\n")
        words = json.loads(missing)
        addons = {row["name"]: row["state"] for row in json.loads(listed)["items"]}

        assert words.keys() == extras - {extra}
        assert all(f'pip install "sheetfed-uploader[{one}]"' in words[one] for one in words)
        assert addons["uploader"] == "ready"
        assert not addons.keys() & {folder.name for folder in ROOT.glob("plugins/*")} - {"uploader"}


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
