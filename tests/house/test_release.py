"""What is generated for a release is what the packages and the lock say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "release"))
import advisories
import libraries
import sbom
import versions
from libraries import Locked


def test_the_bill_of_materials_names_all_that_is_locked() -> None:
    """`make locks` writes it; who changes a version by hand forgets it."""
    assert sbom.FILE.read_text() == sbom.text()

    told = json.loads(sbom.text())
    parts = [told["metadata"]["component"], *told["components"]]
    refs = {each["bom-ref"] for each in parts}
    locked = {f"{each.name}@{each.version}" for each in libraries.locked()}
    assert locked < refs
    assert all(ref in refs for each in told["dependencies"] for ref in each["dependsOn"])
    files = [each["externalReferences"] for each in told["components"] if "@" in each["bom-ref"]]
    assert all(reference[0]["hashes"] for reference in files)


def test_the_table_of_versions_is_what_the_packages_say() -> None:
    """`make versions` writes it."""
    assert versions.FILE.read_text() == versions.text()


def test_what_is_locked_has_no_hole_that_is_known() -> None:
    """R38 (U02): the list is kept in the repository, so that this needs no network."""
    assert advisories.faults(advisories.locked()) == []


def test_a_version_with_a_hole_is_named() -> None:
    """U02: or the test above would prove nothing. Fixed in 3.9.2, said the advisory."""
    had, mended = (
        advisories.faults([Locked(name="aiohttp", version=version, marker="", hashes=())])
        for version in ("3.9.1", "3.10.5")
    )

    assert "aiohttp 3.9.1: PYSEC-2024-26, CVE-2024-23829, GHSA-8qpw-xqxj-h4r2" in had
    assert mended == []


def test_a_library_without_its_hash_is_not_installed(tmp_path: Path) -> None:
    """R38 (U01): a lock that lost one installs nothing at all."""
    whole = libraries.LOCK.read_text()
    lost = tmp_path / "run.txt"
    lost.write_text(whole.split(" \\\n", 1)[0] + "\n")  # the first library, as far as its hashes
    install = [
        Path(sys.executable).with_name("uv"),
        "pip",
        "install",
        "--offline",
        "--target",
        tmp_path,
    ]

    done = subprocess.run(
        [*install, "--require-hashes", "-r", lost], capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "--require-hashes" in done.stderr
    assert "hash" in done.stderr
    assert "--require-hashes" in (libraries.ROOT / "Makefile").read_text()
