"""A page with an older client goes on: whatever it asks is answered with what it reads.

Each description in `released` is what a service of that time said of itself. Today's must hold all
of it. `tests/rigs/released.py` keeps another one with each form of the store.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sheetfed.server.app import OPS
from sheetfed.server.openapi import describe

DESCRIPTIONS = sorted((Path(__file__).parent / "released").glob("api-*.json.gz"))
Schema = Mapping[str, Any]


def read(file: Path) -> Any:
    """Return a description."""
    return json.loads(gzip.decompress(file.read_bytes()))


@pytest.mark.parametrize("file", DESCRIPTIONS, ids=lambda file: file.name.partition(".")[0])
def test_an_older_client_misses_nothing(file: Path) -> None:
    older = read(file)

    missed = {*Held(older, describe(OPS)).missed()}

    assert len(older["paths"]) >= 50
    assert missed == set()


def test_what_an_older_client_would_miss_is_seen() -> None:
    """Or the test above would prove nothing."""
    older = read(DESCRIPTIONS[-1])
    now = deepcopy(older)
    del now["paths"]["/v1/documents"]["get"]
    del now["components"]["schemas"]["Page"]["properties"]["dpi"]
    now["components"]["schemas"]["NewDelivery"]["required"] = ["document", "target", "reason"]
    job = now["paths"]["/v1/jobs/{job_id}"]["get"]
    job["parameters"] = [each for each in job["parameters"] if each["name"] != "wait"]

    missed = " ".join(Held(older, now).missed())

    for word in ("get /v1/documents is gone", "tells no dpi", "needs reason", "no parameter wait"):
        assert word in missed


class Held:
    """An older description, held against a newer one."""

    def __init__(self, older: Schema, newer: Schema) -> None:
        self._older = older
        self._newer = newer
        self._seen: set[str] = set()

    def missed(self) -> Iterator[str]:
        """Yield what a client of the older one would miss."""
        for path, methods in self._older["paths"].items():
            for method, before in methods.items():
                now = self._newer["paths"].get(path, {}).get(method)
                if now is None:
                    yield f"{method} {path} is gone"
                    continue
                yield from self._parameters(f"{method} {path}", before, now)
                yield from self._body(f"{method} {path}", before, now)
                yield from self._answers(f"{method} {path}", before, now)

    def _parameters(self, where: str, before: Schema, now: Schema) -> Iterator[str]:
        known, there = ({(one["in"], one["name"]): one for one in op.get("parameters", [])}
                        for op in (before, now))  # fmt: skip
        yield from (f"{where}: no parameter {name[1]}" for name in known if name not in there)
        for name, one in there.items():
            if one.get("required") and name not in known:
                yield f"{where}: needs {name[1]}"

    def _body(self, where: str, before: Schema, now: Schema) -> Iterator[str]:
        there = now.get("requestBody", {}).get("content", {})
        for kind, body in before.get("requestBody", {}).get("content", {}).items():
            if kind not in there:
                yield f"{where}: takes no {kind}"
            else:
                yield from self._part(where, body, there[kind], asked=True)

    def _answers(self, where: str, before: Schema, now: Schema) -> Iterator[str]:
        for status, answer in before["responses"].items():
            there = now["responses"].get(status)
            if there is None:
                if status < "400":
                    yield f"{where}: no {status}"
                continue
            for kind, body in answer.get("content", {}).items():
                if kind not in there.get("content", {}):
                    yield f"{where}: {status} is no {kind}"
                else:
                    place = f"{where} {status}"
                    yield from self._part(place, body, there["content"][kind], asked=False)

    def _part(self, where: str, before: Schema, now: Schema, *, asked: bool) -> Iterator[str]:
        yield from self._value(where, before.get("schema", {}), now.get("schema", {}), asked=asked)

    def _value(self, where: str, before: Schema, now: Schema, *, asked: bool) -> Iterator[str]:
        """Compare two forms of a value.

        One that is asked for takes all that it took, and needs no more; one that is told tells all
        that it told.
        """
        pair = json.dumps([asked, before, now])
        if pair in self._seen:
            return
        self._seen.add(pair)
        before, now = _opened(before, self._older), _opened(now, self._newer)
        had, has = before.get("properties", {}), now.get("properties", {})
        for name, part in had.items():
            if name not in has:
                yield f"{where}: {'takes' if asked else 'tells'} no {name}"
            else:
                yield from self._value(f"{where}.{name}", part, has[name], asked=asked)
        firm, needs = set(before.get("required", [])), set(now.get("required", []))
        if asked:
            yield from (f"{where}: needs {name}" for name in needs - firm)
        elif has:
            yield from (f"{where}: {name} may be missing" for name in firm - needs)
        if "items" in before and "items" in now:
            yield from self._value(f"{where}[]", before["items"], now["items"], asked=asked)
        if before.get("type", now.get("type")) != now.get("type"):
            yield f"{where}: {now.get('type')}, and was {before['type']}"


def _opened(schema: Schema, description: Schema) -> Schema:
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
