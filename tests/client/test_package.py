"""The client as a package: typed, small, whole, and in step with the service."""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path

import pytest

from sheetfed.api.errors import CODES
from sheetfed.server.app import OPS

sys.path.insert(0, str(Path(__file__).parent))
from node import run
from schemas import CLIENT, FILE, schemas

USE = """
import { connect, Problem, Unreachable } from "@sheetfed/client";

export async function scan(signal: AbortSignal): Promise<Blob | string> {
  try {
    const show = (code: string) => console.log(code);
    const sheetfed = await connect({ show, tell: ({ person }) => console.log(person), signal });
    const wish = { device: "sample:paper", settings: { resolution: 150 } };
    const scan = await sheetfed.scan(wish, { signal });
    for await (const page of scan) console.log(page.width * page.height, page.marks[0]?.value);
    return (await sheetfed.saveDocument(scan.job.document ?? "", { type: "image/tiff" })).data;
  } catch (error) {
    if (error instanceof Problem && error.code === "feeder-empty") return error.advice;
    if (error instanceof Unreachable && error.code === "lna-denied") return error.person;
    throw error;
  }
}
"""
MISTAKES = {
    "no_device": "void connect().then((it) => it.startJob({ settings: {} }));",
    "no_code": "if (new Problem({}).code === 'feeder-full') throw 0;",
    "no_number": "void connect().then((it) => it.getImage('pg_1', { width: 'wide' }));",
}
NOT_OURS = {
    "hello": "what `connect` asks first",
    "livez": "for what watches a process",
    "readyz": "for what watches a process",
    "openapi": "for tools",
    "get_events": "`events`",
    "open_socket": "`events`, over another wire",
    "save_pages": "`saveDocument`, which sends any number of pages",
    "stop_job": "`cancelJob`",
    "pair": "what `connect` does",
    "follow_pairing": "what `connect` does",
    "challenge": "what `connect` does",
    "new_site_token": "what `connect` does",
}
"""Operations without a method of their name, and why."""


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has the client installed, with the types that are shipped."""
    project = tmp_path_factory.mktemp("project")
    package = project / "node_modules" / "@sheetfed" / "client"
    package.mkdir(parents=True)
    run("tsc", "--project", str(CLIENT), "--outDir", str(package / "types"))
    (package / "types" / FILE.name).write_text(FILE.read_text())
    (package / "package.json").write_text((CLIENT / "package.json").read_text())
    return project


def check(project: Path, **texts: str) -> None:
    """Check programs that use the client, as strictly as can be. Raises AssertionError."""
    for name, text in texts.items():
        (project / f"{name}.ts").write_text(text)
    strict = ("--noEmit", "--strict", "--target", "es2024", "--module", "esnext")
    files = [f"{name}.ts" for name in texts]
    run("tsc", *strict, "--moduleResolution", "bundler", *files, cwd=project)


def test_the_types_serve_a_program_that_uses_them(types: Path) -> None:
    """Our own code is checked on the way: the types are made from it."""
    check(types, use=USE)


def test_the_types_catch_a_mistake(types: Path) -> None:
    """Else they would say nothing."""
    imports = 'import { connect, Problem } from "@sheetfed/client";\n'

    with pytest.raises(AssertionError) as said:
        check(types, **{name: imports + mistake for name, mistake in MISTAKES.items()})

    caught = re.findall(r"(\w+)\.ts\S* error TS2(?:322|345|367|741)", str(said.value))
    assert sorted(caught) == sorted(MISTAKES)


def test_our_own_page_keeps_to_the_types() -> None:
    """It is a user of the client like any other."""
    run("tsc", "--project", str(CLIENT.parent / "app"))


def test_the_types_of_what_travels_are_those_of_the_service(tmp_path: Path) -> None:
    """`make types` writes them afresh after a change of the HTTP interface."""
    schemas(tmp_path / FILE.name)

    assert FILE.read_text() == (tmp_path / FILE.name).read_text()


def test_the_client_can_do_all_that_the_service_does() -> None:
    """Each operation is a method of the same name, but for those that say why not."""
    rooms = [file.read_text() for file in CLIENT.glob("calls/*.js")]
    method = re.compile(r"^    (?:async )?(\w+)(?:\(|,$)", re.MULTILINE)
    methods = {name for text in rooms for name in method.findall(text)}
    asked = {op.id for op in OPS if op.access != "tool" and op.id not in NOT_OURS}

    assert {name for name in asked if camel(name) not in methods} == set()
    assert set(NOT_OURS) <= {op.id for op in OPS}


def camel(name: str) -> str:
    """Return a name as JavaScript writes it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def test_the_errors_are_those_of_the_service() -> None:
    """A site tells apart what went wrong by its code."""
    text = (CLIENT / "problem.js").read_text()
    listed = re.search(r"CODES = .*?\[(.*?)\]", text, re.DOTALL)

    assert listed
    assert re.findall(r'"([a-z-]+)"', listed[1]) == sorted([*CODES])


@pytest.mark.parametrize(
    ("places", "most"), [(("*.js", "calls/*.js"), 25_000), (("elements/*.js",), 60_000)]
)
def test_the_client_is_small(places: tuple[str, ...], most: int) -> None:
    """So many bytes, packed, are what a site pays for it and for the viewer, comments and all."""
    files = [file for place in places for file in sorted(CLIENT.glob(place))]
    text = b"".join(file.read_bytes() for file in files)

    assert 1_000 < len(gzip.compress(text, 9)) < most


def test_the_package_needs_nothing_and_brings_all_that_it_imports() -> None:
    """No dependency, no build, and every import is a file beside it."""
    package = json.loads((CLIENT / "package.json").read_text())
    imports = {
        (file.parent / name).resolve()
        for file in CLIENT.rglob("*.js")
        for name in re.findall(r'(?:from|import\() ?"([^"]+)"[;)]', file.read_text())
    }

    assert "dependencies" not in package
    assert {path for path in imports if not path.exists()} <= {CLIENT / "schema.js"}
    assert all(path.is_relative_to(CLIENT) for path in imports)
