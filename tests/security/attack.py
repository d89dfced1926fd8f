"""Attacks a sheetfed that runs, and says of each attack what came of it.

    python tests/security/attack.py --home DIR [--only H01,O03]

Starts nothing. It approves two sites of its own, scans a page for one, and revokes them at the
end. The exit code is 1 if one attack succeeded.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from suite.all import ATTACKS
from suite.attack import run
from suite.target import Target

PROGRAM = Path(sys.executable).with_name("sheetfed")


def main() -> int:
    """Make the attacks that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="the service's state folder")
    parser.add_argument("--only", help="ids with commas between; else all")
    parser.add_argument("--log", type=Path, help="the file with what the service says")
    parser.add_argument("--program", default=str(PROGRAM), help="the command `sheetfed`")
    words = parser.parse_args()
    names = words.only.split(",") if words.only else [n for n in ATTACKS if n != "L05" or words.log]
    unknown = [name for name in names if name not in ATTACKS]
    if unknown:
        parser.error(f"there is no attack {', '.join(unknown)}")

    target = Target(words.home, program=shlex.split(words.program), log=words.log)
    succeeded = 0
    try:
        target.scan(target.a)
        for name in names:
            outcome = run(ATTACKS[name], target)
            succeeded += not outcome.ok
            told = (name, outcome.attack.what, f"expected: {outcome.attack.expected}")
            print(*told, f"got: {outcome.got}", "ok" if outcome.ok else "SUCCEEDED", sep=" | ")
    finally:
        target.leave()
    print(f"{len(names) - succeeded} of {len(names)} attacks were held off")
    return 1 if succeeded else 0


if __name__ == "__main__":
    sys.exit(main())
