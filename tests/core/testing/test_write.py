"""The page that teaches writing an addon is followed word for word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

import pytest

from sheetfed.api import model

PAGE = Path(__file__).parents[3] / "docs/addons/write.md"
HERE = Path(sys.executable).parent

# The page installs sheetfed from the index. Here the environment of these tests stands in for the
# index: its packages are seen from the fresh one, which has its own `sheetfed` command.
SEEN = f"import site\nsite.addsitedir({sysconfig.get_path('purelib')!r})\n"
COMMAND = (
    "cat > .venv/bin/sheetfed <<'END'\n#!.venv/bin/python\n"
    "from sheetfed.cli import main\nmain()\nEND\nchmod +x .venv/bin/sheetfed\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of code on the page: a file to write, or commands and what they answer."""

    caption: str
    text: str

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each command and the lines that it is to answer."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, *answers = part.splitlines()
            yield command, answers


def blocks() -> list[Block]:
    pattern = (
        r"^```(?:console|\{code-block\} \w+\n:caption: (?P<caption>\S+)\n)\n(?P<text>.*?)^```$"
    )
    return [
        Block(caption=found["caption"] or "", text=found["text"])
        for found in re.finditer(pattern, PAGE.read_text(), re.MULTILINE | re.DOTALL)
    ]


def script() -> str:
    """Return the page as a shell script."""
    lines = ["set -e"]
    for block in blocks():
        if block.caption:
            lines.append(f"mkdir -p {Path(block.caption).parent}")
            lines.append(f"cat > {block.caption} <<'END'\n{block.text}END")
        for command, _ in block.commands():
            lines += [f"echo '$ {command}'", command]
            if "activate" in command:
                lines.append(COMMAND)
    return "\n".join(lines)


@pytest.mark.timeout(240)
def test_a_stranger_who_follows_the_page_has_a_working_scanner(tmp_path: Path) -> None:
    seen, empty = tmp_path / "seen", tmp_path / "empty"
    seen.mkdir()
    empty.mkdir()
    (seen / "sitecustomize.py").write_text(SEEN)
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{HERE}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(seen),
        "SHEETFED_HOME": str(tmp_path / "home"),
        "PIP_NO_INDEX": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }

    done = subprocess.run(
        ["bash"],
        input=script(),
        cwd=empty,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    told = re.split(r"^\$ ", done.stdout, flags=re.MULTILINE)[1:]
    asked = [pair for block in blocks() for pair in block.commands()]
    assert len(told) == len(asked)
    for (command, answers), answer in zip(asked, told, strict=True):
        for line in answers:
            words = " ".join(line.split())
            assert words in " ".join(answer.split()), f"after {command}:\n{answer}"
    assert (empty / "sheetfed-stripes/stripes.pdf").read_bytes().startswith(b"%PDF-")


def test_the_page_names_every_field_of_the_values() -> None:
    """A stranger has this page and no other."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|([^|]*)\|", PAGE.read_text(), re.MULTILINE)
    told = {
        value: [re.findall(r"`(\w+)`", part) for part in parts]
        for value, *parts in rows
        if hasattr(model, value)
    }

    assert {*told} == {"Device", "Option", "Choice", "Raster", "Page", "Progress"}
    for value, (must, may) in told.items():
        known = fields(getattr(model, value))
        needed = [each.name for each in known if each.default is MISSING]
        assert must == needed, value
        assert may == [each.name for each in known if each.name not in needed], value


def test_the_page_has_a_source_of_about_thirty_lines() -> None:
    """So much is promised to whoever writes one."""
    (source,) = [block.text for block in blocks() if block.caption.endswith("source.py")]
    assert len([line for line in source.splitlines() if line.strip()]) <= 40
