"""What sealing pages costs in a scan to a PDF: with the cipher and without it, in turns.

Usage: python benchmarks/seals.py [--sheets 20] [--rounds 7]

"Without" puts something in the cipher's place that copies and does nothing else; the product has
no such switch. Prints how much more the best round with it took than the best without, and the
median of the rounds' ratios: for time, and for processor time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from paper import scanner, stack

WITHOUT = """
import sys
from cryptography.hazmat.primitives.ciphers import aead

class Copy:
    def __init__(self, key):
        pass
    def encrypt(self, nonce, data, bound):
        return bytes(data) + bytes(16)
    def encrypt_into(self, nonce, data, bound, out):
        out[: len(data)] = data
        return len(data) + 16
    def decrypt(self, nonce, data, bound):
        return bytes(data[:-16])

if sys.argv.pop(1) == "without":
    aead.AESGCM = Copy
from sheetfed.cli import main
main()
"""


def scan(folder: Path, env: dict[str, str], how: str, form: str) -> tuple[float, float]:
    """Scan to a PDF; return wall and processor seconds, children included."""
    words = ["--home", folder / how, "scan", "--device", "sane:rig:a", "--keep", form]
    settings = [f"--set={value}" for value in ("source=duplex", "mode=color", "resolution=300")]
    out = ["--json", "--force", "--out", folder / f"{how}.pdf"]
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", WITHOUT, how, *words, *settings, *out],
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    wall, after = time.perf_counter() - start, os.times()
    spent = after.children_user + after.children_system
    return wall, spent - before.children_user - before.children_system


def more(rounds: dict[str, list[tuple[float, float]]], which: int) -> str:
    """Return how much more it is with the cipher, in the best rounds and in the middle ones."""
    sealed = [took[which] for took in rounds["with"]]
    plain = [took[which] for took in rounds["without"]]
    best = min(sealed) / min(plain)
    middle = statistics.median(a / b for a, b in zip(sealed, plain, strict=True))
    return f"{100 * best - 100:+.1f} % (median {100 * middle - 100:+.1f} %)"


def main() -> None:
    """Compare, and print a line for each kind of page."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--sheets", type=int, default=20)
    ask.add_argument("--rounds", type=int, default=7)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="sheetfed-bench-") as name:
        folder = Path(name)
        env = {**os.environ, **scanner(folder / "rig")}
        for paper, noise in (("clean", 0.0), ("noisy", 2.8)):
            sheets = stack(folder / paper, sheets=given.sheets, noise=noise)
            (folder / "rig/devices").write_text(f"a|Rig|One|{sheets}\n")
            for form in ("lossless", "jpeg"):
                rounds: dict[str, list[tuple[float, float]]] = {"with": [], "without": []}
                for number in range(given.rounds):
                    turn = ("with", "without") if number % 2 else ("without", "with")
                    for how in turn:
                        rounds[how].append(scan(folder, env, how, form))
                print(f"{given.sheets} {paper} {form}: {more(rounds, 0)} time, ", end="")
                print(f"{more(rounds, 1)} processor time", flush=True)


if __name__ == "__main__":
    main()
