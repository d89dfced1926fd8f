"""What the configuration says about keeping pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig
from sheetfed.config import load
from sheetfed.keeping import Keeping, Quota, retention_text


def keeping(folder: Path, text: str) -> Keeping:
    (folder / "sheetfed.toml").write_text(text)
    return load(home=folder, environ={}).keeping


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 86_400.0),
        ("retention = 0", 0.0),
        ('retention = "1s"', 1.0),
        ('retention = "90m"', 5400.0),
        ('retention = "2w"', 1_209_600.0),
        ('retention = "forever"', None),
    ],
)
def test_retention_is_said_in_words(tmp_path: Path, text: str, seconds: float | None) -> None:
    found = keeping(tmp_path, text).retention

    assert found == seconds
    assert keeping(tmp_path, f"retention = {retention_text(found)!r}").retention == seconds


@pytest.mark.parametrize(
    "value", ["1", "-1", "false", '""', '"0"', '"1 day"', '"1.5h"', '"0d"', '"9999999w"', "[]"]
)
def test_another_retention_is_refused_with_its_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadConfig, match=r"line 2: 'retention' must be how long"):
        keeping(tmp_path, f"strict = true\nretention = {value}")


def test_a_quota_is_of_each_owner_and_of_all(tmp_path: Path) -> None:
    found = keeping(tmp_path, "[quota]\npages = 5\nmib = 2\ntotal_mib = 7").quota

    assert found == Quota(pages=5, mib=2, total_mib=7)
    assert (found.bytes, found.total_mib) == (2 << 20, 7)


@pytest.mark.parametrize("line", ["pages = -1", "pages = true", 'mib = "1"', "pages = 1.5"])
def test_a_quota_that_is_no_number_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadConfig, match=r"line 2: 'quota.\w+' must be a number"):
        keeping(tmp_path, f"[quota]\n{line}")


def test_an_unknown_quota_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"there is no setting 'quota.sheets'; known are: pages"):
        keeping(tmp_path, "[quota]\nsheets = 1")
    with pytest.raises(BadConfig, match="'quota' must be a table"):
        keeping(tmp_path, "quota = 5")


@pytest.mark.parametrize("value", ['"disk"', "true", "[]"])
def test_a_key_is_in_a_file_or_the_keyring(tmp_path: Path, value: str) -> None:
    assert keeping(tmp_path, 'key = "keyring"').key == "keyring"

    with pytest.raises(BadConfig, match=r"'key' must be"):
        keeping(tmp_path, f"key = {value}")
