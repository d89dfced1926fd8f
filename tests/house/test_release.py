"""What is generated for a release is what the packages and the lock say."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "release"))
import libraries
import sbom
import versions


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
