"""A guard whose absence no attack notices would be a guard that nobody tests."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest
from suite.all import ATTACKS
from suite.attack import run
from suite.serving import serving
from unguarded import GUARDS

from sheetfed.server import guard
from sheetfed.trust.certificate import work

PROGRAM = Path(__file__).with_name("unguarded.py")

NOTICED: dict[str, tuple[str, ...]] = {
    "host": ("H01", "H02"),
    "peer uid": ("M01",),
    "origin": ("O01",),
    "origin is whole": ("O02", "T09"),
    "one origin": ("O04",),
    "cross-origin reading": ("O01", "O06"),
    "fetch metadata": ("C03", "C04"),
    "content type": ("C01", "C02"),
    "token": ("T01",),
    "token's origin": ("T03",),
    "token's kind": ("T04", "W04"),
    "access": ("T01", "T12"),
    "headers": ("C08", "C09"),
    "our page's policy": ("P09",),
    "body size": ("P03",),
    "body is not packed": ("P04",),
    "rate": ("P10",),
    "jobs at once": ("P10",),
    "who may ask": ("T08",),
    "ids": ("T07",),
    "encryption": ("M04", "M05"),
    "file mode": ("M03",),
    "owners": ("T05", "T06", "T13"),
    "owners of events": ("T06",),
    "paths": ("P07",),
    "sockets at once": ("W09",),
    "a socket's token": ("W04",),
    "a socket's patience": ("W05",),
    "a socket's message size": ("W06",),
    "bind": ("M02",),
    "strangers' connections": ("M09",),
    "heads": ("P02",),
    "a nonce is good once": ("T11",),
    "revoking ends what is open": ("T14",),
    "log": ("L05",),
    "log names no sender": ("P08",),
    "JSON": ("P05",),
    "escaping": ("P09",),
    "names of files": ("P08",),
    "errors": ("T10",),
    "TLS versions": ("M06",),
    "TLS at all": ("M07",),
    "target names": ("S01", "S03"),
    "audit": ("M08",),
}
"""Each guard, and the attacks that must succeed without it."""

ELSEWHERE = {"blocks", "tables"}
"""What macOS and Windows are asked; `peers`, which asks, is switched off."""


def test_every_guard_is_tried() -> None:
    assert set(NOTICED) == set(GUARDS)


def test_every_room_of_the_guard_has_a_guard_that_is_tried() -> None:
    """A check that is added gets its attack, and its switch, on the same day."""
    rooms = {file.stem for file in Path(guard.__file__).parent.glob("*.py")} - {"__init__"}
    imports = [n for n in ast.walk(ast.parse(PROGRAM.read_text())) if isinstance(n, ast.ImportFrom)]
    tried = {alias.name for n in imports if n.module == guard.__name__ for alias in n.names}

    assert rooms - tried == ELSEWHERE


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a service has made at its first start, made once for all."""
    folder = tmp_path_factory.mktemp("authority") / "trust"
    asyncio.run(work("make", folder))
    return folder


@pytest.mark.parametrize("name", NOTICED)
def test_an_attack_succeeds_without_the_guard(name: str, tmp_path: Path, authority: Path) -> None:
    command, home = (PROGRAM, name), tmp_path / "home"
    with serving(home, command=command, imported=True, authority=authority) as target:
        outcomes = {attack: run(ATTACKS[attack], target) for attack in NOTICED[name]}

    unnoticed = [attack for attack, outcome in outcomes.items() if outcome.ok]
    assert not unnoticed, f"without the guard '{name}' {unnoticed} is still held off"
