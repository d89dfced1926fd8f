"""The settings for TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig
from sheetfed.config import FILE, load


def test_tls_is_on_and_beside_the_plain_port(tmp_path: Path) -> None:
    config = load(home=tmp_path, environ={})

    assert config.tls
    assert config.tls_port is None
    assert config.trust == tmp_path / "trust"


def test_the_file_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("tls = false\ntls_port = 28911\n")

    config = load(home=tmp_path, environ={})

    assert not config.tls
    assert config.tls_port == 28911


@pytest.mark.parametrize("line", ['tls = "no"', "tls = 1", "tls_port = 0", "tls_port = true"])
def test_a_mistake_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / FILE).write_text(f"\n{line}\n")

    with pytest.raises(BadConfig, match="line 2: 'tls"):
        load(home=tmp_path, environ={})
