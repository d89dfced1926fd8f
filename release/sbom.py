"""Writes the bill of materials: what the product is made of, as CycloneDX.

Usage: python release/sbom.py

It is made of the members' versions and the lock, so it is the same on every computer; a test holds
the file that is kept against it. Format: CycloneDX 1.6, JSON.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from libraries import LOCK, ROOT, Locked, key, locked, members, project, tools
from packaging.requirements import Requirement

FILE = ROOT / "docs/reference/sbom.cdx.json"


def text() -> str:
    """Return the bill as it is kept."""
    product = _of_member("sheetfed", "application")
    plain = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product},
        "components": [*_addons(), *_libraries()],
        "dependencies": [*_dependencies()],
        "compositions": [{"aggregate": "incomplete", "dependencies": [product["bom-ref"]]}],
    }
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(plain))
    told = {**plain, "serialNumber": f"urn:uuid:{number}"}
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def _addons() -> Iterator[dict[str, Any]]:
    for member in members()[1:]:
        yield _of_member(str(project(member)["name"]), "library")


def _of_member(name: str, kind: str) -> dict[str, Any]:
    about = next(project(member) for member in members() if project(member)["name"] == name)
    return {
        "type": kind,
        "bom-ref": name,
        "name": name,
        "version": about["version"],
        "description": about["description"],
        "licenses": [{"license": {"id": about["license"]}}],
        "purl": f"pkg:pypi/{name}@{about['version']}",
    }


def _libraries() -> Iterator[dict[str, Any]]:
    builds = tools()
    for each in locked():
        yield {
            "type": "library",
            "bom-ref": _ref(each),
            "name": each.name,
            "version": each.version,
            "scope": "excluded" if each.name in builds else "required",
            "purl": f"pkg:pypi/{each.name}@{each.version}",
            "externalReferences": [_files(each)],
            **({"properties": [_only(each)]} if each.marker else {}),
        }


def _files(each: Locked) -> dict[str, Any]:
    """Return where the files are, any of which may be the one installed."""
    return {
        "type": "distribution",
        "url": f"https://pypi.org/project/{each.name}/{each.version}/#files",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in each.hashes],
    }


def _only(each: Locked) -> dict[str, str]:
    return {"name": "sheetfed:only-where", "value": each.marker}


def _dependencies() -> Iterator[dict[str, Any]]:
    refs: dict[str, list[str]] = {}
    for each in locked(LOCK):
        refs.setdefault(each.name, []).append(_ref(each))
    for member in members():
        about = project(member)
        names = [key(Requirement(need).name) for need in about["dependencies"]]
        yield {
            "ref": about["name"],
            "dependsOn": sorted(ref for name in names for ref in refs.get(name, [name])),
        }


def _ref(each: Locked) -> str:
    return f"{each.name}@{each.version}"


if __name__ == "__main__":
    FILE.write_text(text())
