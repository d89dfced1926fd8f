"""Writes the lists of exact versions and hashes that make installs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
HEAD = "# Made by `make locks`: exact versions and hashes for every supported system.\n"

NOT_UNDER_WINE = ("numpy", "simplejpeg")
"""What Debian's Wine ends, for want of a function; the core's children do without them."""

WITH_LIBRARIES = ("barcode", "imaging", "pdf", "webcam")
"""The addons whose libraries are there all the same, with that function, for who looks for them."""


def members() -> list[Path]:
    """Return the packages of the workspace."""
    return [ROOT / "core", *sorted((ROOT / "plugins").iterdir())]


def needs(member: Path) -> list[str]:
    """Return what a member asks for, without the workspace's own packages."""
    project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    return [need for need in project.get("dependencies", []) if not need.startswith("sheetfed")]


def lock(name: str, wanted: list[str], *more: str) -> None:
    """Resolve for every system at once and write `name`.txt; `more` is said to uv as well."""
    done = subprocess.run(
        [
            Path(sys.executable).with_name("uv"),
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            "--no-emit-index-url",
            "--python-version=3.11",
            *more,
            "-",
        ],
        input="\n".join(wanted),
        capture_output=True,
        text=True,
        check=True,
    )
    (HERE / f"{name}.txt").write_text(HEAD + done.stdout)


def main() -> None:
    """Write the lists."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    run = [
        *tools["build"],
        *tools["package"],
        *(need for member in members() for need in needs(member)),
    ]
    lock("run", run)
    lock("test", [*run, *tools["dev"]])
    core = [need for need in needs(ROOT / "core") if not need.startswith(NOT_UNDER_WINE)]
    lock("windows", [*core, *tools["windows"]])
    addons = [need for name in WITH_LIBRARIES for need in needs(ROOT / "plugins" / name)]
    lock("windows-addons", [*addons, *tools["windows-readers"]])
    lock("photographs", tools["photographs"], "--no-deps")


if __name__ == "__main__":
    main()
