"""What an addon's command does with files: read, stepped, written, without a service."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from program import finding

PLANTED = """
import asyncio, json
from pathlib import Path
from sheetfed.api.contracts import Command
from sheetfed.api.errors import SheetfedError
from sheetfed.api.hooks import CommandSpec, hookimpl

@hookimpl
def sheetfed_commands():
    return [CommandSpec(name="work", title="Work on files", factory="working:Work")]

class Work(Command):
    def run(self, host, arguments):
        return asyncio.run(self._run(host, arguments))

    async def _run(self, host, arguments):
        pages = []
        for name in arguments:
            try:
                async for read in host.read(Path(name)):
                    taken = await asyncio.gather(*(host.take(read, "barcode") for _ in range(3)))
                    assert taken[0] == taken[1] == taken[2]
                    (page,) = taken[0]
                    pages.append(page)
                    print(json.dumps([page.media_type, page.width, page.height, page.dpi,
                                      [mark.value for mark in page.marks]]))
            except SheetfedError as error:
                print(json.dumps([error.code, error.message, error.details]))
        if pages:
            with open("out.tif", "wb") as out:
                async for piece in host.write(_each(pages), "image/tiff"):
                    out.write(piece)
        return 0

async def _each(pages):
    for page in pages:
        yield page
"""


@pytest.fixture
def environ(shell: Any) -> dict[str, str]:
    site = shell.folder / "site"
    info = site / "working-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "working.py").write_text(PLANTED)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: working\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sheetfed.v1]\nworking = working\n")
    return finding(site)


def code(text: str) -> Image.Image:
    """Return a picture of a QR code."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return Image.fromarray(np.array(zxingcpp.write_barcode_to_image(made, scale=4)))


def test_a_command_reads_steps_and_writes_files_without_a_service(
    shell: Any, environ: Any, tmp_path: Path
) -> None:
    """Codecs and steps need no store: a command that only looks at files takes no lock."""
    code("one.png").save(tmp_path / "one.png", dpi=(150, 150))
    code("0.png").save(tmp_path / "more.tif", save_all=True, append_images=[code("1.png")])
    (tmp_path / "noise.bin").write_bytes(bytes(100))

    done = shell.run(
        "work", "one.png", "more.tif", "noise.bin", "gone.png", "two.pdf", environ=environ
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line[0] for line in said] == [
        "image/png", "image/png", "image/png", "unsupported-type", "not-found", "not-found"
    ]  # fmt: skip
    assert [line[4] for line in said[:3]] == [["one.png"], ["0.png"], ["1.png"]]
    assert said[0][1:3] == [116, 116]
    with Image.open(shell.folder / "out.tif") as written:
        assert written.n_frames == 3
    assert not (shell.home / "store" / "lock").exists()
    assert not [*(shell.home / "store").iterdir()]


def test_a_command_hears_which_addon_a_file_needs(shell: Any, environ: Any) -> None:
    (shell.folder / "a.webp").write_bytes(b"RIFF\0\0\0\0WEBPVP8 ")

    done = shell.run("work", "a.webp", environ=environ)

    assert json.loads(done.stdout)[0] in {"unsupported-type", "addon-missing", "unreadable"}
    assert "Traceback" not in done.stderr
