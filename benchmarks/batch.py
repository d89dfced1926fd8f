"""A feeder batch to a PDF, beside scanimage and img2pdf, in turns.

Usage: python benchmarks/batch.py [--sheets 50] [--rounds 3]

Both sides read the same pages from the same SANE backend and write the same encoding: lossless
pixels (checked to be equal), or JPEG of quality 75. Prints medians and the ratio of each round.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2

from paper import scanner, stack
from service import compiled

BIN = Path(sys.executable).parent


def ours(folder: Path, env: dict[str, str], form: str) -> Path:
    """Scan with the command line, which works alone here."""
    out = folder / "ours.pdf"
    subprocess.run(
        [
            BIN / "sheetfed",
            "--home",
            folder / "home",
            "scan",
            "--device",
            "sane:rig:a",
            "--set",
            "source=duplex",
            "--set",
            "mode=color",
            "--set",
            "resolution=300",
            "--keep",
            form,
            "--quality",
            "75",
            "--json",
            "--force",
            "--out",
            out,
        ],
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return out


def theirs(folder: Path, env: dict[str, str], form: str) -> Path:
    """Scan with scanimage, then put the files together with img2pdf."""
    ending = "jpg" if form == "jpeg" else "png"
    pages = folder / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    subprocess.run(
        [
            "scanimage",
            "-d",
            "rig:a",
            "--source",
            "ADF Duplex",
            "--mode",
            "Color",
            "--resolution",
            "300",
            f"--format={'jpeg' if form == 'jpeg' else 'png'}",
            f"--batch={pages}/p%03d.{ending}",
        ],
        env=env,
        check=True,
        capture_output=True,
    )
    out = folder / "theirs.pdf"
    subprocess.run(
        [BIN / "img2pdf", "--output", out, *sorted(pages.iterdir())], env=env, check=True
    )
    return out


def timed(work: Callable[[], Path]) -> tuple[float, float, Path]:
    """Return wall and processor seconds, children included, and the file."""
    before, start = os.times(), time.perf_counter()
    out = work()
    wall, after = time.perf_counter() - start, os.times()
    spent = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return wall, spent, out


def pixels(file: Path, number: int) -> str:
    """Return a digest of what a page's picture holds."""
    with pypdfium2.PdfDocument(file) as pdf:
        picture = next(iter(pdf[number].get_objects(max_depth=2)))
        return hashlib.sha256(picture.get_bitmap().to_numpy().tobytes()).hexdigest()


def main() -> None:
    """Compare, and print a table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--sheets", type=int, default=50)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--only", default="")
    given = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="sheetfed-bench-") as name:
        folder = Path(name)
        env = {**compiled(folder), **scanner(folder / "rig")}
        print(
            f"{'pages':8}{'kept':10}{'ours s':>8}{'theirs s':>10}{'ratio':>7}"
            f"{'our cpu':>9}{'their cpu':>11}{'our MB':>8}{'their MB':>10}"
        )
        for paper, noise in (("clean", 0.0), ("noisy", 2.8)):
            sheets = stack(folder / paper, sheets=given.sheets, noise=noise)
            (folder / "rig/devices").write_text(f"a|Rig|One|{sheets}\n")
            for form in ("lossless", "jpeg"):
                if given.only and given.only not in f"{paper}-{form}":
                    continue
                rounds = []
                ours(folder, env, form)  # what it compiles, an installed one has
                for _ in range(given.rounds):
                    us = timed(lambda form=form: ours(folder, env, form))
                    them = timed(lambda form=form: theirs(folder, env, form))
                    rounds.append((us, them))
                us, them = rounds[-1]
                with pypdfium2.PdfDocument(us[2]) as pdf:
                    assert len(pdf) == given.sheets, len(pdf)
                if form == "lossless":
                    for page in (0, given.sheets - 1):
                        assert pixels(us[2], page) == pixels(them[2], page)
                ratio = statistics.median(b[0] / a[0] for a, b in rounds)
                print(
                    f"{paper:8}{form:10}"
                    f"{statistics.median(a[0] for a, _ in rounds):8.2f}"
                    f"{statistics.median(b[0] for _, b in rounds):10.2f}{ratio:7.2f}"
                    f"{statistics.median(a[1] for a, _ in rounds):9.2f}"
                    f"{statistics.median(b[1] for _, b in rounds):11.2f}"
                    f"{us[2].stat().st_size / 1e6:8.1f}{them[2].stat().st_size / 1e6:10.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
