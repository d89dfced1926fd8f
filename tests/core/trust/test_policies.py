"""Policies: merged into somebody's file, and given back."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from sheetfed.trust import authority, policies
from sheetfed.trust.chromium import FILE, KEY, ChromiumPolicy, policy_files
from sheetfed.trust.firefox import FirefoxPolicy
from sheetfed.trust.policies import Untouchable
from sheetfed.trust.stores import Root, read_root

THEIRS = """{ "policies": {
    "Certificates": {"ImportEnterpriseRoots": true, "Install": ["corp.pem"]},
    "DisableTelemetry": true } }
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with both browsers and no policy."""
    place = tmp_path / "machine"
    (place / "usr/lib/firefox-esr").mkdir(parents=True)
    (place / "etc/chromium").mkdir(parents=True)
    return place


def names(machine: Path) -> list[str]:
    """Return everything on the machine."""
    return sorted(str(each.relative_to(machine)) for each in machine.rglob("*"))


def written(machine: Path, text: str) -> Path:
    """Write somebody's policies for Firefox."""
    file = machine / "etc/firefox/policies/policies.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def chromium(machine: Path) -> ChromiumPolicy:
    """Return Chromium's policy."""
    (found,) = policy_files(machine)
    return found


def test_firefox_imports_a_copy_that_everybody_may_read(machine: Path, root: Root) -> None:
    policy = FirefoxPolicy(machine=machine)

    assert policy.install(root).state == "trusted"

    file = machine / "etc/firefox/policies/policies.json"
    (named,) = json.loads(file.read_text())["policies"]["Certificates"]["Install"]
    assert Path(named).read_bytes() == root.file.read_bytes()
    for each in (file, Path(named)):
        assert stat.S_IMODE(each.stat().st_mode) == 0o644
    assert policy.status(root).state == "trusted"
    assert not policy.install(root).changed


def test_what_everybody_may_read_is_the_certificate_that_was_looked_at(
    machine: Path, root: Root, tmp_path: Path
) -> None:
    """Root reads it from a person's folder; what they put there since must not be published."""
    (tmp_path / "shadow").write_text("of root")
    before = root.file.read_bytes()
    root.file.unlink()
    root.file.symlink_to(tmp_path / "shadow")

    FirefoxPolicy(machine=machine).install(root)

    (copy,) = machine.glob("etc/firefox/policies/certificates/*")
    assert copy.read_bytes() == before


def test_removal_leaves_nothing_of_the_policy(machine: Path, root: Root) -> None:
    """L14."""
    (machine / "etc/firefox").mkdir()
    before = names(machine)
    FirefoxPolicy(machine=machine).install(root)
    chromium(machine).install(root)

    FirefoxPolicy(machine=machine).remove()
    chromium(machine).remove()

    (machine / "etc/firefox").mkdir(exist_ok=True)
    assert names(machine) == before


def test_somebodys_policies_are_kept_and_given_back_to_the_byte(machine: Path, root: Root) -> None:
    """Merged, never overwritten."""
    file = written(machine, THEIRS)
    file.chmod(0o640)
    before = names(machine)
    policy = FirefoxPolicy(machine=machine)

    policy.install(root)

    merged = json.loads(file.read_text())["policies"]
    assert merged["DisableTelemetry"] is True
    assert merged["Certificates"]["ImportEnterpriseRoots"] is True
    assert merged["Certificates"]["Install"][0] == "corp.pem"
    assert len(merged["Certificates"]["Install"]) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.with_name(file.name + policies.KEPT).read_text() == THEIRS

    policy.remove()

    assert file.read_text() == THEIRS
    assert names(machine) == before


def test_what_changed_in_between_is_kept(machine: Path, root: Root) -> None:
    """The administrator edited the file after us: the copy is older than that."""
    file = written(machine, THEIRS)
    policy = FirefoxPolicy(machine=machine)
    policy.install(root)
    found = json.loads(file.read_text())
    found["policies"]["DisablePocket"] = True
    file.write_text(json.dumps(found))

    policy.remove()

    left = json.loads(file.read_text())["policies"]
    assert left["DisablePocket"] is True
    assert left["Certificates"]["Install"] == ["corp.pem"]
    assert "sheetfed" not in file.read_text()


@pytest.mark.parametrize(
    "text",
    [
        '{"policies": ',
        "",
        "[]",
        '{"policies": {}, "policies": {"DisableTelemetry": true}}',
        '{"policies": []}',
        '{"policies": {"Certificates": {"Install": "x.pem"}}}',
        '{"policies": {"x": NaN}}',
        "[" * 100_000,
        "\ufeff{",
    ],
    ids=["cut", "empty", "list", "twins", "list-inside", "text-inside", "nan", "deep", "mark"],
)
def test_what_does_not_parse_is_not_touched(machine: Path, root: Root, text: str) -> None:
    """It is somebody's; and what a lax parser loses would be lost for good."""
    file = written(machine, text)
    before = (file.read_bytes(), file.stat().st_mtime_ns, names(machine))

    done = FirefoxPolicy(machine=machine).install(root)

    assert done.state == "refused"
    assert str(file) in done.text
    assert "does not parse" in done.text
    assert (file.read_bytes(), file.stat().st_mtime_ns, names(machine)) == before


def test_removal_does_not_touch_what_does_not_parse(machine: Path, root: Root) -> None:
    policy = FirefoxPolicy(machine=machine)
    policy.install(root)
    file = machine / "etc/firefox/policies/policies.json"
    file.write_text("{")

    done = policy.remove()

    assert done.state == "refused"
    assert file.read_text() == "{"


def test_a_file_beside_the_program_is_not_hidden(machine: Path, root: Root) -> None:
    """Firefox ignores it as soon as there is one in /etc."""
    file = machine / "usr/lib/firefox-esr/distribution/policies.json"
    file.parent.mkdir()
    file.write_text(THEIRS)
    policy = FirefoxPolicy(machine=machine)

    policy.install(root)

    assert not (machine / "etc/firefox/policies/policies.json").exists()
    assert json.loads(file.read_text())["policies"]["DisableTelemetry"] is True
    assert policy.status(root).state == "trusted"
    policy.remove()
    assert file.read_text() == THEIRS


def test_a_link_stays_a_link(machine: Path, root: Root) -> None:
    file = written(machine, THEIRS)
    file.rename(machine / "kept.json")
    file.symlink_to(machine / "kept.json")

    FirefoxPolicy(machine=machine).install(root)

    assert file.is_symlink()
    assert "sheetfed" in (machine / "kept.json").read_text()


def test_an_older_root_leaves_the_policy(machine: Path, root: Root, tmp_path: Path) -> None:
    authority.make(tmp_path / "older")
    older = read_root(tmp_path / "older")
    for policy in (FirefoxPolicy(machine=machine), chromium(machine)):
        policy.install(older)
        assert policy.status(root).state == "stale"
        policy.install(root)
        assert policy.status(root).state == "trusted"

    FirefoxPolicy(machine=machine).remove()

    assert not (machine / "etc/firefox/policies").exists()


def test_chromium_itself_holds_the_root_to_loopback(machine: Path, root: Root) -> None:
    chromium(machine).install(root)

    file = machine / "etc/chromium/policies/managed" / FILE
    (entry,) = json.loads(file.read_text())[KEY]
    assert entry["certificate"] == root.base64
    assert entry["constraints"] == {
        "permitted_dns_names": ["localhost"],
        "permitted_cidrs": ["127.0.0.1/32", "::1/128"],
    }


@pytest.mark.parametrize("name", ["aaa.json", "zzz.json"])
def test_another_file_with_the_same_list_is_not_fought(
    machine: Path, root: Root, name: str
) -> None:
    """Chromium reads the last of two and says nothing: one of us would lose."""
    rival = machine / "etc/chromium/policies/managed" / name
    rival.parent.mkdir(parents=True)
    rival.write_text(json.dumps({KEY: []}))

    done = chromium(machine).install(root)

    assert done.state == "refused"
    assert str(rival) in done.text
    assert not (rival.parent / FILE).exists()


def test_a_large_file_is_not_read(machine: Path) -> None:
    file = written(machine, " " * (policies.LARGEST + 1))

    with pytest.raises(Untouchable):
        policies.read(file)


def test_a_pipe_is_no_policy_file(machine: Path) -> None:
    """Reading one would wait for ever."""
    file = written(machine, "")
    file.unlink()
    os.mkfifo(file)

    with pytest.raises(Untouchable):
        policies.read(file)


def test_a_write_that_fails_leaves_the_file_whole(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(machine, THEIRS)

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        policies.write(file, {})

    assert file.read_text() == THEIRS
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_rights_go_to_the_file_that_was_written_whatever_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write into a folder of somebody else, who must not be given a file of root's."""
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    folder = tmp_path / "theirs"
    folder.mkdir()
    sync = os.fsync

    def swapped(descriptor: int) -> None:
        sync(descriptor)
        (new,) = folder.iterdir()
        new.unlink()
        new.symlink_to(secret)

    monkeypatch.setattr(os, "fsync", swapped)
    policies.place(folder / "policies.json", b"{}")

    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
