"""Every attack of the suite, on a real service."""

from __future__ import annotations

import os

import pytest
from suite.all import ATTACKS
from suite.attack import run
from suite.target import Target


def test_the_attacks_have_a_second_account() -> None:
    """M01 and L02 become somebody else: only root can, so nothing is proven without it."""
    assert os.geteuid() == 0, "run the security tests as root, as CI does"


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str, target: Target) -> None:
    """It is held off, nothing changed, and the service lives."""
    outcome = run(ATTACKS[name], target)

    assert outcome.ok, (
        f"{name}, {outcome.attack.what}: expected {outcome.attack.expected}, got {outcome.got}"
    )
