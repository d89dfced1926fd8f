"""What an attack is: what it does, what must come of it, how often it tries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from suite.target import Target
from suite.wire import Reply


class Tries:
    """What came of each try of an attack."""

    def __init__(self) -> None:
        self.count = 0
        self.got: list[str] = []
        self.failed: list[str] = []

    def expect(self, what: str, held: object, got: object) -> None:
        """Write down a try; it failed where it did not hold."""
        self.count += 1
        self.got.append(str(got))
        if not held:
            self.failed.append(f"{what}: {got}")

    def status(self, what: str, reply: Reply, *wanted: int) -> None:
        """Write down a try that must be answered with one of these."""
        said = "" if reply.status in wanted else f" {reply.body[:80]!r}"
        self.expect(what, reply.status in wanted, f"{reply.status}{said}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack: its id in the security model, and what must come of it."""

    id: str
    what: str
    expected: str
    tries: int
    make: Callable[[Target, Tries], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attack; it is ok where it was held off."""

    attack: Attack
    ok: bool
    got: str


Attacks = dict[str, Attack]


def listed(
    attacks: Attacks, name: str, what: str, *, expected: str, tries: int
) -> Callable[[Callable[[Target, Tries], None]], Callable[[Target, Tries], None]]:
    """Put a function into a list of attacks."""

    def put(make: Callable[[Target, Tries], None]) -> Callable[[Target, Tries], None]:
        attacks[name] = Attack(id=name, what=what, expected=expected, tries=tries, make=make)
        return make

    return put


def run(attack: Attack, target: Target) -> Outcome:
    """Make an attack; afterwards the service must live and hold what it held."""
    tries = Tries()
    before = target.counts()
    try:
        attack.make(target, tries)
        if tries.count != attack.tries:
            tries.failed.append(f"tried {tries.count} times instead of {attack.tries}")
        if not target.is_alive():
            tries.failed.append("the service does not answer any more")
        if (after := target.counts()) != before:
            tries.failed.append(f"pages were {before} and are {after}")
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was proven
        tries.failed.append(f"{type(error).__name__}: {error}")
    got = " ".join(dict.fromkeys(tries.got)) if not tries.failed else "; ".join(tries.failed)
    return Outcome(attack=attack, ok=not tries.failed, got=got[:600])
