"""A library that is not installed is named, with what brings it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import SPECS


@pytest.mark.parametrize(
    ("protocol", "library"), [("sftp", "asyncssh"), ("smb", "smbclient"), ("fsspec", "fsspec")]
)
def test_a_missing_library_names_its_extra(protocol: str, library: str) -> None:
    """The base install is small; who wants more is told the very line to type."""
    module = SPECS[protocol].factory.partition(":")[0]
    script = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from sheetfed.api.errors import AddonMissing\n"
        f"try:\n    import {module}\n"
        "except AddonMissing as error:\n    print(error.message, error.details)\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert f'pip install "sheetfed-uploader[{protocol}]"' in said
    assert "which is not installed" in said
