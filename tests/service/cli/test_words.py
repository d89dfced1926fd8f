"""The command line itself: its words, its help, its completion."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from program import finding

BIN = Path(sys.executable).parent

PLANTED = """
from sheetfed.api.contracts import Command
from sheetfed.api.hooks import CommandSpec, hookimpl

@hookimpl
def sheetfed_commands():
    return [CommandSpec(name="count", title="Count the devices", factory="counting:Count")]

class Count(Command):
    def run(self, host, arguments):
        import asyncio
        devices = asyncio.run(host.devices())
        picture = b"P5 2 1 255 ab"
        made = asyncio.run(host.ask("POST", "/v1/imports", query={"title": "a b"}, file=picture))
        print(len(devices), *arguments, made["title"], len(made["pages"]))
        return 7
"""


def test_version(shell: Any) -> None:
    done = shell.run("--version")

    assert (done.returncode, done.stdout) == (0, f"sheetfed {version('sheetfed')}\n")


def test_help_names_every_command(shell: Any) -> None:
    done = shell.run("--help")

    for word in ("serve", "scan", "devices", "documents", "addons", "config", "open"):
        assert f"\n  {word} " in done.stdout


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["scna"], "Did you mean 'scan'?"),
        (["scan", "--otu", "x.pdf"], "--out"),
        (["scan", "--quality", "101"], "1<=x<=100"),
        (["scan", "--keep", "webp"], "lossless"),
        (["scan", "--set", "resolution"], "name=value"),
        (["scan", "--json", "--out", "-"], "standard output"),
        (["scan", "--device", ""], "sheetfed devices"),
        (["devices", "--options", " "], "sheetfed devices"),
        (["scan", "--split", "colour"], "barcode"),
        (["scan", "--split", "pages:evry=2"], "every"),
        (["scan", "--split", "pages:every=x"], "cannot be 'x'"),
        (["scan", "--split", "patch", "--out", "-"], "several files"),
        (["scan", "--title", "a", "--document", "b"], "--document"),
        (["serve", "--port", "0"], "1<=x<=65535"),
        (["documents", "save", "only-one"], "FILE"),
        (["documents", "split", "doc_x"], "--every"),
        (["documents", "tag", "doc_x"], "--add"),
        (["documents", "merge", "doc_x", "doc_y", "--rule", "revers"], "reverse"),
        (["completion", "tcsh"], "bash"),
    ],
)
def test_wrong_word_leaves_with_2_and_a_hint(shell: Any, words: list[str], hint: str) -> None:
    done = shell.run(*words)

    assert done.returncode == 2
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


def test_word_of_an_addon_that_is_not_here_names_its_package(shell: Any) -> None:
    """Nobody who was told of `sheetfed barcodes` is left with a list of other words."""
    (shell.home / "sheetfed.toml").write_text('disabled = ["sane", "barcode"]\n')

    done = shell.run("barcodes", "letter.png")

    assert done.returncode == 1
    assert "sheetfed-barcode" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion_script_is_printed(shell: Any, shell_name: str) -> None:
    done = shell.run("completion", shell_name)

    assert done.returncode == 0
    assert "_SHEETFED_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sheetfed s", {"serve", "service", "scan", "send", "sites"}),
        ("sheetfed scan --keep ", {"lossless", "jpeg"}),
        ("sheetfed scan --out x --f", {"--force"}),
        ("sheetfed documents r", {"remove", "rename"}),
        ("sheetfed documents order doc_x r", {"reverse"}),
        ("sheetfed documents remove doc_x ", {"all", "odd", "even"}),
        ("sheetfed completion z", {"zsh"}),
    ],
)
def test_bash_completes_our_words(line: str, expected: set[str], tmp_path: Path) -> None:
    """The script is sourced by a real bash, which then asks it as it does at a press of Tab."""
    script = f"""
        PATH={BIN}:$PATH
        export HOME={tmp_path}
        source <(sheetfed completion bash)
        COMP_LINE='{line}'
        read -ra COMP_WORDS <<< "$COMP_LINE"
        [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
        _sheetfed_completion sheetfed
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """

    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) == expected, done.stderr


def test_word_of_an_addon_is_a_command(shell: Any) -> None:
    site = shell.folder / "site"
    info = site / "counting-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "counting.py").write_text(PLANTED)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sheetfed.v1]\ncounting = counting\n")
    environ = finding(site)

    listed = shell.run("--help", environ=environ)
    done = shell.run("count", "--loud", "now", environ=environ)

    assert "Count the devices" in listed.stdout
    assert done.returncode == 7, done.stderr
    assert done.stdout.split()[1:] == ["--loud", "now", "a", "b", "1"]
    assert int(done.stdout.split()[0]) >= 1


def test_plain_words_import_neither_service_nor_pictures() -> None:
    """A shell asks for `--version` and completions while a person waits."""
    code = (
        "import sys; from sheetfed.cli.root import run; run(['--version']);"
        "heavy = {'aiohttp', 'rich', 'asyncio', 'pydantic', 'PIL', 'numpy', 'cryptography'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_client_of_a_running_service_imports_no_server() -> None:
    code = (
        "import sys; import sheetfed.cli.scan, sheetfed.cli.devices, sheetfed.cli.documents;"
        "heavy = {'aiohttp', 'rich', 'asyncio', 'pydantic', 'PIL', 'numpy', 'cryptography'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
